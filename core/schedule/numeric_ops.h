#ifndef PIMJIT_CORE_SCHEDULE_NUMERIC_OPS_H_
#define PIMJIT_CORE_SCHEDULE_NUMERIC_OPS_H_

#include "pimjit/core/ir/expr.h"
#include "pimjit/core/target/target_desc.h"
#include "pimjit/core/workload/workload.h"

namespace pimjit {

// The row of a target's numerics table that an operator of a computation is found under. A negation
// counts as a subtraction.
inline NumericOp operation_of(ScalarOp op) {
  switch (op) {
    case ScalarOp::mul:
      return NumericOp::mul;
    case ScalarOp::div:
      return NumericOp::div;
    case ScalarOp::mod:
      return NumericOp::mod;
    case ScalarOp::min:
      return NumericOp::min;
    case ScalarOp::max:
      return NumericOp::max;
    case ScalarOp::sub:
    case ScalarOp::neg:
      return NumericOp::sub;
    default:
      return NumericOp::add;
  }
}

// The operator of the IR; a negation is a subtraction from 0.
inline BinaryOp binary_of(ScalarOp op) {
  switch (op) {
    case ScalarOp::sub:
    case ScalarOp::neg:
      return BinaryOp::sub;
    case ScalarOp::mul:
      return BinaryOp::mul;
    case ScalarOp::div:
      return BinaryOp::div;
    case ScalarOp::mod:
      return BinaryOp::mod;
    case ScalarOp::min:
      return BinaryOp::min;
    case ScalarOp::max:
      return BinaryOp::max;
    default:
      return BinaryOp::add;
  }
}

inline NumericOp operation_of(Reducer reducer) {
  switch (reducer) {
    case Reducer::prod:
      return NumericOp::mul;
    case Reducer::min:
      return NumericOp::min;
    case Reducer::max:
      return NumericOp::max;
    default:
      return NumericOp::add;
  }
}

}  // namespace pimjit

#endif  // PIMJIT_CORE_SCHEDULE_NUMERIC_OPS_H_
