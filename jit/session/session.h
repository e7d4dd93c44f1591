#ifndef PIMJIT_JIT_SESSION_SESSION_H_
#define PIMJIT_JIT_SESSION_SESSION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pimjit/core/plugin/plugin.h"
#include "pimjit/core/workload/notation.h"
#include "pimjit/jit/session/callable.h"
#include "pimjit/jit/session/module_code.h"
#include "pimjit/jit/session/schedule_source.h"

namespace pimjit {

struct SessionOptions {
  // Where plugins are looked for before PIMJIT_PLUGIN_PATH and the installation: manifests or
  // folders.
  std::vector<std::string> plugin_paths;
  HostServices services;  // lent to plugins
  // Null: the default schedule for everything.
  std::shared_ptr<const ScheduleSource> schedules;
  MakeHostOps make_host_ops;  // null: machine code, by a HostCompiler of the session's own
  // Compiled kernels, the last ones asked for, that stay although no Callable holds them.
  size_t kept_kernels = 32;
};

struct CompileRequest {
  std::shared_ptr<const ScheduleSource> schedules = {};  // null: the session's
  std::vector<std::string> without_passes = {};          // optional passes of lowering to leave out
};

// What a session has done so far. compiles + found + waited + failed is the number of compile().
struct SessionCounters {
  uint64_t compiles = 0;  // kernels made
  uint64_t found = 0;     // asked for again while they were there
  uint64_t waited = 0;    // for another thread that was making the same, whatever came of it
  uint64_t failed = 0;
  uint64_t opened = 0;  // targets
};

// Compiles computations for their exact sizes while the program runs. Targets are opened once and
// stay open with the session and its Callables. Every member may be called from any thread, several
// at once. Movable; an application needs one.
class Session {
 public:
  explicit Session(SessionOptions options = {});
  ~Session();
  Session(Session&& other) noexcept;
  Session& operator=(Session&& other) noexcept;

  // `target` is a target string: "cpu", "toy:units=8". The same computation at the same sizes,
  // types and ranges on the same target with the same schedules is compiled once: asked for again
  // it is there, and threads that ask at the same time get one and the same result or error.
  // Errors: user for an unknown target, a computation or a schedule that the target cannot run,
  // unknown_pass; target for a plugin at fault.
  Result<Callable> compile(const Workload& workload, const std::string& target,
                           const CompileRequest& options = {}) const;
  // From notation or the name of an operator: compile("mtv", {.sizes{{"i", 999}, {"k", 70}}},
  // "cpu").
  Result<Callable> compile(std::string_view computation, const NotationOptions& notation,
                           const std::string& target, const CompileRequest& options = {}) const;

  SessionCounters counters() const;
  // Lets go of the kernels it keeps; those that a Callable holds stay.
  void clear() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pimjit

#endif  // PIMJIT_JIT_SESSION_SESSION_H_
