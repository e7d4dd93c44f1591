#ifndef PIMJIT_TESTS_SUPPORT_RANDOM_TARGET_H_
#define PIMJIT_TESTS_SUPPORT_RANDOM_TARGET_H_

#include "pimjit/core/support/random.h"
#include "pimjit/core/target/target_desc.h"

namespace pimjit {

// A machine that check_target accepts, drawn from `random`: 1 to 3 levels of 1 to 9 instances;
// independent levels with or without barriers, at times lanes inside; at times everything in
// lockstep without control flow; a home scope at any independent level (at times host memory
// itself), with or without element access; a scratch scope of 512 B to 64 KiB at the home's level
// or inside; granules of 1 to 64 bytes; links with all sorts of minimum, maximum and multiple. All
// types, all operations native. Equal streams give equal machines.
TargetDesc random_target(RandomStream& random);

}  // namespace pimjit

#endif  // PIMJIT_TESTS_SUPPORT_RANDOM_TARGET_H_
