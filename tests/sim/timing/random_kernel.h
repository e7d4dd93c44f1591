#ifndef PIMJIT_TESTS_SIM_TIMING_RANDOM_KERNEL_H_
#define PIMJIT_TESTS_SIM_TIMING_RANDOM_KERNEL_H_

#include <cstdint>
#include <string>

namespace pimjit::sim::testing {

// What random kernels contain besides private work, which they all do.
struct KernelShape {
  int tasklets = 1;
  bool faults = false;  // some thread leaves WRAM or MRAM, or stops itself, somewhere
};

// DPU assembly without races: straight code, products with an early exit, nested loops, branches
// and calls that depend on data and thread, transfers of 8 to 2048 bytes both ways, critical
// sections whose order decides how long threads work, barriers, handshakes, semaphores, threads
// that read the clock and go by it. It ends, unless a thread faults.
std::string random_kernel(std::uint64_t seed, const KernelShape& shape);

}  // namespace pimjit::sim::testing

#endif  // PIMJIT_TESTS_SIM_TIMING_RANDOM_KERNEL_H_
