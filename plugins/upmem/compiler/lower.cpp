#include "pimjit/plugins/upmem/compiler/lower.h"

#include <algorithm>

namespace pimjit::upmem {

using kit::ExprKind;
using kit::StmtKind;

Lowering::Lowering(const kit::Kernel& kernel, const Layout& layout, CodeStyle style, Sums sums)
    : kernel_(kernel),
      layout_(layout),
      out_(&code_.items),
      bindings_(kernel.vars.size()),
      plain_(style == CodeStyle::plain),
      sums_(sums) {
  Atom instance;
  instance.kind = Atom::Kind::instance;
  instance.range = {0, layout.tasklets - 1};
  instance_atom_ = atoms_.add(instance);
  Atom unit;
  unit.kind = Atom::Kind::word;
  unit.number = layout.unit;
  unit.range = {0, std::min(kernel.levels[0].count - 1, kUnknownBound)};
  unit_atom_ = atoms_.add(unit);
  for (std::size_t i = 0; i < kernel.params.size(); ++i) {
    Atom param;
    param.kind = Atom::Kind::word;
    param.number = layout.arguments + 8 * static_cast<std::int64_t>(i);
    param.range = {INT32_MIN, INT32_MAX};
    if (kernel.params[i].type == kit::Type::i64) param.range = {-kUnknownBound, kUnknownBound};
    param_atoms_.push_back(atoms_.add(param));
  }
  infer_ranges();
}

// A local buffer that only copies write holds what its sources hold.
void Lowering::infer_ranges() {
  ranges_.resize(kernel_.buffers.size());
  std::vector<bool> stored(kernel_.buffers.size(), false);
  for (std::size_t b = 0; b < ranges_.size(); ++b)
    if (kernel_.buffers[b].has_range)
      ranges_[b] = ValueRange{kernel_.buffers[b].low, kernel_.buffers[b].high};
  for (const kit::Stmt& s : kernel_.stmts)
    if (s.kind == StmtKind::Store || s.kind == StmtKind::Combine)
      stored[static_cast<std::size_t>(s.dst)] = true;
  for (std::size_t b = 0; b < ranges_.size(); ++b) {
    if (!kernel_.buffers[b].is_local() || stored[b] || kernel_.buffers[b].has_range) continue;
    std::optional<ValueRange> all;
    bool known = true;
    for (const kit::Stmt& s : kernel_.stmts) {
      if (s.kind != StmtKind::Copy || s.dst != static_cast<int>(b)) continue;
      const kit::Buffer& source = buffer(s.src);
      known = known && source.has_range;
      if (!known) break;
      if (!all) all = ValueRange{source.low, source.high};
      all = ValueRange{std::min(all->low, source.low), std::max(all->high, source.high)};
    }
    if (known) ranges_[b] = all;
  }
}

Expected<Code> Lowering::run() {
  if (layout_.tasklets > 1) {
    const int main = make_label();
    emit(Op::sub,
         {fixed(kCodeZero), fixed(kCodeId), layout_.tasklets - 1, Condition::z, label_of(main)},
         false);
    emit(Op::boot, {fixed(kCodeId), 1}, false);
    bind(main);
  }
  statement(kernel_.body);
  const int end = make_label();
  bind(end);
  emit(Op::stop, {Condition::always, label_of(end)}, false).ends = true;
  if (error_) return fail(*error_);
  return std::move(code_);
}

void Lowering::give_up(std::string what) {
  if (!error_) error_ = refuse(std::move(what)).value();
}

void Lowering::push(Item item) {
  item.statement = statement_;
  out_->push_back(item);
  ++emitted_;
}

CodeItem& Lowering::emit(Op op, std::initializer_list<Operand> operands, bool defines) {
  Item item;
  item.op = op;
  item.count = static_cast<std::uint8_t>(operands.size());
  item.defines = defines;
  std::copy(operands.begin(), operands.end(), item.operands.begin());
  push(item);
  return out_->back();
}

VReg Lowering::define(Op op, std::initializer_list<Operand> sources, std::optional<VReg> into) {
  const VReg result = into ? *into : code_.make(false);
  Item item;
  item.op = op;
  item.count = static_cast<std::uint8_t>(sources.size() + 1);
  item.defines = true;
  item.operands[0] = result;
  std::copy(sources.begin(), sources.end(), item.operands.begin() + 1);
  push(item);
  return result;
}

void Lowering::bind(int label) {
  Item item;
  item.group = Group::bind;
  item.count = 1;
  item.operands[0] = label_of(label);
  push(item);
}

void Lowering::jump(int label) {
  emit(Op::call, {fixed(kCodeZero), fixed(kCodeZero), label_of(label)}, false).ends = true;
}

CodeOperand Lowering::constant(std::int64_t number) {
  return materialise(constant_affine(number));
}

CodeOperand Lowering::in_general(Operand x) {
  if (x.is_virtual()) return x;
  return define(Op::or_, {x, 0});
}

}  // namespace pimjit::upmem
