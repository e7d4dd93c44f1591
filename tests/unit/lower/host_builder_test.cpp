#include "pimjit/core/lower/host_builder.h"

#include <gtest/gtest.h>

#include "pimjit/tests/support/host_passes.h"

namespace pimjit {
namespace {

using test::count;

// A machine on host memory whose levels cannot combine, so that the host adds up what cores leave.
test::Sample on_host_memory(const std::string& computation, const std::string& sizes,
                            const std::string& trace) {
  test::Sample sample;
  sample.workload = test::sample_workload(computation, sizes);
  TargetDesc machine = *test::sample_target("direct");
  machine.reduction_stages = {kHost};
  sample.target = std::make_shared<const TargetDesc>(std::move(machine));
  sample.trace = parse_trace(trace, *sample.workload, *sample.target).value();
  const auto schedule = replay(*sample.workload, *sample.target, sample.trace);
  if (!schedule) throw std::runtime_error("the schedule is illegal");
  LowerOptions options;
  options.verify = true;
  auto module = lower(sample.workload, sample.target, *schedule, options);
  if (!module) throw std::runtime_error(module.error().message());
  sample.module = std::move(*module);
  return sample;
}

TEST(HostBuilder, PartialResultsInHostMemoryNeedNoCopy) {
  const auto sample =
      on_host_memory("mtv", "i=12,k=70",
                     "k.0, k.1 = split(k, 18)\nreorder(k.0, i)\nbind(k.0, core)\nrfactor(k.0)");
  const LoweredModule& m = sample.module;
  EXPECT_EQ(count(m, OpKind::copy_back), 0) << host_program_text(m);
  EXPECT_EQ(count(m, OpKind::reduce), 1) << host_program_text(m);
  const DeviceBuffer& partial = m.device_buffers.back();
  EXPECT_TRUE(partial.native);
  EXPECT_EQ(m.host_buffers[static_cast<size_t>(partial.host_buffer)].kind, HostBufferKind::staging);
  EXPECT_EQ(m.host_buffers[static_cast<size_t>(partial.host_buffer)].elements, 4 * 16)
      << "the twelve results of a core fill whole lines of 64 bytes";
  EXPECT_EQ(test::mistakes_of(m), "");
}

TEST(HostBuilder, PartialResultsOfTilesInHostMemory) {
  const auto sample =
      on_host_memory("mtv", "i=13,k=70",
                     "k.0, k.1 = split(k, 18)\ni.0, i.1 = split(i, 4)\nreorder(k.0, i.0, i.1)\n"
                     "bind(k.0, core)\nrfactor(k.0)\ncache_write(reg, at=i.0)");
  EXPECT_EQ(test::mistakes_of(sample.module), "");
}

TEST(HostBuilder, TheNextStageWaitsForTheSum) {
  const auto sample = on_host_memory("mtv_bias_relu", "i=12,k=70",
                                     "k.0, k.1 = split(k, 18)\nreorder(k.0, i)\nbind(k.0, core)\n"
                                     "rfactor(k.0)\nstage 1: i.0, i.1 = split(i, 4)\n"
                                     "stage 1: bind(i.0, core)");
  EXPECT_EQ(count(sample.module, OpKind::reduce), 1) << host_program_text(sample.module);
  EXPECT_EQ(test::mistakes_of(sample.module), "");
}

}  // namespace
}  // namespace pimjit
