#include <gtest/gtest.h>

#include "pimjit/tests/support/lowered_samples.h"

namespace pimjit {
namespace {

using test::lowered_sample;

// Partial results of 16 columns each, which the host adds up.
const char* const kSplit =
    "i.0, i.1 = split(i, 4)\nk.0, k.1 = split(k, 16)\nreorder(i.0, k.0, i.1, k.1)\n"
    "bind(i.0, unit)\nrfactor(k.0)\nbind(k.0, unit)\n";

test::Sample chain(const std::string& computation, const std::string& second = "",
                   const std::string& sizes = "i=61,k=40") {
  return lowered_sample(computation, sizes, "simple", kSplit + second);
}

const HostOp* find(const LoweredModule& m, OpKind kind) {
  for (const HostOp& op : m.ops) {
    if (op.kind == kind) return &op;
  }
  return nullptr;
}
bool fuses(const test::Sample& sample) {
  const HostOp* stage = find(sample.module, OpKind::stage);
  EXPECT_NE(stage, nullptr);
  EXPECT_EQ(test::mistakes_of(sample.module), "");
  return stage != nullptr && stage->fused >= 0;
}

TEST(FuseEpilogues, AStageTakesWhatTheReductionAddsUp) {
  const auto sample = chain("T[i] += A[i,k] * B[k]; D[i] = max(T[i] + bias[i], 0)");
  EXPECT_TRUE(fuses(sample)) << host_program_text(sample.module);
  const HostOp& stage = *find(sample.module, OpKind::stage);
  const HostOp& reduce = sample.module.ops[static_cast<size_t>(stage.fused)];
  EXPECT_EQ(reduce.kind, OpKind::reduce);
  EXPECT_EQ(&sample.module.ops[static_cast<size_t>(reduce.fused)], &stage);
  EXPECT_NE(host_program_text(sample.module).find(" adds up"), std::string::npos);
  const HostKernel& row = sample.module.host_kernels[static_cast<size_t>(stage.row_kernel)];
  EXPECT_EQ(row.kernel.params.size(), 3u + 2u);  // D, T, bias; first, count
}

TEST(FuseEpilogues, OnlyWhereThereIsASum) {
  // Every unit has whole results: there is nothing to add up.
  const auto sample =
      lowered_sample("T[i] += A[i,k] * B[k]; D[i] = max(T[i] + bias[i], 0)", "i=61,k=40", "simple",
                     "i.0, i.1 = split(i, 4)\nbind(i.0, unit)\n");
  EXPECT_FALSE(fuses(sample));
}

TEST(FuseEpilogues, OtherPlacesOfTheSumAreNotThereYet) {
  EXPECT_FALSE(fuses(chain("T[i] += A[i,k] * B[k]; D[i] = T[60 - i] + bias[i]")));
  EXPECT_FALSE(fuses(chain("T[i] += A[i,k] * B[k]; D[i] = T[i] + T[60 - i]")));
}

TEST(FuseEpilogues, AnotherShapeOrAReductionIsAPassOfItsOwn) {
  EXPECT_FALSE(fuses(chain("T[i] += A[i,k] * B[k]; D[i,j] = T[i] + c[j]", "", "i=61,k=40,j=5")));
  EXPECT_FALSE(fuses(chain("T[i] += A[i,k] * B[k]; D[i] += T[i] * C[i,j]", "", "i=61,k=40,j=5")));
}

TEST(FuseEpilogues, AScheduleOfTheStageIsKept) {
  const char* const computation = "T[i] += A[i,k] * B[k]; D[i] = max(T[i] + bias[i], 0)";
  EXPECT_FALSE(fuses(chain(computation, "stage 1: i.0, i.1 = split(i, 16)\n")));
  EXPECT_TRUE(fuses(chain(computation, "stage 1: parallel(i)\n")));
}

TEST(FuseEpilogues, CanBeLeftOut) {
  LowerOptions options;
  options.verify = true;
  options.disabled = {"fuse_epilogues"};
  const auto sample = chain("T[i] += A[i,k] * B[k]; D[i] = max(T[i] + bias[i], 0)");
  const auto apart = lower(sample.workload, sample.target, sample.module.schedule, options);
  ASSERT_TRUE(apart);
  for (const HostOp& op : apart->ops) EXPECT_EQ(op.fused, -1);
}

}  // namespace
}  // namespace pimjit
