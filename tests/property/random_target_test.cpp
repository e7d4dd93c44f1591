#include "pimjit/tests/support/random_target.h"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

TEST(RandomTarget, IsAlwaysValid) {
  for (uint64_t seed = 0; seed < 5000; ++seed) {
    RandomStream random(seed, "target");
    const TargetDesc target = random_target(random);
    const Status status = check_target(target);
    ASSERT_TRUE(status.has_value()) << "seed " << seed << ": " << status.error().message() << "\n"
                                    << structure_text(target);
  }
}

TEST(RandomTarget, EqualStreamsGiveEqualMachines) {
  RandomStream first(7, "target");
  RandomStream second(7, "target");
  EXPECT_EQ(model_key(random_target(first), ""), model_key(random_target(second), ""));
}

// Each kind of machine the property tests are meant to meet turns up often.
TEST(RandomTarget, CoversTheKindsOfMachines) {
  std::map<std::string, int> seen;
  constexpr int kDraws = 1000;
  for (int seed = 0; seed < kDraws; ++seed) {
    RandomStream random(static_cast<uint64_t>(seed), "cover");
    const TargetDesc target = random_target(random);
    const Scope& home = target.scopes[static_cast<size_t>(target.home_scope())];
    ++seen[cat("depth ", target.levels.size())];
    ++seen[cat("granule ", home.granule)];
    ++seen[cat("innermost ", to_string(target.levels.back().kind))];
    ++seen[cat("home ", to_string(home.host))];
    ++seen[home.element_access ? "elements" : "copies only"];
    ++seen[target.find_scope("scratch") < 0 ? "no scratch" : "scratch"];
    ++seen[target.reduction_stages.size() > 1 ? "device reduction" : "host reduction"];
    ++seen[target.unit_level() + 1 < static_cast<int>(target.levels.size()) ? "threads in units"
                                                                            : "units alone"];
    for (const Link& link : target.links) {
      if (link.min_bytes > link.multiple) ++seen["raised minimum"];
      if (link.max_bytes != INT64_MAX) ++seen["bounded copies"];
    }
  }
  for (const char* kind : {"depth 1",
                           "depth 2",
                           "depth 3",
                           "granule 1",
                           "granule 2",
                           "granule 4",
                           "granule 8",
                           "granule 16",
                           "granule 32",
                           "granule 64",
                           "innermost independent",
                           "innermost lane",
                           "innermost lockstep",
                           "home copy",
                           "home direct",
                           "elements",
                           "copies only",
                           "scratch",
                           "no scratch",
                           "device reduction",
                           "host reduction",
                           "threads in units",
                           "units alone",
                           "raised minimum",
                           "bounded copies"}) {
    EXPECT_GE(seen[kind], kDraws / 20) << kind;
  }
}

}  // namespace
}  // namespace pimjit
