// Statements other than loops.
#include <algorithm>
#include <utility>

#include "pimjit/plugins/upmem/compiler/lower.h"

namespace pimjit::upmem {

using kit::BinaryOp;
using kit::Expr;
using kit::ExprKind;
using kit::StmtKind;
using kit::Type;

namespace {

constexpr std::int64_t kLargestTransfer = 2048;
// Joining may halve what is emitted; beyond this no program fits, and nested unrolling would go on.
constexpr std::size_t kMostOperations = 3 * kIramInstructions;

}  // namespace

void Lowering::statement(int index) {
  if (emitted_ > kMostOperations)
    give_up("the kernel takes more than " + std::to_string(kMostOperations) +
            " operations, IRAM holds " + std::to_string(kIramInstructions) + " instructions");
  if (error_) return;
  // Loops and branches emit code behind their bodies, too.
  const int around = std::exchange(statement_, index);
  translate(index);
  statement_ = around;
}

void Lowering::translate(int index) {
  const kit::Stmt& s = kernel_.stmts[static_cast<std::size_t>(index)];
  switch (s.kind) {
    case StmtKind::Seq:
      for (int i = 0; i < s.count; ++i)
        statement(kernel_.children[static_cast<std::size_t>(s.first + i)]);
      return;
    case StmtKind::For:
      for_statement(s);
      bindings_[static_cast<std::size_t>(s.var)] = {};
      return;
    case StmtKind::If:
      return branch_statement(s);
    case StmtKind::Let:
      let(s);
      bindings_[static_cast<std::size_t>(s.var)] = {};
      return;
    case StmtKind::Store:
      return store(s);
    case StmtKind::Copy:
      return copy(s);
    case StmtKind::Barrier:
      return barrier();
    case StmtKind::Combine:
      return combine_statement(s);
  }
}

void Lowering::branch_statement(const kit::Stmt& s) {
  const int other = make_label();
  branch(s.a, false, other);
  statement(s.body);
  if (s.else_body == kit::kNone) return bind(other);
  const int end = make_label();
  jump(end);
  bind(other);
  statement(s.else_body);
  bind(end);
}

void Lowering::let(const kit::Stmt& s) {
  Binding& binding = bindings_[static_cast<std::size_t>(s.var)];
  const Type type = expr(s.a).type;
  const auto sum = type == Type::i64 ? exact_sum_of(s.a) : sum_of(s.a);
  if (sum) {
    binding.sum = sum;
  } else {
    const VReg own = make(type);
    value(s.a, false, own);
    binding.sum.reset();
    binding.value = own;
    if (type == Type::i8 || type == Type::i16 || type == Type::i32)
      binding.sum = value_atom(own, range_of(s.a));
  }
  statement(s.body);
}

Op load_of(Type type) {
  return type == Type::i8    ? Op::lbs
         : type == Type::i16 ? Op::lhs
         : type == Type::i64 ? Op::ld
                             : Op::lw;
}

Op store_of(Type type) {
  return type == Type::i8    ? Op::sb
         : type == Type::i16 ? Op::sh
         : type == Type::i64 ? Op::sd
                             : Op::sw;
}

CodeOperand Lowering::read(int from, const Affine& index, std::optional<VReg> into) {
  const Type type = buffer(from).type;
  const Affine address = address_of(from, index);
  const Base base = base_of(address);
  const VReg out = into ? *into : make(type);
  Item& item = emit(load_of(type), {out, base.reg, base.offset}, true);
  item.memory = from;
  item.divisor = atoms_.multiple_of(address);
  return out;
}

void Lowering::write(int to, const Affine& index, Operand x) {
  const Type type = buffer(to).type;
  const Affine address = address_of(to, index);
  const Base base = base_of(address);
  const bool near = base.offset >= -2048 && base.offset <= 2047;
  if (x.kind == Operand::Kind::imm && !near)
    x = type == Type::i64 ? pair_constant(x.value, {}) : constant(x.value);
  if (x.kind != Operand::Kind::imm) x = in_general(x);
  Item& item = emit(store_of(type), {base.reg, base.offset, x}, false);
  item.memory = to;
  item.divisor = atoms_.multiple_of(address);
}

void Lowering::store(const kit::Stmt& s) {
  for (const Promoted& promoted : promoted_)
    if (promoted.buffer == s.dst) {
      store_promoted(s, promoted.reg);
      return;
    }
  const Type type = buffer(s.dst).type;
  const Expr& e = expr(s.b);
  const Affine index = index_of(s.a);
  const std::int64_t reach = type == Type::i8 ? 128 : 32768;
  if (e.kind == ExprKind::IntImm && e.value >= -reach && e.value < reach)
    return write(s.dst, index, Operand(e.value));
  write(s.dst, index, value(s.b, true));
}

// The element is in `target`. A sum with a product is added in place.
bool Lowering::store_promoted(const kit::Stmt& s, VReg target) {
  const Expr& e = expr(s.b);
  if (e.kind == ExprKind::Binary && e.op == BinaryOp::add && e.type == Type::i32) {
    const bool first = expr(e.a).kind == ExprKind::Load && expr(e.a).index == s.dst;
    const Expr& other = expr(first ? e.b : e.a);
    const bool second = expr(e.b).kind == ExprKind::Load && expr(e.b).index == s.dst;
    if ((first || second) && other.kind == ExprKind::Binary && other.op == BinaryOp::mul) {
      const Operand x = in_general(value(other.a)), y = in_general(value(other.b));
      if (x != Operand(target) && y != Operand(target)) {
        multiply(Group::multiply_accumulate, target, x, y, word_range(range_of(other.a)),
                 word_range(range_of(other.b)));
        return true;
      }
    }
  }
  value(s.b, false, target);
  return true;
}

void Lowering::copy(const kit::Stmt& s) {
  const bool reads = layout_.in_mram[static_cast<std::size_t>(buffer(s.src).scope)];
  const Affine to = address_of(s.dst, index_of(s.a)), from = address_of(s.src, index_of(s.b));
  const Operand mram = in_general(materialise(reads ? from : to));
  Operand wram = in_general(materialise(reads ? to : from));
  const Op op = reads ? Op::ldma : Op::sdma;
  const Affine count = index_of(s.c);
  const int size = kit::bytes_of(buffer(s.src).type);
  if (count.is_constant()) {
    const std::int64_t bytes = count.constant * size;
    if (bytes < 8 || bytes > kLargestTransfer || bytes % 8 != 0)
      return give_up("a copy between '" + buffer(s.src).name + "' and '" + buffer(s.dst).name +
                     "' moves " + std::to_string(bytes) +
                     " bytes; a transfer moves 8..2048, a multiple of 8");
    emit(op, {wram, mram, bytes / 8 - 1}, false);
    return;
  }
  // The top byte of the WRAM address is added to the length field.
  Operand granules;
  if (const auto bytes = combine(constant_affine(0), count, size))
    granules = define(Op::lsr, {materialise(*bytes), 3});
  const VReg extra = define(Op::add, {granules, -1});
  wram = define(Op::lsl_add, {wram, extra, 24});
  emit(op, {wram, mram, 0}, false);
}

}  // namespace pimjit::upmem
