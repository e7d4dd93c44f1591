#ifndef PIMJIT_TESTS_SUPPORT_LOWERED_SAMPLES_H_
#define PIMJIT_TESTS_SUPPORT_LOWERED_SAMPLES_H_

#include <memory>
#include <string>
#include <vector>

#include "pimjit/core/lower/lower.h"
#include "pimjit/core/schedule/trace.h"
#include "pimjit/core/workload/notation.h"

namespace pimjit::test {

// Computations, machines and modules in one call each, for tests of what comes after scheduling.
// Everything here throws std::runtime_error with the library's message when the sample itself is
// wrong.

// "mtv", "i=100,k=70".
std::shared_ptr<const Workload> sample_workload(const std::string& computation,
                                                const std::string& sizes, DType dtype = DType::i32);
// tests/targets/NAME.toml.
std::shared_ptr<const TargetDesc> sample_target(const std::string& name);

struct Sample {
  std::shared_ptr<const Workload> workload;
  std::shared_ptr<const TargetDesc> target;
  Trace trace;
  LoweredModule module;
};
// The default schedule when `trace` is empty. Verified after every pass.
Sample lowered_sample(const std::string& computation, const std::string& sizes,
                      const std::string& target, const std::string& trace = {},
                      DType dtype = DType::i32);

// The same with "the data tell nothing" apart: f32 elements that may all overflow have no right
// value.
struct Verdict {
  std::string mistakes;  // empty: none found
  bool inconclusive;
};
Verdict judge(const LoweredModule& module, uint64_t seed = 1);

// Interprets the module on gate data and compares with direct evaluation; empty when right, else
// what is wrong.
std::string mistakes_of(const LoweredModule& module, uint64_t seed = 1);

}  // namespace pimjit::test

#endif  // PIMJIT_TESTS_SUPPORT_LOWERED_SAMPLES_H_
