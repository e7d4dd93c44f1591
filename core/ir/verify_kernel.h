#ifndef PIMJIT_CORE_IR_VERIFY_KERNEL_H_
#define PIMJIT_CORE_IR_VERIFY_KERNEL_H_

#include <cstdint>
#include <vector>

#include "pimjit/core/ir/kernel.h"
#include "pimjit/core/support/error.h"

namespace pimjit {

// What a machine allows a kernel: the part of a target description that the verifier reads. Same
// order as the tables of the kernel; sizes in bytes.
struct ScopeRules {
  bool element_loads = true;
  bool element_stores = true;
  int64_t granule = 1;
  int64_t alignment = 1;
  int64_t capacity = INT64_MAX;
};
struct LinkRules {
  int64_t minimum = 1;
  int64_t maximum = INT64_MAX;
  int64_t multiple = 1;
  int64_t alignment = 1;
};
struct LevelRules {
  bool barrier = false;
  uint32_t combine = 0;  // bits 1 << CombineOp that a kernel may use as they are
};
struct KernelRules {
  std::vector<LevelRules> levels;
  std::vector<ScopeRules> scopes;
  std::vector<LinkRules> links;
  bool control_flow = true;
};

// The rules of docs/ir.md for a kernel that stands alone, and those of the machine, as a table of
// checks. The error (internal) names statement, table entry and numbers. Pure; any thread.
Status verify_kernel(const Kernel& kernel, const KernelRules& rules);

}  // namespace pimjit

#endif  // PIMJIT_CORE_IR_VERIFY_KERNEL_H_
