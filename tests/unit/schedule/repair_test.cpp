#include "pimjit/tests/unit/schedule/samples.h"

namespace pimjit {
namespace {

using samples::computation;
using samples::kMatrixVector;
using samples::machine;
using samples::trace_of;

struct Outcome {
  std::string trace;    // on one line
  std::string repairs;  // "instruction.decision from->to reason; ..."
};

Outcome repaired(const Workload& w, const TargetDesc& target, const char* text) {
  auto result = replay_with_repair(w, target, trace_of(text, w, target));
  if (!result) {
    const Error error = render(result.error(), w, target, nullptr, nullptr);
    return {"", error.code + ": " + error.what};
  }
  EXPECT_TRUE(replay(w, target, result->trace).has_value());
  Outcome outcome{to_line(result->trace, w, target), ""};
  for (const Repair& r : result->repairs) {
    if (!outcome.repairs.empty()) outcome.repairs += "; ";
    outcome.repairs += std::to_string(r.instruction) + "." + std::to_string(r.decision) + " " +
                       std::to_string(r.from) + "->" + std::to_string(r.to) + " " +
                       to_string(r.reason);
  }
  return outcome;
}

Workload mtv(int64_t i, int64_t k) {
  return computation("mtv", {{"i", i}, {"k", k}});
}

TEST(Repair, LeavesALegalTraceAlone) {
  const Workload w = mtv(2048, 64);
  const TargetDesc target = machine("simple");
  const Trace trace = trace_of(kMatrixVector, w, target);
  auto result = replay_with_repair(w, target, trace);
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->trace, trace);
  EXPECT_TRUE(result->repairs.empty());
}

TEST(Repair, FactorsAreClamped) {
  const Outcome o = repaired(mtv(100, 10), machine("simple"), kMatrixVector);
  EXPECT_EQ(o.repairs, "1.0 16->10 bad_factor");
}

TEST(Repair, TilesGrowForUnitsAndShrinkForCapacity) {
  const Outcome o = repaired(mtv(4096, 64), machine("simple"), kMatrixVector);
  EXPECT_EQ(o.repairs, "0.1 4->8 level_overflow; 1.0 16->8 scope_overflow");
}

TEST(Repair, APartThatIsBoundGrowsWhereItsLevelHasRoom) {
  const char* all_bound = "split(i, 7)\nbind(i.0, unit)\nbind(i.1, thread)";
  EXPECT_EQ(repaired(mtv(450, 8), machine("simple"), all_bound).repairs, "0.0 7->8 level_overflow");
  EXPECT_EQ(repaired(mtv(512, 8), machine("simple"), all_bound).repairs, "0.0 7->8 level_overflow");
  EXPECT_EQ(repaired(mtv(513, 8), machine("simple"), all_bound).repairs,
            "level_overflow: 74 instances of unit are needed, there are 64");
  // Of two bound parts the one with room; a part that is not bound goes first.
  EXPECT_EQ(repaired(mtv(450, 8), machine("simple"),
                     "split(i, 1, 7)\nbind(i.0, unit)\nbind(i.1, thread)\nbind(i.2, thread)")
                .repairs,
            "0.1 7->8 level_overflow");
  EXPECT_EQ(
      repaired(mtv(450, 8), machine("simple"), "split(i, 7, 1)\nbind(i.0, unit)\nbind(i.1, thread)")
          .repairs,
      "0.1 1->2 level_overflow");
}

TEST(Repair, AMemberOfAFusionShrinks) {
  const Workload w = computation("C[i,j] = A[i,j]", {{"i", 64}, {"j", 64}});
  const Outcome o = repaired(w, machine("simple"),
                             "split(i, 2)\nsplit(j, 16)\nreorder(i.0, j.0, i.1, j.1)\n"
                             "fuse(i.0, j.0)\nbind(i.0*j.0, unit)");
  EXPECT_EQ(o.repairs, "0.0 2->4 level_overflow");
}

TEST(Repair, PaddingWhereNothingCanBeGuarded) {
  const Outcome o = repaired(mtv(30, 8), machine("lockstep"), "split(i, 4)\nbind(i.0, bank)");
  EXPECT_EQ(o.repairs, "0.-2 0->1 guard_without_control_flow");
  EXPECT_EQ(o.trace, "i.0, i.1 = split(i, 4, edge=pad); bind(i.0, bank)");
}

TEST(Repair, AGuardWhereNothingIsNeutral) {
  const Workload w = computation("C[i] += A[i,k] + B[i]", {{"i", 30}, {"k", 64}});
  const Outcome o = repaired(w, machine("simple"), "split(k, 10, edge=pad)\nbind(i, unit)");
  EXPECT_EQ(o.repairs, "0.-2 1->0 no_neutral_padding");
}

TEST(Repair, DivisorsWhereNeitherWorks) {
  const Workload w = computation("C[i] += A[i,k] + B[i]", {{"i", 16}, {"k", 64}});
  const Outcome o = repaired(w, machine("lockstep"), "split(k, 10)\nbind(i, bank)");
  EXPECT_EQ(o.repairs, "0.-2 0->1 guard_without_control_flow; 0.0 10->8 no_neutral_padding");
}

TEST(Repair, RolesThatBecameIllegalGo) {
  EXPECT_EQ(repaired(mtv(8, 8), machine("simple"), "bind(i, unit)\nunroll(k, 16)").repairs,
            "1.0 16->8 bad_unroll");
  EXPECT_EQ(repaired(mtv(8, 1), machine("simple"), "bind(i, unit)\nunroll(k, 16)").repairs,
            "1.-1 0->0 bad_unroll");
  EXPECT_EQ(repaired(mtv(8, 8), machine("simple"),
                     "bind(i, unit)\nsplit(k, 4)\nvectorize(k.0)\nunroll(k.1, 2)")
                .trace,
            "bind(i, unit); k.0, k.1 = split(k, 4); unroll(k.1, 2)");
  EXPECT_EQ(repaired(mtv(8, 8), machine("simple"), "bind(i, unit)\nparallel(k)").trace,
            "bind(i, unit)");
}

TEST(Repair, GivesUpWithTheRejectionThatRemains) {
  EXPECT_EQ(repaired(mtv(100, 8), machine("simple"), "bind(i, unit)").repairs,
            "level_overflow: 100 instances of unit are needed, there are 64");
  EXPECT_EQ(
      repaired(mtv(8, 8), machine("simple"), "reorder(k, i)\nbind(k, unit)").repairs,
      "reduction_without_rfactor: loop 1 is a reduction loop that runs in parallel and is not "
      "factored");
}

TEST(Repair, RelativeDecisionsAreRepairedToAbsoluteOnes) {
  const Outcome o = repaired(mtv(2048, 256), machine("simple"),
                             "i.0, i.1, i.2 = split(i, 8, 4)\nk.0, k.1 = split(k, all)\n"
                             "bind(i.0, unit)\nbind(i.1, thread)\ncache_read(A, scratch, at=k.0)");
  EXPECT_EQ(o.repairs, "1.0 256->64 scope_overflow");
}

}  // namespace
}  // namespace pimjit
