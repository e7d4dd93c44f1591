#include "pimjit/plugins/sim/machine/routine_shares.h"

#include <gtest/gtest.h>

#include "pimjit/plugins/upmem/assembler/assembler.h"

namespace pimjit::sim {
namespace {

using Sums = std::map<int, std::uint64_t>;

// Two statements of three and two instructions; a routine that both call, and one that it calls.
struct Sample {
  Sample() {
    const auto elf = upmem::assemble_elf(
        "main: add r0, r0, 1\n call r23, zero, outer\n add r0, r0, 1\n"  // statement 5
        " call r23, zero, outer\n call r22, zero, inner\n"               // statement 7
        "end: stop true, end\n"
        "outer: add r1, r1, 1\n call r22, zero, inner\n call zero, r23, 0\n"
        "inner: add r2, r2, 1\n call zero, r22, 0\n",
        "k.s");
    EXPECT_TRUE(elf) << elf.error().message();
    program = upmem::Program::from_elf(*elf).value();
    lines.add(0, 5);
    lines.add(3, 7);
    lines.add(5, upmem::LineMap::kNoStatement);
  }
  Sums added(const std::vector<std::uint64_t>& counts) const {
    Sums sums{{5, 1000}};
    RoutineShares(*program, lines).add(counts, sums);
    return sums;
  }
  std::shared_ptr<const upmem::Program> program;
  upmem::LineMap lines;
};

TEST(RoutineShares, GoToTheCallersInProportionToTheirCalls) {
  // outer: 3 calls from 5, 1 from 7; inner: 4 from outer, 4 from 7.
  const Sums sums = Sample().added({3, 3, 3, 1, 4, 1, 4, 4, 4, 8, 8});
  // Of outer's 12 instructions 9 and 3; of inner's 16, eight through outer as 6 and 2, and 8 of
  // 7's.
  EXPECT_EQ(sums, (Sums{{5, 1000 + 9 + 6}, {7, 3 + 2 + 8}}));
}

TEST(RoutineShares, KeepTheWholeWhenTheyDoNotDivide) {
  const Sums sums = Sample().added({1, 1, 1, 2, 0, 1, 10, 0, 0, 0, 0});
  EXPECT_EQ(sums, (Sums{{5, 1000 + 3}, {7, 7}}));
}

TEST(RoutineShares, AreNobodysWithoutACall) {
  EXPECT_EQ(Sample().added({1, 0, 1, 0, 0, 1, 10, 10, 10, 5, 5}), (Sums{{5, 1000}}));
}

}  // namespace
}  // namespace pimjit::sim
