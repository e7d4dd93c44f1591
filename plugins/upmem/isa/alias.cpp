#include "pimjit/plugins/upmem/isa/alias.h"

#include <initializer_list>

namespace pimjit::upmem {
namespace {

using Take = Alias::Take;

Alias make_alias(const char* text, std::initializer_list<Take> pattern, Op op, Extend extend,
                 bool narrow, std::initializer_list<Alias::Item> items) {
  Alias alias{text, {}, op, extend, narrow, {}, 0, 0};
  for (Take take : pattern) alias.pattern[alias.pattern_count++] = take;
  for (const Alias::Item& item : items) alias.items[alias.item_count++] = item;
  return alias;
}

std::vector<Alias> make_aliases() {
  constexpr Take R = Take::reg, P = Take::pair, I = Take::number, X = Take::reg_or_number,
                 C = Take::condition;
  return {
#define PATTERN(...) \
  { __VA_ARGS__ }
#define OPERANDS(...) \
  { __VA_ARGS__ }
#define N(n) \
  {          \
    n, {}    \
  }
#define REG(code) \
  { -1, reg(code) }
#define IMM(value) \
  { -1, number(value) }
#define COND(c) \
  { -1, condition(Condition::c) }
#define PIMJIT_ALIAS(text, pattern, op, extend, narrow, operands) \
  make_alias(text, pattern, Op::op, Extend::extend, narrow, operands),
#include "pimjit/plugins/upmem/isa/aliases.def"
#undef PIMJIT_ALIAS
#undef COND
#undef IMM
#undef REG
#undef N
#undef OPERANDS
#undef PATTERN
  };
}

bool takes(Take take, const Operand& operand) {
  using Kind = Operand::Kind;
  switch (take) {
    case Take::none:
      return false;
    case Take::reg:
      return operand.kind == Kind::reg;
    case Take::pair:
      return operand.kind == Kind::pair;
    case Take::number:
      return operand.kind == Kind::number;
    case Take::reg_or_number:
      return operand.kind == Kind::reg || operand.kind == Kind::number;
    case Take::condition:
      return operand.kind == Kind::condition;
  }
  return false;
}

}  // namespace

std::span<const Alias> aliases() {
  static const std::vector<Alias> list = make_aliases();
  return list;
}

std::vector<Operand> expand(const Alias& alias, std::span<const Operand> arguments) {
  if (arguments.size() != alias.pattern_count) return {};
  for (std::size_t i = 0; i < arguments.size(); ++i)
    if (!takes(alias.pattern[i], arguments[i])) return {};
  std::vector<Operand> operands;
  for (int i = 0; i < alias.item_count; ++i) {
    const Alias::Item& item = alias.items[i];
    operands.push_back(item.argument < 0 ? item.constant : arguments[item.argument]);
  }
  if (alias.narrow) operands.push_back(condition(Condition::never));
  return operands;
}

bool contract(const Alias& alias, std::span<const Operand> operands,
              std::vector<Operand>& arguments) {
  if (operands.size() != alias.item_count) return false;
  arguments.assign(alias.pattern_count, {});
  for (std::size_t i = 0; i < operands.size(); ++i) {
    const Alias::Item& item = alias.items[i];
    if (item.argument < 0) {
      if (operands[i] != item.constant) return false;
    } else if (takes(alias.pattern[item.argument], operands[i])) {
      arguments[item.argument] = operands[i];
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace pimjit::upmem
