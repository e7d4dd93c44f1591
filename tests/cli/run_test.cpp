// `pimjit run`: results, the table, the JSON object, .npy in and out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pimjit/core/support/text.h"
#include "pimjit/core/verify/direct_eval.h"
#include "pimjit/core/verify/npy.h"
#include "pimjit/core/verify/test_data.h"
#include "pimjit/core/workload/notation.h"
#include "pimjit/tests/cli/command_line.h"

namespace pimjit {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

class RunOn : public ::testing::TestWithParam<const char*> {};

TEST_P(RunOn, EveryOperatorIsVerifiedAtSizesThatNothingDivides) {
  const std::map<std::string, std::string> sizes = {
      {"ttv", "i=3,j=7,k=11"},   {"mmtv", "i=3,j=7,k=11"},
      {"gemm", "i=13,j=7,k=11"}, {"bgemm", "b=3,i=5,j=7,k=11"},
      {"va", "i=101"},           {"geva", "i=101"},
      {"red", "i=101"},          {"dot", "i=101"}};
  for (const NamedOperator& op : named_operators()) {
    const auto at = sizes.find(op.name);
    const Ran ran = pimjit_command(std::string("run ") + op.name + " --size " +
                                   (at == sizes.end() ? "i=37,k=23" : at->second) + " --target " +
                                   GetParam() + " --verify --json");
    ASSERT_EQ(ran.status, 0) << op.name << "\n" << ran.err;
    EXPECT_EQ(ran.json()["verified"], true) << op.name;
    EXPECT_EQ(ran.err, "");
  }
}

TEST_P(RunOn, SizeZeroIsAnEmptyOrIdentityResult) {
  for (const char* size : {"i=0,k=5", "i=5,k=0"}) {
    const Ran ran = pimjit_command(std::string("run mtv --size ") + size + " --target " +
                                   GetParam() + " --verify --json --output c.npy");
    ASSERT_EQ(ran.status, 0) << size << "\n" << ran.err;
    EXPECT_EQ(ran.json()["verified"], true);
    const auto c = read_npy(scratch() / "c.npy");
    ASSERT_TRUE(c);
    for (int64_t i = 0; i < c->elements(); ++i) EXPECT_EQ(c->integer(i), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Chips, RunOn, ::testing::Values("toy", "lockstep"));

TEST(Run, OperatorsNeedNoSizes) {
  for (const NamedOperator& op : named_operators()) {
    const Ran ran = pimjit_command(cat("run ", op.name, " --target sim --verify --json"));
    ASSERT_EQ(ran.status, 0) << op.name << "\n" << ran.err;
    EXPECT_EQ(ran.json()["verified"], true) << op.name;
  }
  const Ran one = pimjit_command("run mtv --size i=8 --target sim");
  EXPECT_THAT(one.err, HasSubstr("axis k has no size"));
}

TEST(Run, PrintsPhasesWithOriginsScheduleAndVerdict) {
  const Ran ran = pimjit_command("run mtv --size i=100,k=70 --target toy --verify");
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("C[i] += A[i,k] * B[k]   i=100,k=70\non toy, "));
  for (const char* phase : {"upload", "h2d", "launch", "kernel", "d2h", "host", "total"}) {
    EXPECT_THAT(ran.out, ::testing::ContainsRegex(std::string("  ") + phase + " .* modelled\n"));
  }
  EXPECT_THAT(ran.out, ::testing::ContainsRegex("\n  local host .* measured\n"));
  EXPECT_THAT(ran.out, HasSubstr("\n  schedule  i.0, i.1 = split(i, "));
  EXPECT_THAT(ran.out, HasSubstr("\n  verified  yes: 100 elements equal, max error 0\n"));
  EXPECT_THAT(ran.out, Not(HasSubstr("\033"))) << "no colour in a file";
}

TEST(Run, WithoutVerifyNothingIsVerified) {
  EXPECT_THAT(pimjit_command("run va --size i=10 --target toy").out,
              HasSubstr("verified  not asked for (--verify)"));
  const auto json = pimjit_command("run va --size i=10 --target toy --json").json();
  EXPECT_TRUE(json["verified"].is_null());
  EXPECT_TRUE(json["verification"].is_null());
}

TEST(Run, JsonIsOneObjectOfTheDocumentedForm) {
  const Ran ran = pimjit_command("run mtv --size i=100,k=70 --target toy --verify --json --seed 5");
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 1);
  const auto json = ran.json();
  EXPECT_EQ(json["computation"], "C[i] += A[i,k] * B[k]");
  EXPECT_EQ(json["sizes"], (nlohmann::json{{"i", 100}, {"k", 70}}));
  EXPECT_EQ(json["dtype"], "i32");
  EXPECT_EQ(json["target"], "toy");
  EXPECT_THAT(json["schedule"].get<std::string>(), HasSubstr("bind(i.0, unit)"));
  EXPECT_EQ(json["verified"], true);
  EXPECT_EQ(json["seed"], 5);
  const auto& timing = json["timing"];
  EXPECT_EQ(timing["origin"], "modelled");
  double sum = 0;
  for (const char* phase : {"upload", "h2d", "launch", "kernel", "d2h", "host"}) {
    ASSERT_TRUE(timing[std::string(phase) + "_ns"].is_number()) << phase;
    sum += timing[std::string(phase) + "_ns"].get<double>();
  }
  EXPECT_GT(timing["kernel_ns"].get<double>(), 0);
  EXPECT_GT(timing["local_host_ns"].get<double>(), 0);
  EXPECT_LE(timing["total_ns"].get<double>(), sum + 1e-6) << "the critical path is no longer";
}

TEST(Run, ModelledTimesDoNotChangeFromRunToRun) {
  const char* command = "run gemm --size i=20,j=30,k=7 --target toy --json";
  auto first = pimjit_command(command).json()["timing"],
       second = pimjit_command(command).json()["timing"];
  first.erase("local_host_ns");
  second.erase("local_host_ns");
  EXPECT_EQ(first, second);
}

// Padded tiles, partial results, both ways of doing the host's part: what the model says of a run
// does not depend on it, nor does a bit of the result.
TEST_P(RunOn, MachineCodeOfTheHostChangesNothing) {
  for (const char* what : {"mtv --size i=100,k=70", "red --size i=1001", "gemm --size i=9,j=8,k=7",
                           "mtv --size i=37,k=1500 --dtype f32"}) {
    const std::string command =
        std::string("run ") + what + " --json --output c.npy --target " + GetParam();
    const Ran compiled = pimjit_command(command);
    ASSERT_EQ(compiled.status, 0) << compiled.err;
    const std::string result = read_file(scratch() / "c.npy");
    const Ran interpreted = pimjit_command(command + " --interpret-host");
    ASSERT_EQ(interpreted.status, 0) << interpreted.err;
    EXPECT_EQ(read_file(scratch() / "c.npy"), result) << what;
    auto mine = compiled.json(), plain = interpreted.json();
    mine["timing"].erase("local_host_ns");
    plain["timing"].erase("local_host_ns");
    EXPECT_EQ(mine, plain) << what;
  }
}

TEST(Run, TakesInputsFromFilesAndWritesTheResult) {
  const auto workload = make_workload("mtv", {.sizes = {{"i", 5}, {"k", 3}}});
  ASSERT_TRUE(workload);
  const auto inputs = timing_inputs(*workload, 77);
  ASSERT_TRUE(write_npy(scratch() / "a.npy", inputs[0]));
  ASSERT_TRUE(write_npy(scratch() / "b.npy", inputs[1]));
  const Ran ran = pimjit_command(
      "run mtv --size i=5,k=3 --target toy --input A=a.npy --input B=b.npy --output C=c.npy");
  ASSERT_EQ(ran.status, 0) << ran.err;
  const auto c = read_npy(scratch() / "c.npy");
  const auto expected = evaluate_directly(*workload, inputs);
  ASSERT_TRUE(c && expected);
  EXPECT_EQ(c->shape(), (std::vector<int64_t>{5}));
  for (int64_t i = 0; i < 5; ++i) EXPECT_EQ(c->integer(i), expected->back().integer(i)) << i;
}

TEST(Run, TheSeedDecidesTheRandomData) {
  const auto output = [](const char* seed) {
    pimjit_command(std::string("run va --size i=40 --target toy --output c.npy --seed ") + seed);
    return read_file(scratch() / "c.npy");
  };
  const std::string one = output("1");
  EXPECT_EQ(output("1"), one);
  EXPECT_NE(output("2"), one);
}

// Kernels know ranges of integers only; one of an f32 input bounds its random data.
TEST(Run, RangesOfFloatsDoNotReachTheKernel) {
  for (const char* target : {"toy", "lockstep"}) {
    const Ran ran = pimjit_command(
        std::string("run mtv --size i=30,k=7 --dtype f32 --range A=0..5,B=-2..2 --check-ranges "
                    "--verify --target ") +
        target);
    EXPECT_EQ(ran.status, 0) << target << "\n" << ran.err;
    EXPECT_THAT(ran.out, HasSubstr("verified  yes: 30 elements within the error bound"));
  }
}

TEST(Run, DeclaredRangesBoundTheRandomData) {
  const Ran ran = pimjit_command(
      "run 'C[i] = A[i]' --size i=500 --range A=-3..4 --target toy --check-ranges --output c.npy");
  ASSERT_EQ(ran.status, 0) << ran.err;
  const auto c = read_npy(scratch() / "c.npy");
  ASSERT_TRUE(c);
  for (int64_t i = 0; i < c->elements(); ++i) {
    EXPECT_GE(c->integer(i), -3);
    EXPECT_LE(c->integer(i), 4);
  }
}

TEST(Run, TypesAreSetForAllInputsOrForOne) {
  const auto json =
      pimjit_command("run mtv --size i=9,k=8 --dtype i16,A=i8 --target toy --verify --json").json();
  EXPECT_EQ(json["dtype"], "i8*i16");
  EXPECT_EQ(json["verified"], true);
}

TEST(Run, OptionsOfTheTargetStringReachTheDescription) {
  const auto json =
      pimjit_command("run va --size i=1000 --target toy:units=2 --verify --json").json();
  EXPECT_EQ(json["target"], "toy:units=2");
  EXPECT_THAT(json["nest"].get<std::string>(), HasSubstr("unit*2("));
}

TEST(Run, AScheduleShownIsAScheduleThatRuns) {
  const Ran shown = pimjit_command("show mtv --size i=100,k=70 --target toy --dump=schedule");
  ASSERT_EQ(shown.status, 0) << shown.err;
  write_file(scratch() / "mtv.trace", shown.out);
  const std::string options = " --size i=100,k=70 --target toy --verify --json";
  const auto by_default = pimjit_command("run mtv" + options).json();
  const auto from_file = pimjit_command("run mtv --schedule mtv.trace" + options).json();
  EXPECT_EQ(from_file["schedule"], by_default["schedule"]);
  EXPECT_EQ(from_file["timing"]["total_ns"], by_default["timing"]["total_ns"]);
  EXPECT_TRUE(from_file["repairs"].empty());
}

TEST(Run, ATraceIsRepairedForAnotherShapeAndSaysSo) {
  const Ran shown = pimjit_command("show va --size i=10007 --target toy --dump=schedule");
  write_file(scratch() / "va.trace", shown.out);
  const Ran ran =
      pimjit_command("run va --size i=20011 --target toy --schedule va.trace --verify --json");
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.json()["verified"], true);
  EXPECT_FALSE(ran.json()["repairs"].empty());
  EXPECT_THAT(ran.err, HasSubstr("note: repaired instruction "));
}

TEST(Run, ProfileShowsWhatTheTargetCounted) {
  const std::string request = "run va --size i=100 --target toy --profile";
  const auto json = pimjit_command(request + " --json").json();
  EXPECT_GT(json["counters"]["loads"], 0);
  EXPECT_THAT(pimjit_command(request).out, HasSubstr("\n  loads "));
  EXPECT_FALSE(
      pimjit_command("run va --size i=100 --target toy --json").json().contains("counters"));
}

}  // namespace
}  // namespace pimjit
