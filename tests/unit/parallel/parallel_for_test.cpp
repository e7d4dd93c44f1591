#include "pimjit/jit/parallel/parallel_for.h"

#include <atomic>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

namespace pimjit {
namespace {

struct Visits {
  std::vector<int> count;
  std::atomic<int64_t> shortest{1 << 30}, pieces{0};
};

int visit(void* closure, int64_t from, int64_t to) {
  auto& v = *static_cast<Visits*>(closure);
  for (int64_t i = from; i < to; ++i) ++v.count[static_cast<size_t>(i)];
  ++v.pieces;
  for (int64_t s = v.shortest; to - from < s && !v.shortest.compare_exchange_weak(s, to - from);) {
  }
  return 0;
}

TEST(ParallelFor, VisitsEachOnceInPiecesThatAreLongEnough) {
  ThreadTeam team(2);
  EXPECT_EQ(team.threads(), 2);
  for (const int64_t n : {0, 1, 7, 100, 1000}) {
    for (const int64_t grain : {1, 3, 64, 5000}) {
      Visits v;
      v.count.assign(static_cast<size_t>(n), 0);
      EXPECT_EQ(pimjit_parallel_for(&team, 0, n, grain, visit, &v), 0);
      EXPECT_EQ(v.count, std::vector<int>(static_cast<size_t>(n), 1));
      EXPECT_GE(v.shortest, v.pieces > 1 ? grain : 0) << n << " " << grain;
    }
  }
}

TEST(ParallelFor, WithoutATeamTheCallerDoesItAtOnce) {
  Visits v;
  v.count.assign(100, 0);
  EXPECT_EQ(pimjit_parallel_for(nullptr, 10, 90, 1, visit, &v), 0);
  EXPECT_EQ(v.pieces, 1);
  EXPECT_EQ(std::accumulate(v.count.begin(), v.count.end(), 0), 80);
}

TEST(ParallelFor, ReturnsWhatABodyReturned) {
  ThreadTeam team(2);
  const auto body = [](void*, int64_t from, int64_t to) { return from <= 77 && 77 < to ? 5 : 0; };
  EXPECT_EQ(pimjit_parallel_for(&team, 0, 1000, 10, body, nullptr), 5);
}

}  // namespace
}  // namespace pimjit
