#include "pimjit/search/measure/local_measurer.h"

#include <algorithm>
#include <optional>

#include "pimjit/core/lower/lower.h"
#include "pimjit/core/run/run_once.h"
#include "pimjit/core/run/unit_timer.h"
#include "pimjit/core/schedule/longest_sums.h"
#include "pimjit/core/support/text.h"
#include "pimjit/core/verify/gate.h"
#include "pimjit/search/measure/clock.h"
#include "pimjit/search/measure/trial_jobs.h"
#include "pimjit/search/measure/unit_gate.h"

namespace pimjit {
namespace {

Outcome failed(Verdict verdict, const Error& error) {
  Outcome outcome;
  outcome.verdict = verdict;
  outcome.detail = cat(error.code, ": ", error.what, error.where.empty() ? "" : " (", error.where,
                       error.where.empty() ? "" : ")");
  return outcome;
}

Verdict verdict_of(const Error& error) {
  if (error.code == "wrong_result") return Verdict::wrong;
  if (error.code == "timeout") return Verdict::timeout;
  return Verdict::device_error;
}

class LocalBuilder : public Builder {
 public:
  explicit LocalBuilder(std::shared_ptr<const Problem> problem) : problem_(std::move(problem)) {}

  Result<Built> build(const Trace& trace) const override {
    const auto& workload = problem_->workload;
    const auto& target = problem_->target;
    const Legal<Schedule> schedule = replay(*workload, *target.description, trace);
    if (!schedule) {
      return fail(render(schedule.error(), *workload, *target.description, nullptr, &trace));
    }
    Result<LoweredModule> module = lower(workload, target.description, *schedule);
    if (!module) return fail(module.error());
    auto images = build_images(target.plugin, *module);
    if (!images) return fail(images.error());
    return Built{std::make_shared<const LoweredModule>(std::move(*module)), std::move(*images)};
  }

 private:
  std::shared_ptr<const Problem> problem_;
};

void take_report(const RunReport& report, Outcome& outcome) {
  outcome.total_ns = report.total_ns;
  outcome.origin = report.origin;
  for (size_t p = 0; p < outcome.phase_ns.size(); ++p) outcome.phase_ns[p] = report.phases[p].ns;
}

// A whole call on the gate data; `sample` elements of the output are compared, all where it is 0.
Result<Verification> check_whole(const Problem& problem, const ModuleRunner& runner,
                                 const Schedule& schedule, int64_t sample) {
  const Result<RunAnswer> answer = call(runner, problem.gate_data);
  if (!answer) return fail(answer.error());
  const Workload& w = *problem.workload;
  const Result<GateReport> report =
      compare(w, problem.gate_data, answer->output, {sample, problem.seed, longest_sums(schedule)});
  if (!report) return fail(report.error());
  if (!report->ok) {
    return fail(internal_error("wrong_result",
                               report->text(w.tensors[static_cast<size_t>(w.output())].name)));
  }
  return Verification{report->method, report->checked, 0, report->max_error, problem.seed + 1};
}

class LocalRunner : public Runner {
 public:
  LocalRunner(std::shared_ptr<const Problem> problem, std::shared_ptr<DeviceSpace> space)
      : problem_(std::move(problem)), space_(std::move(space)) {}

  Outcome run(const Built& built) override {
    Outcome outcome;
    outcome.verdict = Verdict::ok;
    Clock::time_point begin = Clock::now();
    const Status timed = time(built, outcome);
    outcome.run_s = seconds_since(begin);
    if (!timed) return failed(verdict_of(timed.error()), timed.error());
    begin = Clock::now();
    Result<Verification> right =
        modelled() ? check_units(built, space_, *problem_) : check_call(built);
    if (!right && right.error().code == "whole_launches") right = check_call(built);
    outcome.gate_s = seconds_since(begin);
    if (!right) return failed(verdict_of(right.error()), right.error());
    outcome.verified = std::move(*right);
    return outcome;
  }

 private:
  bool modelled() const { return problem_->target.description->origin == TimeOrigin::modelled; }

  Status time(const Built& built, Outcome& outcome) {
    if (modelled()) {
      Result<UnitTimer> timer = UnitTimer::create(built.module, space_, built.images);
      if (timer) {
        const Result<UnitTiming> timing =
            timer->run(input_views(*problem_->workload, problem_->timing_data));
        if (!timing) return fail(timing.error());
        take_report(timing->report, outcome);
        return {};
      }
      if (timer.error().code != "whole_launches") return fail(timer.error());
    }
    return time_calls(built, outcome);
  }

  // Whole calls: one to warm up, then until their sum is long enough to be trusted. What takes so
  // long at once needs no warming up.
  Status time_calls(const Built& built, Outcome& outcome) {
    constexpr double kLongEnough = 20e6, kLongAtOnce = 200e6;  // ns
    constexpr size_t kMostCalls = 50;
    const Result<ModuleRunner> runner = ModuleRunner::create(built.module, space_, built.images);
    if (!runner) return fail(runner.error());
    std::vector<std::pair<double, RunReport>> calls;
    double sum = 0;
    for (size_t c = 0; c < kMostCalls; ++c) {
      const Result<RunAnswer> answer = call(*runner, problem_->timing_data);
      if (!answer) return fail(answer.error());
      const bool slow = answer->report.total_ns >= kLongAtOnce;
      if (!modelled() && c == 0 && !slow) continue;
      calls.emplace_back(answer->report.total_ns, answer->report);
      sum += answer->report.total_ns;
      if (modelled() || slow || (calls.size() >= 3 && sum >= kLongEnough)) break;
    }
    std::sort(calls.begin(), calls.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    take_report(calls[calls.size() / 2].second, outcome);
    outcome.runs = static_cast<int64_t>(calls.size());
    const double quartiles = calls[calls.size() * 3 / 4].first - calls[calls.size() / 4].first;
    outcome.spread = quartiles / std::max(outcome.total_ns, 1.0);
    return {};
  }

  Result<Verification> check_call(const Built& built) {
    const Result<ModuleRunner> runner = ModuleRunner::create(built.module, space_, built.images);
    if (!runner) return fail(runner.error());
    return check_whole(*problem_, *runner, built.module->schedule, kGateElements);
  }

  std::shared_ptr<const Problem> problem_;
  std::shared_ptr<DeviceSpace> space_;
};

class LocalMeasurer : public Measurer {
 public:
  LocalMeasurer(std::shared_ptr<const Problem> problem,
                std::vector<std::unique_ptr<Runner>> runners)
      : builder_(make_builder(std::move(problem))), runners_(std::move(runners)) {
    for (const auto& runner : runners_) {
      jobs_.emplace_back([this, &runner](const Trace& trace) {
        return std::optional(measure_one(*builder_, *runner, trace));
      });
    }
  }

  std::vector<Outcome> measure(const std::vector<Trace>& traces, const std::function<bool()>& stop,
                               const std::function<void(size_t, const Outcome&)>& done) override {
    return run_trials(jobs_, traces, stop, done);
  }
  int jobs() const override { return static_cast<int>(jobs_.size()); }

 private:
  std::unique_ptr<Builder> builder_;
  std::vector<std::unique_ptr<Runner>> runners_;
  std::vector<TrialJob> jobs_;
};

}  // namespace

std::unique_ptr<Builder> make_builder(std::shared_ptr<const Problem> problem) {
  return std::make_unique<LocalBuilder>(std::move(problem));
}

Result<std::unique_ptr<Runner>> make_runner_of(std::shared_ptr<const Problem> problem) {
  Result<Device> device = problem->target.plugin.open(problem->target.description->plugin);
  if (!device) return fail(device.error());
  auto space = std::make_shared<DeviceSpace>(std::move(*device), problem->target.description);
  return std::unique_ptr<Runner>(
      std::make_unique<LocalRunner>(std::move(problem), std::move(space)));
}

Outcome measure_one(const Builder& builder, Runner& runner, const Trace& trace) {
  const Clock::time_point begin = Clock::now();
  const Result<Built> built = builder.build(trace);
  const double build_s = seconds_since(begin);
  Outcome outcome;
  if (built) {
    outcome = runner.run(*built);
  } else {
    outcome =
        failed(built.error().origin == Origin::user ? Verdict::rejected : Verdict::build_error,
               built.error());
  }
  outcome.build_s = build_s;
  return outcome;
}

Result<std::unique_ptr<Measurer>> make_local_measurer(std::shared_ptr<const Problem> problem,
                                                      int jobs) {
  std::vector<std::unique_ptr<Runner>> runners;
  for (int j = 0; j < std::max(jobs, 1); ++j) {
    auto runner = make_runner_of(problem);
    if (!runner) return fail(runner.error());
    runners.push_back(std::move(*runner));
  }
  return std::unique_ptr<Measurer>(
      std::make_unique<LocalMeasurer>(std::move(problem), std::move(runners)));
}

Result<Verification> verify_whole(const Problem& problem, const Trace& trace) {
  constexpr double kWholeCheck = 1073741824;  // evaluations of the body
  constexpr int64_t kSample = 4096;
  const LocalBuilder builder(std::make_shared<const Problem>(
      Problem{problem.workload, problem.target, {}, {}, problem.seed, {}}));
  const Result<Built> built = builder.build(trace);
  if (!built) return fail(built.error());
  const Result<ModuleRunner> runner = make_runner(problem.target, built->module);
  if (!runner) return fail(runner.error());
  double evaluations = 0;
  for (const Stage& stage : problem.workload->stages) {
    double of_stage = 1;
    for (const Axis& axis : stage.axes) of_stage *= static_cast<double>(axis.extent);
    evaluations += of_stage;
  }
  return check_whole(problem, *runner, built->module->schedule,
                     evaluations > kWholeCheck ? kSample : 0);
}

}  // namespace pimjit
