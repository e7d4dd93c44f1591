#include "pimjit/plugins/upmem/compiler/emit.h"

#include "pimjit/plugins/upmem/arithmetic/multiply.h"

namespace pimjit::upmem {
namespace {

class Emitter {
 public:
  Emitter(Builder& builder, const Code& code, const std::vector<int>& registers)
      : b_(builder), code_(code), registers_(registers), math_(builder) {
    for (int i = 0; i < code.labels; ++i) labels_.push_back(builder.label());
  }

  LineMap run() {
    LineMap lines;
    b_.name_code("main", b_.here());
    for (const CodeItem& item : code_.items) {
      lines.add(b_.position(), item.statement);
      math_.owner = item.statement;
      emit(item);
    }
    lines.add(b_.position(), LineMap::kNoStatement);
    b_.name_code("routines", b_.here());
    math_.finish([&](int owner) { lines.add(b_.position(), owner); });
    lines.add(b_.position(), LineMap::kNoStatement);
    return lines;
  }

 private:
  int register_of(const CodeOperand& operand) const {
    if (operand.kind == CodeOperand::Kind::fixed) return static_cast<int>(operand.value);
    if (operand.kind == CodeOperand::Kind::imm) return kCodeZero;
    const int first = registers_[static_cast<std::size_t>(operand.value)];
    return operand.kind == CodeOperand::Kind::low ? first + 1 : first;
  }
  bool is_pair(const CodeOperand& operand) const {
    return operand.kind == CodeOperand::Kind::reg &&
           code_.is_pair[static_cast<std::size_t>(operand.value)];
  }
  R word(const CodeItem& item, std::size_t i) const { return {register_of(item.operands[i])}; }

  BuilderOperand operand_of(const CodeOperand& operand) const {
    switch (operand.kind) {
      case CodeOperand::Kind::imm:
        return operand.value;
      case CodeOperand::Kind::cond:
        return static_cast<Condition>(operand.value);
      case CodeOperand::Kind::label:
        return labels_[static_cast<std::size_t>(operand.value)];
      default:
        return is_pair(operand) ? pair(register_of(operand)) : reg(register_of(operand));
    }
  }

  // A move of a register to itself.
  bool is_idle(const CodeItem& item) const {
    if (item.op == Op::movd) return register_of(item.operands[0]) == register_of(item.operands[1]);
    return item.op == Op::or_ && item.count == 3 && item.extend == Extend::none && item.defines &&
           item.operands[2] == CodeOperand(0) &&
           register_of(item.operands[0]) == register_of(item.operands[1]);
  }

  void emit(const CodeItem& item) {
    switch (item.group) {
      case Group::bind:
        return b_.bind(labels_[static_cast<std::size_t>(item.operands[0].value)]);
      case Group::multiply:
      case Group::multiply_accumulate:
        return multiply(item);
      case Group::dot_bytes:
        return emit_dot_bytes(b_, word(item, 0), word(item, 1), word(item, 2), true, true,
                              {word(item, 3), word(item, 4), word(item, 5)});
      case Group::multiply_pair: {
        Workspace workspace;
        for (std::size_t i = 0; i < 8; ++i) workspace.t[4 + i] = word(item, 3 + i);
        Arithmetic math(b_, workspace);
        return emit_multiply_i64(math, {register_of(item.operands[0])},
                                 {register_of(item.operands[1])}, {register_of(item.operands[2])});
      }
      case Group::routine:
        if (item.call)
          return math_.called(item.routine, word(item, 0), word(item, 1), word(item, 2));
        return math_.inlined(item.routine, word(item, 0), word(item, 1), word(item, 2));
      case Group::none:
        break;
    }
    if (is_idle(item)) return;
    std::vector<BuilderOperand> operands;
    for (std::size_t i = 0; i < item.count; ++i) operands.push_back(operand_of(item.operands[i]));
    b_.emit(item.op, operands, item.extend);
  }

  void multiply(const CodeItem& item) {
    const R out = word(item, 0), x = word(item, 1), y = word(item, 2);
    const ProductTemps used = temps_of(item);
    std::size_t next = 3;
    const auto temp = [&](bool wanted) { return wanted ? word(item, next++) : kZero; };
    MultiplyTemps temps;
    temps[0] = temp(used.upper_x);
    temps[1] = temp(used.upper_y);
    temps[2] = temp(used.partial);
    temps[3] = temp(used.sum);
    const bool adds = item.group == Group::multiply_accumulate;
    if (item.dynamic && adds) return emit_dynamic_accumulate(math_, out, x, y, temps);
    if (item.dynamic) return emit_dynamic_multiply(math_, out, x, y, temps);
    if (adds) return emit_multiply_accumulate(b_, item.plan, out, x, y, temps);
    emit_multiply(b_, item.plan, out, x, y, temps);
  }

  Builder& b_;
  const Code& code_;
  const std::vector<int>& registers_;
  Arithmetic math_;
  std::vector<Label> labels_;
};

}  // namespace

LineMap emit_code(Builder& builder, const Code& code, const std::vector<int>& registers) {
  return Emitter(builder, code, registers).run();
}

}  // namespace pimjit::upmem
