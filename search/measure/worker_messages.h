#ifndef PIMJIT_SEARCH_MEASURE_WORKER_MESSAGES_H_
#define PIMJIT_SEARCH_MEASURE_WORKER_MESSAGES_H_

#include <cstdint>
#include <string>

#include "pimjit/core/workload/notation.h"
#include "pimjit/search/measure/outcome.h"
#include "pimjit/search/measure/problem.h"

namespace pimjit {

// What a tuning process and its workers tell each other: lines of JSON over one socket. First the
// task, answered by a greeting; then trials, each answered by an outcome. Values; any thread.

inline constexpr int kWorkerProtocol = 1;

// What a worker measures: all it needs to make the same Problem.
struct WorkerTask {
  std::string notation;
  NotationOptions options;
  std::string workload;  // workload_key that must come out
  std::string target;    // target string
  std::string plugin;    // path of the manifest
  uint64_t seed = 1;
  int64_t memory_bytes = 0;  // the worker may allocate so much; 0: no limit
};
WorkerTask task_of(const Problem& problem, int64_t memory_bytes);

std::string to_json_line(const WorkerTask& task);
// Errors (internal): "bad_message" with what is wrong.
Result<WorkerTask> task_from_json_line(const std::string& line);

// The answer to a task: ready, or why not.
std::string greeting_line(const Status& ready);
// The error of the worker; "bad_message".
Status read_greeting(const std::string& line);

// A trial: a schedule in canonical names.
std::string trial_line(const std::string& canonical_trace);
Result<std::string> read_trial(const std::string& line);

std::string to_json_line(const Outcome& outcome);
Result<Outcome> outcome_from_json_line(const std::string& line);

}  // namespace pimjit

#endif  // PIMJIT_SEARCH_MEASURE_WORKER_MESSAGES_H_
