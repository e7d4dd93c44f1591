// Memory that gives out while code is generated and linked, at one allocation after the other.
#include <cstdlib>
#include <filesystem>
#include <new>

#include <gtest/gtest.h>

#include "pimjit/jit/engine/engine.h"
#include "pimjit/tests/support/sample_ir.h"

// Sanitizers bring allocation functions of their own.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {

thread_local int64_t allocations_left = -1;  // negative: any number

void* allocate(std::size_t bytes) {
  if (allocations_left == 0) {
    allocations_left = -1;  // this one only
    throw std::bad_alloc();
  }
  if (allocations_left > 0) --allocations_left;
  void* const memory = std::malloc(bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t bytes) {
  return allocate(bytes);
}
void* operator new[](std::size_t bytes) {
  return allocate(bytes);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace pimjit {
namespace {

const char* const kSum = R"(
define i32 @sum(ptr noalias %a, i64 %n) {
start:
  br label %loop
loop:
  %i = phi i64 [ 0, %start ], [ %next, %loop ]
  %s = phi i32 [ 0, %start ], [ %t, %loop ]
  %p = getelementptr i32, ptr %a, i64 %i
  %x = load i32, ptr %p
  %t = add i32 %s, %x
  %next = add i64 %i, 1
  %more = icmp slt i64 %next, %n
  br i1 %more, label %loop, label %end
end:
  ret i32 %t
})";

int64_t allocations_of_one() {
  auto engine = Engine::create();
  constexpr int64_t kMany = int64_t{1} << 40;
  auto ir = test::parsed(kSum);
  allocations_left = kMany;
  const auto code = engine->add(std::move(ir), {"sum"});
  const int64_t left = allocations_left;
  allocations_left = -1;
  EXPECT_TRUE(code);
  return kMany - left;
}

// The error when the allocation after `at` others fails; none where LLVM did without.
Status with_one_failure(int64_t at, const CompileOptions& options) {
  const auto engine = Engine::create();
  auto ir = test::parsed(kSum);
  const std::vector<std::string> entries{"sum"};
  allocations_left = at;
  const auto code = engine->add(std::move(ir), entries, options);
  allocations_left = -1;
  return code ? Status{} : fail(code.error());
}

TEST(OutOfMemory, AnywhereIsAnErrorOfOurs) {
  allocations_of_one();
  const int64_t all = allocations_of_one();
  ASSERT_GT(all, 100);
  const char* const wanted = std::getenv("PIMJIT_ALLOCATIONS");
  const int64_t tries = wanted != nullptr ? std::atoll(wanted) : 60;
  CompileOptions options;
  options.failure_directory = testing::TempDir() + "pimjit_out_of_memory_test";
  int64_t failures = 0, dumps = 0;
  for (int64_t n = 0; n < tries; ++n) {
    const int64_t at = all * n / tries;
    const Status status = with_one_failure(at, options);
    if (status) continue;
    ++failures;
    dumps += status.error().where.find("IR in ") != std::string::npos;
    EXPECT_EQ(status.error().code, "out_of_memory") << "allocation " << at << " of " << all;
  }
  EXPECT_GT(failures, tries / 2);
  EXPECT_GT(dumps, failures / 2);
  EXPECT_GT(allocations_of_one(), 100) << "and it goes on";
  std::filesystem::remove_all(options.failure_directory);
}

}  // namespace
}  // namespace pimjit

#endif
