#ifndef PIMJIT_TESTS_SUPPORT_RANDOM_WORKLOAD_H_
#define PIMJIT_TESTS_SUPPORT_RANDOM_WORKLOAD_H_

#include "pimjit/core/support/random.h"
#include "pimjit/core/workload/workload.h"

namespace pimjit {

// A computation that check_workload accepts, drawn from `random`: 1 to 3 spatial and 0 to 2
// reduction axes of extents 0, 1, primes and round numbers, at most `max_iterations` in all; 1 to 3
// inputs with an affine index now and then, scalars, declared ranges; all types, narrow inputs with
// a wide accumulator; every reducer; at times a second stage. Equal streams give equal
// computations.
Workload random_workload(RandomStream& random, int64_t max_iterations = 2000);

// The same computation with every extent drawn again.
Workload at_other_sizes(const Workload& workload, RandomStream& random,
                        int64_t max_iterations = 2000);

}  // namespace pimjit

#endif  // PIMJIT_TESTS_SUPPORT_RANDOM_WORKLOAD_H_
