#include "pimjit/jit/llvm/fatal_guard.h"

#include <gtest/gtest.h>

namespace pimjit {
namespace {

TEST(FatalGuard, OutOfMemoryIsAnErrorOfOurs) {
  for (const bool inside : {true, false}) {
    const Status s = guard_llvm([&] {
      if (inside) throw LlvmFatal("Allocation failed", true);
      throw std::bad_alloc();
    });
    ASSERT_FALSE(s.has_value());
    EXPECT_EQ(s.error().origin, Origin::internal);
    EXPECT_EQ(s.error().code, "out_of_memory");
    EXPECT_EQ(s.error().message(),
              "there is not enough memory to generate code\n"
              "  hint: free memory, or compile fewer modules at the same time");
  }
}

TEST(FatalGuard, OtherExceptionsPass) {
  EXPECT_THROW(static_cast<void>(guard_llvm([] { throw std::runtime_error("not ours"); })),
               std::runtime_error);
}

TEST(FatalGuard, WithoutTroubleThereIsNoError) {
  EXPECT_TRUE(guard_llvm([] {}).has_value());
}

}  // namespace
}  // namespace pimjit
