#include <gtest/gtest.h>

#include "pimjit/tests/support/lowered_samples.h"

namespace pimjit {
namespace {

using test::lowered_sample;

// Results of two rows fill their granule. `second` schedules the bias and the activation.
test::Sample chain(const std::string& second, const std::string& sizes = "i=64,k=32",
                   const std::string& first = "i.0, i.1 = split(i, 2)\nbind(i.0, unit)\n") {
  return lowered_sample("mtv_bias_relu", sizes, "simple", first + second);
}

int64_t count(const LoweredModule& m, OpKind kind) {
  return std::count_if(m.ops.begin(), m.ops.end(),
                       [kind](const HostOp& op) { return op.kind == kind; });
}
bool stays(const LoweredModule& m) {
  return count(m, OpKind::copy_back) == 1 && count(m, OpKind::launch) == 2;
}

const char* const kSameRows = "stage 1: i.0, i.1 = split(i, 2)\nstage 1: bind(i.0, unit)\n";

TEST(KeepIntermediates, ResultsStayWhereTheNextLaunchFindsThem) {
  const auto sample = chain(kSameRows);
  EXPECT_TRUE(stays(sample.module)) << host_program_text(sample.module);
  EXPECT_EQ(count(sample.module, OpKind::reduce), 1);
  EXPECT_EQ(test::mistakes_of(sample.module), "");
  // The second launch reads what the first one wrote, and waits for it.
  std::vector<const HostOp*> launches;
  for (const HostOp& op : sample.module.ops) {
    if (op.kind == OpKind::launch) launches.push_back(&op);
  }
  EXPECT_EQ(launches[1]->arguments[0], launches[0]->arguments.back());
}

TEST(KeepIntermediates, RaggedRowsToo) {
  const auto sample = chain(kSameRows, "i=63,k=17");
  EXPECT_TRUE(stays(sample.module)) << host_program_text(sample.module);
  EXPECT_EQ(test::mistakes_of(sample.module), "");
}

TEST(KeepIntermediates, OtherRowsGoThroughTheHost) {
  const auto other = chain("stage 1: i.0, i.1 = split(i, 4)\nstage 1: bind(i.0, unit)\n");
  EXPECT_FALSE(stays(other.module));
  EXPECT_EQ(test::mistakes_of(other.module), "");
  // The same number of units and rows, in another order.
  const auto strided = chain(
      "stage 1: i.0, i.1 = split(i, 32)\nstage 1: reorder(i.1, i.0)\n"
      "stage 1: bind(i.1, unit)\n");
  EXPECT_FALSE(stays(strided.module));
  EXPECT_EQ(test::mistakes_of(strided.module), "");
}

TEST(KeepIntermediates, PartialResultsAreAddedUpFirst) {
  const auto split =
      chain("stage 1: i.0, i.1 = split(i, 4)\nstage 1: bind(i.0, unit)\n", "i=64,k=32",
            "i.0, i.1 = split(i, 4)\nk.0, k.1 = split(k, 16)\n"
            "reorder(i.0, k.0, i.1, k.1)\nbind(i.0, unit)\nrfactor(k.0)\n"
            "bind(k.0, unit)\n");
  EXPECT_FALSE(stays(split.module));
  EXPECT_EQ(test::mistakes_of(split.module), "");
}

TEST(KeepIntermediates, OverlappingPartsHaveOneResultOnly) {
  // Parts of 5 rows in 2 times 3: the sixth row of each is the next part's first.
  const std::string split =
      "i.0, i.1 = split(i, 5)\ni.1.0, i.1.1 = split(i.1, 3)\nbind(i.0, unit)\n";
  std::string second;
  for (const char* line :
       {"i.0, i.1 = split(i, 5)\n", "i.1.0, i.1.1 = split(i.1, 3)\n", "bind(i.0, unit)\n"})
    second += std::string("stage 1: ") + line;
  const auto sample = chain(second, "i=23,k=8", split);
  EXPECT_FALSE(stays(sample.module));
  EXPECT_EQ(test::mistakes_of(sample.module), "");
}

TEST(KeepIntermediates, IsNothingForAStageOnTheHost) {
  const auto sample = chain("");
  EXPECT_EQ(count(sample.module, OpKind::copy_back), 1);
  EXPECT_EQ(count(sample.module, OpKind::stage), 1);
  EXPECT_EQ(test::mistakes_of(sample.module), "");
}

}  // namespace
}  // namespace pimjit
