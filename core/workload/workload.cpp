#include "pimjit/core/workload/workload.h"

#include <limits>
#include <map>

#include "pimjit/core/support/text.h"

namespace pimjit {

int64_t Tensor::elements() const {
  int64_t n = 1;
  for (const int64_t extent : shape) n *= extent;
  return n;
}

std::vector<int> Workload::inputs() const {
  std::vector<int> numbers;
  for (size_t t = 0; t < tensors.size(); ++t) {
    if (tensors[t].role == TensorRole::input) numbers.push_back(static_cast<int>(t));
  }
  return numbers;
}

int Workload::find_tensor(const std::string& tensor_name) const {
  for (size_t t = 0; t < tensors.size(); ++t) {
    if (tensors[t].name == tensor_name) return static_cast<int>(t);
  }
  return -1;
}

std::string sizes_text(const Workload& workload) {
  std::vector<std::string> parts;
  std::map<std::string, bool> seen;
  for (const Stage& stage : workload.stages) {
    for (const Axis& axis : stage.axes) {
      if (seen.emplace(axis.name, true).second) parts.push_back(cat(axis.name, "=", axis.extent));
    }
  }
  return join(parts, ",");
}

const char* to_string(Reducer reducer) {
  switch (reducer) {
    case Reducer::none:
      return "none";
    case Reducer::sum:
      return "sum";
    case Reducer::prod:
      return "prod";
    case Reducer::min:
      return "min";
    case Reducer::max:
      return "max";
  }
  return "none";
}

Identity identity_of(Reducer reducer, DType t) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  switch (reducer) {
    case Reducer::none:
    case Reducer::sum:
      return {0, 0};
    case Reducer::prod:
      return {1, 1};
    case Reducer::min:
      return {is_float(t) ? 0 : max_value(t), kInfinity};
    case Reducer::max:
      return {is_float(t) ? 0 : min_value(t), -kInfinity};
  }
  return {0, 0};
}

}  // namespace pimjit
