#ifndef PIMJIT_TESTS_BENCH_INTERLEAVED_H_
#define PIMJIT_TESTS_BENCH_INTERLEAVED_H_

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace pimjit::test {

// Two ways of doing the same, timed in turns, so that what else the machine does falls on both.
struct Comparison {
  double first_ns = 0, second_ns = 0;  // medians, of one run
  double ratio = 0;                    // median of first / second, pair by pair
};

inline double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Each of the `rounds` times has `repeats` runs of one, then of the other; who begins alternates.
template <typename First, typename Second>
Comparison interleaved(const First& first, const Second& second, int rounds, int repeats = 1) {
  const auto time = [repeats](const auto& run) {
    const auto start = std::chrono::steady_clock::now();
    for (int n = 0; n < repeats; ++n) run();
    const auto end = std::chrono::steady_clock::now();
    return std::chrono::duration<double, std::nano>(end - start).count() / repeats;
  };
  first();
  second();
  std::vector<double> a, b, ratios;
  for (int n = 0; n < rounds; ++n) {
    double x = 0, y = 0;
    if (n % 2 == 0) {
      x = time(first);
      y = time(second);
    } else {
      y = time(second);
      x = time(first);
    }
    a.push_back(x);
    b.push_back(y);
    ratios.push_back(x / y);
  }
  return {median(std::move(a)), median(std::move(b)), median(std::move(ratios))};
}

}  // namespace pimjit::test

#endif  // PIMJIT_TESTS_BENCH_INTERLEAVED_H_
