#include "pimjit/core/interp/module_interpreter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pimjit/tests/unit/interp/small_module.h"

namespace pimjit::small_machine {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

HostTensor counting(int64_t n) {
  HostTensor t(DType::i32, {n});
  for (int64_t i = 0; i < n; ++i) t.set_integer(i, i + 1);
  return t;
}

std::string problem(const LoweredModule& m) {
  const auto result = interpret(m, {counting(10)});
  return result ? "" : result.error().code + ": " + result.error().what;
}

TEST(ModuleInterpreter, RunsAHostProgram) {
  const auto result = interpret(doubling_module(), {counting(10)});
  ASSERT_TRUE(result) << result.error().message();
  ASSERT_EQ(result->size(), 2u);
  for (int64_t i = 0; i < 10; ++i) EXPECT_EQ((*result)[1].integer(i), 2 * (i + 1));
}

TEST(ModuleInterpreter, ChecksItsInputs) {
  EXPECT_EQ(interpret(doubling_module(), {}).error().what,
            "the computation reads 1 tensors, 0 were given");
  EXPECT_EQ(interpret(doubling_module(), {counting(9)}).error().what,
            "tensor A has another type or shape than declared");
}

TEST(ModuleInterpreter, NamesTheOperation) {
  LoweredModule m = doubling_module();
  m.kernels[0].buffers[2].elements = 2;
  const auto result = interpret(m, {counting(10)});
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().where, StartsWith("operation \"launch double\", kernel double"));
}

TEST(ModuleInterpreter, FindsPaddingThatReachesATensor) {
  LoweredModule m = doubling_module();
  // The first element of each slice stays unpacked, unpacking takes it for an element all the same.
  m.ops[0].map.digits[1] = {3, 0, 1, false};
  EXPECT_EQ(problem(m),
            "poison_in_tensor: the value of C, element 3 is computed from undefined values");
}

TEST(ModuleInterpreter, FillsPaddingOnlyWhereTheMapSaysSo) {
  LoweredModule m = doubling_module();
  // Unit 2 holds elements 8, 9 and padding; here its second half is taken for elements 8 and 9.
  const Expr shifted = make_binary(BinaryOp::sub, digit(1), number(2));
  m.ops[4].map.index = {
      make_binary(BinaryOp::add, make_binary(BinaryOp::mul, digit(0), number(4)),
                  make_select(make_binary(BinaryOp::eq, digit(0), number(2)), shifted, digit(1)))};
  m.ops[4].map.guard =
      make_binary(BinaryOp::logical_or, make_binary(BinaryOp::ne, digit(0), number(2)),
                  make_binary(BinaryOp::le, number(2), digit(1)));
  EXPECT_THAT(problem(m), StartsWith("poison_in_tensor: the value of C, element 8"));
  m.ops[0].map.fill_padding = true;
  m.ops[0].map.pad_integer = 21;
  const auto result = interpret(m, {counting(10)});
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ((*result)[1].integer(9), 42);
}

TEST(ModuleInterpreter, FindsElementsThatNothingWrites) {
  LoweredModule m = doubling_module();
  m.ops[4].map.guard = make_binary(BinaryOp::lt, digit(0), number(2));
  EXPECT_EQ(problem(m), "poison_in_tensor: element 8 of C was never written");
}

TEST(ModuleInterpreter, FindsDisagreeingWritersOfAnElement) {
  LoweredModule m = doubling_module();
  m.ops[4].map.index = {digit(1)};
  EXPECT_EQ(problem(m), "unpack_conflict: C, element 0 is written twice with different values");
}

TEST(ModuleInterpreter, AddsUpOverReducingDigits) {
  LoweredModule m = doubling_module();
  auto workload = std::make_shared<Workload>(*m.workload);
  workload->tensors[1].shape = {4};
  m.workload = workload;
  m.host_buffers[1].elements = 4;
  m.ops[0].map.fill_padding = true;
  m.ops[4].map.digits[0].reduce = true;
  m.ops[4].map.index = {digit(1)};
  m.ops[4].reducer = Reducer::sum;
  const auto result = interpret(m, {counting(10)});
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ((*result)[1].integer(0), 2 * (1 + 5 + 9));
  EXPECT_EQ((*result)[1].integer(3), 2 * (4 + 8));
}

TEST(ModuleInterpreter, ChecksDeviceAddressesAgainstTheLink) {
  LoweredModule m = doubling_module();
  auto machine = std::make_shared<TargetDesc>(*m.target);
  machine->links[2].alignment = 32;
  m.target = machine;
  EXPECT_THAT(problem(m), StartsWith("copy_alignment: the device address 8 is no multiple of 32"));
}

TEST(ModuleInterpreter, ChecksTheCapacityOfScopes) {
  LoweredModule m = doubling_module();
  auto machine = std::make_shared<TargetDesc>(*m.target);
  machine->scopes[0].capacity = 24;
  m.target = machine;
  EXPECT_EQ(problem(m),
            "scope_overflow: scope bank holds 24 B in an instance, its buffers need 32");
}

TEST(ModuleInterpreter, ChecksWhatALaunchIsGiven) {
  LoweredModule m = doubling_module();
  m.device_buffers[1].dtype = DType::i64;
  m.device_buffers[1].elements = 2;
  EXPECT_THAT(problem(m), HasSubstr("launch_mismatch: kernel buffer C needs 16 B of i32"));
}

TEST(ModuleInterpreter, FindsUnitsThatDisagreeAboutASlice) {
  LoweredModule m = doubling_module();
  m.ops[3].unit_digits = {{1, 3, 0}};
  EXPECT_EQ(problem(m),
            "copy_back_conflict: unit 1 and another one write slice 0 with different contents");
}

TEST(ModuleInterpreter, RunsStagesAndFills) {
  LoweredModule m = doubling_module();
  HostKernel stage;
  stage.kernel = parse_kernel(
                     "kernel s { scope host at device param c i64 buffer C i32 device host "
                     "elements 10 align 4 base c var i i32 body { for i = 0 count 10 { "
                     "C[i] = C[i] + 1 } } }")
                     .value();
  stage.buffers = {1};
  m.host_kernels.push_back(stage);
  HostOp op;
  op.kind = OpKind::stage;
  op.resource = Resource::host;
  op.name = "stage C";
  op.kernel = 0;
  op.tensor_buffer = 1;
  op.after = {4};
  m.ops.push_back(op);
  auto result = interpret(m, {counting(10)});
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ((*result)[1].integer(9), 21);

  HostOp fill;
  fill.kind = OpKind::fill;
  fill.resource = Resource::host;
  fill.name = "fill C";
  fill.host_buffer = fill.tensor_buffer = 1;
  fill.map.pad_integer = -5;
  m.ops = {fill};
  result = interpret(m, {counting(10)});
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ((*result)[1].integer(0), -5);
}

}  // namespace
}  // namespace pimjit::small_machine
