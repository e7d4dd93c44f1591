#ifndef PIMJIT_CORE_LOWER_HOST_TIME_H_
#define PIMJIT_CORE_LOWER_HOST_TIME_H_

#include <vector>

#include "pimjit/core/lower/lowered_module.h"
#include "pimjit/core/target/link_time.h"

namespace pimjit {

// What operations of a host program take on the host that a target description models, in ns. Pure.

// Copies: link_ns. Packing and unpacking: bytes over the host's bandwidth for it, all threads at
// work. Fills: over its copy bandwidth. Stages: evaluated scalar operations. Launches: the host's
// overhead, without the kernel's run time.
double host_op_ns(const LoweredModule& module, const HostOp& op);
// Per operation of the module; `kernel_ns` is added to launches, by kernel; kernels beyond its end
// count nothing.
std::vector<double> host_program_ns(const LoweredModule& module,
                                    const std::vector<double>& kernel_ns);

}  // namespace pimjit

#endif  // PIMJIT_CORE_LOWER_HOST_TIME_H_
