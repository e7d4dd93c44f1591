#ifndef PIMJIT_CORE_TARGET_LINK_TIME_H_
#define PIMJIT_CORE_TARGET_LINK_TIME_H_

#include "pimjit/core/target/target_desc.h"

namespace pimjit {

// One transfer over a link of the host: fixed_ns + per_unit_ns * units + bytes of all units at
// ns_per_byte, or at the bandwidth that the link's table gives for the bytes of one unit, either
// over the share of the bandwidth that the link gives for the number of units. The bytes of a
// broadcast count once unless broadcast_costs_per_unit. Pure.
double link_ns(const Link& link, int64_t bytes_per_unit, int64_t units, bool broadcast);

// The ns that `amount` takes at `per_ns` of it; 0 where the description gives no rate. Pure.
inline double ns_at_rate(double amount, double per_ns) {
  return per_ns > 0 ? amount / per_ns : 0;
}

}  // namespace pimjit

#endif  // PIMJIT_CORE_TARGET_LINK_TIME_H_
