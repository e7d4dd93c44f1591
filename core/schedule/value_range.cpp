#include "pimjit/core/schedule/value_range.h"

#include <algorithm>

#include "pimjit/core/schedule/numeric_ops.h"

namespace pimjit {
namespace {

// Of the body of one iteration, in the stage's type.
Interval body_range(const Workload& w, const Stage& stage) {
  const DType type = stage.compute;
  std::vector<ValueFacts> values;
  for (const ScalarNode& n : stage.body) {
    const auto value = [&values](int node) { return values[static_cast<size_t>(node)]; };
    switch (n.op) {
      case ScalarOp::load: {
        const int tensor = stage.accesses[static_cast<size_t>(n.a)].tensor;
        const Interval range = value_range(w, tensor);
        values.push_back(wrapped_facts(type, in_range(range.low, range.high)));
        break;
      }
      case ScalarOp::constant:
        values.push_back(wrapped_facts(type, one_value(n.integer)));
        break;
      case ScalarOp::neg:
        values.push_back(combine_facts(binary_of(n.op), type, one_value(0), value(n.a)));
        break;
      default:
        values.push_back(combine_facts(binary_of(n.op), type, value(n.a), value(n.b)));
    }
  }
  return values.back().range;
}

Interval stage_range(const Workload& w, const Stage& stage) {
  const Interval all = full_range(stage.compute);
  const bool real = std::any_of(stage.accesses.begin(), stage.accesses.end(), [&w](const auto& a) {
    return is_float(w.tensors[static_cast<size_t>(a.tensor)].dtype);
  });
  if (real || is_float(stage.compute)) return all;
  const Interval each = body_range(w, stage);
  if (stage.reducer == Reducer::none) return each;
  int64_t terms = 1;
  for (size_t a = static_cast<size_t>(stage.rank); a < stage.axes.size(); ++a)
    terms *= stage.axes[a].extent;
  // Nothing was reduced: the identity.
  if (terms < 1) return all;
  if (stage.reducer == Reducer::min || stage.reducer == Reducer::max) return each;
  if (stage.reducer != Reducer::sum) return all;
  const auto sum = multiply(each, {terms, terms});
  return sum && sum->inside(all) ? *sum : all;
}

}  // namespace

Interval value_range(const Workload& w, int number) {
  const Tensor& tensor = w.tensors[static_cast<size_t>(number)];
  const Interval all = full_range(tensor.dtype);
  if (is_float(tensor.dtype)) return all;
  if (tensor.role == TensorRole::input)
    return tensor.range ? Interval{tensor.range->low, tensor.range->high} : all;
  const auto writer = std::find_if(w.stages.begin(), w.stages.end(),
                                   [number](const Stage& s) { return s.output == number; });
  if (writer == w.stages.end()) return all;
  return wrapped_facts(tensor.dtype, ValueFacts{stage_range(w, *writer), {}, true}).range;
}

}  // namespace pimjit
