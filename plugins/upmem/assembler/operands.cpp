#include "pimjit/plugins/upmem/assembler/operands.h"

#include <vector>

#include "pimjit/plugins/upmem/assembler/assembler.h"

namespace pimjit::upmem {
namespace {

tl::unexpected<Error> bad(std::string what, const Token& token) {
  return fail(Origin::user, "bad_assembly", std::move(what), std::to_string(token.column));
}

bool is_mark(const Token& token, std::string_view mark) {
  return token.kind == Token::Kind::mark && token.spelling == mark;
}

// A register, a condition, or an expression.
Expected<Operand> read_operand(std::span<const Token> tokens, std::size_t& at,
                               const NameValue& name_value) {
  const Token& token = tokens[at];
  if (token.kind == Token::Kind::name) {
    if (const auto found = find_register(token.spelling)) {
      ++at;
      return *found;
    }
    if (const auto found = find_condition(token.spelling)) {
      ++at;
      return condition(*found);
    }
  }
  const auto value = evaluate(tokens, at, name_value);
  if (!value) return tl::unexpected(value.error());
  return number(*value);
}

}  // namespace

bool is_reserved_name(const std::string& text) {
  return find_register(text).has_value() || find_condition(text).has_value();
}

Expected<Instruction> read_instruction(std::span<const Token> tokens, std::size_t at,
                                       const NameValue& name_value) {
  const Token& mnemonic = tokens[at++];
  if (mnemonic.kind != Token::Kind::name || !is_mnemonic(mnemonic.spelling))
    return bad("expected a mnemonic or a directive, found `" + mnemonic.spelling + "`", mnemonic);
  std::vector<Operand> operands;
  std::vector<const Token*> starts;
  while (tokens[at].kind != Token::Kind::end) {
    if (!operands.empty()) {
      if (!is_mark(tokens[at], ",")) return bad("expected `,` or the end of the line", tokens[at]);
      ++at;
    }
    starts.push_back(&tokens[at]);
    const auto operand = read_operand(tokens, at, name_value);
    if (!operand) return tl::unexpected(operand.error());
    operands.push_back(*operand);
  }
  const auto found = select(mnemonic.spelling, operands);
  if (found) return *found;
  const auto failed = static_cast<std::size_t>(found.error().operand);
  const Token& where = failed < starts.size() ? *starts[failed] : tokens[at];
  const std::string expected = found.error().expected.empty()
                                   ? "no form of `" + mnemonic.spelling + "` takes these operands"
                                   : "operand " + std::to_string(failed + 1) + " of `" +
                                         mnemonic.spelling + "`: expected " +
                                         found.error().expected;
  return bad(expected, where);
}

Expected<Instruction> parse_instruction(std::string_view text) {
  const auto tokens = tokenize(text);
  if (!tokens) return tl::unexpected(tokens.error());
  return read_instruction(*tokens, 0, [](const std::string& name) -> Expected<std::int64_t> {
    return fail(Origin::user, "bad_assembly", "`" + name + "` is not defined");
  });
}

}  // namespace pimjit::upmem
