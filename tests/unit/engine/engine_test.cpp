#include "pimjit/jit/engine/engine.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pimjit/tests/support/sample_ir.h"

namespace pimjit {
namespace {

using test::parsed;
using ::testing::HasSubstr;

IrModule constant(int value) {
  return parsed("define i32 @f() {\n  ret i32 " + std::to_string(value) + "\n}\n");
}

Engine engine(const SymbolTable& symbols = runtime_symbols()) {
  auto made = Engine::create(symbols);
  EXPECT_TRUE(made.has_value());
  return *made;
}

TEST(Engine, ModulesWithTheSameNamesDoNotMeet) {
  const Engine e = engine();
  auto one = e.add(constant(1), {"f"});
  auto two = e.add(constant(2), {"f"});
  ASSERT_TRUE(one.has_value() && two.has_value());
  EXPECT_EQ(one->function<int()>("f")(), 1);
  EXPECT_EQ(two->function<int()>("f")(), 2);
  EXPECT_EQ(one->address("g"), nullptr);
  *one = JitCode();
  EXPECT_TRUE(one->empty());
  EXPECT_EQ(two->function<int()>("f")(), 2);
}

TEST(Engine, CodeOutlivesTheHandleOfItsEngine) {
  JitCode code;
  {
    auto made = engine().add(constant(7), {"f"});
    ASSERT_TRUE(made.has_value());
    code = std::move(*made);
  }
  EXPECT_EQ(code.function<int()>("f")(), 7);
}

// Whether this process may run what lies there.
bool is_executable(const void* address) {
  std::ifstream maps("/proc/self/maps");
  const auto at = reinterpret_cast<uintptr_t>(address);
  for (std::string line; std::getline(maps, line);) {
    uintptr_t from = 0, to = 0;
    char rights[5] = {};
    if (std::sscanf(line.c_str(), "%lx-%lx %4s", &from, &to, rights) != 3) continue;
    if (from <= at && at < to) return rights[2] == 'x';
  }
  return false;
}

TEST(Engine, MemoryGoesWithTheCode) {
  const Engine e = engine();
  const auto kept = e.add(constant(1), {"f"});
  auto code = e.add(constant(2), {"f"});
  ASSERT_TRUE(kept.has_value() && code.has_value());
  const void* const address = code->address("f");
  EXPECT_TRUE(is_executable(address));
  *code = JitCode();
  EXPECT_FALSE(is_executable(address));
  EXPECT_TRUE(is_executable(kept->address("f")));
}

const char* const kCallsOutside = R"(
declare i32 @getpid()
define i32 @f() {
  %p = call i32 @getpid()
  ret i32 %p
})";

TEST(Engine, CodeSeesTheTableAndNothingElseOfTheProcess) {
  CompileOptions options;
  options.failure_directory = testing::TempDir();
  const auto code = engine().add(parsed(kCallsOutside), {"f"}, options);
  ASSERT_FALSE(code.has_value());
  EXPECT_EQ(code.error().origin, Origin::internal);
  EXPECT_EQ(code.error().code, "unresolved_symbol");
  EXPECT_THAT(code.error().what, HasSubstr("refers to symbols that it may not see"));
  EXPECT_THAT(code.error().what, HasSubstr("getpid"));
  const size_t at = code.error().where.find("IR in ");
  ASSERT_NE(at, std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(code.error().where.substr(at + 6)));

  int (*const answer)() = [] { return 42; };
  const auto allowed =
      engine({{"getpid", reinterpret_cast<void*>(answer)}}).add(parsed(kCallsOutside), {"f"});
  ASSERT_TRUE(allowed.has_value()) << allowed.error().message();
  EXPECT_EQ(allowed->function<int()>("f")(), 42);
}

TEST(Engine, AnEntryThatDoesNotExistIsNamed) {
  const Engine e = engine();
  const auto code = e.add(constant(1), {"f", "entry"});
  ASSERT_FALSE(code.has_value());
  EXPECT_EQ(code.error().code, "unresolved_symbol");
  EXPECT_THAT(code.error().what, HasSubstr("entry"));
  EXPECT_TRUE(e.add(constant(1), {"f"}).has_value());
}

TEST(Engine, BytesThatAreNoObjectAreRefused) {
  ObjectCode object;
  object.name = "garbage";
  object.bytes.assign(100, 'x');
  object.source = constant(0).text();
  object.failure_directory = testing::TempDir();
  const auto code = engine().link(std::move(object), {"f"});
  ASSERT_FALSE(code.has_value());
  EXPECT_EQ(code.error().code, "link_failed");
  EXPECT_THAT(code.error().what, HasSubstr("module garbage"));
}

TEST(Engine, ThreadsShareOneEngine) {
  const Engine e = engine();
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int n = 0; n < 5; ++n) {
        const auto code = e.add(constant(100 * t + n), {"f"});
        if (!code || code->function<int()>("f")() != 100 * t + n) ++wrong[static_cast<size_t>(t)];
      }
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_THAT(wrong, ::testing::Each(0));
}

}  // namespace
}  // namespace pimjit
