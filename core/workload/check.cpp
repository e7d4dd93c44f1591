#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "pimjit/core/support/text.h"
#include "pimjit/core/workload/bounds.h"
#include "pimjit/core/workload/program.h"

namespace pimjit {
namespace {

Status bad(std::string what, std::string where = {}) {
  return fail(user_error("bad_workload", std::move(what), std::move(where),
                         "build workloads with parse_workload or the builder"));
}

class Checker {
 public:
  explicit Checker(const Workload& workload) : w_(workload) {}

  Status run() {
    if (w_.stages.empty()) return bad("a workload needs a stage");
    if (Status s = check_tensors(); !s) return s;
    for (size_t n = 0; n < w_.stages.size(); ++n) {
      where_ = cat("stage ", n + 1);
      const Stage& stage = w_.stages[n];
      if (Status s = check_output(stage, n + 1 == w_.stages.size()); !s) return s;
      if (Status s = check_axes(stage); !s) return s;
      if (Status s = check_accesses(stage); !s) return s;
      if (Status s = check_body(stage); !s) return s;
      written_.insert(stage.output);
    }
    return check_order();
  }

 private:
  bool is_tensor(int t) const { return t >= 0 && static_cast<size_t>(t) < w_.tensors.size(); }
  const Tensor& tensor(int t) const { return w_.tensors[static_cast<size_t>(t)]; }

  Status check_tensors() const {
    std::set<std::string> names;
    for (const Tensor& t : w_.tensors) {
      if (!notation::is_valid_name(t.name)) return bad(cat("'", t.name, "' cannot name a tensor"));
      if (!names.insert(t.name).second) return bad(cat("two tensors are called ", t.name));
      if (t.dtype == DType::b1)
        return bad(cat("b1 is no type of a tensor, but ", t.name, " has it"));
      for (const int64_t extent : t.shape) {
        if (extent < 0) return bad(cat("tensor ", t.name, " has the extent ", extent));
      }
      if (capped_product(t.shape) > kMaxElements) {
        return bad(cat("tensor ", t.name, " has more than ", kMaxElements, " elements"));
      }
      if (!t.range) continue;
      if (t.role != TensorRole::input)
        return bad(cat("tensor ", t.name, " is computed but has a range"));
      const bool fits = holds(t.dtype, t.range->low) && holds(t.dtype, t.range->high);
      if (t.range->low > t.range->high || !fits) {
        return bad(cat("the range ", t.range->low, "..", t.range->high, " of ", t.name,
                       " is empty or outside ", to_string(t.dtype)));
      }
    }
    return {};
  }

  Status check_output(const Stage& stage, bool last) const {
    if (!is_tensor(stage.output))
      return bad(cat("tensor ", stage.output, " does not exist"), where_);
    const Tensor& output = tensor(stage.output);
    const TensorRole role = last ? TensorRole::output : TensorRole::intermediate;
    if (output.role != role || written_.contains(stage.output)) {
      return bad(cat("tensor ", output.name, " cannot be what this stage writes"), where_);
    }
    if (output.dtype != stage.compute) {
      return bad(cat("tensor ", output.name, " is ", to_string(output.dtype), " but computed in ",
                     to_string(stage.compute)),
                 where_);
    }
    if (stage.rank < 0 || static_cast<size_t>(stage.rank) > stage.axes.size() ||
        static_cast<size_t>(stage.rank) != output.shape.size()) {
      return bad(cat("tensor ", output.name, " has ", output.shape.size(),
                     " dimensions but the stage ", stage.rank, " spatial axes"),
                 where_);
    }
    for (size_t d = 0; d < output.shape.size(); ++d) {
      if (output.shape[d] != stage.axes[d].extent) {
        return bad(cat("dimension ", d, " of ", output.name, " is ", output.shape[d], " but axis ",
                       stage.axes[d].name, " ", stage.axes[d].extent),
                   where_);
      }
    }
    return {};
  }

  Status check_axes(const Stage& stage) {
    std::set<std::string> names;
    std::vector<int64_t> extents;
    for (size_t a = 0; a < stage.axes.size(); ++a) {
      const Axis& axis = stage.axes[a];
      const bool spatial = a < static_cast<size_t>(stage.rank);
      if (!notation::is_valid_name(axis.name) || w_.find_tensor(axis.name) >= 0) {
        return bad(cat("'", axis.name, "' cannot name an axis"), where_);
      }
      if (!names.insert(axis.name).second)
        return bad(cat("two axes are called ", axis.name), where_);
      if ((axis.kind == AxisKind::spatial) != spatial) {
        return bad(cat("axis ", axis.name, " is out of order: spatial axes come first"), where_);
      }
      if (axis.extent < 0)
        return bad(cat("axis ", axis.name, " has the extent ", axis.extent), where_);
      const auto [it, fresh] = extents_.emplace(axis.name, axis.extent);
      if (!fresh && it->second != axis.extent) {
        return bad(cat("axis ", axis.name, " has the extents ", it->second, " and ", axis.extent),
                   where_);
      }
      extents.push_back(axis.extent);
    }
    if (capped_product(extents) > kMaxElements) {
      return bad(cat("the iteration space has more than ", kMaxElements, " points"), where_);
    }
    const bool reduces = stage.axes.size() > static_cast<size_t>(stage.rank);
    if (reduces && stage.reducer == Reducer::none)
      return bad("reduction axes need a reducer", where_);
    return {};
  }

  Status check_accesses(const Stage& stage) {
    std::vector<bool> used(stage.axes.size(), false);
    for (int a = 0; a < stage.rank; ++a) used[static_cast<size_t>(a)] = true;
    auto next_axis = static_cast<size_t>(stage.rank);
    for (size_t n = 0; n < stage.accesses.size(); ++n) {
      const Access& access = stage.accesses[n];
      if (!is_tensor(access.tensor))
        return bad(cat("tensor ", access.tensor, " does not exist"), where_);
      const Tensor& read = tensor(access.tensor);
      if (std::find(stage.accesses.begin(), stage.accesses.begin() + static_cast<std::ptrdiff_t>(n),
                    access) != stage.accesses.begin() + static_cast<std::ptrdiff_t>(n)) {
        return bad(cat("access ", n, " of ", read.name, " occurs twice"), where_);
      }
      if (read.role != TensorRole::input && !written_.contains(access.tensor)) {
        return bad(cat("tensor ", read.name, " is read before it is written"), where_);
      }
      if (!widens_losslessly(read.dtype, stage.compute)) {
        return bad(cat("mixed dtypes: ", read.name, " is ", to_string(read.dtype), ", which ",
                       to_string(stage.compute), " does not hold"),
                   where_);
      }
      if (read_.insert(access.tensor).second) reads_.push_back(access.tensor);
      if (Status s = check_index(stage, access, read, used, next_axis); !s) return s;
    }
    while (next_axis < used.size() && used[next_axis]) ++next_axis;
    if (next_axis < used.size())
      return bad(cat("axis ", stage.axes[next_axis].name, " is in no index"), where_);
    return {};
  }

  // Bounds of one access; `used` and `next_axis` follow the order in which reduction axes first
  // appear.
  Status check_index(const Stage& stage, const Access& access, const Tensor& read,
                     std::vector<bool>& used, size_t& next_axis) const {
    if (access.index.size() != read.shape.size()) {
      return bad(cat("tensor ", read.name, " has ", read.shape.size(),
                     " dimensions and is read with ", access.index.size(), " indices"),
                 where_);
    }
    for (size_t d = 0; d < access.index.size(); ++d) {
      const AffineIndex& index = access.index[d];
      if (index.coefficients.size() != stage.axes.size()) {
        return bad(cat("an index of ", read.name, " has ", index.coefficients.size(),
                       " coefficients for ", stage.axes.size(), " axes"),
                   where_);
      }
      std::vector<int64_t> numbers = index.coefficients;
      numbers.push_back(index.constant);
      for (const int64_t number : numbers) {
        if (number > kMaxElements || number < -kMaxElements) {
          return bad(cat("the number ", number, " in an index of ", read.name, " is too large"),
                     where_);
        }
      }
      for (size_t a = 0; a < stage.axes.size(); ++a) {
        if (index.coefficients[a] != 0) used[a] = true;
      }
      const std::optional<IndexBounds> bounds = bounds_of(index, stage.axes);
      if (bounds && (bounds->low < 0 || bounds->high >= read.shape[d])) {
        return bad(cat("index ", d, " of ", read.name, " runs over ", to_text(bounds->low), "..",
                       to_text(bounds->high), " but the extent is ", read.shape[d]),
                   where_);
      }
      while (next_axis < used.size() && used[next_axis]) ++next_axis;
      if (std::find(used.begin() + static_cast<std::ptrdiff_t>(next_axis), used.end(), true) !=
          used.end()) {
        return bad(cat("axis ", stage.axes[next_axis].name,
                       " is out of order: reduction axes come by first appearance"),
                   where_);
      }
    }
    return {};
  }

  Status check_body(const Stage& stage) const {
    if (stage.body.empty() || stage.body.size() > notation::kMaxBodyNodes) {
      return bad(cat("the body has ", stage.body.size(), " nodes, not between 1 and ",
                     notation::kMaxBodyNodes),
                 where_);
    }
    std::vector<int> stack;  // roots of the subtrees not yet used
    int next_access = 0;
    for (size_t n = 0; n < stage.body.size(); ++n) {
      const ScalarNode& node = stage.body[n];
      const bool leaf = node.op == ScalarOp::load || node.op == ScalarOp::constant;
      const size_t operands = leaf ? 0 : node.op == ScalarOp::neg ? 1 : 2;
      const std::string place = cat("node ", n);
      if (node.op == ScalarOp::load) {
        if (node.a < 0 || node.a > next_access ||
            static_cast<size_t>(node.a) >= stage.accesses.size()) {
          return bad(cat(place, " loads access ", node.a, " out of order"), where_);
        }
        next_access = std::max(next_access, node.a + 1);
      }
      if (Status s = check_constant(stage, node, place); !s) return s;
      if (node.op == ScalarOp::mod && is_float(stage.compute))
        return bad("% is not defined on f32", where_);
      const bool ordered = stack.size() >= operands &&
                           (operands < 1 || stack[stack.size() - operands] == node.a) &&
                           (operands < 2 || stack.back() == node.b);
      if (!ordered) return bad(cat(place, " is not in post order"), where_);
      stack.resize(stack.size() - operands);
      stack.push_back(static_cast<int>(n));
    }
    if (stack.size() != 1) return bad("the body is not one expression", where_);
    if (static_cast<size_t>(next_access) != stage.accesses.size()) {
      return bad(cat("access ", next_access, " is never loaded"), where_);
    }
    return {};
  }

  Status check_constant(const Stage& stage, const ScalarNode& node,
                        const std::string& place) const {
    if (node.op != ScalarOp::constant) return {};
    const bool fits =
        is_float(stage.compute)
            ? std::isfinite(node.real) &&
                  static_cast<double>(static_cast<float>(node.real)) == node.real
            : node.integer >= min_value(stage.compute) && node.integer <= max_value(stage.compute);
    if (fits) return {};
    return bad(cat(place, " is a constant that ", to_string(stage.compute), " does not hold"),
               where_);
  }

  // Inputs in order of first appearance, intermediates in order of writing, the output last; none
  // unused.
  Status check_order() const {
    std::vector<int> order;
    for (const int t : reads_) {
      if (tensor(t).role == TensorRole::input) order.push_back(t);
    }
    for (const Stage& stage : w_.stages) order.push_back(stage.output);
    for (size_t t = 0; t < w_.tensors.size(); ++t) {
      if (t >= order.size() || order[t] != static_cast<int>(t)) {
        return bad(cat("tensor ", w_.tensors[t].name, " is unused or out of order"));
      }
      if (w_.tensors[t].role == TensorRole::intermediate && !read_.contains(static_cast<int>(t))) {
        return bad(cat("tensor ", w_.tensors[t].name, " is written but never read"));
      }
    }
    return {};
  }

  const Workload& w_;
  std::string where_;
  std::set<int> written_;
  std::set<int> read_;
  std::vector<int> reads_;  // in order of first appearance
  std::map<std::string, int64_t> extents_;
};

}  // namespace

Status check_workload(const Workload& workload) {
  return Checker(workload).run();
}

}  // namespace pimjit
