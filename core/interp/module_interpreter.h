#ifndef PIMJIT_CORE_INTERP_MODULE_INTERPRETER_H_
#define PIMJIT_CORE_INTERP_MODULE_INTERPRETER_H_

#include <vector>

#include "pimjit/core/interp/kernel_interpreter.h"
#include "pimjit/core/lower/lowered_module.h"
#include "pimjit/core/support/tensor.h"

namespace pimjit {

// Runs a lowered module by the letter: the host program operation by operation in order, kernels
// on interpret_kernel, all memory with poison. `inputs` are the tensors of Workload::inputs() in
// that order. The answer has one tensor per Workload::tensors: the inputs as given, intermediates
// and the output as computed; an intermediate of which host memory never holds all values is empty
// (shape {0}).
//
// Errors: user input_mismatch; internal: what verify_host_program, interpret_kernel and the
// transfers find, and copy_size, copy_alignment, scope_overflow, copy_back_conflict,
// launch_mismatch, poison_in_tensor. Each names operation, buffer, unit and numbers. Pure; any
// thread.
Result<std::vector<HostTensor>> interpret(const LoweredModule& module,
                                          const std::vector<HostTensor>& inputs,
                                          const InterpreterOptions& options = {});

}  // namespace pimjit

#endif  // PIMJIT_CORE_INTERP_MODULE_INTERPRETER_H_
