#include "pimjit/core/run/residents.h"

#include <gtest/gtest.h>

#include "pimjit/core/run/module_runner.h"
#include "pimjit/tests/unit/interp/small_module.h"
#include "pimjit/tests/unit/run/fake_device.h"

namespace pimjit {
namespace {

LoweredModule resident_module() {
  LoweredModule m = small_machine::doubling_module();
  m.device_buffers[0].resident = true;
  m.ops[0].upload = m.ops[1].upload = true;
  return m;
}

struct Machine {
  std::shared_ptr<const LoweredModule> module;
  std::shared_ptr<DeviceSpace> space;

  explicit Machine(LoweredModule m = resident_module())
      : module(std::make_shared<const LoweredModule>(std::move(m))),
        space(std::make_shared<DeviceSpace>(fake::open(false), module->target)) {}
  ModuleRunner runner() const { return runner_of(module); }
  ModuleRunner runner_of(const std::shared_ptr<const LoweredModule>& m) const {
    return *ModuleRunner::create(m, space, fake::images_of(m->kernels));
  }
};

HostTensor counting(int64_t first) {
  HostTensor t(DType::i32, {10});
  for (int64_t i = 0; i < 10; ++i) t.set_integer(i, first + i);
  return t;
}

double upload_ns(const ModuleRunner& runner, HostTensor& a, HostTensor& c) {
  const auto report = runner.run(std::vector<TensorView>{a.view(), c.view()});
  EXPECT_TRUE(report) << report.error().message();
  return report->phase(RunPhase::upload).ns;
}

TEST(Residents, RunnersOfOneDeviceShareOneCopy) {
  const Machine machine;
  const ModuleRunner one = machine.runner(), two = machine.runner();
  HostTensor a = counting(1), c(DType::i32, {10});
  EXPECT_GT(upload_ns(one, a, c), 0);
  EXPECT_EQ(upload_ns(two, a, c), 0);
  EXPECT_EQ(c.integer(9), 20);
  // Changed memory is read again by both once either says so.
  a.set_integer(9, 500);
  EXPECT_EQ(upload_ns(two, a, c), 0);
  EXPECT_EQ(c.integer(9), 20);
  one.forget_residents();
  EXPECT_GT(upload_ns(two, a, c), 0);
  EXPECT_EQ(upload_ns(one, a, c), 0);
  EXPECT_EQ(c.integer(9), 1000);
  machine.space->residents().forget();
  EXPECT_GT(upload_ns(one, a, c), 0);
}

TEST(Residents, OtherMemoryIsAnotherTensor) {
  const Machine machine;
  const ModuleRunner runner = machine.runner();
  HostTensor a = counting(1), b = counting(100), c(DType::i32, {10});
  EXPECT_GT(upload_ns(runner, a, c), 0);
  EXPECT_GT(upload_ns(runner, b, c), 0);
  EXPECT_EQ(c.integer(0), 200);
  machine.space->residents().forget(a.data());
  EXPECT_EQ(upload_ns(runner, b, c), 0);
}

TEST(Residents, OtherLayoutsAreOtherCopies) {
  const Machine machine;
  LoweredModule padded = resident_module();
  padded.ops[0].map.fill_padding = true;
  padded.ops[0].map.pad_integer = 3;
  const ModuleRunner one = machine.runner();
  const ModuleRunner two =
      machine.runner_of(std::make_shared<const LoweredModule>(std::move(padded)));
  HostTensor a = counting(1), c(DType::i32, {10});
  EXPECT_GT(upload_ns(one, a, c), 0);
  EXPECT_GT(upload_ns(two, a, c), 0);
  EXPECT_EQ(upload_ns(one, a, c), 0);
}

TEST(Residents, GoWithTheirLastUser) {
  const Machine machine;
  HostTensor a = counting(1), c(DType::i32, {10});
  {
    const ModuleRunner one = machine.runner();
    EXPECT_GT(upload_ns(one, a, c), 0);
    const ModuleRunner two = machine.runner();
    EXPECT_EQ(upload_ns(two, a, c), 0);
  }
  EXPECT_GT(upload_ns(machine.runner(), a, c), 0);
}

TEST(Residents, AFailedUploadIsDoneAgain) {
  const Machine machine;
  const ModuleRunner runner = machine.runner();
  HostTensor a = counting(1), c(DType::i32, {10});
  fake::machine().fail_launch = true;
  EXPECT_FALSE(runner.run(std::vector<TensorView>{a.view(), c.view()}));
  fake::machine().fail_launch = false;
  EXPECT_GT(upload_ns(runner, a, c), 0);
}

}  // namespace
}  // namespace pimjit
