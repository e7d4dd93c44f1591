#include "pimjit/core/schedule/neutral_padding.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pimjit {
namespace {

// A value of the compute type, or anything at all.
struct Abstract {
  bool known = false;
  int64_t integer = 0;
  double real = 0;
};

class Evaluator {
 public:
  Evaluator(const Workload& w, const Stage& stage)
      : w_(w), stage_(stage), type_(stage.compute), values_(stage.body.size()) {}

  // The body when the accesses with a set bit read their padding and the others anything.
  Abstract run(const std::vector<PaddingValue>& padding, uint64_t padded) {
    for (size_t n = 0; n < stage_.body.size(); ++n)
      values_[n] = node(stage_.body[n], padding, padded);
    return values_.back();
  }

  Abstract constant(int64_t integer, double real) const {
    if (is_float(type_)) return {true, 0, static_cast<float>(real)};
    return {true, wrap_to(type_, integer), 0};
  }
  static bool same(const Abstract& a, const Abstract& b) {
    return a.known && b.known && a.integer == b.integer && a.real == b.real;
  }

 private:
  Abstract node(const ScalarNode& n, const std::vector<PaddingValue>& padding, uint64_t padded) {
    if (n.op == ScalarOp::constant) return constant(n.integer, n.real);
    if (n.op == ScalarOp::load) return load(n.a, padding, padded);
    const Abstract a = values_[static_cast<size_t>(n.a)];
    if (n.op == ScalarOp::neg) {
      if (!a.known) return {};
      return is_float(type_) ? constant(0, -a.real) : constant(wrapping_sub(0, a.integer), 0);
    }
    const Abstract b = values_[static_cast<size_t>(n.b)];
    if (a.known && b.known)
      return is_float(type_) ? fold_real(n.op, a, b) : fold_integer(n.op, a, b);
    return absorbed(n.op, a, b);
  }

  Abstract load(int access, const std::vector<PaddingValue>& padding, uint64_t padded) const {
    const PaddingValue& p = padding[static_cast<size_t>(access)];
    if ((padded >> access & 1) == 0 || !p.needed) return {};
    const int tensor = stage_.accesses[static_cast<size_t>(access)].tensor;
    const bool real = is_float(w_.tensors[static_cast<size_t>(tensor)].dtype);
    return constant(p.integer, real ? p.real : static_cast<double>(p.integer));
  }

  static int64_t wrapping_sub(int64_t a, int64_t b) {
    return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
  }

  // One operand is known: the result is known only where it absorbs the other.
  Abstract absorbed(ScalarOp op, const Abstract& a, const Abstract& b) const {
    const Abstract& k = a.known ? a : b;
    if (!k.known) return {};
    const bool zero = k.integer == 0 && k.real == 0;
    switch (op) {
      case ScalarOp::mul:
        return zero ? k : Abstract{};
      case ScalarOp::div:
      case ScalarOp::mod:
        return zero && a.known && !is_float(type_) ? k : Abstract{};
      case ScalarOp::min:
        return same(k, lowest()) ? k : Abstract{};
      case ScalarOp::max:
        return same(k, highest()) ? k : Abstract{};
      default:
        return {};
    }
  }
  Abstract lowest() const { return identity(Reducer::max); }
  Abstract highest() const { return identity(Reducer::min); }
  Abstract identity(Reducer reducer) const {
    const Identity i = identity_of(reducer, type_);
    return constant(i.integer, i.real);
  }

  Abstract fold_real(ScalarOp op, const Abstract& a, const Abstract& b) const {
    const float x = static_cast<float>(a.real), y = static_cast<float>(b.real);
    float value = 0;
    switch (op) {
      case ScalarOp::add:
        value = x + y;
        break;
      case ScalarOp::sub:
        value = x - y;
        break;
      case ScalarOp::mul:
        value = x * y;
        break;
      case ScalarOp::div:
        value = x / y;
        break;
      case ScalarOp::min:
        value = std::min(x, y);
        break;
      case ScalarOp::max:
        value = std::max(x, y);
        break;
      default:
        return {};
    }
    return std::isnan(value) ? Abstract{} : constant(0, value);
  }

  Abstract fold_integer(ScalarOp op, const Abstract& a, const Abstract& b) const {
    const uint64_t x = static_cast<uint64_t>(a.integer), y = static_cast<uint64_t>(b.integer);
    switch (op) {
      case ScalarOp::add:
        return constant(static_cast<int64_t>(x + y), 0);
      case ScalarOp::sub:
        return constant(static_cast<int64_t>(x - y), 0);
      case ScalarOp::mul:
        return constant(static_cast<int64_t>(x * y), 0);
      case ScalarOp::div:
        if (b.integer == 0) return constant(0, 0);
        return constant(b.integer == -1 ? wrapping_sub(0, a.integer) : a.integer / b.integer, 0);
      case ScalarOp::mod:
        if (b.integer == 0) return a;
        return constant(b.integer == -1 ? 0 : a.integer % b.integer, 0);
      case ScalarOp::min:
        return a.integer < b.integer ? a : b;
      case ScalarOp::max:
        return a.integer > b.integer ? a : b;
      default:
        return {};
    }
  }

  const Workload& w_;
  const Stage& stage_;
  DType type_;
  std::vector<Abstract> values_;
};

// Accesses whose index depends on the axis.
uint64_t accesses_along(const Stage& stage, size_t axis) {
  uint64_t mask = 0;
  for (size_t a = 0; a < stage.accesses.size(); ++a) {
    for (const AffineIndex& index : stage.accesses[a].index) {
      if (index.coefficients[axis] != 0) mask |= uint64_t{1} << a;
    }
  }
  return mask;
}

// Candidates for a tensor: 0, 1, -1 and the identity if the type holds it.
std::vector<PaddingValue> candidates(const Stage& stage, DType type) {
  const Identity identity = identity_of(stage.reducer, stage.compute);
  std::vector<PaddingValue> found{{true, 0, 0}, {true, 1, 1}, {true, -1, -1}};
  if (is_float(type)) {
    found.push_back({true, 0, identity.real});
  } else if (is_int(stage.compute) && identity.integer >= min_value(type) &&
             identity.integer <= max_value(type)) {
    found.push_back({true, identity.integer, 0});
  }
  if (!is_float(type)) {
    for (PaddingValue& p : found) p.real = 0;
  } else {
    for (PaddingValue& p : found) p.integer = 0;
  }
  return found;
}

// Whether the body is the reducer's identity in every case: per case, the accesses that read
// padding.
class Neutrality {
 public:
  Neutrality(const Workload& w, const Stage& stage, std::vector<uint64_t> cases)
      : evaluator_(w, stage), cases_(std::move(cases)) {
    const Identity identity = identity_of(stage.reducer, stage.compute);
    wanted_ = evaluator_.constant(identity.integer, identity.real);
  }
  bool of(const std::vector<PaddingValue>& values) {
    return std::all_of(cases_.begin(), cases_.end(), [&](uint64_t padded) {
      return Evaluator::same(evaluator_.run(values, padded), wanted_);
    });
  }

 private:
  Evaluator evaluator_;
  std::vector<uint64_t> cases_;
  Abstract wanted_;
};

// Leaves out values that the others make unnecessary, of the largest tensors first. Of integers
// only: what memory happens to hold may be no number, and 0 times that is none either.
void leave_out(const Workload& w, const Stage& stage, std::vector<size_t> accesses,
               Neutrality& neutral, std::vector<PaddingValue>& values) {
  if (is_float(stage.compute)) return;
  const auto tensor = [&](size_t a) -> const Tensor& {
    return w.tensors[static_cast<size_t>(stage.accesses[a].tensor)];
  };
  std::stable_sort(accesses.begin(), accesses.end(),
                   [&](size_t a, size_t b) { return tensor(a).elements() > tensor(b).elements(); });
  for (const size_t a : accesses) {
    const PaddingValue kept = values[a];
    values[a] = {};
    if (!neutral.of(values)) values[a] = kept;
  }
}

}  // namespace

std::optional<std::vector<PaddingValue>> neutral_padding(const Workload& w, int stage_number,
                                                         LoopMask axes) {
  const Stage& stage = w.stages[static_cast<size_t>(stage_number)];
  std::vector<PaddingValue> values(stage.accesses.size());
  if (stage.accesses.size() > 64) return std::nullopt;
  std::vector<uint64_t> cases;  // per padded reduction axis: the accesses that read padding
  std::vector<size_t> open;
  for (size_t x = static_cast<size_t>(stage.rank); x < stage.axes.size(); ++x) {
    if ((axes >> x & 1) != 0) cases.push_back(accesses_along(stage, x));
  }
  if (cases.empty()) return values;
  std::vector<std::vector<PaddingValue>> choices;
  for (size_t a = 0; a < stage.accesses.size(); ++a) {
    const auto reads = [a](uint64_t mask) { return (mask >> a & 1) != 0; };
    if (std::none_of(cases.begin(), cases.end(), reads)) continue;
    const int tensor = stage.accesses[a].tensor;
    open.push_back(a);
    choices.push_back(candidates(stage, w.tensors[static_cast<size_t>(tensor)].dtype));
  }
  Neutrality neutral(w, stage, std::move(cases));
  constexpr size_t kMaxOpen = 6;  // 4^6 combinations
  if (open.size() > kMaxOpen) return std::nullopt;
  std::vector<size_t> digit(open.size(), 0);
  for (;;) {
    for (size_t i = 0; i < open.size(); ++i) values[open[i]] = choices[i][digit[i]];
    if (neutral.of(values)) {
      leave_out(w, stage, open, neutral, values);
      return values;
    }
    size_t i = 0;
    while (i < open.size() && ++digit[i] == choices[i].size()) digit[i++] = 0;
    if (i == open.size()) return std::nullopt;
  }
}

}  // namespace pimjit
