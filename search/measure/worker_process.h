#ifndef PIMJIT_SEARCH_MEASURE_WORKER_PROCESS_H_
#define PIMJIT_SEARCH_MEASURE_WORKER_PROCESS_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "pimjit/search/measure/line_socket.h"
#include "pimjit/search/measure/outcome.h"
#include "pimjit/search/measure/worker_messages.h"

namespace pimjit {

struct WorkerLimits {
  double seconds = 30;       // for one schedule, from when a worker that waits is given it
  int64_t memory_bytes = 0;  // of one worker's private memory; 0: no limit
  int64_t trials = 500;      // then a worker is replaced
};

// One worker: a process of its own that measures what it is given. One thread at a time.
class WorkerProcess {
 public:
  // Starts `program` (pimjit-worker) and gives it the task. Errors: "worker_not_started"
  // (internal), "worker_lost" (internal) when it ends or is late, those that it reports itself.
  static Result<std::unique_ptr<WorkerProcess>> start(const std::string& program,
                                                      const WorkerTask& task,
                                                      const WorkerLimits& limits,
                                                      const std::function<bool()>& stop);
  ~WorkerProcess();  // ends the process
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  // Measures a schedule. Nothing when `stop` said so first. A worker that dies gives the verdict
  // `crash` with its signal or exit status, one that is late `timeout`; usable() is false then.
  std::optional<Outcome> measure(const std::string& canonical_trace,
                                 const std::function<bool()>& stop);
  bool usable() const { return usable_; }

 private:
  WorkerProcess(int pid, int socket, const WorkerLimits& limits)
      : pid_(pid), socket_(socket), limits_(limits), lines_(socket) {}
  std::string end(bool kill_it);  // how it ended
  bool is_spent() const;

  int pid_, socket_;
  WorkerLimits limits_;
  LineSocket lines_;
  int64_t measured_ = 0;
  bool usable_ = true;
};

}  // namespace pimjit

#endif  // PIMJIT_SEARCH_MEASURE_WORKER_PROCESS_H_
