#ifndef PIMJIT_CORE_VERIFY_TEST_DATA_H_
#define PIMJIT_CORE_VERIFY_TEST_DATA_H_

#include <cstdint>
#include <vector>

#include "pimjit/core/support/error.h"
#include "pimjit/core/support/tensor.h"
#include "pimjit/core/workload/workload.h"

namespace pimjit {

// Seeded inputs. Each tensor draws from a stream named after its position, so one seed gives the
// same data on every machine. Pure; any thread. Inputs that are multiplied up by a `*=` are kept
// near 1 (f32) or odd where the range has odd values (integers), so that the product neither
// overflows nor becomes 0.

// Data to take times on: uniform in the declared range, otherwise integers in -100..100 and f32 in
// [-1, 1).
std::vector<HostTensor> timing_inputs(const Workload& workload, uint64_t seed);

struct GateDataOptions {
  bool subnormals = false;  // f32 below 2^-126 among the values
};

// Data to check results on, meant to be awkward: both ends of the declared range or of the type,
// zeros, neighbours of the ends, alternating signs; f32 of magnitudes between 2^-12 and 2^12.
std::vector<HostTensor> gate_inputs(const Workload& workload, uint64_t seed,
                                    const GateDataOptions& options = {});

// Every element inside the declared range of its tensor; tensors without a range always are. Error
// (user): names the tensor, the first index, the value and the range. NaN is in no range.
Status check_ranges(const Workload& workload, const std::vector<HostTensor>& inputs);

}  // namespace pimjit

#endif  // PIMJIT_CORE_VERIFY_TEST_DATA_H_
