#include <string>

#include "pimjit/plugins/upmem/isa/instruction.h"

namespace pimjit::upmem {

Condition Instruction::condition() const {
  const int at = shape().operand_of_kind(FieldKind::condition);
  if (at < 0) return Condition::never;
  return condition_of_code(shape().condition_class, static_cast<std::uint8_t>(values[at]))
      .value_or(Condition::never);
}

Expected<std::uint64_t> encode(const Instruction& instruction) {
  if (instruction.form >= forms().size())
    return fail(Origin::internal, "unknown_form",
                "instruction form " + std::to_string(instruction.form) + " does not exist");
  const Form& form = instruction.shape();
  std::uint64_t word = form.fixed;
  for (int i = 0; i < form.operand_count; ++i) {
    const Field field = form.operands[i];
    const std::int64_t value = instruction.values[i];
    const FieldInfo& info = field_info(field);
    const bool known_condition =
        info.kind != FieldKind::condition ||
        (value >= 0 && value < 64 &&
         condition_of_code(form.condition_class, static_cast<std::uint8_t>(value)));
    if (!field_accepts(field, value) || !known_condition)
      return fail(Origin::user, "operand_out_of_range",
                  std::string("operand ") + std::to_string(i + 1) + " of `" + to_string(form.op) +
                      "` is " + std::to_string(value) + ", its field takes " +
                      std::to_string(info.low) + ".." + std::to_string(info.high));
    word |= field_insert(field, value);
  }
  return word;
}

RegisterUse register_use(const Instruction& instruction) {
  const Form& form = instruction.shape();
  RegisterUse use;
  for (int i = 0; i < form.operand_count; ++i) {
    const FieldKind kind = field_info(form.operands[i]).kind;
    const auto code = static_cast<unsigned>(instruction.values[i]);
    if (!is_register(kind) || code >= 24) continue;
    const std::uint32_t bits = (is_pair(kind) ? 3u : 1u) << code;
    if (kind == FieldKind::destination || kind == FieldKind::pair_destination)
      use.writes |= bits;
    else
      use.reads |= bits;
  }
  return use;
}

}  // namespace pimjit::upmem
