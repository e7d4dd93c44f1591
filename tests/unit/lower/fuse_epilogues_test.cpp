#include <gtest/gtest.h>

#include "pimjit/tests/support/host_passes.h"

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

TEST(FuseEpilogues, OtherTensorsAreReadAnywhere) {
  EXPECT_TRUE(fuses(chain("T[i] += A[i,k] * B[k]; D[i] = T[i] + bias[60 - i]")));
}

TEST(FuseEpilogues, ATransposedSumIsNotThereYet) {
  const auto sample = lowered_sample(
      "T[i,j] += A[i,k] * B[k,j]; D[i,j] = T[j,i] * 2", "i=8,j=8,k=64", "simple",
      "k.0, k.1 = split(k, 16)\nreorder(k.0, i, j, k.1)\nrfactor(k.0)\nbind(k.0, unit)\n");
  EXPECT_FALSE(fuses(sample));
}

// What lowering does not make of any schedule, made by hand.
TEST(FuseEpilogues, KeepsAwayFromOtherPrograms) {
  const auto sample = chain("T[i] += A[i,k] * B[k]; D[i] = max(T[i] + bias[i], 0)");
  const auto after = [&](const std::function<void(LoweredModule&)>& change) {
    return test::passed(fuse_epilogues, sample, change);
  };
  const auto fused = [&](const std::function<void(LoweredModule&)>& change) {
    return find(after(change), OpKind::stage)->row_kernel >= 0;
  };
  EXPECT_TRUE(fused([](LoweredModule&) {}));
  const auto on_digits = [](LoweredModule& m, auto&& change) {
    for (MapDigit& d : test::operation(m, OpKind::reduce).map.digits) change(d);
  };
  // Nothing is added up.
  EXPECT_FALSE(
      fused([&](LoweredModule& m) { on_digits(m, [](MapDigit& d) { d.reduce = false; }); }));
  EXPECT_FALSE(fused([&](LoweredModule& m) {
    on_digits(m, [](MapDigit& d) { d.extent = d.reduce ? 1 : d.extent; });
  }));
  // Another stage has the sums already.
  EXPECT_FALSE(fused([](LoweredModule& m) { test::operation(m, OpKind::reduce).fused = 0; }));
  // The sums are not all of the tensor.
  EXPECT_FALSE(fused([](LoweredModule& m) {
    HostOp fill;
    fill.kind = OpKind::fill;
    fill.tensor_buffer = test::operation(m, OpKind::reduce).tensor_buffer;
    m.ops.push_back(fill);
  }));
  // The stage waits for something that comes after the reduction.
  EXPECT_FALSE(fused([](LoweredModule& m) {
    HostOp fill;
    fill.kind = OpKind::fill;
    m.ops.insert(m.ops.end() - 1, fill);
    ASSERT_EQ(m.ops.back().kind, OpKind::stage);
    m.ops.back().after.push_back(static_cast<int>(m.ops.size()) - 2);
  }));
}

TEST(FuseEpilogues, SumsThatSomeoneElseReadsAreKept) {
  const auto sample = chain("T[i] += A[i,k] * B[k]; D[i] = max(T[i] + bias[i], 0)");
  const auto passed_on = [&](TensorRole role) {
    LoweredModule m = test::passed(fuse_epilogues, sample, [role](LoweredModule& before) {
      auto workload = std::make_shared<Workload>(*before.workload);
      workload->tensors[static_cast<size_t>(workload->stages[0].output)].role = role;
      before.workload = workload;
    });
    return test::operation(m, OpKind::reduce).passed_on;
  };
  EXPECT_TRUE(passed_on(TensorRole::intermediate));
  EXPECT_FALSE(passed_on(TensorRole::output));
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
