#ifndef PIMJIT_CORE_LOWER_KERNEL_RULES_H_
#define PIMJIT_CORE_LOWER_KERNEL_RULES_H_

#include "pimjit/core/ir/verify_kernel.h"
#include "pimjit/core/target/target_desc.h"

namespace pimjit {

// What a target allows its kernels, in the order of a kernel's tables, as the verifier of kernels
// reads it.
KernelRules kernel_rules(const TargetDesc& target);

}  // namespace pimjit

#endif  // PIMJIT_CORE_LOWER_KERNEL_RULES_H_
