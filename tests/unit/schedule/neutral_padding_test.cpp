#include "pimjit/core/schedule/neutral_padding.h"

#include "pimjit/core/schedule/guards.h"
#include "pimjit/tests/unit/schedule/samples.h"

namespace pimjit {
namespace {

using samples::computation;
using samples::machine;
using samples::trace_of;

// The values for a stage over i and k whose axis k is padded: "A=0 B=-", or "none".
std::string padding(const std::string& text, DType dtype = DType::i32) {
  const Workload w = computation(text, {{"i", 8}, {"k", 8}}, dtype);
  auto values = neutral_padding(w, 0, LoopMask{1} << 1);
  if (!values) return "none";
  std::string out;
  for (size_t a = 0; a < values->size(); ++a) {
    const Tensor& t = w.tensors[static_cast<size_t>(w.stages[0].accesses[a].tensor)];
    const PaddingValue& p = (*values)[a];
    const std::string value =
        is_float(t.dtype) ? std::to_string(p.real) : std::to_string(p.integer);
    out += (out.empty() ? "" : " ") + t.name + "=" + (p.needed ? value : "-");
  }
  return out;
}

TEST(NeutralPadding, SumsOfProducts) {
  EXPECT_EQ(padding("C[i] += A[i,k] * B[k]"), "A=- B=0") << "0 hides what A holds, the larger one";
  EXPECT_EQ(padding("C[i] += B[k] * A[i,k]"), "B=0 A=-");
  EXPECT_EQ(padding("C[i] += A[i,k] * B[k] + D[k]"), "A=- B=0 D=0");
  EXPECT_EQ(padding("C[i] += A[i,k]"), "A=0");
  EXPECT_EQ(padding("C[i] += s * A[i,k] * B[i]"), "s=- A=0 B=-");
  EXPECT_EQ(padding("C[i] += max(A[i,k], 0)"), "A=0");
  EXPECT_EQ(padding("C[i] += A[i,k] * B[k]", DType::f32), "A=0.000000 B=0.000000");
}

TEST(NeutralPadding, OfRealNumbersEveryFactorIsNeeded) {
  EXPECT_EQ(padding("C:f32[i] += A:f32[i,k] * B[k]", DType::f32), "A=0.000000 B=0.000000");
}

TEST(NeutralPadding, OtherReducers) {
  EXPECT_EQ(padding("C[i] *= A[i,k] * B[k]"), "A=1 B=1");
  EXPECT_EQ(padding("C[i] min= A[i,k]"), "A=2147483647");
  EXPECT_EQ(padding("C[i] max= A[i,k]", DType::f32), "A=-inf");
  EXPECT_EQ(padding("C:i32[i] max= A:i8[i,k]"), "none") << "i8 does not hold the identity of i32";
  EXPECT_EQ(padding("C[i] min= max(A[i,k], B[i])"), "A=2147483647 B=-");
}

TEST(NeutralPadding, NoneWhereTheRestShowsThrough) {
  EXPECT_EQ(padding("C[i] += A[i,k] + B[i]"), "none");
  EXPECT_EQ(padding("C[i] *= A[i,k] * B[i]"), "none");
  EXPECT_EQ(padding("C[i] += A[i,k] * A[i,k] + 1"), "none");
  EXPECT_EQ(padding("C[i] += A[i,k] / B[i]", DType::f32), "none") << "0 / 0";
  EXPECT_EQ(padding("C[i] += A[i,k] / B[i]"), "A=0 B=-") << "0 / 0 is 0";
}

TEST(NeutralPadding, ConstantsAreFolded) {
  EXPECT_EQ(padding("C[i] += A[i,k] + 1"), "A=-1");
  EXPECT_EQ(padding("C[i] += (A[i,k] - 1) * B[i]"), "A=1 B=-");
}

TEST(Guards, PaddingOfAnAxisEndsAtAGuard) {
  const Workload w = computation("mtv", {{"i", 100}, {"k", 100}});
  const TargetDesc target = machine("simple");
  const Trace trace = trace_of(
      "split(i, 8, edge=guard)\nsplit(i.0, 4, edge=pad)\nsplit(k, 8, edge=pad)\n"
      "bind(i.0.1, unit)\nreorder(i.0.1, i.0.0)",
      w, target);
  auto s = replay(w, target, trace);
  ASSERT_TRUE(s.has_value());
  const StageSchedule& stage = s->stages[0];
  EXPECT_EQ(guarded_loops(stage, false), LoopMask{1});
  EXPECT_EQ(guarded_loops(stage, true), LoopMask{1} | LoopMask{2} | LoopMask{4});
  EXPECT_EQ(padded_axes(w.stages[0], stage, false), LoopMask{2});
  EXPECT_EQ(padded_axes(w.stages[0], stage, true), LoopMask{0});
}

}  // namespace
}  // namespace pimjit
