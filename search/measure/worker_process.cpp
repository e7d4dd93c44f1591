#include "pimjit/search/measure/worker_process.h"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pimjit/core/support/text.h"

extern char** environ;

namespace pimjit {
namespace {

constexpr int kWorkerSocket = 3;

// Spawns the program with `socket` as its kWorkerSocket, in a process group of its own, so that an
// interrupt from the terminal reaches the tuning process only. 0 or an errno.
int spawn(const std::string& program, int socket, pid_t& pid) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, socket, kWorkerSocket);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  // What plugins print must not get among the answers of the tuning process.
  posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  std::string name = program, option = "--socket", number = std::to_string(kWorkerSocket);
  char* arguments[] = {name.data(), option.data(), number.data(), nullptr};
  const int status =
      ::posix_spawn(&pid, program.c_str(), &actions, &attributes, arguments, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return status;
}

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) {
    const char* name = ::sigabbrev_np(WTERMSIG(status));
    return cat("signal ", WTERMSIG(status), name == nullptr ? "" : cat(" (SIG", name, ")"));
  }
  return cat("exit status ", WEXITSTATUS(status));
}

Error lost(const std::string& what) {
  return internal_error("worker_lost", cat("a worker ", what, " before it was ready"));
}

}  // namespace

Result<std::unique_ptr<WorkerProcess>> WorkerProcess::start(const std::string& program,
                                                            const WorkerTask& task,
                                                            const WorkerLimits& limits,
                                                            const std::function<bool()>& stop) {
  constexpr double kSlowStart = 120;  // seconds, to draw the data of a large computation
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return fail(internal_error("worker_not_started", cat("no socket: ", std::strerror(errno))));
  }
  pid_t pid = 0;
  const int status = spawn(program, ends[1], pid);
  ::close(ends[1]);
  if (status != 0) {
    ::close(ends[0]);
    return fail(internal_error("worker_not_started",
                               cat(program, " does not start: ", std::strerror(status)), {},
                               "pimjit-worker belongs beside pimjit"));
  }
  std::unique_ptr<WorkerProcess> worker(new WorkerProcess(pid, ends[0], limits));
  std::string line;
  if (!worker->lines_.send_line(to_json_line(task))) {
    return fail(lost(cat("ended with ", worker->end(false))));
  }
  switch (worker->lines_.receive_line(std::max(kSlowStart, limits.seconds), stop, line)) {
    case LineSocket::Wait::line:
      break;
    case LineSocket::Wait::closed:
      return fail(lost(cat("ended with ", worker->end(false))));
    case LineSocket::Wait::late:
      return fail(lost(cat("took more than ", kSlowStart, " s")));
    case LineSocket::Wait::stopped:
      return fail(lost("was stopped"));
  }
  if (const Status ready = read_greeting(line); !ready) return fail(ready.error());
  return worker;
}

WorkerProcess::~WorkerProcess() {
  end(true);
  ::close(socket_);
}

std::string WorkerProcess::end(bool kill_it) {
  usable_ = false;
  if (pid_ <= 0) return {};
  if (kill_it) ::kill(pid_, SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
  return how_it_ended(status);
}

// After so many trials, or when it holds half of the memory it may: what leaks must not add up
// until an innocent schedule meets the limit.
bool WorkerProcess::is_spent() const {
  if (measured_ >= limits_.trials) return true;
  if (limits_.memory_bytes <= 0) return false;
  std::ifstream file(cat("/proc/", pid_, "/statm"));
  int64_t size = 0, resident = 0;
  file >> size >> resident;
  return resident * ::sysconf(_SC_PAGESIZE) > limits_.memory_bytes / 2;
}

std::optional<Outcome> WorkerProcess::measure(const std::string& canonical_trace,
                                              const std::function<bool()>& stop) {
  Outcome outcome;
  outcome.verdict = Verdict::crash;
  std::string line;
  if (!lines_.send_line(trial_line(canonical_trace))) {
    outcome.detail = cat("the worker had ended with ", end(false));
    return outcome;
  }
  switch (lines_.receive_line(limits_.seconds, stop, line)) {
    case LineSocket::Wait::line:
      break;
    case LineSocket::Wait::closed:
      outcome.detail = cat("the worker ended with ", end(false));
      return outcome;
    case LineSocket::Wait::late:
      end(true);
      outcome.verdict = Verdict::timeout;
      outcome.detail = cat("not done after ", shortest(limits_.seconds), " s");
      return outcome;
    case LineSocket::Wait::stopped:
      end(true);
      return std::nullopt;
  }
  Result<Outcome> answered = outcome_from_json_line(line);
  if (!answered) {
    end(true);
    outcome.detail = cat(answered.error().code, ": ", answered.error().what);
    return outcome;
  }
  ++measured_;
  usable_ = !is_spent();
  return std::move(*answered);
}

}  // namespace pimjit
