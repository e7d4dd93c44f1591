#include <cstdlib>

#include <gtest/gtest.h>

#include "pimjit/core/lower/lower.h"
#include "pimjit/core/run/run_once.h"
#include "pimjit/core/schedule/default_schedule.h"
#include "pimjit/core/support/text.h"
#include "pimjit/core/verify/gate.h"
#include "pimjit/core/verify/test_data.h"
#include "pimjit/core/workload/notation.h"
#include "pimjit/tests/support/built_target.h"
#include "pimjit/tests/support/pass_choices.h"
#include "pimjit/tests/support/random_trace.h"
#include "pimjit/tests/support/random_workload.h"

namespace pimjit {
namespace {

int64_t cases_to_run(int64_t usual) {
  const char* wanted = std::getenv("PIMJIT_PROPERTY_CASES");
  return wanted != nullptr ? std::atoll(wanted) / 10 : usual;
}

struct Tally {
  int64_t run = 0, rejected = 0, inconclusive = 0;
};

// The schedule as machine code against direct evaluation; what is wrong, empty when nothing is.
std::string mistakes_of(const std::shared_ptr<const Workload>& w, const OpenTarget& cpu,
                        const Trace& trace, uint64_t seed, const LowerOptions& options,
                        Tally& tally) {
  const auto schedule = replay(*w, *cpu.description, trace);
  if (!schedule) {
    return "replay: " + render(schedule.error(), *w, *cpu.description, nullptr, &trace).message();
  }
  auto module = lower(w, cpu.description, *schedule, options);
  if (!module) return "lowering: " + module.error().message();
  const auto runner = make_runner(cpu, std::make_shared<const LoweredModule>(std::move(*module)));
  if (!runner && runner.error().code == "rejected_by_target") {
    ++tally.rejected;
    return "";
  }
  if (!runner) return "building: " + runner.error().message();
  const std::vector<HostTensor> inputs = gate_inputs(*w, seed);
  const auto answer = call(*runner, inputs);
  if (!answer) return "running: " + answer.error().message();
  const auto report = compare(*w, inputs, answer->output);
  if (!report) return "comparing: " + report.error().message();
  ++tally.run;
  const bool nothing_known = report->mismatches == 0 && report->unbounded == report->checked;
  if (!report->ok && nothing_known) ++tally.inconclusive;
  return report->ok || nothing_known ? "" : report->text(w->tensors.back().name);
}

struct Cases {
  int64_t number;            // of cases
  int64_t per_schedule = 1;  // cases of one computation and schedule, under other choices of passes
};

// `trace_of(workload, random)`: a trace, or null for a computation to pass over.
template <typename TraceOf>
void run_cases(const char* stream, const Cases& cases, const TraceOf& trace_of) {
  const OpenTarget cpu = test::built_target("cpu");
  Tally tally;
  int failures = 0;
  for (int64_t n = 0; n < cases.number && failures < 5; ++n) {
    const auto seed = static_cast<uint64_t>(n / cases.per_schedule);
    RandomStream random(seed, stream);
    const auto w = std::make_shared<const Workload>(random_workload(random));
    const Legal<Trace> trace = trace_of(*w, *cpu.description, random);
    if (!trace) {
      ++tally.rejected;
      continue;
    }
    LowerOptions options;
    if (cases.per_schedule > 1)
      options.disabled = test::left_out(static_cast<uint64_t>(n) * 13 % test::pass_choices());
    const std::string wrong = mistakes_of(w, cpu, *trace, seed, options, tally);
    if (wrong.empty()) continue;
    ++failures;
    ADD_FAILURE() << "case " << n << " without " << join(options.disabled, ",") << ": "
                  << to_text(*w) << "  " << sizes_text(*w) << "\n"
                  << to_text(*trace, *w, *cpu.description) << "\n"
                  << wrong;
  }
  EXPECT_LE(tally.rejected * 10, cases.number);
  EXPECT_LE(tally.inconclusive * 20, cases.number);
}

Legal<Trace> any_trace(const Workload& w, const TargetDesc& target, RandomStream& random) {
  return random_trace(w, target, random);
}

TEST(CpuRandomSchedules, ComputeWhatTheNotationSays) {
  run_cases("schedules on cores", {cases_to_run(150)}, any_trace);
}

TEST(CpuRandomSchedules, ComputeItUnderEveryChoiceOfPasses) {
  run_cases("passes for cores", {cases_to_run(256), 4}, any_trace);
}

TEST(CpuRandomSchedules, SoDoDefaultOnes) {
  run_cases("default schedules on cores", {cases_to_run(150)},
            [](const Workload& w, const TargetDesc& target, RandomStream&) {
              return default_schedule(w, target);
            });
}

}  // namespace
}  // namespace pimjit
