#ifndef PIMJIT_CORE_SUPPORT_RANDOM_H_
#define PIMJIT_CORE_SUPPORT_RANDOM_H_

#include <cstdint>
#include <string_view>

namespace pimjit {

// A named, seeded stream of random numbers: the same (seed, name) gives the same numbers on every
// machine, and a new stream never shifts another. SplitMix64 (Steele, Lea, Flood: "Fast splittable
// pseudorandom number generators", OOPSLA 2014). Not thread-safe; one owner.
class RandomStream {
 public:
  RandomStream(uint64_t seed, std::string_view name);

  uint64_t next();
  // Uniform in [low, high], both ends included; low <= high.
  int64_t between(int64_t low, int64_t high);
  // Uniform in [0, 1).
  double unit();
  bool chance(double probability) { return unit() < probability; }

 private:
  uint64_t state_;
};

}  // namespace pimjit

#endif  // PIMJIT_CORE_SUPPORT_RANDOM_H_
