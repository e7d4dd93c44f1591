#include "pimjit/core/interp/kernel_code.h"

#include <gtest/gtest.h>

#include "pimjit/core/ir/parser.h"
#include "pimjit/tests/unit/interp/small_machine.h"

namespace pimjit {
namespace {

std::string problem(Stmt body) {
  Kernel kernel = parse_kernel(small_machine::kernel_text("")).value();
  kernel.body = std::move(body);
  const auto code = compile_for_interpreter(kernel);
  return code ? "" : code.error().what;
}
Expr number(int64_t v) {
  return make_int(DType::i32, v);
}

TEST(KernelCode, RefusesReferencesToNothing) {
  EXPECT_EQ(problem(make_store(9, number(0), number(0))), "it refers to buffer 9 of 3");
  EXPECT_EQ(problem(make_let(7, number(0), make_seq({}))), "it refers to variable 7 of 2");
  EXPECT_EQ(problem(make_barrier(2)), "it refers to level 2 of 2");
  EXPECT_EQ(problem(make_copy(5, 2, number(0), 0, number(0), number(2))),
            "it refers to link 5 of 2");
  EXPECT_EQ(problem(make_store(2, number(0), make_param(DType::i32, 4))),
            "it refers to parameter 4 of 2");
  EXPECT_EQ(problem(Stmt{}), "a statement is missing");
}

TEST(KernelCode, RefusesCopiesOverTheWrongLink) {
  EXPECT_EQ(problem(make_copy(1, 2, number(0), 0, number(0), number(2))),
            "a copy from A to t over link write, which joins other scopes");
}

TEST(KernelCode, RefusesGroupsThatDoNotDivide) {
  EXPECT_EQ(problem(make_combine(1, CombineOp::sum, 2, number(0), 1, 1, 3)),
            "groups of 3 at stride 1 do not divide 4 instances");
}

TEST(KernelCode, KnowsWhereInstancesMeet) {
  const Kernel kernel =
      parse_kernel(small_machine::kernel_text("t[0] = 1 for i = 0 count 2 { barrier thread }"))
          .value();
  const auto code = compile_for_interpreter(kernel);
  ASSERT_TRUE(code);
  const StmtCode& root = code->stmts[static_cast<size_t>(code->root)];
  EXPECT_EQ(root.sync, 1);
  EXPECT_EQ(code->stmts[static_cast<size_t>(root.body[0])].sync, kNoSync);
  EXPECT_EQ(describe(kernel, code->stmts[static_cast<size_t>(root.body[0])]),
            "statement 2 (store t)");
}

}  // namespace
}  // namespace pimjit
