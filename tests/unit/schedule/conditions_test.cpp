// Conditions made of several: each part alone is enough for the refusal.
#include <functional>

#include "pimjit/tests/unit/schedule/samples.h"

namespace pimjit {
namespace {

using samples::computation;
using samples::machine;
using samples::trace_of;

Workload mtv(int64_t i, int64_t k) {
  return computation("mtv", {{"i", i}, {"k", k}});
}

template <typename T>
std::string code_of(const Legal<T>& legal) {
  return legal ? "legal" : to_string(legal.error().code);
}

std::string replayed(const char* trace, const std::function<void(TargetDesc&)>& change = {},
                     int64_t i = 64, int64_t k = 64) {
  const Workload w = mtv(i, k);
  TargetDesc target = machine("simple");
  if (change) change(target);
  return code_of(replay(w, target, trace_of(trace, w, target)));
}

TEST(Conditions, NumbersBelowZeroNameNothing) {
  const Workload w = mtv(8, 8);
  const TargetDesc target = machine("simple");
  Schedule s = Schedule::initial(w);
  EXPECT_EQ(code_of(bind(s, target, 0, 0, -1)), "unknown_level");
  EXPECT_EQ(code_of(cache_read(s, target, 0, -1, 1, kRoot)), "unknown_access");
  EXPECT_EQ(code_of(cache_read(s, target, 0, 0, -1, kRoot)), "unknown_scope");
  EXPECT_EQ(code_of(place(s, w, target, -1, 0, Residency::resident)), "unknown_access");
  EXPECT_EQ(code_of(unroll(s, 0, 1, -1)), "bad_unroll");
}

TEST(Conditions, AnOrderNamesSomeLoopsAndNoMoreThanThereAre) {
  Schedule s = Schedule::initial(mtv(8, 8));
  EXPECT_EQ(code_of(reorder(s, 0, {})), "bad_order");
  EXPECT_EQ(code_of(reorder(s, 0, {0, 1, 2})), "bad_order");
}

TEST(Conditions, APlaceIsReachedByTheHost) {
  const auto placed = [](HostAccess host, bool link, int level) {
    return replayed("bind(i, unit)\nplace(A, scratch, streamed)", [=](TargetDesc& t) {
      t.scopes[1].host = host;
      t.scopes[1].level = level;
      Link write = t.links[0];
      write.to = 1;
      if (link) t.links.push_back(write);
    });
  };
  EXPECT_EQ(placed(HostAccess::none, true, 0), "bad_place");
  EXPECT_EQ(placed(HostAccess::copy, false, 0), "bad_place");
  EXPECT_EQ(placed(HostAccess::copy, true, 1), "bad_place");
  EXPECT_EQ(placed(HostAccess::copy, true, 0), "legal");
}

TEST(Conditions, HostStagesHaveNoDeviceParts) {
  EXPECT_EQ(replayed("cache_read(A, scratch)"), "nothing_bound");
  EXPECT_EQ(replayed("cache_write(scratch)"), "nothing_bound");
  EXPECT_EQ(replayed("rfactor(k)"), "nothing_bound");
  EXPECT_EQ(replayed("decompose_reduction(at=i)"), "nothing_bound");
}

TEST(Conditions, MembersOfACombinationHaveSlicesOfTheirOwn) {
  // Outside the factored loop there is one tile, also when the loop has one value only.
  EXPECT_EQ(replayed("k.0, k.1 = split(k, all)\nreorder(i, k.0, k.1)\nbind(i, unit)\n"
                     "bind(k.0, thread)\nrfactor(k.0)\ncache_write(scratch)"),
            "rfactor_cache");
  // A tile that instances of another loop share.
  EXPECT_EQ(replayed("i.0, i.1, i.2 = split(i, 2, 2)\nk.0, k.1 = split(k, 16)\n"
                     "reorder(i.0, k.0, i.1, k.1, i.2)\nbind(i.0, unit)\nbind(k.0, thread)\n"
                     "bind(i.1, thread)\nrfactor(k.0)\ncache_write(scratch, at=k.0)"),
            "rfactor_cache");
  // A scope that the members do not share.
  EXPECT_EQ(replayed("k.0, k.1 = split(k, 16)\nreorder(i, k.0, k.1)\nbind(i, unit)\n"
                     "bind(k.0, thread)\nrfactor(k.0)\ncache_write(scratch, at=k.0)",
                     [](TargetDesc& t) { t.scopes[1].level = 1; }),
            "rfactor_cache");
}

TEST(Conditions, ALeaderIsToldApartByAConditionOnItsIndex) {
  const char* combined =
      "k.0, k.1 = split(k, 16)\nreorder(i, k.0, k.1)\nbind(i, unit)\nbind(k.0, thread)\n"
      "rfactor(k.0)\ncache_write(scratch, at=k.0)";
  EXPECT_EQ(replayed(combined), "legal");
  EXPECT_EQ(replayed(combined, [](TargetDesc& t) { t.levels[1].kind = LevelKind::lockstep; }),
            "combine_needs_condition");
  EXPECT_EQ(replayed(combined, [](TargetDesc& t) { t.limits.control_flow = false; }),
            "combine_needs_condition");
}

TEST(Conditions, ResultsNeedAScopeThatKernelsWrite) {
  const auto read_only = [](TargetDesc& t) { t.scopes[1].element_writes = false; };
  EXPECT_EQ(replayed("bind(i, unit)\ncache_read(A, scratch, at=i)\ncache_read(B, scratch, at=i)\n"
                     "cache_write(scratch, at=i)",
                     read_only),
            "scope_not_accessible");
}

}  // namespace
}  // namespace pimjit
