#include "pimjit/core/verify/test_data.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "pimjit/core/support/random.h"
#include "pimjit/core/support/text.h"
#include "pimjit/core/verify/gate.h"

namespace pimjit {
namespace {

// Tensors smaller than this get no forced extremes: a scalar factor of MIN would hide every other
// bit.
constexpr int64_t kFewElements = 8;
constexpr int64_t kModerate = 100;
// Products of f32 stay within 2^-60..2^60.
constexpr double kProductExponent = 60;

// Factors that a product multiplies up, 0 where no product reads the tensor.
double product_factors(const Workload& workload, int tensor) {
  double factors = 0;
  for (const Stage& stage : workload.stages) {
    if (stage.reducer != Reducer::prod) continue;
    double terms = static_cast<double>(stage.accesses.size());
    for (size_t a = static_cast<size_t>(stage.rank); a < stage.axes.size(); ++a) {
      terms *= static_cast<double>(std::max<int64_t>(stage.axes[a].extent, 1));
    }
    const auto reads = [&](const Access& access) { return access.tensor == tensor; };
    if (std::any_of(stage.accesses.begin(), stage.accesses.end(), reads))
      factors = std::max(factors, terms);
  }
  return factors;
}

int64_t made_odd(int64_t value, int64_t low, int64_t high) {
  if (value % 2 != 0) return value;
  return value < high ? value + 1 : value > low ? value - 1 : value;
}

double near_one(RandomStream& random, double factors) {
  const double exponent = (2 * random.unit() - 1) * kProductExponent / factors;
  return (random.chance(0.5) ? -1 : 1) * std::exp2(exponent);
}

double uniform(RandomStream& random, double low, double high) {
  // f32 rounding may leave the interval by one step.
  const auto value = static_cast<double>(static_cast<float>(low + random.unit() * (high - low)));
  return std::clamp(value, low, high);
}

void fill_timing(const Tensor& tensor, double factors, RandomStream& random, HostTensor& data) {
  for (int64_t i = 0; i < data.elements(); ++i) {
    if (is_float(tensor.dtype)) {
      const double low = tensor.range ? static_cast<double>(tensor.range->low) : -1;
      const double high = tensor.range ? static_cast<double>(tensor.range->high) : 1;
      data.set_real(
          i, factors > 0 && !tensor.range ? near_one(random, factors) : uniform(random, low, high));
      continue;
    }
    const int64_t low = tensor.range ? tensor.range->low : -kModerate;
    const int64_t high = tensor.range ? tensor.range->high : kModerate;
    const int64_t value = random.between(low, high);
    data.set_integer(i, factors > 0 ? made_odd(value, low, high) : value);
  }
}

// Cycles through both ends, zero and their neighbours with random values between them.
int64_t awkward_integer(int64_t i, int64_t low, int64_t high, RandomStream& random) {
  switch (random.between(0, 7)) {
    case 0:
      return low;
    case 1:
      return high;
    case 2:
      return std::clamp<int64_t>(0, low, high);
    case 3:
      return low < high ? low + 1 : low;
    case 4:
      return low < high ? high - 1 : high;
    case 5:
      return std::clamp<int64_t>(i % 2 == 0 ? 1 : -1, low, high);
    default: {
      const int64_t value = random.between(low, high);
      const bool flip = (i % 2 == 0) != (value >= 0) && value != min_value(DType::i64);
      return flip && -value >= low && -value <= high ? -value : value;
    }
  }
}

double awkward_real(int64_t i, const Tensor& tensor, const GateDataOptions& options,
                    RandomStream& random) {
  if (tensor.range) {
    const auto low = static_cast<double>(tensor.range->low);
    const auto high = static_cast<double>(tensor.range->high);
    switch (random.between(0, 4)) {
      case 0:
        return low;
      case 1:
        return high;
      case 2:
        return std::clamp(0.0, low, high);
      default:
        return uniform(random, low, high);
    }
  }
  const double sign = i % 2 == 0 ? 1 : -1;
  const int64_t kind = random.between(0, 7);
  if (kind == 0) return sign * 0.0;
  if (kind == 1 && options.subnormals) return sign * std::ldexp(1 + random.unit(), -130);
  return sign * std::ldexp(1 + random.unit(), static_cast<int>(random.between(-12, 12)));
}

void fill_gate(const Tensor& tensor, double factors, const GateDataOptions& options,
               RandomStream& random, HostTensor& data) {
  for (int64_t i = 0; i < data.elements(); ++i) {
    if (is_float(tensor.dtype)) {
      const bool product = factors > 0 && !tensor.range;
      data.set_real(i,
                    product ? near_one(random, factors) : awkward_real(i, tensor, options, random));
      continue;
    }
    const int64_t low = tensor.range ? tensor.range->low : min_value(tensor.dtype);
    const int64_t high = tensor.range ? tensor.range->high : max_value(tensor.dtype);
    const bool few = data.elements() < kFewElements && !tensor.range;
    int64_t value = few ? random.between(low, high) : awkward_integer(i, low, high, random);
    // The first elements are fixed, so that short tensors have both ends too.
    if (!few && i < 2) value = i == 0 ? high : low;
    data.set_integer(i, factors > 0 ? made_odd(value, low, high) : value);
  }
}

using Fill = std::function<void(const Tensor&, double, RandomStream&, HostTensor&)>;

std::vector<HostTensor> filled(const Workload& workload, uint64_t seed, const char* purpose,
                               const Fill& fill) {
  std::vector<HostTensor> inputs;
  for (const int t : workload.inputs()) {
    const Tensor& tensor = workload.tensors[static_cast<size_t>(t)];
    RandomStream random(seed, cat(purpose, " ", t));
    HostTensor data(tensor.dtype, tensor.shape);
    fill(tensor, product_factors(workload, t), random, data);
    inputs.push_back(std::move(data));
  }
  return inputs;
}

}  // namespace

std::vector<HostTensor> timing_inputs(const Workload& workload, uint64_t seed) {
  return filled(workload, seed, "timing data", fill_timing);
}

std::vector<HostTensor> gate_inputs(const Workload& workload, uint64_t seed,
                                    const GateDataOptions& options) {
  return filled(workload, seed, "gate data",
                [&](const Tensor& tensor, double factors, RandomStream& random, HostTensor& data) {
                  fill_gate(tensor, factors, options, random, data);
                });
}

Status check_ranges(const Workload& workload, const std::vector<HostTensor>& inputs) {
  const std::vector<int> numbers = workload.inputs();
  for (size_t n = 0; n < std::min(numbers.size(), inputs.size()); ++n) {
    const Tensor& tensor = workload.tensors[static_cast<size_t>(numbers[n])];
    if (!tensor.range) continue;
    const bool real = is_float(tensor.dtype);
    const auto low = static_cast<double>(tensor.range->low);
    const auto high = static_cast<double>(tensor.range->high);
    for (int64_t i = 0; i < inputs[n].elements(); ++i) {
      const bool inside = real ? inputs[n].real(i) >= low && inputs[n].real(i) <= high
                               : inputs[n].integer(i) >= tensor.range->low &&
                                     inputs[n].integer(i) <= tensor.range->high;
      if (inside) continue;
      const std::string value =
          real ? shortest(inputs[n].real(i)) : std::to_string(inputs[n].integer(i));
      return fail(user_error(
          "out_of_range",
          cat(tensor.name, index_text(tensor.shape, i), " is ", value,
              ", outside the declared range ", tensor.range->low, "..", tensor.range->high),
          {}, cat("widen the range of ", tensor.name, " or correct the data")));
    }
  }
  return {};
}

}  // namespace pimjit
