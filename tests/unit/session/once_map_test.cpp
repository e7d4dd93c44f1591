#include "pimjit/jit/session/once_map.h"

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace pimjit {
namespace {

using Map = OnceMap<int>;

// Makes a value only when `release` says so, so that every other thread has to wait.
struct Gate {
  std::mutex mutex;
  std::condition_variable changed;
  bool open = false;
  void pass() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return open; });
  }
  void release() {
    const std::lock_guard lock(mutex);
    open = true;
    changed.notify_all();
  }
};

TEST(OnceMap, MakesOnceForAllWhoAskAtTheSameTime) {
  Map map;
  Gate gate;
  std::atomic<int> made = 0, waiting = 0;
  std::vector<std::thread> threads;
  std::vector<std::shared_ptr<int>> values(8);
  std::atomic<int> ways[3] = {};
  for (auto& value : values) {
    threads.emplace_back([&] {
      ++waiting;
      const auto got = map.get("k", [&]() -> Map::Made {
        ++made;
        gate.pass();
        return std::make_shared<int>(7);
      });
      ++ways[static_cast<int>(got.way)];
      value = got.value.value();
    });
  }
  while (waiting < 8) std::this_thread::yield();
  gate.release();
  for (auto& t : threads) t.join();
  EXPECT_EQ(made, 1);
  EXPECT_EQ(ways[static_cast<int>(Map::Way::made)], 1);
  for (const auto& value : values) EXPECT_EQ(value, values[0]);
}

TEST(OnceMap, GivesTheSameErrorToAllAndForgetsIt) {
  Map map;
  Gate gate;
  std::atomic<int> made = 0, failed = 0, started = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      ++started;
      const auto got = map.get("k", [&]() -> Map::Made {
        ++made;
        gate.pass();
        return fail(user_error("no", "it does not work"));
      });
      if (!got.value && got.value.error().code == "no") ++failed;
    });
  }
  while (started < 4) std::this_thread::yield();
  gate.release();
  for (auto& t : threads) t.join();
  EXPECT_EQ(failed, 4);
  EXPECT_GE(made, 1);
  EXPECT_EQ(map.size(), 0u);
  EXPECT_TRUE(map.get("k", [] { return Map::Made(std::make_shared<int>(1)); }).value);
}

TEST(OnceMap, OwnsNothing) {
  Map map;
  auto first = map.get("k", [] { return Map::Made(std::make_shared<int>(1)); });
  EXPECT_EQ(first.way, Map::Way::made);
  auto second = map.get("k", [] { return Map::Made(std::make_shared<int>(2)); });
  EXPECT_EQ(second.way, Map::Way::found);
  EXPECT_EQ(**second.value, 1);
  first.value = nullptr, second.value = nullptr;
  EXPECT_EQ(map.get("k", [] { return Map::Made(std::make_shared<int>(3)); }).way, Map::Way::made);
}

TEST(OnceMap, ForgetsKeysOfDeadValues) {
  Map map;
  for (int i = 0; i < 1000; ++i) {
    map.get(std::to_string(i), [] { return Map::Made(std::make_shared<int>(1)); });
  }
  EXPECT_EQ(map.size(), 0u);
}

TEST(OnceMap, WakesThoseWhoWaitForSomethingThatThrows) {
  Map map;
  std::atomic<bool> making = false;
  Gate gate;
  std::thread thrower([&] {
    EXPECT_THROW(map.get("k",
                         [&]() -> Map::Made {
                           making = true;
                           gate.pass();
                           throw std::runtime_error("lost");
                         }),
                 std::runtime_error);
  });
  while (!making) std::this_thread::yield();
  std::thread waiter([&] {
    const auto got = map.get("k", [] { return Map::Made(std::make_shared<int>(1)); });
    if (got.way != Map::Way::waited) return;  // came too late to wait
    ASSERT_FALSE(got.value);
    EXPECT_EQ(got.value.error().code, "unexpected_exception");
  });
  gate.release();
  thrower.join();
  waiter.join();
  EXPECT_EQ(**map.get("k", [] { return Map::Made(std::make_shared<int>(2)); }).value, 2);
}

}  // namespace
}  // namespace pimjit
