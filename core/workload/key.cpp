#include <cstring>
#include <map>

#include "pimjit/core/support/text.h"
#include "pimjit/core/workload/workload.h"

namespace pimjit {
namespace {

// Version of the key's format; raise it whenever the text of any key changes.
constexpr const char* kVersion = "w1";

// One line: "w1 | t0 i32[8,4] 0..49 | t1 i32[4] | t2 i32[8] x0=8 sum x1=4 : t0[x0,x1] t1[x1] *".
// Bodies are in post order; f32 constants are written as their bits.
class KeyWriter {
 public:
  KeyWriter(const Workload& workload, bool sizes) : workload_(workload), sizes_(sizes) {}

  std::string run() {
    std::string key = kVersion;
    for (size_t t = 0; t < workload_.tensors.size(); ++t) {
      if (workload_.tensors[t].role == TensorRole::input) key += cat(" | ", input_text(t));
    }
    for (const Stage& stage : workload_.stages) key += cat(" | ", stage_text(stage));
    return key;
  }

 private:
  std::string shape_text(const std::vector<int64_t>& shape) const {
    std::vector<std::string> parts;
    for (const int64_t extent : shape) parts.push_back(sizes_ ? std::to_string(extent) : "_");
    return cat("[", join(parts, ","), "]");
  }

  std::string input_text(size_t t) const {
    const Tensor& tensor = workload_.tensors[t];
    std::string text = cat("t", t, " ", to_string(tensor.dtype), shape_text(tensor.shape));
    if (tensor.range) text += cat(" ", tensor.range->low, "..", tensor.range->high);
    return text;
  }

  // Axes of one name are one axis in all stages, so they are numbered over the workload.
  std::string axis_text(const Axis& axis) {
    const auto it = axes_.emplace(axis.name, axes_.size()).first;
    return cat("x", it->second);
  }

  std::string stage_text(const Stage& stage) {
    std::string text = cat("t", stage.output, " ", to_string(stage.compute));
    const auto add_axis = [&](size_t a) {
      text += cat(" ", axis_text(stage.axes[a]));
      if (sizes_) text += cat("=", stage.axes[a].extent);
    };
    const auto rank = static_cast<size_t>(stage.rank);
    for (size_t a = 0; a < rank; ++a) add_axis(a);
    text += cat(" ", to_string(stage.reducer));
    for (size_t a = rank; a < stage.axes.size(); ++a) add_axis(a);
    text += " :";
    for (const ScalarNode& node : stage.body) text += cat(" ", node_text(stage, node));
    return text;
  }

  std::string node_text(const Stage& stage, const ScalarNode& node) {
    switch (node.op) {
      case ScalarOp::load:
        return access_text(stage, stage.accesses[static_cast<size_t>(node.a)]);
      case ScalarOp::constant:
        return constant_text(stage.compute, node);
      case ScalarOp::add:
        return "+";
      case ScalarOp::sub:
        return "-";
      case ScalarOp::mul:
        return "*";
      case ScalarOp::div:
        return "/";
      case ScalarOp::mod:
        return "%";
      case ScalarOp::min:
        return "min";
      case ScalarOp::max:
        return "max";
      case ScalarOp::neg:
        return "neg";
    }
    return "?";
  }

  static std::string constant_text(DType compute, const ScalarNode& node) {
    if (!is_float(compute)) return std::to_string(node.integer);
    const auto value = static_cast<float>(node.real);
    uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    return cat("f", bits);
  }

  std::string access_text(const Stage& stage, const Access& access) {
    std::vector<std::string> dimensions;
    for (const AffineIndex& index : access.index) {
      std::vector<std::string> parts;
      for (size_t a = 0; a < stage.axes.size(); ++a) {
        const int64_t coefficient = index.coefficients[a];
        if (coefficient == 0) continue;
        parts.push_back((coefficient == 1 ? "" : cat(coefficient, "*")) + axis_text(stage.axes[a]));
      }
      if (index.constant != 0 || parts.empty()) parts.push_back(std::to_string(index.constant));
      dimensions.push_back(join(parts, "+"));
    }
    return cat("t", access.tensor, "[", join(dimensions, ","), "]");
  }

  const Workload& workload_;
  bool sizes_;
  std::map<std::string, size_t> axes_;
};

}  // namespace

std::string workload_key(const Workload& workload) {
  return KeyWriter(workload, true).run();
}
std::string shape_free_key(const Workload& workload) {
  return KeyWriter(workload, false).run();
}

}  // namespace pimjit
