#include "pimjit/core/support/text.h"

#include <charconv>
#include <set>

#include "pimjit/core/workload/workload.h"

namespace pimjit {
namespace {

// Binding strength of a rendered operand.
enum Strength { kSum = 1, kProduct = 2, kUnary = 3, kAtom = 4 };

struct Rendered {
  std::string text;
  Strength strength;
};

std::string affine_text(const AffineIndex& index, const std::vector<Axis>& axes) {
  std::string text;
  const auto add = [&text](int64_t factor, const std::string& axis) {
    if (factor < 0) text += '-';
    if (factor > 0 && !text.empty()) text += '+';
    const std::string magnitude = std::to_string(factor < 0 ? -factor : factor);
    const bool one = factor == 1 || factor == -1;
    text += axis.empty() ? magnitude : one ? axis : cat(magnitude, "*", axis);
  };
  for (size_t a = 0; a < axes.size(); ++a) {
    if (index.coefficients[a] != 0) add(index.coefficients[a], axes[a].name);
  }
  if (index.constant != 0 || text.empty()) add(index.constant, "");
  return text;
}

// The shortest text that gives the same f32 when read as a double and rounded.
std::string real_text(double value) {
  char buffer[40];
  const auto single = static_cast<float>(value);
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, single).ptr;
  double read = 0;
  std::from_chars(buffer, end, read);
  return static_cast<float>(read) == single ? std::string(buffer, end) : shortest(value);
}

class TextWriter {
 public:
  explicit TextWriter(const Workload& workload) : workload_(workload) {}

  std::string run() {
    std::vector<std::string> statements;
    for (const Stage& stage : workload_.stages) statements.push_back(statement(stage));
    return join(statements, "; ") + ranges();
  }

 private:
  const Tensor& tensor(int number) const { return workload_.tensors[static_cast<size_t>(number)]; }

  std::string statement(const Stage& stage) {
    const Tensor& output = tensor(stage.output);
    std::vector<std::string> axes;
    for (int a = 0; a < stage.rank; ++a) axes.push_back(stage.axes[static_cast<size_t>(a)].name);
    std::string text = output.name;
    if (output.dtype != inferred(stage)) text += cat(":", to_string(output.dtype));
    text += cat("[", join(axes, ","), "] ");
    constexpr const char* kOperators[] = {"=", "+=", "*=", "min=", "max="};
    text += cat(kOperators[static_cast<size_t>(stage.reducer)], " ");
    return text + body(stage);
  }

  // The output type the notation would choose with i32 as the default type.
  DType inferred(const Stage& stage) const {
    DType widest = stage.accesses.empty() ? DType::i32 : tensor(stage.accesses[0].tensor).dtype;
    for (const Access& access : stage.accesses) {
      const DType dtype = tensor(access.tensor).dtype;
      if (!widens_losslessly(dtype, widest)) widest = dtype;
    }
    const bool narrow = widest == DType::i8 || widest == DType::i16;
    return narrow && stage.reducer != Reducer::none ? DType::i32 : widest;
  }

  std::string access_text(const Stage& stage, const Access& access) {
    const Tensor& read = tensor(access.tensor);
    std::string text = read.name;
    const bool first = seen_.insert(access.tensor).second;
    if (first && read.role == TensorRole::input && read.dtype != DType::i32) {
      text += cat(":", to_string(read.dtype));
    }
    if (access.index.empty()) return text;
    std::vector<std::string> parts;
    for (const AffineIndex& index : access.index) parts.push_back(affine_text(index, stage.axes));
    return cat(text, "[", join(parts, ","), "]");
  }

  std::string body(const Stage& stage) {
    std::vector<Rendered> stack;
    for (const ScalarNode& node : stage.body) {
      if (node.op == ScalarOp::load) {
        stack.push_back({access_text(stage, stage.accesses[static_cast<size_t>(node.a)]), kAtom});
      } else if (node.op == ScalarOp::constant) {
        std::string text =
            is_float(stage.compute) ? real_text(node.real) : std::to_string(node.integer);
        const Strength strength = text[0] == '-' ? kUnary : kAtom;
        stack.push_back({std::move(text), strength});
      } else if (node.op == ScalarOp::neg) {
        stack.back() = negated(stack.back());
      } else {
        const Rendered b = std::move(stack.back());
        stack.pop_back();
        stack.back() = binary(node.op, stack.back(), b);
      }
    }
    return stack.back().text;
  }

  static std::string wrapped(const Rendered& operand, Strength least) {
    return operand.strength >= least ? operand.text : cat("(", operand.text, ")");
  }

  // "-5" is a constant, "-(5)" its negation.
  static Rendered negated(const Rendered& operand) {
    const bool digit = operand.text[0] >= '0' && operand.text[0] <= '9';
    return {digit ? cat("-(", operand.text, ")") : cat("-", wrapped(operand, kUnary)), kUnary};
  }

  static Rendered binary(ScalarOp op, const Rendered& a, const Rendered& b) {
    switch (op) {
      case ScalarOp::min:
        return {cat("min(", a.text, ", ", b.text, ")"), kAtom};
      case ScalarOp::max:
        return {cat("max(", a.text, ", ", b.text, ")"), kAtom};
      case ScalarOp::add:
        return {cat(wrapped(a, kSum), " + ", wrapped(b, kProduct)), kSum};
      case ScalarOp::sub:
        return {cat(wrapped(a, kSum), " - ", wrapped(b, kProduct)), kSum};
      default:
        break;
    }
    const char* symbol = op == ScalarOp::mul ? " * " : op == ScalarOp::div ? " / " : " % ";
    return {cat(wrapped(a, kProduct), symbol, wrapped(b, kUnary)), kProduct};
  }

  std::string ranges() const {
    std::vector<std::string> parts;
    for (const Tensor& t : workload_.tensors) {
      if (t.range) parts.push_back(cat(t.name, " in ", t.range->low, "..", t.range->high));
    }
    return parts.empty() ? "" : cat(" where ", join(parts, ", "));
  }

  const Workload& workload_;
  std::set<int> seen_;
};

}  // namespace

std::string to_text(const Workload& workload) {
  return TextWriter(workload).run();
}

}  // namespace pimjit
