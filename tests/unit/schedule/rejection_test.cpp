#include "pimjit/core/schedule/rejection.h"

#include <functional>
#include <set>

#include "pimjit/tests/unit/schedule/samples.h"

namespace pimjit {
namespace {

using samples::computation;
using samples::machine;
using samples::trace_of;

struct Case {
  RejectionCode code;
  const char* text;  // of the computation
  std::map<std::string, int64_t> sizes;
  const char* target;
  std::function<void(TargetDesc&)> change;  // may be null
  std::string trace;
  const char* message;
  DType dtype = DType::i32;
};

const char* const kMtv = "C[i] += A[i,k] * B[k]";
const char* const kAdd = "C[i] = A[i] + B[i]";

Scope scope_named(const char* name, int level, int64_t capacity) {
  Scope s;
  s.name = name;
  s.level = level;
  s.capacity = capacity;
  return s;
}

std::vector<Case> cases() {
  using Code = RejectionCode;
  const auto no_conditions = [](TargetDesc& t) { t.limits.control_flow = false; };
  return {
#include "rejection_cases.inc"
  };
}

Rejection rejection_of(const Case& c, const Workload& w, const TargetDesc& target,
                       const Trace& trace) {
  auto schedule = replay(w, target, trace);
  EXPECT_FALSE(schedule.has_value()) << c.trace;
  return schedule ? Rejection{} : schedule.error();
}

TEST(Rejection, EveryConditionIsFoundAndSaysSo) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(std::string(to_string(c.code)) + "\n" + c.trace);
    const Workload w = computation(c.text, c.sizes, c.dtype);
    TargetDesc target = machine(c.target);
    if (c.change) c.change(target);
    const Trace trace = trace_of(c.trace, w, target);
    const Rejection r = rejection_of(c, w, target, trace);
    EXPECT_STREQ(to_string(r.code), to_string(c.code));
    const Error error = render(r, w, target, nullptr, &trace);
    EXPECT_EQ(error.code, to_string(c.code));
    EXPECT_EQ(error.message(), c.message);
  }
}

TEST(Rejection, EveryCodeHasACase) {
  std::set<RejectionCode> seen;
  for (const Case& c : cases()) seen.insert(c.code);
#define PIMJIT_REJECTION(code, sentence, hint) \
  EXPECT_TRUE(seen.count(RejectionCode::code)) << #code;
#include "pimjit/core/schedule/rejection.def"
}

TEST(Rejection, TextWithoutATrace) {
  const Workload w = computation(kMtv, {{"i", 4}, {"k", 4}});
  const TargetDesc target = machine("simple");
  Rejection r{RejectionCode::unknown_loop};
  r.place_kind = PlaceKind::loop;
  r.place = 1;
  EXPECT_EQ(render(r, w, target, nullptr, nullptr).what,
            "loop 1 is not a loop of the nest any more (or never was)");
  const Schedule s = Schedule::initial(w);
  EXPECT_EQ(render(r, w, target, &s, nullptr).what,
            "k is not a loop of the nest any more (or never was)");
}

}  // namespace
}  // namespace pimjit
