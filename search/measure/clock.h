#ifndef PIMJIT_SEARCH_MEASURE_CLOCK_H_
#define PIMJIT_SEARCH_MEASURE_CLOCK_H_

#include <chrono>

namespace pimjit {

// Time of this machine, for what measuring and choosing take. Any thread.
using Clock = std::chrono::steady_clock;

inline double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

}  // namespace pimjit

#endif  // PIMJIT_SEARCH_MEASURE_CLOCK_H_
