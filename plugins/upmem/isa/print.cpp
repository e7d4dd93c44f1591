#include "pimjit/plugins/upmem/isa/print.h"

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "pimjit/plugins/upmem/isa/alias.h"
#include "pimjit/plugins/upmem/isa/select.h"

namespace pimjit::upmem {
namespace {

Operand operand_of(const Form& form, int index, std::int64_t value) {
  const FieldKind kind = field_info(form.operands[index]).kind;
  if (kind == FieldKind::condition)
    return condition(*condition_of_code(form.condition_class, static_cast<std::uint8_t>(value)));
  const int code = static_cast<int>(value);
  return is_pair(kind) ? pair(code) : is_register(kind) ? reg(code) : number(value);
}

std::string number_text(std::int64_t value) {
  const std::int64_t magnitude = std::llabs(value);
  if (magnitude < 4096) return std::to_string(value);
  char text[32];
  std::snprintf(text, sizeof text, "%s0x%llx", value < 0 ? "-" : "",
                static_cast<unsigned long long>(magnitude));
  return text;
}

std::string operand_text(const Operand& operand) {
  switch (operand.kind) {
    case Operand::Kind::reg:
      return register_name(static_cast<int>(operand.value));
    case Operand::Kind::pair:
      return "d" + std::to_string(operand.value);
    case Operand::Kind::condition:
      return to_string(static_cast<Condition>(operand.value));
    case Operand::Kind::number:
      return number_text(operand.value);
  }
  return "";
}

// Whether the operand of this form names an instruction: a branch target, or the offset of a call
// or jump relative to zero.
bool names_instruction(const Form& form, const Instruction& instruction, int index) {
  const FieldKind kind = field_info(form.operands[index]).kind;
  if (kind == FieldKind::target) return true;
  return form.op == Op::call && kind == FieldKind::immediate && instruction.values[1] == 24;
}

struct Rendering {
  std::string mnemonic;
  std::vector<Operand> operands;
  std::vector<int> source;  // operand of the form each printed one shows, -1 for none
};

bool same_word(const tl::expected<Instruction, Mismatch>& found, const Instruction& instruction) {
  return found && found->form == instruction.form && found->values == instruction.values;
}

Rendering render_plain(const Instruction& instruction) {
  const Form& form = instruction.shape();
  Rendering out;
  constexpr const char* kSuffix[] = {"", ".s", ".u"};
  out.mnemonic = std::string(to_string(form.op)) + kSuffix[static_cast<int>(form.extend)];
  for (int i = 0; i < form.operand_count; ++i) {
    out.operands.push_back(operand_of(form, i, instruction.values[i]));
    out.source.push_back(i);
  }
  if (!same_word(select(form.op, form.extend, out.operands), instruction)) {
    out.operands.push_back(condition(Condition::never));
    out.source.push_back(-1);
  }
  return out;
}

bool render_alias(const Alias& alias, const Instruction& instruction, const Rendering& plain,
                  Rendering& out) {
  const Form& form = instruction.shape();
  if (alias.op != form.op || alias.extend != form.extend) return false;
  std::vector<Operand> operands(plain.operands.begin(),
                                plain.operands.begin() + form.operand_count);
  std::vector<Operand> arguments;
  if (!contract(alias, operands, arguments)) return false;
  if (!same_word(select(alias.text, arguments), instruction)) return false;
  out.mnemonic = alias.text;
  out.operands = std::move(arguments);
  out.source.assign(out.operands.size(), -1);
  for (int i = 0; i < alias.item_count; ++i)
    if (alias.items[i].argument >= 0) out.source[alias.items[i].argument] = i;
  return true;
}

}  // namespace

std::string print(const Instruction& instruction, const TargetName& target_name) {
  const Form& form = instruction.shape();
  Rendering rendering = render_plain(instruction);
  for (const Alias& alias : aliases())
    if (render_alias(alias, instruction, rendering, rendering)) break;
  std::string text = rendering.mnemonic;
  for (std::size_t i = 0; i < rendering.operands.size(); ++i) {
    text += i == 0 ? " " : ", ";
    const int source = rendering.source[i];
    std::string name;
    if (target_name && source >= 0 && names_instruction(form, instruction, source))
      name = target_name(static_cast<std::uint32_t>(instruction.values[source]));
    text += name.empty() ? operand_text(rendering.operands[i]) : name;
  }
  return text;
}

}  // namespace pimjit::upmem
