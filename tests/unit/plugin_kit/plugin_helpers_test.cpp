#include "pimjit/core/plugin_kit/plugin_helpers.h"

#include <cstddef>
#include <stdexcept>

#include <gtest/gtest.h>

namespace pimjit::kit {
namespace {

std::string message_of(pj_error* error) {
  if (error == nullptr) return "";
  std::string text = string_of(error->message);
  error->release(error);
  return text;
}

TEST(PluginHelpers, GuardedTurnsExceptionsIntoErrors) {
  EXPECT_EQ(guarded([]() -> pj_error* { return nullptr; }), nullptr);
  EXPECT_EQ(message_of(guarded([]() -> pj_error* { throw std::runtime_error("oh"); })),
            "unexpected: oh");
  pj_error* error = guarded([]() -> pj_error* { throw std::bad_alloc(); });
  EXPECT_EQ(error->code, PJ_OUT_OF_MEMORY);
  EXPECT_EQ(message_of(error), "the plugin ran out of host memory");
}

struct OptionItems {
  std::vector<pj_option> items;
  pj_options list = {};
  OptionItems(std::initializer_list<std::pair<const char*, const char*>> pairs) {
    for (const auto& [key, value] : pairs)
      items.push_back({sizeof(pj_option), text(key), text(value)});
    list = {sizeof(pj_options), static_cast<uint32_t>(items.size()), sizeof(pj_option),
            items.data()};
  }
};

TEST(PluginHelpers, OptionsAreTakenAndCounted) {
  const OptionItems given = {{"units", "12"}, {"mode", "fast"}};
  Options options(&given.list);
  EXPECT_EQ(options.integer("units", 4, 1, 64), 12);
  EXPECT_EQ(options.text("mode", "slow"), "fast");
  EXPECT_EQ(options.integer("absent", 7, 0, 9), 7);
  EXPECT_EQ(options.done(), nullptr);
}

TEST(PluginHelpers, OptionMistakes) {
  for (const char* value : {"twelve", "", "12x", "65", "99999999999999999999"}) {
    const OptionItems given = {{"units", value}};
    Options options(&given.list);
    EXPECT_EQ(options.integer("units", 4, 1, 64), 4);
    EXPECT_EQ(message_of(options.done()),
              std::string("option units=") + value + " is no number from 1 to 64");
  }
  const OptionItems given = {{"unit", "1"}};
  EXPECT_EQ(message_of(Options(&given.list).done()), "there is no option 'unit'");
}

TEST(PluginHelpers, FinishedEventsTellTheSameTwice) {
  pj_event* event = make_event(
      {std::make_shared<Failure>(Failure{PJ_TIMEOUT, "late", {}, nullptr}), 5, 2, PJ_MODELLED, {}});
  EXPECT_EQ(message_of(wait_finished(event)), "late");
  EXPECT_EQ(message_of(wait_finished(event)), "late");
  pj_event_info info = {};
  info.struct_size = offsetof(pj_event_info, start_ns);  // a host that has no start_ns yet
  info.start_ns = -1;
  EXPECT_EQ(query_finished(event, &info), nullptr);
  EXPECT_EQ(info.finished, 1);
  EXPECT_EQ(info.duration_ns, 5);
  EXPECT_EQ(info.start_ns, -1);
  pj_event* const list[] = {event};
  EXPECT_EQ(failure_of({sizeof(pj_dependencies), 1, list})->message, "late");
  release_finished(event);
}

TEST(PluginHelpers, ErrorsOwnTheirCauses) {
  pj_error* error =
      kit::error(Failure{PJ_INTERNAL, "top", "try again",
                         std::make_shared<Failure>(Failure{PJ_TIMEOUT, "below", {}, nullptr})});
  ASSERT_NE(error->cause, nullptr);
  EXPECT_EQ(string_of(error->cause->message), "below");
  EXPECT_EQ(error->cause->code, PJ_TIMEOUT);
  EXPECT_EQ(string_of(error->hint), "try again");
  error->release(error);
}

TEST(PluginHelpers, ImagesHaveBytesOrReasons) {
  pj_image* image = make_image({1, 2, 3}, "built", {{"size", "B", 3}});
  EXPECT_EQ(image->size, 3u);
  EXPECT_EQ(image->reasons.count, 0u);
  EXPECT_EQ(image->counters.items[0].value, 3);
  image->release(image);
  image = make_rejection({{"too_large", "A", 9, 8, "it does not fit"}});
  EXPECT_EQ(image->bytes, nullptr);
  EXPECT_EQ(image->reasons.items[0].have, 9);
  image->release(image);
}

pj_copy good_copy(void* const* pointers) {
  pj_copy copy = {};
  copy.struct_size = sizeof copy;
  copy.memory = {sizeof(pj_memory), 0, 0, 64, 256, nullptr};
  copy.bytes = 64;
  copy.units = {sizeof(pj_units), 0, 0, 2};
  copy.pointers = pointers;
  return copy;
}

TEST(PluginHelpers, CopyRules) {
  char host[64];
  void* const pointers[] = {host, nullptr};
  const CopyRules rules{.units = 4, .multiple = 8, .alignment = 16, .memory_bytes = 256};
  const auto answer = [&](void (*change)(pj_copy&)) {
    pj_copy copy = good_copy(pointers);
    change(copy);
    return message_of(check_copy(copy, rules));
  };
  EXPECT_EQ(answer([](pj_copy&) {}), "");
  EXPECT_EQ(answer([](pj_copy& c) { c.bytes = 0, c.pointers = nullptr; }), "");
  EXPECT_EQ(answer([](pj_copy& c) { c.bytes = 12; }),
            "a copy of 12 bytes, which is no multiple of 8");
  EXPECT_EQ(answer([](pj_copy& c) { c.offset = 8; }),
            "a copy at byte 72, which is no multiple of 16");
  EXPECT_EQ(answer([](pj_copy& c) { c.offset = 208; }),
            "a copy of 64 bytes at offset 208 of a memory of 256");
  EXPECT_EQ(answer([](pj_copy& c) { c.units.first = 3; }),
            "units 3 .. 3 + 2 of a machine that has 4");
  EXPECT_EQ(answer([](pj_copy& c) { c.pointers = nullptr; }), "a copy without host addresses");
  EXPECT_EQ(answer([](pj_copy& c) { c.direction = 2; }), "there is no copy direction 2");
  EXPECT_EQ(answer([](pj_copy& c) { c.broadcast = &c; }),
            "a copy with both pointers and a broadcast source");
  EXPECT_EQ(answer([](pj_copy& c) {
              c.broadcast = &c, c.pointers = nullptr, c.direction = PJ_FROM_DEVICE;
            }),
            "a broadcast from the device");
  CopyRules buffer = rules;
  buffer.broadcast_only = true;
  EXPECT_EQ(message_of(check_copy(good_copy(pointers), buffer)),
            "the host can only write this memory, the same bytes to all units");
}

}  // namespace
}  // namespace pimjit::kit
