#include "pimjit/tests/support/random_workload.h"

#include <algorithm>
#include <iterator>

#include "pimjit/core/support/text.h"
#include "pimjit/core/workload/notation.h"

namespace pimjit {
namespace {

class Writer {
 public:
  Writer(RandomStream& random, int64_t max_iterations) : random_(random), budget_(max_iterations) {}

  std::string text() {
    const int64_t spatial = random_.between(1, 3), reduction = draw_reductions();
    for (int64_t a = 0; a < spatial; ++a) add_axis(spatial_, "ijl"[a]);
    for (int64_t a = 0; a < reduction; ++a) add_axis(reduced_, "kr"[a]);
    compute_ = kTensorDTypes[random_.between(0, 4)];
    const bool chain = random_.chance(0.15);
    std::string result = statement(chain ? "T" : "C", "ABD");
    if (chain) result += "; " + second_statement();
    return result;
  }
  NotationOptions options;

 private:
  int64_t draw_reductions() {
    const double x = random_.unit();
    return x < 0.25 ? 0 : x < 0.75 ? 1 : 2;
  }

  void add_axis(std::vector<std::string>& axes, char name) {
    static constexpr int64_t kExtents[] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  11, 12, 13, 16,
                                           17, 19, 24, 29, 31, 32, 37, 41, 48, 53, 61, 64, 97};
    int64_t extent =
        random_.chance(0.03) ? 0 : kExtents[random_.between(0, std::ssize(kExtents) - 1)];
    extent = std::min(extent, budget_);
    budget_ /= std::max<int64_t>(extent, 1);
    axes.emplace_back(1, name);
    options.sizes[axes.back()] = extent;
  }

  // A type whose values the compute type holds.
  DType operand_type() {
    for (;;) {
      const DType t = kTensorDTypes[random_.between(0, 4)];
      if (widens_losslessly(t, compute_) && (t == compute_ || random_.chance(0.5))) return t;
    }
  }

  std::string index(const std::string& axis, const std::vector<std::string>& others) {
    const double x = random_.unit();
    if (x < 0.85) return axis;
    if (x < 0.90) return cat("2*", axis);
    if (x < 0.94) return cat(axis, "+1");
    const std::string& other =
        others[static_cast<size_t>(random_.between(0, std::ssize(others) - 1))];
    return other == axis ? cat(axis, "+2") : cat(axis, "+", other);
  }

  // A new input that depends on some axes; on all reduction axes if it is the first.
  std::string input(char name, bool first) {
    std::vector<std::string> axes = spatial_;
    axes.insert(axes.end(), reduced_.begin(), reduced_.end());
    std::vector<std::string> indices;
    for (size_t a = 0; a < axes.size(); ++a) {
      const bool needed = first && a >= spatial_.size();
      if (needed)
        indices.push_back(axes[a]);
      else if (random_.chance(first ? 0.8 : 0.6))
        indices.push_back(index(axes[a], axes));
    }
    if (indices.size() > 1 && random_.chance(0.3)) std::swap(indices.front(), indices.back());
    const std::string tensor(1, name);
    const DType type = operand_type();
    options.dtypes[tensor] = type;
    if (is_int(type) && random_.chance(0.3)) {
      const int64_t low = random_.between(-20, 20);
      const int64_t most = type != DType::i8 && random_.chance(0.2) ? 3000 : 50;
      options.ranges[tensor] = {low, low + random_.between(0, most)};
    }
    return indices.empty() ? tensor : cat(tensor, '[', join(indices, ","), ']');
  }

  std::string combined(const std::string& a, const std::string& b) {
    const double x = random_.unit();
    if (x < 0.5) return cat(a, " * ", b);
    if (x < 0.7) return cat('(', a, " + ", b, ')');
    if (x < 0.8) return cat('(', a, " - ", b, ')');
    if (x < 0.9) return cat("min(", a, ", ", b, ")");
    return cat("max(", a, ", ", b, ")");
  }

  std::string body(const char* names) {
    const int64_t inputs = random_.between(1, 3);
    std::string expression = input(names[0], true);
    for (int64_t n = 1; n < inputs; ++n) expression = combined(expression, input(names[n], false));
    if (random_.chance(0.1))
      expression = combined(expression, std::to_string(random_.between(0, 7)));
    return expression;
  }

  std::string statement(const std::string& output, const char* names) {
    static constexpr const char* kReducing[] = {" += ", " += ", " += ", " *= ", " min= ", " max= "};
    const bool reduces = !reduced_.empty() || random_.chance(0.1);
    const std::string op = reduces ? kReducing[random_.between(0, 5)] : " = ";
    const std::string left = cat(output, ':', to_string(compute_), '[', join(spatial_, ","), ']');
    return left + op + body(names);
  }

  // Reads the first statement's result element by element.
  std::string second_statement() {
    const std::string read = cat("T[", join(spatial_, ","), ']');
    reduced_.clear();
    const std::string other = random_.chance(0.6) ? input('E', false) : "3";
    return cat("C:", to_string(compute_), '[', join(spatial_, ","), "] = ", combined(read, other));
  }

  RandomStream& random_;
  int64_t budget_;
  std::vector<std::string> spatial_, reduced_;
  DType compute_ = DType::i32;
};

}  // namespace

Workload random_workload(RandomStream& random, int64_t max_iterations) {
  for (;;) {
    Writer writer(random, max_iterations);
    const std::string text = writer.text();
    auto workload = parse_workload(text, writer.options);
    if (workload) return std::move(*workload);
  }
}

Workload at_other_sizes(const Workload& workload, RandomStream& random, int64_t max_iterations) {
  NotationOptions options;
  for (const Tensor& t : workload.tensors) {
    options.dtypes[t.name] = t.dtype;
    if (t.range) options.ranges[t.name] = *t.range;
  }
  int64_t budget = max_iterations;
  for (const Stage& stage : workload.stages) {
    for (const Axis& axis : stage.axes) {
      if (options.sizes.count(axis.name) != 0) continue;
      const int64_t most = std::min<int64_t>(budget, 2 * axis.extent + 3);
      const int64_t extent = random.between(random.chance(0.05) ? 0 : 1, most);
      budget /= std::max<int64_t>(extent, 1);
      options.sizes[axis.name] = extent;
    }
  }
  std::string text = to_text(workload);
  text = text.substr(0, text.find(" where "));
  return *parse_workload(text, options);
}

}  // namespace pimjit
