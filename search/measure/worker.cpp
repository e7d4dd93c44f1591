#include "pimjit/search/measure/worker.h"

#include <new>
#include <thread>

#include <poll.h>
#include <sys/resource.h>

#include "pimjit/core/support/text.h"
#include "pimjit/search/measure/line_socket.h"
#include "pimjit/search/measure/local_measurer.h"
#include "pimjit/search/measure/worker_messages.h"

namespace pimjit {
namespace {

// Calls `deserted` when the other side is gone: nobody waits for what is being measured.
void watch(int socket, const std::function<void()>& deserted) {
  std::thread([socket, deserted] {
    pollfd gone{socket, POLLRDHUP, 0};
    while (::poll(&gone, 1, -1) <= 0) {
    }
    deserted();
  }).detach();
}

Status limit_memory(int64_t bytes) {
  if (bytes <= 0) return {};
  const rlimit limit{static_cast<rlim_t>(bytes), static_cast<rlim_t>(bytes)};
  // Private writable memory; address space alone costs nothing, and sanitizers reserve much of it.
  if (::setrlimit(RLIMIT_DATA, &limit) == 0) return {};
  return fail(internal_error("memory_limit", cat("memory cannot be limited to ", bytes, " B")));
}

Result<std::shared_ptr<const Problem>> problem_of(const WorkerTask& task) {
  if (Status limited = limit_memory(task.memory_bytes); !limited) return fail(limited.error());
  Result<Workload> workload = parse_workload(task.notation, task.options);
  if (!workload) return fail(workload.error());
  if (workload_key(*workload) != task.workload) {
    return fail(internal_error(
        "bad_message", cat("\"", task.notation,
                           "\" reads back as another computation: ", workload_key(*workload))));
  }
  auto target = open_target(task.target, discover(search_places({task.plugin}, "")));
  if (!target) return fail(target.error());
  return make_problem(std::make_shared<const Workload>(std::move(*workload)), std::move(*target),
                      task.seed);
}

class Trials {
 public:
  Status open(const WorkerTask& task) {
    auto problem = problem_of(task);
    if (!problem) return fail(problem.error());
    problem_ = std::move(*problem);
    auto runner = make_runner_of(problem_);
    if (!runner) return fail(runner.error());
    runner_ = std::move(*runner);
    builder_ = make_builder(problem_);
    return {};
  }

  Outcome measure(const std::string& canonical_trace) {
    const Result<Trace> trace =
        read_canonical_trace(canonical_trace, *problem_->workload, *problem_->target.description);
    Outcome outcome;
    if (!trace) {
      outcome.verdict = Verdict::rejected;
      outcome.detail = cat(trace.error().code, ": ", trace.error().what);
      return outcome;
    }
    // Out of memory is what the limit leads to: a verdict on the schedule, not on the worker.
    try {
      return measure_one(*builder_, *runner_, *trace);
    } catch (const std::bad_alloc&) {
      outcome.verdict = Verdict::crash;
      outcome.detail = "out_of_memory: it allocated more than it may";
      return outcome;
    }
  }

 private:
  std::shared_ptr<const Problem> problem_;
  std::unique_ptr<Builder> builder_;
  std::unique_ptr<Runner> runner_;
};

}  // namespace

Status serve_trials(int socket, const std::function<void()>& deserted) {
  const Error lost = internal_error("lost_socket", "the process that tunes is gone");
  LineSocket lines(socket);
  std::string line;
  if (lines.receive_line(0, {}, line) != LineSocket::Wait::line) return fail(lost);
  watch(socket, deserted);
  Trials trials;
  const Result<WorkerTask> task = task_from_json_line(line);
  const Status ready = task ? trials.open(*task) : fail(task.error());
  if (!lines.send_line(greeting_line(ready))) return fail(lost);
  if (!ready) return ready;
  while (lines.receive_line(0, {}, line) == LineSocket::Wait::line) {
    const Result<std::string> trace = read_trial(line);
    if (!trace) return fail(trace.error());
    if (!lines.send_line(to_json_line(trials.measure(*trace)))) return fail(lost);
  }
  return {};
}

}  // namespace pimjit
