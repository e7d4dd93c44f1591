#include "pimjit/search/model/candidate_features.h"

#include <gtest/gtest.h>

#include "pimjit/tests/support/lowered_samples.h"

namespace pimjit {
namespace {

double bound(const std::string& computation, const std::vector<int>& resident = {}) {
  return bound_ns(*test::sample_workload(computation, "i=4096,k=512"),
                  *test::sample_target("simple"), resident);
}

const std::string kProduct = "C[i] += A[i,k] * B[k]";

// A quarter of the bytes may be all that has to go: the bound of wide inputs would be none.
TEST(CandidateFeatures, TheBoundKnowsThatInputsMayBeNarrow) {
  const double wide = bound(kProduct), narrow = bound(kProduct + " where A in 0..49");
  const double without = bound(kProduct, {0});
  EXPECT_LT(without, narrow);
  EXPECT_LT(narrow, without + (wide - without) / 3);
  EXPECT_GT(narrow, without + (wide - without) / 5);
  // What stays is not sent, whatever its type.
  EXPECT_EQ(bound(kProduct + " where A in 0..49", {0}), without);
}

}  // namespace
}  // namespace pimjit
