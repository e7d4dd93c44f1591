#include "pimjit/search/space/design_space.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "pimjit/core/support/text.h"
#include "pimjit/search/space/tiling.h"
#include "pimjit/tests/support/lowered_samples.h"

namespace pimjit {
namespace {

struct Case {
  const char* target;
  const char* computation;
  const char* sizes;
};

DesignSpace space_of(const Case& c) {
  return DesignSpace(test::sample_workload(c.computation, c.sizes), test::sample_target(c.target));
}

class DesignSpaces : public testing::TestWithParam<Case> {};

// Without a word about the machine but its description, a fair share of what is drawn is legal, and
// of what is changed even more.
TEST_P(DesignSpaces, DrawsLegalSchedulesFromTheDescriptionAlone) {
  const DesignSpace space = space_of(GetParam());
  RandomStream random(1, "draw");
  std::map<std::string, int> rejected;
  std::set<uint64_t> distinct;
  int legal = 0, legal_changes = 0, changes = 0;
  constexpr int kDraws = 600;
  for (int d = 0; d < kDraws; ++d) {
    const auto& families = space.families();
    const DesignFamily family = families[static_cast<size_t>(d) % families.size()];
    Point point = space.sample(family, random);
    const Trace trace = space.emit(point);
    const auto schedule = replay(space.workload(), space.target(), trace);
    if (!schedule) {
      ++rejected[to_string(schedule.error().code)];
      continue;
    }
    ++legal;
    distinct.insert(trace_hash(trace));
    for (int m = 0; m < 3; ++m, ++changes) {
      legal_changes +=
          replay(space.workload(), space.target(), space.emit(space.mutate(point, random)))
              .has_value();
    }
  }
  std::string why;
  for (const auto& [code, count] : rejected) why += cat(code, " ", count, "; ");
  RecordProperty("rejected", why);
  EXPECT_GT(legal, kDraws / 10) << why;
  EXPECT_GT(legal_changes * 3, changes * 2) << why;
  EXPECT_GT(static_cast<int>(distinct.size()), legal / 3);
  if (std::getenv("PIMJIT_SHOW_SPACE") != nullptr) {
    std::printf("%s %s: %d legal of %d, %d of %d changes, %zu distinct; %s\n", GetParam().target,
                GetParam().computation, legal, kDraws, legal_changes, changes, distinct.size(),
                why.c_str());
  }
}

TEST_P(DesignSpaces, PointsBelongToTheFamilyTheyWereDrawnFrom) {
  const DesignSpace space = space_of(GetParam());
  RandomStream random(2, "draw");
  for (const DesignFamily& family : space.families()) {
    int same = 0;
    for (int d = 0; d < 50; ++d) same += space.family_of(space.sample(family, random)) == family;
    EXPECT_GT(same, 25) << family.text();
  }
}

TEST_P(DesignSpaces, EqualStreamsGiveEqualPoints) {
  const DesignSpace space = space_of(GetParam());
  RandomStream one(3, "draw"), two(3, "draw");
  for (int d = 0; d < 20; ++d) {
    const Point a = space.sample(space.families().back(), one);
    const Point b = space.sample(space.families().back(), two);
    ASSERT_EQ(a, b);
    ASSERT_EQ(space.mutate(a, one), space.mutate(b, two));
    ASSERT_EQ(space.cross(a, b, one), space.cross(a, b, two));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, DesignSpaces,
    testing::Values(Case{"simple", "mtv", "i=1000,k=700"}, Case{"simple", "va", "i=5000"},
                    Case{"simple", "red", "i=4096"}, Case{"simple", "ttv", "i=12,j=30,k=128"},
                    Case{"simple", "mmtv", "i=6,j=20,k=64"},
                    Case{"simple", "gemm", "i=40,j=30,k=64"}, Case{"lockstep", "mtv", "i=300,k=64"},
                    Case{"lockstep", "va", "i=900"}, Case{"direct", "mtv", "i=300,k=256"},
                    Case{"direct", "gemm", "i=64,j=48,k=32"}),
    [](const auto& of) { return cat(of.param.target, "_", of.param.computation); });

TEST(DesignSpace, ResidentTensorsArePlacedInEverySchedule) {
  const auto workload = test::sample_workload("mtv", "i=64,k=64");
  const DesignSpace space(workload, test::sample_target("simple"), {.resident = {0}});
  RandomStream random(1, "draw");
  const Trace trace = space.emit(space.sample(space.families()[0], random));
  ASSERT_FALSE(trace.instructions.empty());
  EXPECT_EQ(trace.instructions[0].kind, PrimitiveKind::place);
  EXPECT_EQ(trace.instructions[0].residency, Residency::resident);
}

TEST(DesignSpace, WhatHasARangeMayBeNarrow) {
  const auto narrow_in = [](const char* computation, const char* target) {
    const DesignSpace space(test::sample_workload(computation, "i=64,k=64"),
                            test::sample_target(target));
    std::map<int, int> narrow;
    RandomStream random(1, "draw");
    Point point = space.sample(space.families()[0], random);
    for (int d = 0; d < 400; ++d) {
      for (const Instruction& in : space.emit(point).instructions) {
        if (in.narrow) ++narrow[in.access];
      }
      point = random.chance(0.1) ? space.sample(space.families()[0], random)
                                 : space.mutate(point, random);
    }
    return narrow;
  };
  const auto both = narrow_in("C[i] += A[i,k] * B[k] where A in 0..9, B in -5..300", "simple");
  EXPECT_EQ(both.size(), 2u);
  for (const auto& [tensor, often] : both) EXPECT_GT(often, 100) << tensor;
  EXPECT_EQ(narrow_in("C[i] += A[i,k] * B[k] where B in 0..9", "simple").size(), 1u);
  EXPECT_EQ(narrow_in("C[i] += A[i,k] * B[k]", "simple").size(), 0u);
  EXPECT_EQ(narrow_in("C[i,k] = A[i,k] + 1 where A in 0..9", "simple").size(), 2u) << "the output";
  // Where the device works on the host's memory there is nothing to convert.
  EXPECT_EQ(narrow_in("C[i] += A[i,k] * B[k] where B in 0..9", "direct").size(), 0u);
}

// How the host adds up shows in measured times only; a modelled machine has nothing to choose.
TEST(DesignSpace, MeasuredMachinesChooseHowTheHostAddsUp) {
  const auto workload = test::sample_workload("red", "i=4096");
  auto target = std::make_shared<TargetDesc>(*test::sample_target("simple"));
  const auto chosen = [&](TimeOrigin origin) {
    target->origin = origin;
    const DesignSpace space(workload, std::make_shared<const TargetDesc>(*target));
    RandomStream random(1, "draw");
    std::set<std::string> names;
    for (int d = 0; d < 300; ++d) {
      Point point =
          space.sample(space.families()[static_cast<size_t>(d) % space.families().size()], random);
      for (int m = 0; m < 3; ++m) point = space.mutate(point, random);
      const Trace trace = space.emit(point);
      const auto schedule = replay(*workload, space.target(), trace);
      if (schedule && final_reduction(*schedule, 0) == FinalReduction{}) continue;
      names.insert(trace.names.begin(), trace.names.end());
    }
    return names;
  };
  EXPECT_EQ(chosen(TimeOrigin::modelled), std::set<std::string>{});
  EXPECT_EQ(chosen(TimeOrigin::measured),
            (std::set<std::string>{"reduce_group", "reduce_threads"}));
}

TEST(DesignSpace, IdsTellSpacesApart) {
  const auto workload = test::sample_workload("mtv", "i=64,k=64");
  const auto target = test::sample_target("simple");
  const std::set<std::string> ids = {
      DesignSpace(workload, target).id(), DesignSpace(workload, target, {.resident = {0}}).id(),
      DesignSpace(workload, target, {.split_reductions = false}).id(),
      DesignSpace(test::sample_workload("mtv", "i=64,k=65"), target).id(),
      DesignSpace(workload, test::sample_target("direct")).id()};
  EXPECT_EQ(ids.size(), 5u);
  EXPECT_EQ(DesignSpace(workload, target).id(), DesignSpace(workload, target).id());
}

TEST(Tiling, DrawsFactorsInRange) {
  RandomStream random(1, "factors");
  for (const int64_t n : {1, 2, 7, 97, 96, 4096, 12288}) {
    for (int d = 0; d < 200; ++d) {
      const int64_t limit = random.between(1, 300);
      const int64_t factor = draw_factor(n, limit, random);
      ASSERT_GE(factor, 1);
      ASSERT_LE(factor, std::min(n, limit));
    }
    const std::vector<int64_t> divisors = divisors_of(n);
    EXPECT_EQ(divisors.front(), 1);
    EXPECT_EQ(divisors.back(), n);
    EXPECT_TRUE(std::is_sorted(divisors.begin(), divisors.end()));
    EXPECT_EQ(n % draw_prime_factor(n, random), 0);
  }
}

}  // namespace
}  // namespace pimjit
