#ifndef PIMJIT_JIT_HOST_STAGE_CODE_H_
#define PIMJIT_JIT_HOST_STAGE_CODE_H_

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "pimjit/core/lower/lowered_module.h"
#include "pimjit/core/support/error.h"
#include "pimjit/jit/engine/engine.h"
#include "pimjit/jit/kernel_code/kernel_code.h"
#include "pimjit/jit/parallel/parallel_for.h"

namespace pimjit {

// A stage that runs on the host as machine code. The statements of its body are functions of their
// own, which run one after another; a parallel loop among them is shared out among threads.
class StageCode {
 public:
  // Errors, internal: those of serialize, emit_kernel and Engine::add.
  static Result<StageCode> compile(const HostKernel& stage, const Engine& engine,
                                   const CompileOptions& options);

  // `memory`: per buffer of the kernel the row-major tensor. Errors, internal: host_threads_failed.
  // Any thread, on distinct results.
  Status run(ThreadTeam* team, std::span<std::byte* const> memory) const;

 private:
  struct Part {
    KernelEntry* entry = nullptr;
    int64_t iterations = 0;  // of a parallel loop; 0: one call is the whole part
    int64_t grain = 1;
  };
  std::vector<Part> parts_;
  std::vector<JitCode> code_;
  std::vector<int> params_;  // per buffer of the kernel: its launch argument
};

// A stage for pieces of rows (HostOp::row_kernel) as machine code.
class StageRowCode {
 public:
  // `shape` of the stage's output. Errors as StageCode.
  static Result<StageRowCode> compile(const HostKernel& row, std::vector<int64_t> shape,
                                      const Engine& engine, const CompileOptions& options);

  // Elements [first, first + count) of the row-major output; `memory` as StageCode::run. Any
  // thread, on distinct elements.
  void run(std::span<std::byte* const> memory, int64_t first, int64_t count) const;

 private:
  KernelEntry* entry_ = nullptr;
  JitCode code_;
  std::vector<int> params_;
  std::vector<int64_t> shape_;
};

}  // namespace pimjit

#endif  // PIMJIT_JIT_HOST_STAGE_CODE_H_
