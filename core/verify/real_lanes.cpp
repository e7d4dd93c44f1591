#include "pimjit/core/verify/real_lanes.h"

#include <algorithm>
#include <cstring>

namespace pimjit::verify {
namespace {

RealValue apply(ScalarOp op, const RealValue& a, double na, const RealValue& b, double nb) {
  switch (op) {
    case ScalarOp::add:
      return add(a, b);
    case ScalarOp::sub:
      return sub(a, b);
    case ScalarOp::mul:
      return mul(a, na, b, nb);
    case ScalarOp::div:
      return div(a, na, b, nb);
    case ScalarOp::min:
      return min(a, b);
    default:
      return max(a, b);
  }
}

// Whether all are below the limit; false for NaN.
bool all_below(const double* values, int64_t count, double limit) {
  bool below = true;
  for (int64_t i = 0; i < count; ++i) below &= values[i] < limit;
  return below;
}

constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

RealLanes::RealLanes(const StagePlan& plan, std::vector<Storage>& storage)
    : plan_(plan), storage_(storage), stack_(plan.stack) {
  scratch_ = Lane{std::vector<double>(kBlock), std::vector<double>(kBlock), true};
  std::fill(stack_.begin(), stack_.end(), scratch_);
  row_ = scratch_;
}

void RealLanes::prepare() {
  roundings_.clear();
  for (const ScalarNode& node : plan_.stage->body) {
    const auto of = [&](int operand) { return roundings_[static_cast<size_t>(operand)]; };
    double n = 0;
    switch (node.op) {
      case ScalarOp::load:
        n = storage_[static_cast<size_t>(plan_.loads[static_cast<size_t>(node.a)].tensor)]
                .roundings;
        break;
      case ScalarOp::constant:
        break;
      case ScalarOp::neg:
        n = of(node.a);
        break;
      case ScalarOp::add:
      case ScalarOp::sub:
        n = std::max(of(node.a), of(node.b)) + 1;
        break;
      case ScalarOp::min:
      case ScalarOp::max:
        n = std::max(of(node.a), of(node.b));
        break;
      default:
        n = of(node.a) + of(node.b) + 1;
        break;
    }
    roundings_.push_back(n);
  }
  double terms = 1;
  for (size_t a = plan_.rank; a < plan_.axes; ++a)
    terms *= static_cast<double>(plan_.stage->axes[a].extent);
  double n = roundings_.back();
  if (plan_.stage->reducer == Reducer::sum) n += plan_.additions;
  if (plan_.stage->reducer == Reducer::prod) n = roundings_of_product(terms);
  storage_[static_cast<size_t>(plan_.stage->output)].roundings = terms == 0 ? 0 : n;
}

double RealLanes::roundings_of_product(double terms) const {
  return terms == 0 ? 0 : terms * roundings_.back() + terms - 1;
}

void RealLanes::evaluate(const std::vector<int64_t>& offsets, size_t axis, int64_t count) {
  size_t top = 0;
  for (size_t n = 0; n < plan_.stage->body.size(); ++n) {
    const ScalarNode& node = plan_.stage->body[n];
    if (node.op == ScalarOp::load) {
      load(static_cast<size_t>(node.a), offsets, axis, count, stack_[top++]);
    } else if (node.op == ScalarOp::constant) {
      Lane& lane = stack_[top++];
      lane.plain = true;
      for (int64_t i = 0; i < count; ++i) lane.set(i, leaf(node.real));
    } else if (node.op == ScalarOp::neg) {
      Lane& lane = stack_[top - 1];
      for (int64_t i = 0; i < count; ++i) lane.set(i, neg(lane.at(i)));
    } else {
      combine(n, stack_[top - 2], stack_[top - 1], count);
      --top;
    }
  }
}

void RealLanes::load(size_t l, const std::vector<int64_t>& offsets, size_t axis, int64_t count,
                     Lane& lane) const {
  const LoadPlan& plan = plan_.loads[l];
  const Storage& from = storage_[static_cast<size_t>(plan.tensor)];
  const int64_t stride = axis < plan.strides.size() ? plan.strides[axis] : 0;
  double* value = lane.value.data();
  double* magnitude = lane.magnitude.data();
  if (from.data == nullptr) {
    for (int64_t i = 0; i < count; ++i) {
      const auto at = static_cast<size_t>(offsets[l] + i * stride);
      value[i] = from.value[at];
      magnitude[i] = from.magnitude[at];
    }
    lane.plain = all_below(magnitude, count, kInfinity);
    for (int64_t i = 0; i < count; ++i) lane.plain = lane.plain && std::isfinite(value[i]);
    return;
  }
  const int width = bytes_of(plan.dtype);
  const std::byte* const first = from.data + offsets[l] * width;
  if (is_float(plan.dtype)) {
    for (int64_t i = 0; i < count; ++i) {
      float element;
      std::memcpy(&element, first + i * stride * width, sizeof element);
      value[i] = static_cast<double>(element);
    }
  } else {
    for (int64_t i = 0; i < count; ++i)
      value[i] = static_cast<double>(load_integer(first + i * stride * width, plan.dtype));
  }
  for (int64_t i = 0; i < count; ++i) magnitude[i] = std::fabs(value[i]);
  lane.plain = all_below(magnitude, count, kInfinity);
  if (lane.plain) return;
  for (int64_t i = 0; i < count; ++i) lane.set(i, leaf(value[i]));
}

void RealLanes::combine(size_t n, Lane& a, const Lane& b, int64_t count) {
  const ScalarNode& node = plan_.stage->body[n];
  if (combine_plain(node.op, a, b, count)) return;
  const double na = roundings_[static_cast<size_t>(node.a)];
  const double nb = roundings_[static_cast<size_t>(node.b)];
  a.plain = true;
  for (int64_t i = 0; i < count; ++i) {
    const RealValue result = apply(node.op, a.at(i), na, b.at(i), nb);
    a.plain = a.plain && !result.unbounded() && !result.exceptional();
    a.set(i, result);
  }
}

// a = a op b when both and the result are plain; otherwise leaves `a` as it is and returns false.
bool RealLanes::combine_plain(ScalarOp op, Lane& a, const Lane& b, int64_t count) {
  if (!a.plain || !b.plain || op == ScalarOp::div) return false;
  const double* va = a.value.data();
  const double* vb = b.value.data();
  const double* ma = a.magnitude.data();
  const double* mb = b.magnitude.data();
  double* v = scratch_.value.data();
  double* m = scratch_.magnitude.data();
  double limit = kOverflow;
  switch (op) {
    case ScalarOp::add:
      for (int64_t i = 0; i < count; ++i) v[i] = va[i] + vb[i], m[i] = ma[i] + mb[i];
      break;
    case ScalarOp::sub:
      for (int64_t i = 0; i < count; ++i) v[i] = va[i] - vb[i], m[i] = ma[i] + mb[i];
      break;
    case ScalarOp::mul:
      for (int64_t i = 0; i < count; ++i) {
        v[i] = va[i] * vb[i];
        const bool zero = ma[i] == 0 || mb[i] == 0;
        m[i] = zero ? 0 : std::max(ma[i] * mb[i], kSmallestNormal);
      }
      break;
    default:
      limit = kInfinity;
      for (int64_t i = 0; i < count; ++i) {
        v[i] = op == ScalarOp::min ? std::min(va[i], vb[i]) : std::max(va[i], vb[i]);
        m[i] = std::max(ma[i], mb[i]);
      }
  }
  if (!all_below(m, count, limit)) return false;
  std::swap(a.value, scratch_.value);
  std::swap(a.magnitude, scratch_.magnitude);
  return true;
}

void RealLanes::begin_reduction() {
  accumulator_ = leaf(identity_of(plan_.stage->reducer, DType::f32).real);
  terms_ = 0;
  largest_ = 1;
  smallest_ = 1;
}

void RealLanes::accumulate(int64_t count) {
  const Lane& lane = stack_[0];
  if (accumulate_plain(lane, count)) return;
  for (int64_t i = 0; i < count; ++i) accumulate_one(lane.at(i));
}

bool RealLanes::accumulate_plain(const Lane& lane, int64_t count) {
  const Reducer reducer = plan_.stage->reducer;
  if (!lane.plain || accumulator_.unbounded() || reducer == Reducer::prod) return false;
  const bool first = terms_ == 0;
  if (!first && accumulator_.exceptional()) return false;
  const double* v = lane.value.data();
  const double* m = lane.magnitude.data();
  RealValue total = accumulator_;
  for (int64_t i = 0; i < count; ++i) {
    if (reducer == Reducer::min || reducer == Reducer::max) {
      total.value =
          reducer == Reducer::min ? std::min(total.value, v[i]) : std::max(total.value, v[i]);
      total.magnitude = std::max(total.magnitude, m[i]);
    } else {
      total.value += v[i];
      total.magnitude += m[i];
    }
  }
  const bool sum = reducer != Reducer::min && reducer != Reducer::max;
  if (sum && !(total.magnitude < kOverflow)) return false;
  accumulator_ = total;
  terms_ += static_cast<double>(count);
  return true;
}

void RealLanes::accumulate_one(const RealValue& term) {
  switch (plan_.stage->reducer) {
    case Reducer::min:
      accumulator_ = min(accumulator_, term);
      break;
    case Reducer::max:
      accumulator_ = max(accumulator_, term);
      break;
    case Reducer::prod:
      accumulator_ = mul(accumulator_, roundings_of_product(terms_), term, roundings_.back());
      if (std::isfinite(term.magnitude)) largest_ *= std::max(term.magnitude, 1.0);
      if (term.value != 0) smallest_ *= std::min(std::fabs(term.value), 1.0);
      break;
    default:
      accumulator_ = add(accumulator_, term);
      break;
  }
  terms_ += 1;
}

// Products: another order may overflow or underflow on the way although the whole does not.
RealValue RealLanes::finished() const {
  if (plan_.stage->reducer != Reducer::prod || accumulator_.unbounded()) return accumulator_;
  if (std::isnan(accumulator_.value)) return accumulator_;
  if (!(largest_ < kOverflow)) return unbounded_value();
  if (accumulator_.exceptional())
    return smallest_ < kSmallestNormal ? unbounded_value() : accumulator_;
  if (accumulator_.magnitude == 0) return accumulator_;
  return {accumulator_.value, std::max(accumulator_.magnitude, kSmallestNormal * largest_)};
}

void RealLanes::end_reduction(int64_t element) {
  Storage& output = storage_[static_cast<size_t>(plan_.stage->output)];
  const RealValue result = finished();
  output.value[output.slot(element)] = result.value;
  output.magnitude[output.slot(element)] = result.magnitude;
}

void RealLanes::store_lanes(int64_t element, int64_t count) {
  Storage& output = storage_[static_cast<size_t>(plan_.stage->output)];
  const auto at = static_cast<std::ptrdiff_t>(output.slot(element));
  std::copy_n(stack_[0].value.begin(), count, output.value.begin() + at);
  std::copy_n(stack_[0].magnitude.begin(), count, output.magnitude.begin() + at);
}

void RealLanes::begin_row(int64_t count) {
  begin_reduction();
  for (int64_t i = 0; i < count; ++i) row_.set(i, accumulator_);
}

bool RealLanes::accumulate_row(int64_t count) {
  const Reducer reducer = plan_.stage->reducer;
  const Lane& lane = stack_[0];
  if (!lane.plain || accumulator_.unbounded() || reducer == Reducer::prod) return false;
  const double* v = lane.value.data();
  const double* m = lane.magnitude.data();
  double* value = row_.value.data();
  double* magnitude = row_.magnitude.data();
  if (reducer == Reducer::sum) {
    for (int64_t i = 0; i < count; ++i) value[i] += v[i], magnitude[i] += m[i];
    return true;
  }
  const bool least = reducer == Reducer::min;
  for (int64_t i = 0; i < count; ++i) {
    value[i] = least ? std::min(value[i], v[i]) : std::max(value[i], v[i]);
    magnitude[i] = std::max(magnitude[i], m[i]);
  }
  return true;
}

// Magnitudes of sums only grow.
bool RealLanes::end_row(int64_t element, int64_t count) {
  const bool sum = plan_.stage->reducer == Reducer::sum;
  if (sum && !all_below(row_.magnitude.data(), count, kOverflow)) return false;
  Storage& output = storage_[static_cast<size_t>(plan_.stage->output)];
  const auto at = static_cast<std::ptrdiff_t>(output.slot(element));
  std::copy_n(row_.value.begin(), count, output.value.begin() + at);
  std::copy_n(row_.magnitude.begin(), count, output.magnitude.begin() + at);
  return true;
}

}  // namespace pimjit::verify
