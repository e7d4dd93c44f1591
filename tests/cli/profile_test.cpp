// `pimjit run --profile`: the kernel with the shares of its statements, and what was counted.
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pimjit/tests/cli/command_line.h"

namespace pimjit {
namespace {

using ::testing::HasSubstr;

constexpr const char* kSchedule =
    "i.0, i.1, i.2 = split(i, 2, 4); k.0, k.1 = split(k, 32); reorder(i.0, i.1, i.2, k.0, k.1);"
    "bind(i.0, dpu); bind(i.1, tasklet); cache_write(wram, at=i.1); cache_read(A, wram, at=k.0);"
    "cache_read(B, wram, at=k.0)";

Ran profile(const std::string& more) {
  scratch();
  write_file(scratch() / "s.txt", kSchedule);
  return pimjit_command(
      "run mtv --size i=16,k=64 --range A=0..49 --range B=0..49 --target sim:dpus=2 --schedule "
      "s.txt --profile " +
      more);
}

// The text with every share as a number sign, so that what the compiler emits may change.
std::string without_numbers(const std::string& text) {
  return std::regex_replace(text, std::regex("[ <]+[0-9.]+%"), " #");
}

TEST(Profile, PrintsEachStatementWithItsShareOfTheWhole) {
  const Ran ran = profile("");
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(without_numbers(ran.out), HasSubstr(R"(
  nest      dpu*2(i.0) tasklet*2(i.1) {C in wram} i.2*4 k.0*2 {A,B in wram} k.1*32

  kernel mtv, share of each statement by itself
  instructions
 #  for z = 0 count 4 {
 #    C.wram[@tasklet * 4 + z] = 0
                }
 #  for l4 = 0 count 4 {
 #    for l5 = 0 count 2 {
 #      copy load A.wram[@tasklet * 32] <- A[@tasklet * 256 + l4 * 64 + l5 * 32] count 32
 #      copy load B.wram[@tasklet * 32] <- B[l5 * 32] count 32
 #      for l6 = 0 count 32 {
 #        C.wram[@tasklet * 4 + l4] = C.wram[@tasklet * 4 + l4] + A.wram[@tasklet * 32 + l6] * B.wram[@tasklet * 32 + l6]
                    }
                  }
                }
 #  copy store C[@tasklet * 4] <- C.wram[@tasklet * 4] count 4
 #  elsewhere: start and end

  cycles )"))
      << ran.out;
}

TEST(Profile, SharesAndFiguresAddUp) {
  const Ran ran = profile("--json");
  ASSERT_EQ(ran.status, 0) << ran.err;
  const auto object = ran.json();
  const double whole = object["counters"]["instructions"];
  double inside = 0, most = 0;
  std::string hottest;
  for (const auto& statement : object["statements"]) {
    const double part = statement["counters"]["instructions"];
    inside += part;
    if (part > most) most = part, hottest = statement["text"];
  }
  EXPECT_GT(inside, 0.9 * whole);
  EXPECT_LE(inside, whole);
  EXPECT_THAT(hottest, HasSubstr("C.wram[@tasklet * 4 + l4] = C.wram[@tasklet * 4 + l4] + "));
  EXPECT_EQ(object["counters"]["bytes.store"], 2 * 2 * 16);
}

// Products of wide numbers leave the straight path, products of floats may call: both are the
// statement's.
TEST(Profile, RarePathsAndRoutinesAreTheirStatements) {
  for (const std::string rest : {"", " --dtype f32"}) {
    const Ran ran =
        pimjit_command("run mtv --size i=16,k=512 --target sim:dpus=4 --profile --json" + rest);
    ASSERT_EQ(ran.status, 0) << ran.err;
    const auto object = ran.json();
    double inside = 0;
    for (const auto& statement : object["statements"])
      inside += static_cast<double>(statement["counters"]["instructions"]);
    EXPECT_GT(inside, 0.9 * static_cast<double>(object["counters"]["instructions"])) << rest;
  }
}

TEST(Profile, SaysThatATargetCountsNothingByStatement) {
  const Ran ran = pimjit_command("run mtv --size i=16,k=64 --target toy --profile");
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.out, ::testing::Not(HasSubstr("share of each statement")));
  EXPECT_THAT(ran.out, HasSubstr("\n  loads "));
}

}  // namespace
}  // namespace pimjit
