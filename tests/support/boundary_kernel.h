#ifndef PIMJIT_TESTS_SUPPORT_BOUNDARY_KERNEL_H_
#define PIMJIT_TESTS_SUPPORT_BOUNDARY_KERNEL_H_

#include <string>

#include "pimjit/core/lower/boundary.h"

namespace pimjit::test {

// Kernels written by hand for tests of the boundary passes: 4 threads; buffers A, B and C (C
// written) of 1024 elements in a bank that only copies reach; a, b and c of 256 in a scratch; rows
// and cols are arguments; variables i, j, k, x of type i32, v and w of i64, y of i8. Links load
// (bank to scratch) and store move 8 to 256 B in multiples of 8 B; near joins scratch to scratch.
Kernel boundary_kernel(const std::string& body);
KernelRules boundary_rules(const Kernel& kernel);
// All buffers padded, scratch ones owned.
std::vector<BufferTraits> boundary_traits(const Kernel& kernel);
// The statements of the kernel, without the braces around them.
std::string body_of(const Kernel& kernel);
// `body` as the printer writes it.
std::string written(const std::string& body);
// An expression that is always 0 but whose coefficients do not fit 64 bits once it is taken apart:
// it has no linear form.
std::string without_linear_form();

}  // namespace pimjit::test

#endif  // PIMJIT_TESTS_SUPPORT_BOUNDARY_KERNEL_H_
