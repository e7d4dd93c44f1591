#include <cstring>

#include <gtest/gtest.h>

#include "pimjit/core/ir/parser.h"
#include "pimjit/core/ir/serialize.h"
#include "pimjit/tests/support/built_target.h"

namespace pimjit {
namespace {

// A kernel sees the scopes that it declares, however many these are: bases are addresses in all.
TEST(CpuLaunch, ReachesABufferInTheLastOfManyScopes) {
  constexpr int kScopes = 200;
  std::string text = "kernel k {\n  level core independent 3\n";
  for (int s = 0; s < kScopes; ++s) text += "  scope s" + std::to_string(s) + " at device\n";
  text += "  param A_base i64\n  buffer A i32 device s" + std::to_string(kScopes - 1) +
          " elements 3 align 8 base A_base\n  body { A[@core] = 10 + @core }\n}\n";
  const auto kernel = parse_kernel(text, "test");
  ASSERT_TRUE(kernel) << kernel.error().message();
  const auto bytes = serialize(*kernel);
  ASSERT_TRUE(bytes) << bytes.error().message();

  const OpenTarget cpu = test::built_target("cpu");
  const auto image = cpu.plugin.build_kernel(std::as_bytes(std::span(*bytes)));
  ASSERT_TRUE(image) << image.error().message();
  ASSERT_TRUE(image->accepted()) << image->reasons.front().message;
  const auto device = cpu.plugin.open();
  ASSERT_TRUE(device) << device.error().message();
  const auto memory = device->alloc(0, 12, 8);
  ASSERT_TRUE(memory) << memory.error().message();
  LaunchRequest request;
  const auto module = device->load(image->bytes);
  ASSERT_TRUE(module) << module.error().message();
  request.module = *module;
  request.unit_count = 1;
  const int64_t arguments[] = {static_cast<int64_t>(memory->base())};
  request.arguments = arguments;
  const auto event = device->launch(request);
  ASSERT_TRUE(event) << event.error().message();
  ASSERT_TRUE(event->wait());
  int32_t values[3] = {};
  std::memcpy(values, memory->host_address(), sizeof values);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(values[i], 10 + i);
}

}  // namespace
}  // namespace pimjit
