#include "pimjit/core/interp/kernel_interpreter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pimjit/tests/unit/interp/small_machine.h"

namespace pimjit::small_machine {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// Each thread has 16 elements of everything.
constexpr const char* kDouble =
    "copy read t[@thread * 16] <- A[@thread * 16] count 16 "
    "for i = 0 count 16 { t[@thread * 16 + i] = t[@thread * 16 + i] * 2 } "
    "copy write C[@thread * 16] <- t[@thread * 16] count 16";

TEST(KernelInterpreter, RunsEveryInstanceOnItsOwnMemory) {
  const Outcome outcome = run(kernel_text(kDouble), target());
  ASSERT_TRUE(outcome.status) << outcome.status.error().message();
  for (int u = 0; u < 2; ++u) {
    for (int e = 0; e < 64; ++e) EXPECT_EQ(outcome.result(u, e), 2 * (100 * u + e));
  }
}

TEST(KernelInterpreter, LeavesUnitsBeyondTheLaunchAlone) {
  const Outcome outcome = run(kernel_text(kDouble), target());
  for (int u = 2; u < 4; ++u) {
    EXPECT_EQ(poison_of(outcome.c.shadow(u), 256), Poison::uninitialised);
  }
}

TEST(KernelInterpreter, ExchangesValuesAcrossBarriers) {
  const Outcome outcome = run(kernel_text("t[@thread * 2] = @thread t[@thread * 2 + 1] = 7 "
                                          "barrier thread "
                                          "let x = t[(@thread + 1) % 4 * 2] { barrier thread "
                                          "t[@thread * 2] = x } "
                                          "copy write C[@thread * 2] <- t[@thread * 2] count 2"),
                              target());
  ASSERT_TRUE(outcome.status) << outcome.status.error().message();
  for (int t = 0; t < 4; ++t) EXPECT_EQ(outcome.result(0, 2 * t), (t + 1) % 4);
}

TEST(KernelInterpreter, RunsBarriersInsideUniformLoops) {
  // A tree: after round i, slot 0 holds the sum over 2^(i+1) threads.
  const Outcome outcome = run(
      kernel_text("t[@thread] = @thread + 1 barrier thread for i = 0 count 2 { "
                  "if @thread % (2 + 2 * i) == 0 { t[@thread] = t[@thread] + t[@thread + 1 + i] } "
                  "barrier thread } if @thread == 0 { t[1] = 0 copy write C[0] <- t[0] count 2 }"),
      target());
  ASSERT_TRUE(outcome.status) << outcome.status.error().message();
  EXPECT_EQ(outcome.result(1, 0), 1 + 2 + 3 + 4);
}

TEST(KernelInterpreter, CombinesGroupsByDigit) {
  // stride 2, count 2: threads {0, 2} and {1, 3}.
  const Outcome outcome =
      run(kernel_text("t[@thread * 2] = @thread + 1 t[@thread * 2 + 1] = 10 * (@thread + 1) "
                      "combine thread sum t[@thread * 2] elements 2 stride 2 count 2 "
                      "if @thread < 2 { copy write C[@thread * 2] <- t[@thread * 2] count 2 }"),
          target());
  ASSERT_TRUE(outcome.status) << outcome.status.error().message();
  EXPECT_EQ(outcome.result(0, 0), 4);
  EXPECT_EQ(outcome.result(0, 1), 40);
  EXPECT_EQ(outcome.result(0, 2), 6);
  EXPECT_EQ(outcome.result(0, 3), 60);
}

TEST(KernelInterpreter, LeavesOtherSlicesOfACombineUnspecified) {
  EXPECT_THAT(problem("t[@thread] = 1 combine thread max t[@thread] elements 1 stride 1 count 4 "
                      "if @thread == 1 { if t[1] == 1 { t[8] = 1 } }"),
              StartsWith("poison_used: the condition is computed from undefined values"));
}

TEST(KernelInterpreter, ReportsOverlappingSlicesOfACombine) {
  EXPECT_THAT(problem("if @thread == 0 { t[0] = 1 } barrier thread "
                      "combine thread sum t[0] elements 1 stride 1 count 4"),
              StartsWith("race: it writes t[0] and unit 0, thread 0 wrote"));
}

TEST(KernelInterpreter, ChecksBounds) {
  EXPECT_EQ(problem("t[@thread + 61] = 0"),
            "index_out_of_bounds: it stores t[64], which has 64 elements");
  EXPECT_EQ(problem("let x = t[0 - 1] { t[0] = x }"),
            "index_out_of_bounds: it loads t[-1], which has 64 elements");
  EXPECT_EQ(problem("copy read t[0] <- A[60] count 8"),
            "index_out_of_bounds: it reads A[60] to 60 + 8 - 1, which has 64 elements");
}

TEST(KernelInterpreter, NamesStatementAndInstance) {
  const Outcome outcome = run(kernel_text("if @unit == 1 { t[@thread + 61] = 0 }"), target());
  ASSERT_FALSE(outcome.status);
  EXPECT_THAT(outcome.status.error().where, HasSubstr("kernel k, statement 2 (store t)"));
  EXPECT_THAT(outcome.status.error().where, HasSubstr("unit 1, thread 3"));
}

TEST(KernelInterpreter, LoadsNothingThatASelectOrAnAndGuards) {
  EXPECT_EQ(problem("if @thread == 0 { t[0] = select(@thread < 0, t[64], 1) "
                    "if @thread < 0 && t[64] == 0 { t[0] = 2 } "
                    "if @thread == 0 || t[64] == 0 { t[0] = 3 } }"),
            "");
}

TEST(KernelInterpreter, ChecksCopiesAgainstTheLink) {
  EXPECT_THAT(problem("copy read t[@thread * 16] <- A[0] count 1"),
              StartsWith("copy_size: it moves 4 B over link read, which moves 8 to 64 B"));
  EXPECT_THAT(problem("copy read t[0] <- A[0] count 32"), StartsWith("copy_size: it moves 128 B"));
  EXPECT_THAT(problem("copy read t[0] <- A[0] count 3"), StartsWith("copy_size: it moves 12 B"));
  EXPECT_EQ(problem("copy read t[0] <- A[@thread] count 2"),
            "copy_alignment: A[1] is at byte 4 of a buffer aligned to 8; link read needs multiples "
            "of 8");
  EXPECT_THAT(problem("copy read t[3] <- A[0] count 2"), StartsWith("copy_alignment: t[3]"));
  EXPECT_EQ(problem("copy read t[0] <- A[0] count @thread"), "copy_size: it copies 0 elements");
}

TEST(KernelInterpreter, AssumesNoMoreAlignmentThanABufferDeclares) {
  TargetDesc machine = target();
  machine.links[0].alignment = 16;
  EXPECT_THAT(problem("copy read t[@thread * 4] <- A[0] count 4", machine),
              StartsWith("copy_alignment: t[0] is at byte 0 of a buffer aligned to 8"));
}

TEST(KernelInterpreter, KeepsElementsOfCopyOnlyScopesOutOfReach) {
  EXPECT_EQ(problem("C[0] = 1"),
            "element_access: it stores an element of C, which only copies can write");
  EXPECT_EQ(problem("t[0] = A[0]"),
            "element_access: it loads an element of A, which only copies can reach");
}

TEST(KernelInterpreter, ChecksThatReadOnlyBuffersStaySo) {
  EXPECT_EQ(problem("t[@thread * 2] = 0 t[@thread * 2 + 1] = 0 "
                    "copy write A[@thread * 2] <- t[@thread * 2] count 2"),
            "not_written_buffer: it writes A, which is declared as not written");
}

TEST(KernelInterpreter, FindsPoisonWhereItDecides) {
  // Nothing wrote C; copying it is fine, deciding by it is not.
  const std::string fetch = "if @thread == 0 { copy write C[0] <- t[0] count 2 ";
  EXPECT_EQ(problem(fetch + "}"), "");
  const std::string tile = "if @thread == 0 { copy read t[0] <- C[0] count 2 ";
  EXPECT_THAT(problem(tile + "if t[0] == 0 { t[8] = 1 } }"),
              StartsWith("poison_used: the condition is computed from undefined values"));
  EXPECT_THAT(problem(tile + "for i = 0 count t[0] { t[8] = 1 } }"),
              StartsWith("poison_used: the trip count"));
  EXPECT_THAT(problem(tile + "t[t[0] - t[0]] = 1 }"), StartsWith("poison_used: the index"));
  EXPECT_EQ(problem(tile + "t[t[0] * 0] = 1 }"), "");
  EXPECT_THAT(problem(tile + "t[8] = t[t[0]] }"), StartsWith("poison_used: the index of a load"));
  EXPECT_EQ(problem(tile + "t[8] = t[0] + 1 t[9] = select(t[0] < 0, 0, t[0]) }"), "");
}

TEST(KernelInterpreter, FindsReadsOfWhatNothingWrote) {
  EXPECT_EQ(problem("if @thread == 0 { t[1] = t[5] + 1 }"),
            "uninitialised_read: it loads t[5], which nothing wrote");
}

TEST(KernelInterpreter, MovesElementsWrittenOrNot) {
  EXPECT_EQ(problem("if @thread == 0 { t[1] = t[5] }"), "");
  EXPECT_THAT(problem("if @thread == 0 { t[1] = t[5] if t[1] == 0 { t[2] = 0 } }"),
              StartsWith("poison_used: the condition"));
  EXPECT_THAT(problem("if @thread == 0 { t[1] = t[t[5]] }"),
              StartsWith("poison_used: the index of a load is uninitialised"));
}

TEST(KernelInterpreter, FindsTwoWritersOfOneGranule) {
  EXPECT_EQ(problem("if @thread == 2 { t[9] = 1 } if @thread == 3 { t[9] = 1 }"),
            "race: it writes t[9] and unit 0, thread 2 wrote the same granule of 4 B, without a "
            "barrier between");
  TargetDesc machine = target();
  machine.scopes[1].granule = 8;
  EXPECT_EQ(problem("t[@thread] = 1", machine),
            "race: it writes t[1] and unit 0, thread 0 wrote the same granule of 8 B, without a "
            "barrier between");
  EXPECT_EQ(problem("t[@thread * 2] = 1", machine), "");
}

TEST(KernelInterpreter, FindsMissingBarriers) {
  EXPECT_THAT(problem("t[@thread] = 1 let x = t[0] { t[@thread + 8] = x }"),
              StartsWith("race: it reads t[0] and unit 0, thread 0 wrote it"));
  EXPECT_THAT(problem("if @thread == 0 { t[0] = 1 } barrier thread "
                      "let x = t[0] { if @thread == 1 { t[0] = 2 } }"),
              StartsWith("race: it"));
  EXPECT_EQ(problem("t[@thread] = 1 barrier thread let x = t[0] { t[@thread + 8] = x }"), "");
}

TEST(KernelInterpreter, FindsBarriersThatNotAllReach) {
  EXPECT_EQ(problem("if @thread < 2 { barrier thread }"),
            "barrier_not_uniform: a barrier stands inside, but the condition is 0 here and 1 in "
            "unit 0, thread 0");
  EXPECT_THAT(problem("for i = 0 count @thread { barrier thread }"),
              StartsWith("barrier_not_uniform: a barrier stands inside, but the trip count is 1"));
  EXPECT_EQ(problem("if @unit < 1 { barrier thread }"), "");
}

TEST(KernelInterpreter, FindsDivergenceAlongLockstepLevels) {
  const TargetDesc machine = target(LevelKind::lockstep);
  const auto lockstep = [&](const std::string& body) {
    const Outcome outcome = run(kernel_text(body, 2, 4, "lockstep"), machine);
    return outcome.status ? "" : outcome.status.error().code + ": " + outcome.status.error().what;
  };
  EXPECT_EQ(lockstep("t[@thread] = @unit"), "");
  EXPECT_THAT(lockstep("if @unit == 0 { t[@thread] = 1 }"),
              StartsWith("lockstep_divergence: the condition is 0 here and 1 in unit 0, thread 0"));
  EXPECT_THAT(lockstep("t[@thread + 4 * @unit] = 1"), StartsWith("lockstep_divergence: the index"));
  EXPECT_THAT(lockstep("for i = 0 count @unit { t[@thread] = 1 }"),
              StartsWith("lockstep_divergence: the trip count is 1 here and 0"));
  EXPECT_THAT(lockstep("copy read t[@thread * 16] <- A[@unit * 2] count 2"),
              StartsWith("lockstep_divergence: the source"));
  EXPECT_THAT(lockstep("t[@thread] = @unit barrier thread if t[@thread] == 0 { t[@thread] = 1 }"),
              StartsWith("lockstep_divergence: the condition"));
  EXPECT_EQ(lockstep("if @thread == 0 { t[@thread] = 1 }"), "");
}

TEST(KernelInterpreter, FindsResultsThatDependOnTheOrder) {
  InterpreterOptions options;
  options.races = false;  // the same fault, seen by comparing
  const std::string last_wins = "t[0] = @thread t[1] = 0";
  EXPECT_THAT(problem(last_wins, target(), options),
              StartsWith("order_dependence: local memory differs"));
  const std::string out = last_wins +
                          " barrier thread if @thread == 0 { copy write C[0] <- t[0] "
                          "count 2 }";
  EXPECT_EQ(problem(out, target(), options),
            "order_dependence: buffer C, element 0 of scope instance 0 differs between ascending "
            "and descending order of instances");
  options.second_order = false;
  EXPECT_EQ(problem(out, target(), options), "");
}

TEST(KernelInterpreter, RunsParallelLoopsBackwardsTheSecondTime) {
  EXPECT_THAT(problem("for i = 0 count 4 parallel { t[@thread] = i }"),
              StartsWith("order_dependence"));
}

TEST(KernelInterpreter, HoldsBuffersToTheirRange) {
  const std::string body = "if @thread == 0 { copy read t[0] <- A[0] count 4 }";
  EXPECT_TRUE(run(kernel_text(body, 2, 4, "independent", "range 0..5"), target()).status);
  std::string text =
      kernel_text("if @thread == 0 { t[0] = A[9] }", 2, 4, "independent", "range 0..5");
  TargetDesc machine = target();
  machine.scopes[0].element_access = true;
  const Outcome outcome = run(text, machine);
  ASSERT_FALSE(outcome.status);
  EXPECT_EQ(outcome.status.error().what, "A[9] is 9, declared 0..5");
}

TEST(KernelInterpreter, StopsAfterTooManyStatements) {
  InterpreterOptions options;
  options.max_statements = 100;
  EXPECT_EQ(problem("for i = 0 count 1000 { t[@thread] = i }", target(), options),
            "too_many_statements: more than 100 statements have run");
}

TEST(KernelInterpreter, FindsLoopsBeyondTheirType) {
  EXPECT_THAT(problem("for i = 2147483647 count 2 { t[@thread] = i }"),
              StartsWith("loop_overflow: min 2147483647 + extent 2 overflows"));
}

TEST(KernelInterpreter, ChecksWhatIsLaunched) {
  const auto kernel = parse_kernel(kernel_text(""));
  ASSERT_TRUE(kernel);
  ShadowMemory a(2, 256), c(2, 256), narrow(1, 256);
  const TargetDesc machine = target();
  const auto launch = [&](std::vector<int64_t> arguments, std::vector<KernelMemory> memory) {
    const Status status = interpret_kernel(*kernel, &machine, arguments, memory);
    return status ? "" : status.error().what;
  };
  EXPECT_EQ(launch({0, 256}, {{&a}, {&c}, {}}), "");
  EXPECT_THAT(launch({0}, {{&a}, {&c}, {}}), HasSubstr("it got 1 arguments"));
  EXPECT_THAT(launch({4, 256}, {{&a}, {&c}, {}}),
              HasSubstr("begins at byte 4, which is no multiple of its alignment 8"));
  EXPECT_EQ(launch({0, 256}, {{&narrow}, {&c}, {}}),
            "buffer A needs 256 B in 2 instances, has 256 B in 1");
}

}  // namespace
}  // namespace pimjit::small_machine
