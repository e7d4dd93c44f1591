#include "pimjit/core/schedule/value_range.h"

#include "pimjit/core/support/text.h"
#include "pimjit/tests/unit/schedule/samples.h"

namespace pimjit {
namespace {

// "0..98": of the output, whose axes have 8 iterations each.
std::string range(const std::string& text) {
  std::map<std::string, int64_t> sizes{{"i", 8}};
  if (text.find("k]") != std::string::npos) sizes["k"] = 8;
  const Workload w = samples::computation(text, sizes);
  const Interval values = value_range(w, w.output());
  if (values == full_range(w.tensors.back().dtype)) return "all";
  return cat(values.low, "..", values.high);
}

TEST(ValueRange, FollowsTheBody) {
  EXPECT_EQ(range("C[i] = A[i] + B[i] where A in 0..49, B in -1..49"), "-1..98");
  EXPECT_EQ(range("C[i] = 2 * A[i] - 3 where A in -5..7"), "-13..11");
  EXPECT_EQ(range("C[i] = max(A[i], 0) where A in -5..7"), "0..7");
  EXPECT_EQ(range("C[i] = min(A[i], 10) where A in 3..400"), "3..10");
  EXPECT_EQ(range("C[i] = -A[i] where A in -5..7"), "-7..5");
  EXPECT_EQ(range("C[i] = A[i] * B[i] where A in -5..7, B in -2..3"), "-15..21");
  EXPECT_EQ(range("C[i] = A[i] / 4 where A in 0..49"), "0..12");
}

TEST(ValueRange, OfWhatIsNotDeclaredIsThatOfTheType) {
  EXPECT_EQ(range("C[i] = A[i]"), "all");
  EXPECT_EQ(range("C:i32[i] = A:i8[i] + B:i8[i]"), "-256..254");
  EXPECT_EQ(range("C[i] = A[i] + B[i] where A in 0..49"), "all") << "it may wrap";
  EXPECT_EQ(range("C:f32[i] = A:f32[i] where A in 0..1"), "all");
}

TEST(ValueRange, OfReductions) {
  EXPECT_EQ(range("C[i] += A[i,k] * B[k] where A in 0..49, B in -2..49"), "-784..19208");
  EXPECT_EQ(range("C[i] max= A[i,k] where A in 3..5"), "3..5");
  EXPECT_EQ(range("C[i] *= A[i,k] where A in 0..1"), "all");
  EXPECT_EQ(range("C:i16[i] += A:i16[i,k] where A in 0..5000"), "all") << "40000 is none";
}

TEST(ValueRange, GoesThroughStages) {
  EXPECT_EQ(range("T[i] += A[i,k]; C[i] = max(T[i] - 4, 0) where A in 0..3"), "0..20");
}

}  // namespace
}  // namespace pimjit
