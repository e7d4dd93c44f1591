#include "pimjit/core/plugin/plugin.h"

#include <cstddef>
#include <cstring>
#include <functional>
#include <string>

#include <gtest/gtest.h>

namespace pimjit {
namespace {

// What the small plugin below saw and does; one test at a time uses it.
struct Seen {
  const pj_host* host = nullptr;
  int plugins = 0, devices = 0, modules = 0, events = 0;
  std::string order;
  std::function<void(pj_event_info*)> answer;
};
Seen seen;

template <typename T>
T* token() {
  static char place;
  return reinterpret_cast<T*>(&place);
}

pj_plugin_api table() {
  pj_plugin_api api = {};
  api.struct_size = sizeof api;
  api.abi_major = PJ_ABI_MAJOR;
  api.abi_minor = PJ_ABI_MINOR;
  api.kernel_version = 1;
  api.name = {sizeof(pj_text), 5, "small"};
  api.build = {sizeof(pj_text), 1, "b"};
  api.create = [](const pj_host* host, const pj_options*, pj_plugin** out) -> pj_error* {
    seen.host = host;
    ++seen.plugins;
    *out = token<pj_plugin>();
    return nullptr;
  };
  api.destroy = [](pj_plugin*) { --seen.plugins, seen.order += 'P'; };
  api.build_kernel = [](pj_plugin*, const pj_kernel*, const pj_options*,
                        pj_image** out) -> pj_error* {
    static pj_image image = {};
    image.struct_size =
        offsetof(pj_image, log);  // a plugin of a version without log, counters and reasons
    image.bytes = "code";
    image.size = 4;
    image.log = {sizeof(pj_text), 4, "junk"};
    *out = &image;
    return nullptr;
  };
  return api;
}

void add_run_group(pj_plugin_api& api) {
  api.open = [](pj_plugin*, const pj_options*, pj_device** out) -> pj_error* {
    ++seen.devices;
    *out = token<pj_device>();
    return nullptr;
  };
  api.close = [](pj_device*) { --seen.devices, seen.order += 'D'; };
  api.load = [](pj_device*, const void*, uint64_t, pj_module** out) -> pj_error* {
    ++seen.modules;
    *out = token<pj_module>();
    return nullptr;
  };
  api.unload = [](pj_module*) { --seen.modules, seen.order += 'M'; };
  api.launch = [](pj_device*, const pj_launch*, pj_event** out) -> pj_error* {
    ++seen.events;
    *out = token<pj_event>();
    return nullptr;
  };
  api.release_event = [](pj_event*) { --seen.events, seen.order += 'E'; };
  api.query = [](pj_event*, pj_event_info* out) -> pj_error* {
    seen.answer(out);
    return nullptr;
  };
}

class PluginTest : public ::testing::Test {
 protected:
  void SetUp() override { seen = Seen(); }
};

TEST_F(PluginTest, NamesItself) {
  const pj_plugin_api api = table();
  const auto plugin = make_plugin(&api);
  ASSERT_TRUE(plugin);
  EXPECT_EQ(plugin->name(), "small");
  EXPECT_EQ(plugin->build(), "b");
  EXPECT_EQ(plugin->path(), "");
  EXPECT_FALSE(plugin->can_run());
}

TEST_F(PluginTest, MissingFunctionsAreNamed) {
  const pj_plugin_api api = table();
  const auto plugin = make_plugin(&api);
  const auto answer = plugin->estimate({});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "unsupported");
  EXPECT_EQ(answer.error().message(),
            "the plugin has no function estimate()\n  plugin 'small', estimate()");
  EXPECT_EQ(plugin->check({}).error().what, "the plugin has no function check()");
  EXPECT_EQ(plugin->open().error().what, "the plugin has no function open()");
  EXPECT_EQ(*plugin->describe("as it is"), "as it is");
}

TEST_F(PluginTest, FunctionsBeyondTheTablesSizeDoNotExist) {
  pj_plugin_api api = table();
  add_run_group(api);
  api.struct_size = offsetof(pj_plugin_api, open);
  const auto plugin = make_plugin(&api);
  ASSERT_TRUE(plugin);
  EXPECT_FALSE(plugin->can_run());
}

TEST_F(PluginTest, MinorVersionIsTheSmaller) {
  pj_plugin_api api = table();
  api.abi_minor = 77;
  EXPECT_EQ(make_plugin(&api)->abi_minor(), uint32_t{PJ_ABI_MINOR});
}

TEST_F(PluginTest, FieldsBeyondAStructsSizeAreZero) {
  const pj_plugin_api api = table();
  const auto image = make_plugin(&api)->build_kernel({});
  ASSERT_TRUE(image) << image.error().message();
  EXPECT_TRUE(image->accepted());
  EXPECT_EQ(image->bytes.size(), 4u);
  EXPECT_EQ(image->log, "");
}

TEST_F(PluginTest, AnAnswerMayBeShorterThanTheHostsStruct) {
  pj_plugin_api api = table();
  add_run_group(api);
  seen.answer = [](pj_event_info* out) {
    EXPECT_EQ(out->struct_size, sizeof(pj_event_info));
    out->struct_size = offsetof(pj_event_info, start_ns);
    out->finished = 1;
    out->origin = PJ_MEASURED;
    out->duration_ns = 12;
    out->start_ns = -1e300;
  };
  const auto device = make_plugin(&api)->open();
  const auto module = device->load({});
  LaunchRequest launch;
  launch.module = *module;
  const auto info = device->launch(launch)->query();
  ASSERT_TRUE(info) << info.error().message();
  EXPECT_EQ(info->origin, TimeOrigin::measured);
  EXPECT_EQ(info->duration_ns, 12);
  EXPECT_EQ(info->start_ns, 0);
}

TEST_F(PluginTest, ImpossibleTimesAreRefused) {
  pj_plugin_api api = table();
  add_run_group(api);
  const auto device = make_plugin(&api)->open();
  LaunchRequest launch;
  launch.module = *device->load({});
  const auto event = device->launch(launch);
  seen.answer = [](pj_event_info* out) { out->finished = 1, out->origin = 5; };
  EXPECT_EQ(event->query().error().what,
            "the plugin breaks its contract: an event's time has origin 5");
  seen.answer = [](pj_event_info* out) { out->finished = 1, out->duration_ns = 1.0 / 0.0; };
  EXPECT_EQ(event->query().error().what, "the plugin breaks its contract: an event took inf ns");
}

TEST_F(PluginTest, ObjectsAreReleasedBeforeWhatTheyCameFrom) {
  pj_plugin_api api = table();
  add_run_group(api);
  Event event;
  {
    const auto device = make_plugin(&api)->open();
    const auto module = device->load({});
    LaunchRequest launch;
    launch.module = *module;
    event = *device->launch(launch);
    const Event copy = event;
  }
  EXPECT_EQ(seen.order, "");  // the event keeps everything alive
  event = Event();
  EXPECT_EQ(seen.order, "EMDP");
  EXPECT_EQ(seen.plugins + seen.devices + seen.modules + seen.events, 0);
}

TEST_F(PluginTest, HostServices) {
  const pj_plugin_api api = table();
  std::string logged;
  bool stop = false;
  HostServices services;
  services.log = [&](PluginLogLevel level, std::string_view text) {
    logged += std::to_string(static_cast<int>(level)) + std::string(text);
  };
  services.cancelled = [&] { return stop; };
  const auto plugin = make_plugin(&api, {}, services);
  const pj_host& host = *seen.host;
  EXPECT_EQ(host.struct_size, sizeof(pj_host));
  host.log(host.self, PJ_LOG_WARNING, {sizeof(pj_text), 7, "b\xFFr \xC3\xA9!"});
  host.log(host.self, 99, {sizeof(pj_text), 0, nullptr});
  EXPECT_EQ(logged, "2b?r \xC3\xA9!3");
  EXPECT_EQ(host.cancelled(host.self), 0);
  stop = true;
  EXPECT_NE(host.cancelled(host.self), 0);
  void* memory = host.allocate(host.self, 100, 256);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % 256, 0u);
  std::memset(memory, 1, 100);
  host.release(host.self, memory);
  EXPECT_EQ(host.allocate(host.self, 8, 3), nullptr);
  EXPECT_EQ(host.allocate(host.self, UINT64_MAX, 8), nullptr);
}

TEST_F(PluginTest, EmptyHandles) {
  EXPECT_TRUE(Event().wait());
  EXPECT_TRUE(Event().query()->finished);
  EXPECT_EQ(Device().load({}).error().what, "load() on an empty handle");
  EXPECT_TRUE(DeviceMemory().release());
}

}  // namespace
}  // namespace pimjit
