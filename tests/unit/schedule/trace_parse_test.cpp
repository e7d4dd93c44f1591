#include "pimjit/tests/unit/schedule/samples.h"

namespace pimjit {
namespace {

using samples::computation;
using samples::machine;

struct Wrong {
  const char* text;
  const char* message;
};

TEST(ParseTrace, ErrorsSayWhereAndWhat) {
  const Workload w = computation("C[i] += A[i,k] * A[i,k+1] * B[k]", {{"i", 64}, {"k", 32}});
  const TargetDesc target = machine("simple");
  const Wrong cases[] = {
#include "parse_cases.inc"
  };
  for (const Wrong& c : cases) {
    SCOPED_TRACE(c.text);
    auto trace = parse_trace(c.text, w, target);
    ASSERT_FALSE(trace.has_value());
    EXPECT_EQ(trace.error().origin, Origin::user);
    EXPECT_EQ(trace.error().message(), c.message);
  }
}

TEST(ParseTrace, EmptyTextIsAnEmptyTrace) {
  const Workload w = computation("C[i] = A[i]", {{"i", 64}});
  auto trace = parse_trace(" # nothing\n;\n", w, machine("simple"));
  ASSERT_TRUE(trace.has_value());
  EXPECT_TRUE(trace->instructions.empty());
}

}  // namespace
}  // namespace pimjit
