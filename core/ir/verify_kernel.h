#ifndef PIMJIT_CORE_IR_VERIFY_KERNEL_H_
#define PIMJIT_CORE_IR_VERIFY_KERNEL_H_

#include <string>
#include <vector>

#include "pimjit/core/ir/kernel.h"
#include "pimjit/core/support/error.h"

namespace pimjit {

// What a target says about the entries of a kernel's tables, by the same positions. The defaults
// allow everything.
struct ScopeRules {
  bool element_access = true;    // single elements may be loaded and stored
  int64_t alignment = 1;         // bytes, of every buffer in it
  int64_t capacity = INT64_MAX;  // bytes of local buffers in one instance
};
struct LinkRules {  // of one copy: bytes, and both addresses
  int64_t min_bytes = 1, max_bytes = INT64_MAX, multiple = 1, alignment = 1;
};
struct LevelRules {
  bool barrier = true;
  uint32_t combine = ~0u;  // native operations, bits 1 << CombineOp
};
struct KernelRules {
  std::vector<ScopeRules> scopes;
  std::vector<LinkRules> links;
  std::vector<LevelRules> levels;
  bool control_flow = true;  // conditions, and loops whose count is not a constant, are possible

  // Rules that allow everything, one entry per entry of the kernel's tables.
  static KernelRules permissive(const Kernel& kernel);
};

// How far a kernel has come; each stage includes the checks of those before it.
enum class KernelStage : uint8_t {
  structure = 0,  // a well-formed kernel
  placed = 1,     // buffers are in their scopes, data moves by copies; combine may be lowered still
  complete = 2,   // ready for a target
};

// A broken rule. `code` is the name of the check in docs/ir.md's table; `place` a statement or
// table entry as text.
struct KernelViolation {
  std::string code;
  std::string what;
  std::string place;
  int64_t have = 0, limit = 0;  // the two numbers that conflict, where there are any
};

// All broken rules in the order of the checks; when the structure is broken, only that is reported.
// A pure function; safe on any kernel, also with null nodes. Cost: linear in the size of the kernel
// times the depth of nesting.
std::vector<KernelViolation> violations(const Kernel& kernel, KernelStage stage,
                                        const KernelRules& rules);

// The first violation as an error (internal, kernel_invalid).
Status verify_kernel(const Kernel& kernel, KernelStage stage, const KernelRules& rules);

}  // namespace pimjit

#endif  // PIMJIT_CORE_IR_VERIFY_KERNEL_H_
