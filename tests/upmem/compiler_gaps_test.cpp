#include <random>

#include <gtest/gtest.h>

#include "pimjit/plugins/upmem/compiler/gaps.h"

namespace pimjit::upmem {
namespace {

// Intervals by hand; the code only says which are pairs.
struct Sample {
  Code code;
  std::vector<Interval> intervals;

  int add(std::vector<LiveRange> live, bool pair = false, std::uint32_t forbidden = 0) {
    Interval interval;
    interval.vreg = code.make(pair).id;
    interval.start = live.front().start;
    interval.end = live.back().end;
    interval.live = std::move(live);
    interval.forbidden = forbidden;
    intervals.push_back(interval);
    return interval.vreg;
  }
  std::vector<int> fit(std::uint32_t reserved = 0) const {
    return fit_into_gaps(code, intervals, std::vector<int>(code.is_pair.size(), -1), reserved);
  }
  std::uint32_t mask(int vreg, int reg) const {
    return (code.is_pair[static_cast<std::size_t>(vreg)] ? 3u : 1u) << reg;
  }
};

bool overlap(const Interval& a, const Interval& b) {
  for (const LiveRange& x : a.live)
    for (const LiveRange& y : b.live)
      if (x.start <= y.end && y.start <= x.end) return true;
  return false;
}

// What is wrong with the registers.
std::string mistake(const Sample& sample, const std::vector<int>& registers) {
  for (const Interval& a : sample.intervals) {
    const int reg = registers[static_cast<std::size_t>(a.vreg)];
    const std::uint32_t mask = sample.mask(a.vreg, reg);
    if (reg < 0 || mask >= 1u << 24) return "no register";
    if (mask & a.forbidden) return "forbidden";
    if (sample.code.is_pair[static_cast<std::size_t>(a.vreg)] && reg % 2 != 0) return "odd pair";
    for (const Interval& b : sample.intervals) {
      const std::uint32_t other = sample.mask(b.vreg, registers[static_cast<std::size_t>(b.vreg)]);
      if (a.vreg < b.vreg && (mask & other) && overlap(a, b)) return "shared while both live";
    }
  }
  return "";
}

TEST(CompilerGaps, ValuesLieInTheGapsOfOthers) {
  Sample sample;
  for (int n = 0; n < 24; ++n) sample.add({{0, 10}, {30, 40}});
  for (int n = 0; n < 24; ++n) sample.add({{12, 28}});
  const std::vector<int> registers = sample.fit();
  ASSERT_FALSE(registers.empty());
  EXPECT_EQ(mistake(sample, registers), "");
}

TEST(CompilerGaps, TwentyFiveAtOnceAreTooMany) {
  Sample sample;
  for (int n = 0; n < 24; ++n) sample.add({{n, 50}});
  EXPECT_FALSE(sample.fit().empty());
  EXPECT_TRUE(sample.fit(1u << 7).empty()) << "one of them is reserved";
  sample.add({{49, 60}});
  EXPECT_TRUE(sample.fit().empty());
}

TEST(CompilerGaps, PairsAreNotShutOutByWordsThatCameFirst) {
  Sample sample;
  // By start, the words would take one half of each pair but one.
  for (int n = 0; n < 12; ++n) sample.add({{n, 100}}, false, n < 11 ? 0xaaaaaau : 0);
  for (int n = 0; n < 6; ++n) sample.add({{20 + n, 90}}, true);
  EXPECT_TRUE(sample.fit().empty()) << "eleven words leave whole pairs to one only";
  sample.intervals.erase(sample.intervals.begin(), sample.intervals.begin() + 6);
  const std::vector<int> registers = sample.fit();
  ASSERT_FALSE(registers.empty());
  EXPECT_EQ(mistake(sample, registers), "");
}

TEST(CompilerGaps, RandomOnesNeverShareWhileBothLive) {
  std::mt19937 random(1);
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  int fitting = 0;
  for (int round = 0; round < 300; ++round) {
    Sample sample;
    const int count = 10 + below(60);
    for (int n = 0; n < count; ++n) {
      std::vector<LiveRange> live;
      int at = below(200);
      for (int part = 0; part <= below(4); ++part) {
        const int end = at + below(25);
        live.push_back({at, end});
        at = end + 2 + below(30);
      }
      sample.add(live, below(4) == 0, below(3) == 0 ? random() & 0xffffff & random() : 0);
    }
    const std::vector<int> registers = sample.fit();
    if (registers.empty()) continue;
    ++fitting;
    ASSERT_EQ(mistake(sample, registers), "") << "round " << round;
  }
  EXPECT_GT(fitting, 100);
  EXPECT_LT(fitting, 300);
}

}  // namespace
}  // namespace pimjit::upmem
