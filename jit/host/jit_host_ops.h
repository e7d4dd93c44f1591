#ifndef PIMJIT_JIT_HOST_JIT_HOST_OPS_H_
#define PIMJIT_JIT_HOST_JIT_HOST_OPS_H_

#include <memory>

#include "pimjit/core/lower/lowered_module.h"
#include "pimjit/core/run/host_ops.h"
#include "pimjit/core/support/error.h"
#include "pimjit/jit/llvm/compile.h"

namespace pimjit {

struct HostCodeOptions {
  int threads = 0;  // that one operation may use; 0: as many as the process may
  CompileOptions compile;
};

// Compiles the host's side of modules: packing, unpacking, reductions, filling and stages as
// loops for exactly these shapes, large ones shared out among threads. A cheap handle; copies share
// one linker and one team of threads. Any thread.
class HostCompiler {
 public:
  // Errors, internal: engine_failed, out_of_memory.
  static Result<HostCompiler> create(const HostCodeOptions& options = {});

  // Host operations as machine code, compiled here for row-major tensors and at the first call that
  // brings one with gaps for those. Results are those of make_plain_host_ops, bit by bit, but for
  // payloads and signs of NaNs. Errors, internal: those of emit_host_program,
  // StageCode::compile and Engine::add.
  Result<std::unique_ptr<HostOps>> compile(std::shared_ptr<const LoweredModule> module) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

}  // namespace pimjit

#endif  // PIMJIT_JIT_HOST_JIT_HOST_OPS_H_
