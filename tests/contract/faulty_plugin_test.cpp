// Every function of a plugin fails, or answers what the ABI rules out: one clear error each, and
// never a crash.
#include <vector>

#include <gtest/gtest.h>

#include "pimjit/build_paths.h"
#include "pimjit/core/ir/serialize.h"
#include "pimjit/core/plugin/conformance.h"
#include "pimjit/core/plugin/conformance_kernels.h"
#include "pimjit/core/plugin/plugin.h"

namespace pimjit {
namespace {

const std::string kFolder = PIMJIT_BINARY_DIR "/tests/plugins/";

TargetDesc machine() {
  auto target = load_target(kFolder + "faulty.toml");
  EXPECT_TRUE(target) << target.error().message();
  return *target;
}

Status use_device(const Plugin& plugin, const std::vector<std::byte>& image,
                  const std::string& function) {
  auto device = plugin.open();
  if (!device) return fail(device.error());
  if (function == "import_host") {
    char memory[64];
    auto imported = device->import_host(memory, sizeof memory);
    return imported ? Status{} : fail(imported.error());
  }
  auto memory = device->alloc(0, 256, 8);
  if (!memory) return fail(memory.error());
  auto module = device->load(image);
  if (!module) return fail(module.error());
  std::vector<std::byte> host(256);
  const std::vector<void*> pointers(4, host.data());
  CopyRequest copy;
  copy.memory = *memory;
  copy.bytes = 256;
  copy.unit_count = 4;
  copy.pointers = pointers;
  auto copied = device->copy(copy);
  if (!copied) return fail(copied.error());
  if (auto status = copied->wait(); !status) return status;
  if (auto info = copied->query(); !info) return fail(info.error());
  if (auto status = copied->cancel(); !status) return status;
  LaunchRequest launch;
  launch.module = *module;
  launch.unit_count = 4;
  const std::vector<int64_t> arguments = {static_cast<int64_t>(memory->base()),
                                          static_cast<int64_t>(memory->base()) + 128};
  launch.arguments = arguments;
  auto launched = device->launch(launch);
  if (!launched) return fail(launched.error());
  if (auto figures = device->counters(*launched); !figures) return fail(figures.error());
  copied = Event();
  copy.memory = DeviceMemory();
  return memory->release();
}

// Uses every function once; the first error.
Status use(const PluginOptions& options, const std::string& function) {
  auto plugin = load_plugin(kFolder + "faulty.so", options);
  if (!plugin) return fail(plugin.error());
  if (auto text = plugin->describe("schema = 1"); !text) return fail(text.error());
  const TargetDesc target = machine();
  const auto maker = conformance::KernelMaker::create(target, DType::i32);
  const auto bytes = serialize(maker->copy_through());
  const auto kernel = std::as_bytes(std::span(*bytes));
  if (auto reasons = plugin->check(kernel); !reasons) return fail(reasons.error());
  if (auto figures = plugin->estimate(kernel); !figures) return fail(figures.error());
  auto image = plugin->build_kernel(kernel);
  if (!image) return fail(image.error());
  return use_device(*plugin, image->bytes, function);
}

const char* const kFunctions[] = {
    "create", "describe", "check", "estimate", "build_kernel", "open",   "alloc",    "import_host",
    "load",   "copy",     "wait",  "query",    "cancel",       "launch", "counters", "free_memory"};

TEST(FaultyPlugin, WorksWhenNothingIsAskedFor) {
  const Status status = use({}, "");
  EXPECT_TRUE(status) << status.error().message();
}

TEST(FaultyPlugin, FailuresKeepCodeTextPlaceHintAndCause) {
  for (const std::string function : kFunctions) {
    const Status status = use({{"fail", function}}, function);
    ASSERT_FALSE(status) << function;
    const Error& error = status.error();
    EXPECT_EQ(error.origin, Origin::target) << function;
    EXPECT_EQ(error.code, "plugin_internal") << function;
    EXPECT_EQ(error.message(), function + " is broken\n  plugin 'faulty' (" + kFolder +
                                   "faulty.so), " + function +
                                   "()\n  hint: mend it\n  because: the wire is loose");
    ASSERT_NE(error.cause, nullptr) << function;
    EXPECT_EQ(error.cause->code, "unavailable") << function;
  }
}

TEST(FaultyPlugin, NonsenseIsNamed) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"create", "success without a plugin"},
      {"describe", "success without a description"},
      {"check", "a list of 3 reasons with a stride of 72 bytes at a null address"},
      {"estimate", "counter 'cycles' is nan"},
      {"build_kernel", "neither an image nor a reason"},
      {"open", "success without a device"},
      {"alloc", "asked for 256 bytes it gave 128"},
      {"import_host", "asked for 64 bytes it gave 63"},
      {"load", "success without a module"},
      {"copy", "success without an event"},
      {"query", "an event took -5 ns"},
      {"launch", "success without an event"},
      {"counters", "a list of 4294967295 counters with a stride of 1 bytes"},
  };
  for (const auto& [function, what] : cases) {
    const Status status = use({{"nonsense", function}}, function);
    ASSERT_FALSE(status) << function;
    const Error& error = status.error();
    EXPECT_EQ(error.origin, Origin::target) << function;
    EXPECT_EQ(error.code, "plugin_misbehaves") << function;
    EXPECT_EQ(error.message(), "the plugin breaks its contract: " + what + "\n  plugin 'faulty' (" +
                                   kFolder + "faulty.so), " + function +
                                   "()\n  hint: run 'pimjit plugin-check' on the plugin");
  }
}

TEST(FaultyPlugin, ErrorsWithoutContentsAreStillErrors) {
  for (const std::string function : {"wait", "free_memory"}) {
    const Status status = use({{"nonsense", function}}, function);
    ASSERT_FALSE(status) << function;
    EXPECT_EQ(status.error().code, "plugin_misbehaves");
    EXPECT_EQ(status.error().what,
              "the plugin failed without a message: it failed with a code that the ABI does not "
              "have (code 99)");
  }
}

TEST(FaultyPlugin, AnErrorThatIsItsOwnCauseEnds) {
  const Status status = use({{"nonsense", "cancel"}}, "cancel");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, "timeout");
  int causes = 0;
  for (const Error* e = &status.error(); e->cause != nullptr; e = e->cause.get()) ++causes;
  EXPECT_EQ(causes, 16);
}

TEST(FaultyPlugin, UnknownOptionsAreTheUsersMistake) {
  const auto plugin = load_plugin(kFolder + "faulty.so", {{"fial", "copy"}});
  ASSERT_FALSE(plugin);
  EXPECT_EQ(plugin.error().origin, Origin::user);
  EXPECT_EQ(plugin.error().message(),
            "there is no option 'fial'\n  plugin 'faulty' (" + kFolder +
                "faulty.so), create()\n  hint: its options are: fail, nonsense, wrong, does");
}

TEST(FaultyPlugin, ConformanceFindsEachFault) {
  const TargetDesc target = machine();
  for (const char* way : {"fail", "nonsense"}) {
    for (const std::string function : kFunctions) {
      if (function == "create" || function == "describe" || function == "import_host") continue;
      const auto plugin = load_plugin(kFolder + "faulty.so", {{way, function}});
      ASSERT_TRUE(plugin) << plugin.error().message();
      const auto report = check_plugin(*plugin, target);
      ASSERT_TRUE(report) << report.error().message();
      EXPECT_FALSE(report->ok()) << way << " " << function << "\n" << report->text();
    }
  }
}

// Each subtle mistake is found by the check that is there for it.
TEST(FaultyPlugin, ConformanceFindsSubtleMistakes) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"rejects_damaged_kernels", "build.damaged"},
      {"memories_overlap", "memory.distinct"},
      {"frees_twice", "memory.double_free"},
      {"any_alignment", "refused.size"},
      {"any_alignment", "refused.offset"},
      {"ignores_offset", "copy.offset"},
      {"starts_at_unit_0", "copy.unit_sub_range"},
      {"forgets_the_last_unit", "copy.round_trip"},
      {"broadcasts_to_one", "copy.broadcast"},
      {"fills_null_entries", "copy.null_entries"},
      {"refuses_with_another_code", "refused.beyond_memory"},
      {"refuses_without_text", "refused.too_long"},
      {"refuses_without_text", "refused.direction"},
      {"claims_to_measure", "events.wait_and_query_twice"},
      {"changes_its_mind", "events.wait_and_query_twice"},
      {"any_arguments", "launch.too_few_arguments"},
      {"any_arguments", "launch.too_many_arguments"},
      {"launches_all_units", "launch.unit_sub_range"},
  };
  const TargetDesc target = machine();
  for (const auto& [mistake, name] : cases) {
    const auto plugin = load_plugin(kFolder + "faulty.so", {{"wrong", mistake}});
    ASSERT_TRUE(plugin) << plugin.error().message();
    const auto report = check_plugin(*plugin, target);
    ASSERT_TRUE(report) << report.error().message();
    bool found = false;
    for (const CheckResult& check : report->checks) {
      found |= check.group + '.' + check.name == name && check.outcome == CheckOutcome::fail;
    }
    EXPECT_TRUE(found) << mistake << " is not seen by " << name << "\n" << report->text();
  }
}

TEST(FaultyPlugin, ConformanceIsContentWithoutFaults) {
  const auto plugin = load_plugin(kFolder + "faulty.so");
  ASSERT_TRUE(plugin) << plugin.error().message();
  const auto report = check_plugin(*plugin, machine());
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_TRUE(report->ok()) << report->text();
}

}  // namespace
}  // namespace pimjit
