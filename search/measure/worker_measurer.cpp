#include "pimjit/search/measure/worker_measurer.h"

#include <algorithm>

#include "pimjit/core/support/text.h"
#include "pimjit/search/measure/trial_jobs.h"

namespace pimjit {
namespace {

class WorkerMeasurer : public Measurer {
 public:
  WorkerMeasurer(std::shared_ptr<const Problem> problem, std::string program, WorkerLimits limits,
                 int jobs)
      : problem_(std::move(problem)),
        program_(std::move(program)),
        limits_(limits),
        task_(task_of(*problem_, limits.memory_bytes)),
        workers_(static_cast<size_t>(std::max(jobs, 1))) {}

  Status start_first() { return have_worker(workers_.front(), {}); }

  std::vector<Outcome> measure(const std::vector<Trace>& traces, const std::function<bool()>& stop,
                               const std::function<void(size_t, const Outcome&)>& done) override {
    std::vector<TrialJob> jobs;
    for (auto& worker : workers_) {
      jobs.emplace_back([&](const Trace& trace) { return measure_one(worker, trace, stop); });
    }
    return run_trials(jobs, traces, stop, done);
  }
  int jobs() const override { return static_cast<int>(workers_.size()); }

 private:
  using Worker = std::unique_ptr<WorkerProcess>;

  Status have_worker(Worker& worker, const std::function<bool()>& stop) {
    if (worker && worker->usable()) return {};
    worker.reset();
    auto started = WorkerProcess::start(program_, task_, limits_, stop);
    if (!started) return fail(started.error());
    worker = std::move(*started);
    return {};
  }

  std::optional<Outcome> measure_one(Worker& worker, const Trace& trace,
                                     const std::function<bool()>& stop) {
    if (const Status ready = have_worker(worker, stop); !ready) {
      if (stop()) return std::nullopt;
      Outcome outcome;
      outcome.verdict = Verdict::device_error;
      outcome.detail = cat(ready.error().code, ": ", ready.error().what);
      return outcome;
    }
    return worker->measure(
        canonical_trace(trace, *problem_->workload, *problem_->target.description), stop);
  }

  std::shared_ptr<const Problem> problem_;
  std::string program_;
  WorkerLimits limits_;
  WorkerTask task_;
  std::vector<Worker> workers_;
};

}  // namespace

Result<std::unique_ptr<Measurer>> make_worker_measurer(std::shared_ptr<const Problem> problem,
                                                       int jobs, const std::string& program,
                                                       const WorkerLimits& limits) {
  auto measurer = std::make_unique<WorkerMeasurer>(std::move(problem), program, limits, jobs);
  if (const Status started = measurer->start_first(); !started) return fail(started.error());
  return std::unique_ptr<Measurer>(std::move(measurer));
}

}  // namespace pimjit
