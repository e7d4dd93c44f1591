#include "pimjit/core/run/module_runner.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pimjit/core/lower/in_place.h"
#include "pimjit/tests/unit/interp/small_module.h"
#include "pimjit/tests/unit/run/fake_device.h"

namespace pimjit {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

HostTensor counting(int64_t n) {
  HostTensor t(DType::i32, {n});
  for (int64_t i = 0; i < n; ++i) t.set_integer(i, i + 1);
  return t;
}

Result<ModuleRunner> runner_of(LoweredModule m, bool with_import = false) {
  auto module = std::make_shared<LoweredModule>(std::move(m));
  auto space = std::make_shared<DeviceSpace>(fake::open(with_import), module->target);
  return ModuleRunner::create(module, space, fake::images_of(module->kernels));
}

TEST(ModuleRunner, RunsAModuleTwice) {
  const auto runner = runner_of(small_machine::doubling_module());
  ASSERT_TRUE(runner) << runner.error().message();
  for (int round = 0; round < 2; ++round) {
    HostTensor a = counting(10), c(DType::i32, {10});
    const std::vector<TensorView> tensors = {a.view(), c.view()};
    const auto report = runner->run(tensors);
    ASSERT_TRUE(report) << report.error().message();
    for (int64_t i = 0; i < 10; ++i) EXPECT_EQ(c.integer(i), 2 * (i + 1));
  }
  EXPECT_EQ(fake::machine().launches, 2);
  EXPECT_EQ(fake::machine().copies, 4);
}

// Slices that are contiguous and inside the tensor are copied from and to where they lie.
TEST(ModuleRunner, CopiesTheTensorsOwnMemory) {
  LoweredModule m = small_machine::doubling_module();
  const auto& tensors = m.workload->tensors;
  m.ops[0].in_place = in_place_to_device(m.ops[0].map, tensors[0]);
  m.ops[4].in_place = m.ops[3].in_place = in_place_from_device(m.ops[4].map, tensors[1]);
  ASSERT_TRUE(m.ops[0].in_place.possible && m.ops[4].in_place.possible);
  const auto staged = m.ops[0].in_place.staged.size() + m.ops[4].in_place.staged.size();
  const auto runner = runner_of(std::move(m));
  ASSERT_TRUE(runner) << runner.error().message();
  HostTensor a = counting(10), c(DType::i32, {10});
  ASSERT_TRUE(runner->run(std::vector<TensorView>{a.view(), c.view()}));
  for (int64_t i = 0; i < 10; ++i) EXPECT_EQ(c.integer(i), 2 * (i + 1));
  const auto& copied = fake::machine().copied;
  const auto inside = [&](const HostTensor& t) {
    return std::count_if(copied.begin(), copied.end(),
                         [&](void* p) { return p >= t.data() && p < t.data() + t.bytes(); });
  };
  EXPECT_GT(inside(a), 0);
  EXPECT_GT(inside(c), 0);
  EXPECT_EQ(static_cast<size_t>(inside(a) + inside(c)) + staged, copied.size());
}

TEST(ModuleRunner, TakesTensorsWithStrides) {
  const auto runner = runner_of(small_machine::doubling_module());
  ASSERT_TRUE(runner) << runner.error().message();
  HostTensor a = counting(10), c(DType::i32, {20});
  TensorView reversed = a.view(), spread = c.view();
  reversed.data = a.data() + 9 * 4;
  reversed.strides = {-1};
  spread.shape = {10};
  spread.strides = {2};
  ASSERT_TRUE(runner->run(std::vector<TensorView>{reversed, spread}));
  for (int64_t i = 0; i < 10; ++i) {
    EXPECT_EQ(c.integer(2 * i), 2 * (10 - i));
    EXPECT_EQ(c.integer(2 * i + 1), 0);
  }
}

TEST(ModuleRunner, TakesTensorsAtAnyAddress) {
  const auto runner = runner_of(small_machine::doubling_module());
  ASSERT_TRUE(runner) << runner.error().message();
  std::vector<std::byte> from(41), to(43);
  const TensorView a{from.data() + 1, DType::i32, {10}, {1}},
      c{to.data() + 3, DType::i32, {10}, {1}};
  const auto element = [](const TensorView& t, int64_t i) {
    return static_cast<std::byte*>(t.data) + 4 * i;
  };
  for (int64_t i = 0; i < 10; ++i) store_integer(element(a, i), DType::i32, i - 5);
  ASSERT_TRUE(runner->run(std::vector<TensorView>{a, c}));
  for (int64_t i = 0; i < 10; ++i) EXPECT_EQ(load_integer(element(c, i), DType::i32), 2 * (i - 5));
}

TEST(ModuleRunner, ReportsModelledPhases) {
  LoweredModule m = small_machine::doubling_module();
  auto machine = std::make_shared<TargetDesc>(*m.target);
  machine->origin = TimeOrigin::modelled;
  machine->host = HostModel{};
  machine->host.call_ns = 7;
  machine->host.launch_ns = 50;
  machine->host.launch_per_unit_ns = 2;
  machine->host.pack_bytes_per_ns = 4;
  machine->host.reduce_bytes_per_ns = 8;
  m.target = machine;
  const auto runner = runner_of(m);
  ASSERT_TRUE(runner) << runner.error().message();
  HostTensor a = counting(10), c(DType::i32, {10});
  const auto report = runner->run(std::vector<TensorView>{a.view(), c.view()});
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->phase(RunPhase::h2d).ns, 100);
  EXPECT_EQ(report->phase(RunPhase::launch).ns, 50 + 3 * 2);
  EXPECT_EQ(report->phase(RunPhase::kernel).ns, 1000);
  EXPECT_EQ(report->phase(RunPhase::d2h).ns, 100);
  EXPECT_EQ(report->phase(RunPhase::host).ns, 48 / 4 + 48 / 8 + 7);
  EXPECT_EQ(report->phase(RunPhase::upload).ns, 0);
  EXPECT_EQ(report->total_ns, 12 + 100 + 56 + 1000 + 100 + 6 + 7);
  EXPECT_EQ(report->origin, TimeOrigin::modelled);
  EXPECT_GT(report->local_host_ns, 0);
  EXPECT_EQ(report->operations.size(), 5u);
}

TEST(ModuleRunner, UploadsResidentTensorsOnce) {
  LoweredModule m = small_machine::doubling_module();
  m.device_buffers[0].resident = true;
  m.ops[0].upload = m.ops[1].upload = true;
  const auto runner = runner_of(m);
  ASSERT_TRUE(runner) << runner.error().message();
  HostTensor a = counting(10), c(DType::i32, {10});
  const std::vector<TensorView> tensors = {a.view(), c.view()};
  const auto first = runner->run(tensors);
  ASSERT_TRUE(first);
  EXPECT_GT(first->phase(RunPhase::upload).ns, 100);
  a.set_integer(0, 1000);
  const auto second = runner->run(tensors);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->phase(RunPhase::upload).ns, 0);
  EXPECT_EQ(c.integer(0), 2);
  runner->forget_residents();
  ASSERT_TRUE(runner->run(tensors));
  EXPECT_EQ(c.integer(0), 2000);
}

TEST(ModuleRunner, ChecksTensors) {
  const auto runner = runner_of(small_machine::doubling_module());
  ASSERT_TRUE(runner);
  HostTensor a = counting(9), c(DType::i32, {10});
  EXPECT_EQ(runner->run(std::vector<TensorView>{c.view()}).error().what,
            "the computation has 2 tensors, 1 were given");
  EXPECT_EQ(runner->run(std::vector<TensorView>{a.view(), c.view()}).error().what,
            "tensor A has shape [9], the computation needs [10]");
}

TEST(ModuleRunner, SaysWhichOperationFailed) {
  const auto runner = runner_of(small_machine::doubling_module());
  ASSERT_TRUE(runner);
  fake::machine().fail_launch = true;
  HostTensor a = counting(10), c(DType::i32, {10});
  const auto report = runner->run(std::vector<TensorView>{a.view(), c.view()});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().origin, Origin::target);
  EXPECT_THAT(report.error().where, StartsWith("operation \""));
  EXPECT_THAT(report.error().message(), HasSubstr("the program went wrong"));
}

TEST(ModuleRunner, NeedsAnImageForEveryKernelItLaunches) {
  auto module = std::make_shared<LoweredModule>(small_machine::doubling_module());
  auto space = std::make_shared<DeviceSpace>(fake::open(), module->target);
  const auto runner = ModuleRunner::create(module, space, {});
  ASSERT_FALSE(runner);
  EXPECT_EQ(runner.error().what, "kernel double has no image");
}

// C[i] = 2 * A[i] by one kernel that works on the tensors in place.
LoweredModule native_module() {
  LoweredModule m = small_machine::doubling_module();
  TargetDesc machine = *m.target;
  machine.levels.resize(1);
  Scope memory{};
  memory.name = "memory";
  memory.level = -1;
  memory.capacity = 1 << 20;
  memory.alignment = 4;
  memory.host = HostAccess::direct;
  machine.scopes = {memory};
  machine.links.clear();
  m.target = std::make_shared<TargetDesc>(machine);
  m.kernels = {
      parse_kernel("kernel n { level unit independent 2 scope memory at device param A i64 "
                   "param C i64 buffer A i32 device memory elements 10 align 4 base A "
                   "readonly buffer C i32 device memory elements 10 align 4 base C var i "
                   "i32 body { for i = 0 count 5 { C[@unit * 5 + i] = A[@unit * 5 + i] * 2 "
                   "} } }")
          .value()};
  for (DeviceBuffer& b : m.device_buffers) {
    b.elements = 10;
    b.alignment = 4;
    b.native = true;
  }
  m.device_buffers[0].host_buffer = 0;
  m.device_buffers[1].host_buffer = 1;
  HostOp launch = m.ops[2];
  launch.after.clear();
  launch.units = m.target->unit_level() < 0 ? 1 : 2;
  m.kernel_units = {launch.units};
  m.ops = {launch};
  m.host_buffers.resize(2);
  return m;
}

TEST(ModuleRunner, GivesKernelsTheTensorsThemselves) {
  const auto runner = runner_of(native_module(), true);
  ASSERT_TRUE(runner) << runner.error().message();
  fake::machine().direct = true;
  HostTensor a = counting(10), c(DType::i32, {10});
  const auto report = runner->run(std::vector<TensorView>{a.view(), c.view()});
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(c.integer(9), 20);
  EXPECT_EQ(fake::machine().imports, 2);
  EXPECT_EQ(fake::machine().allocations, 0);
}

// C = sum of 2 * A[i] over two units, each of which leaves five partial results in staging.
LoweredModule partial_results_module() {
  LoweredModule m = native_module();
  m.host_buffers.push_back({"partial", HostBufferKind::staging, -1, DType::i32, 10});
  m.device_buffers[1].host_buffer = 2;
  HostOp reduce;
  reduce.kind = OpKind::reduce;
  reduce.resource = Resource::host;
  reduce.name = "reduce C";
  reduce.after = {0};
  reduce.host_buffer = 2;
  reduce.tensor_buffer = 1;
  reduce.reducer = Reducer::sum;
  reduce.map.slice_elements = 10;
  reduce.map.digits = {{2, 0, 5, true}, {5, 0, 1, false}};
  reduce.map.index = {make_var(DType::i64, 1)};
  m.ops.push_back(std::move(reduce));
  return m;
}

TEST(ModuleRunner, AddsUpPartialResultsWhereKernelsLeaveThem) {
  for (const bool with_import : {false, true}) {
    const auto runner = runner_of(partial_results_module(), with_import);
    ASSERT_TRUE(runner) << runner.error().message();
    fake::machine().direct = true;
    HostTensor a = counting(10), c(DType::i32, {10});
    for (int round = 0; round < 2; ++round) {
      const auto report = runner->run(std::vector<TensorView>{a.view(), c.view()});
      ASSERT_TRUE(report) << report.error().message();
      for (int64_t i = 0; i < 5; ++i) EXPECT_EQ(c.integer(i), 2 * (i + 1) + 2 * (i + 6));
      EXPECT_EQ(c.integer(5), 0);
    }
    EXPECT_EQ(fake::machine().imports, with_import ? 4 : 0);
    EXPECT_EQ(fake::machine().copies, 0);
  }
}

TEST(ModuleRunner, CopiesTensorsWhereThePluginCannotTakeThem) {
  for (const bool with_import : {false, true}) {
    const auto runner = runner_of(native_module(), with_import);
    ASSERT_TRUE(runner);
    fake::machine().direct = true;
    HostTensor a(DType::i32, {20}), c(DType::i32, {10});
    for (int64_t i = 0; i < 20; ++i) a.set_integer(i, i);
    TensorView every_other = a.view();
    every_other.shape = {10};
    every_other.strides = {2};
    const auto report = runner->run(std::vector<TensorView>{every_other, c.view()});
    ASSERT_TRUE(report) << report.error().message();
    for (int64_t i = 0; i < 10; ++i) EXPECT_EQ(c.integer(i), 4 * i);
    EXPECT_EQ(fake::machine().imports, with_import ? 1 : 0);
  }
}

}  // namespace
}  // namespace pimjit
