#ifndef PIMJIT_CORE_VERIFY_INT_LANES_H_
#define PIMJIT_CORE_VERIFY_INT_LANES_H_

#include <algorithm>
#include <cstring>
#include <limits>
#include <vector>

#include "pimjit/core/verify/stage_plan.h"
#include "pimjit/core/verify/storage.h"

// Private to core/verify.
namespace pimjit::verify {

// Scalar operations of the integer type T, as docs/workload.md defines them. Sums and products go
// through uint64_t, whose low bits are those of the wrapped result.
template <typename T>
T apply(ScalarOp op, T a, T b) {
  const auto ua = static_cast<uint64_t>(a);
  const auto ub = static_cast<uint64_t>(b);
  switch (op) {
    case ScalarOp::add:
      return static_cast<T>(ua + ub);
    case ScalarOp::sub:
      return static_cast<T>(ua - ub);
    case ScalarOp::mul:
      return static_cast<T>(ua * ub);
    case ScalarOp::div:
      return b == 0 ? T{0} : b == -1 ? static_cast<T>(0 - ua) : static_cast<T>(a / b);
    case ScalarOp::mod:
      return b == 0 ? a : b == -1 ? T{0} : static_cast<T>(a % b);
    case ScalarOp::min:
      return std::min(a, b);
    case ScalarOp::max:
      return std::max(a, b);
    default:
      return a;
  }
}

inline ScalarOp operator_of(Reducer reducer) {
  switch (reducer) {
    case Reducer::prod:
      return ScalarOp::mul;
    case Reducer::min:
      return ScalarOp::min;
    case Reducer::max:
      return ScalarOp::max;
    default:
      return ScalarOp::add;
  }
}

// Evaluates blocks of a stage whose compute type is T.
template <typename T>
class IntLanes {
 public:
  IntLanes(const StagePlan& plan, std::vector<Storage>& storage)
      : plan_(plan), storage_(storage), lanes_(plan.stack * kBlock) {}

  void prepare() {}

  // The body at `count` neighbouring points, whose loads are `strides[l]` apart.
  void evaluate(const std::vector<int64_t>& offsets, size_t axis, int64_t count) {
    size_t top = 0;
    for (const ScalarNode& node : plan_.stage->body) {
      T* lane = lanes_.data() + top * kBlock;
      if (node.op == ScalarOp::load) {
        load(static_cast<size_t>(node.a), offsets, axis, count, lane);
        ++top;
      } else if (node.op == ScalarOp::constant) {
        std::fill_n(lane, count, static_cast<T>(node.integer));
        ++top;
      } else if (node.op == ScalarOp::neg) {
        T* a = lane - kBlock;
        for (int64_t i = 0; i < count; ++i) a[i] = apply(ScalarOp::sub, T{0}, a[i]);
      } else {
        combine(node.op, lane - 2 * kBlock, lane - kBlock, count);
        --top;
      }
    }
  }

  void begin_reduction() {
    accumulator_ = static_cast<T>(identity_of(plan_.stage->reducer, plan_.stage->compute).integer);
  }

  void accumulate(int64_t count) {
    const T* lane = lanes_.data();
    dispatch(operator_of(plan_.stage->reducer), [&](auto op) {
      T total = accumulator_;
      for (int64_t i = 0; i < count; ++i) total = apply(op(), total, lane[i]);
      accumulator_ = total;
    });
  }

  // The same for neighbouring elements, one lane each.
  void begin_row(int64_t count) {
    begin_reduction();
    row_.assign(static_cast<size_t>(count), accumulator_);
  }
  bool accumulate_row(int64_t count) {
    T* total = row_.data();
    const T* lane = lanes_.data();
    dispatch(operator_of(plan_.stage->reducer), [=](auto op) {
      for (int64_t i = 0; i < count; ++i) total[i] = apply(op(), total[i], lane[i]);
    });
    return true;
  }
  bool end_row(int64_t element, int64_t count) {
    store(element, row_.data(), count);
    return true;
  }

  void end_reduction(int64_t element) { store(element, &accumulator_, 1); }
  void store_lanes(int64_t element, int64_t count) { store(element, lanes_.data(), count); }

 private:
  // Calls f with the operator as a compile-time constant, so that each has a loop of its own.
  template <typename F>
  static void dispatch(ScalarOp op, F&& f) {
    switch (op) {
      case ScalarOp::add:
        return f([] { return ScalarOp::add; });
      case ScalarOp::sub:
        return f([] { return ScalarOp::sub; });
      case ScalarOp::mul:
        return f([] { return ScalarOp::mul; });
      case ScalarOp::div:
        return f([] { return ScalarOp::div; });
      case ScalarOp::mod:
        return f([] { return ScalarOp::mod; });
      case ScalarOp::min:
        return f([] { return ScalarOp::min; });
      default:
        return f([] { return ScalarOp::max; });
    }
  }

  static void combine(ScalarOp op, T* a, const T* b, int64_t count) {
    dispatch(op, [=](auto constant) {
      for (int64_t i = 0; i < count; ++i) a[i] = apply(constant(), a[i], b[i]);
    });
  }

  void load(size_t l, const std::vector<int64_t>& offsets, size_t axis, int64_t count,
            T* lane) const {
    const LoadPlan& plan = plan_.loads[l];
    const std::byte* data =
        storage_[static_cast<size_t>(plan.tensor)].data + offsets[l] * bytes_of(plan.dtype);
    const int64_t stride = axis < plan.strides.size() ? plan.strides[axis] : 0;
    switch (plan.dtype) {
      case DType::i8:
        return load_as<int8_t>(data, stride, count, lane);
      case DType::i16:
        return load_as<int16_t>(data, stride, count, lane);
      case DType::i32:
        return load_as<int32_t>(data, stride, count, lane);
      default:
        return load_as<int64_t>(data, stride, count, lane);
    }
  }

  template <typename From>
  static void load_as(const std::byte* data, int64_t stride, int64_t count, T* lane) {
    const auto read = [data](int64_t i) {
      From value;
      std::memcpy(&value, data + i * static_cast<int64_t>(sizeof value), sizeof value);
      return static_cast<T>(value);
    };
    if (stride == 1) {
      for (int64_t i = 0; i < count; ++i) lane[i] = read(i);
    } else {
      for (int64_t i = 0; i < count; ++i) lane[i] = read(i * stride);
    }
  }

  void store(int64_t element, const T* values, int64_t count) {
    Storage& output = storage_[static_cast<size_t>(plan_.stage->output)];
    std::byte* to = output.computed.data() + output.slot(element) * sizeof(T);
    std::memcpy(to, values, static_cast<size_t>(count) * sizeof(T));
  }

  const StagePlan& plan_;
  std::vector<Storage>& storage_;
  std::vector<T> lanes_;  // the stack: kBlock values per entry
  T accumulator_{};
  std::vector<T> row_;
};

}  // namespace pimjit::verify

#endif  // PIMJIT_CORE_VERIFY_INT_LANES_H_
