// pimjit tune as its users meet it: in processes of their own, interrupted, killed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pimjit/tests/cli/command_line.h"

namespace pimjit {
namespace {

using ::testing::HasSubstr;

const std::string kTune = "tune mtv --size i=100,k=70 --target toy --json ";

TEST(Tune, InProcessesOfTheirOwnFindsTheSame) {
  const Ran here = pimjit_command(kTune + "--trials 30 --no-db --jobs 1");
  const Ran apart = pimjit_command(kTune + "--trials 30 --no-db --jobs 2 --isolate");
  ASSERT_EQ(here.status, 0) << here.err;
  ASSERT_EQ(apart.status, 0) << apart.err;
  for (const char* same : {"candidates", "best_ns", "schedule", "verdicts"}) {
    EXPECT_EQ(here.json()[same], apart.json()[same]) << same;
  }
}

TEST(Tune, TellsOfSchedulesThatHang) {
  const Ran ran = pimjit_command(
      "tune mtv --size i=40,k=24 --target faulty:does=hang --json --trials 2 --no-db "
      "--no-baselines --isolate --timeout 0.3");
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.json()["verdicts"]["timeout"], 2) << ran.out;
  EXPECT_THAT(ran.err, HasSubstr("none of 2 measured schedules works"));
}

TEST(Tune, WithoutABudgetTakesTheDefaultScheduleAndSaysSo) {
  for (const std::string budget : {"--trials 0", "--seconds 0", "--seconds 0 --trials 5"}) {
    const Ran ran = pimjit_command(kTune + "--no-db " + budget);
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("nothing is searched: the default schedule is used"));
    EXPECT_EQ(ran.json()["trials"], 0);
    EXPECT_THAT(ran.json()["schedule"].get<std::string>(), HasSubstr("bind(")) << ran.out;
  }
}

TEST(Tune, KeepsWhatItHasWhenTheDeviceVanishes) {
  const Ran ran = pimjit_command(
      "tune mtv --size i=40,k=24 --target faulty:does=vanish --trials 200 --jobs 1 --json --db "
      "a.db");
  EXPECT_EQ(ran.status, 2) << ran.err;
  EXPECT_THAT(ran.err, ::testing::ContainsRegex("error\\[device_gone\\]: the device is gone after "
                                                "[0-9]+ trials: unavailable: .*it was "
                                                "unplugged"));
  EXPECT_THAT(ran.err, HasSubstr("hint: the same command goes on when it is back"));
  const auto answer = ran.json();
  EXPECT_GT(answer["trials"].get<int>(), 3);
  EXPECT_EQ(answer["verdicts"]["device_error"], 0);
  EXPECT_GT(answer["best_ns"].get<double>(), 0);
  const Ran stats = pimjit_command("db stats --json --db a.db");
  EXPECT_EQ(stats.json()["records"], answer["trials"]);
}

// A file that may not grow stands in for a full disk.
TEST(Tune, KeepsWhatItHasWhenTheDiskIsFull) {
  const Ran ran = pimjit_command(kTune + "--trials 300 --jobs 1 --db a.db",
                                 "bash -c 'ulimit -f 160; exec \"$0\" \"$@\"'");
  EXPECT_EQ(ran.status, 1) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("error[database_full]: the record database has no room to grow"));
  EXPECT_THAT(ran.err, HasSubstr("hint: free some space; everything recorded so far is kept"));
  EXPECT_GT(ran.json()["best_ns"].get<double>(), 0) << ran.out;
  const Ran stats = pimjit_command("db stats --json --db a.db");
  ASSERT_EQ(stats.status, 0) << stats.err;
  EXPECT_GT(stats.json()["records"].get<int>(), 0);
  const Ran rest = pimjit_command(kTune + "--trials 300 --jobs 1 --db a.db");
  ASSERT_EQ(rest.status, 0) << rest.err;
  EXPECT_EQ(rest.json()["resumed"], stats.json()["records"]);
}

// The first interrupt ends the session with what it has, isolated or not; the same command goes on.
TEST(Tune, AnInterruptSavesAndReports) {
  for (const std::string how : {"", "--isolate "}) {
    const std::string command = kTune + how + "--jobs 2 --db " + (how.empty() ? "a" : "b") + ".db ";
    const Ran cut =
        pimjit_command(command + "--trials 1000000", "timeout --foreground --signal=INT 2");
    ASSERT_FALSE(cut.out.empty()) << cut.err;
    const auto first = cut.json();
    EXPECT_FALSE(first["finished"].get<bool>());
    EXPECT_GT(first["trials"].get<int>(), 0);
    EXPECT_GT(first["best_ns"].get<double>(), 0);
    EXPECT_THAT(cut.err, HasSubstr("interrupted; the same command goes on from here"));
    const Ran again =
        pimjit_command(command + "--trials 1000000", "timeout --foreground --signal=INT 2");
    EXPECT_GE(again.json()["resumed"].get<int>(), first["trials"].get<int>());
  }
}

// Every measurement is in the database when the next one begins: a killed session goes on as if it
// had not been.
TEST(Tune, AKilledSessionGoesOn) {
  const Ran whole = pimjit_command(kTune + "--trials 200 --no-db");
  ASSERT_EQ(whole.status, 0) << whole.err;
  const std::string command = kTune + "--trials 200 --jobs 2 --isolate --db a.db";
  pimjit_command(command, "timeout --foreground --signal=KILL 0.7");
  const Ran rest = pimjit_command(command);
  ASSERT_EQ(rest.status, 0) << rest.err;
  EXPECT_EQ(rest.json()["trials"], 200);
  for (const char* same : {"candidates", "best_ns", "schedule"}) {
    EXPECT_EQ(rest.json()[same], whole.json()[same]) << same;
  }
}

TEST(Worker, IsNotRunByHand) {
  const Ran ran = run_program("bin/pimjit-worker", "");
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(ran.err,
            "pimjit-worker measures schedules for `pimjit tune --isolate`, which starts it; it is "
            "not run by hand\n");
}

}  // namespace
}  // namespace pimjit
