#ifndef PIMJIT_JIT_HOST_HOST_PROGRAM_CODE_H_
#define PIMJIT_JIT_HOST_HOST_PROGRAM_CODE_H_

#include <string>
#include <vector>

#include "pimjit/core/lower/lowered_module.h"
#include "pimjit/core/support/error.h"
#include "pimjit/jit/host/transfer_nest.h"
#include "pimjit/jit/llvm/ir_module.h"

namespace pimjit {

// The operations of a host program that generated code does, as one module of LLVM IR.
struct HostProgramCode {
  IrModule module;
  std::vector<std::string> transfers;  // NestEntry of each operation, "" for none
  std::vector<std::string> slices;     // NestEntry of one slice of each operation, "" for none
  std::vector<bool> followed;          // per operation: its NestEntry takes a NestFollower
  std::vector<std::string> entries() const;
};

// Row-major: what calls with row-major tensors use, so transfers in place have code for single
// slices only, if they stage any. Strided: every transfer as a whole. Errors, internal:
// map_expression, code_generator_failed, out_of_memory. Any thread.
Result<HostProgramCode> emit_host_program(const LoweredModule& module, TensorLayout layout);

}  // namespace pimjit

#endif  // PIMJIT_JIT_HOST_HOST_PROGRAM_CODE_H_
