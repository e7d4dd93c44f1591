#ifndef PIMJIT_TESTS_UNIT_IR_SAMPLE_KERNEL_H_
#define PIMJIT_TESTS_UNIT_IR_SAMPLE_KERNEL_H_

#include "pimjit/core/ir/kernel.h"

namespace pimjit::sample {

inline Expr bin(BinaryOp op, Expr a, Expr b) {
  return make_binary(op, std::move(a), std::move(b));
}
inline Expr i32(int64_t value) {
  return make_int(DType::i32, value);
}

// Tables of a machine of units and threads, a copy-only bank and a scratchpad; two device buffers,
// two local ones.
inline Kernel tables() {
  Kernel k;
  k.name = "sample";
  k.levels = {{"unit", LevelKind::independent, 64}, {"thread", LevelKind::independent, 16}};
  k.scopes = {{"bank", 0}, {"scratch", 0}, {"shared", -1}};
  k.links = {{"read", 0, 1}, {"write", 1, 0}};
  k.params = {{"A_base", DType::i64}, {"rows", DType::i32}};
  k.buffers = {{"A", DType::i32, 0, 4096, BufferKind::device, 0, 8, false, {{0, 49}}},
               {"C", DType::i32, 0, 1024, BufferKind::device, 0, 8, true, {}},
               {"t", DType::i32, 1, 1024, BufferKind::local, -1, 8, true, {}},
               {"f", DType::f32, 1, 64, BufferKind::local, -1, 8, true, {}}};
  return k;
}

// A kernel that has every kind of node.
inline Kernel everything() {
  Kernel k = tables();
  const int i = k.add_var("i", DType::i32);
  const int j = k.add_var("i", DType::i64);  // the same name on purpose
  const int x = k.add_var("x", DType::f32);
  const Expr vi = make_var(DType::i32, i);
  const Expr thread = make_level_index(DType::i32, 1);
  const Expr row = bin(BinaryOp::add, bin(BinaryOp::mul, vi, i32(16)), thread);
  const Expr guard = bin(BinaryOp::logical_and, bin(BinaryOp::lt, row, make_param(DType::i32, 1)),
                         make_not(bin(BinaryOp::eq, vi, i32(-3))));
  const Stmt copy = make_copy(0, 2, bin(BinaryOp::mul, thread, i32(64)), 0,
                              bin(BinaryOp::mul, vi, i32(64)), i32(64));
  const Stmt fill = make_store(
      2, i32(0), make_select(guard, i32(1), make_cast(DType::i32, make_int(DType::i8, -128))));
  const Stmt floats =
      make_let(x, bin(BinaryOp::max, make_load(DType::f32, 3, i32(0)), make_float(-1.5e-7f)),
               make_seq({make_store(3, i32(1), make_var(DType::f32, x)),
                         make_store(3, i32(2), make_float(1.0f / 3.0f))}));
  const Stmt wide =
      make_for(j, make_int(DType::i64, 0), make_int(DType::i64, 3), LoopKind::vectorized, 0,
               make_store(2, make_var(DType::i64, j),
                          make_load(DType::i32, 2, make_level_index(DType::i64, 1))));
  k.body =
      make_seq({make_for(i, i32(0), i32(16), LoopKind::unrolled, 4, make_if(guard, copy, fill)),
                make_barrier(1), floats, wide,
                make_combine(1, CombineOp::sum, 2, bin(BinaryOp::mul, thread, i32(64)), 64, 1, 16),
                make_if(make_bool(true), make_seq({}))});
  return k;
}

}  // namespace pimjit::sample

#endif  // PIMJIT_TESTS_UNIT_IR_SAMPLE_KERNEL_H_
