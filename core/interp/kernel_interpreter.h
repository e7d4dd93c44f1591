#ifndef PIMJIT_CORE_INTERP_KERNEL_INTERPRETER_H_
#define PIMJIT_CORE_INTERP_KERNEL_INTERPRETER_H_

#include <cstdint>
#include <vector>

#include "pimjit/core/interp/memory.h"
#include "pimjit/core/ir/kernel.h"
#include "pimjit/core/support/error.h"
#include "pimjit/core/target/target_desc.h"

namespace pimjit {

// Runs kernels by the letter of docs/ir.md and reports everything that page calls an error. The
// reference for kernel compilers, evaluators and lowering; shares no code with them.

struct InterpreterOptions {
  bool second_order = true;    // run once more with the instances in descending order and compare
  bool races = true;           // look for accesses that no barrier separates
  bool ranges = true;          // values read lie in the declared range of their buffer
  int64_t max_statements = 0;  // give up after so many statements; 0: never
};

// Memory of a kernel buffer of kind `device`: bytes from the buffer's start in each instance of
// its scope, at least as many instances as the launch has. Null for buffers of kind `local`.
struct KernelMemory {
  ShadowMemory* memory = nullptr;
};

// Runs all instances of the kernel; `arguments` are the launch arguments, `memory` has one entry
// per kernel buffer. Every scope instance has one store; the instances inside a barrier's reach run
// one after another between barriers. `target` gives the rules of scopes and links, those of the
// kernel's tables being the target's; null: no rules, as for kernels of the host.
//
// Errors, internal, each naming kernel, statement, buffer, instance and numbers: kernel_malformed,
// launch_mismatch (arguments, memory), index_out_of_bounds, element_access, not_written_buffer,
// copy_size, copy_alignment, copy_overlap, poison_used, uninitialised_read, value_out_of_range,
// race, barrier_not_uniform, lockstep_divergence, order_dependence,
// loop_overflow, too_many_statements. On an error the memory has unspecified contents.
// Pure apart from `memory`; calls on distinct memories may run in parallel.
Status interpret_kernel(const Kernel& kernel, const TargetDesc* target,
                        const std::vector<int64_t>& arguments,
                        const std::vector<KernelMemory>& memory,
                        const InterpreterOptions& options = {});

}  // namespace pimjit

#endif  // PIMJIT_CORE_INTERP_KERNEL_INTERPRETER_H_
