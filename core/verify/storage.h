#ifndef PIMJIT_CORE_VERIFY_STORAGE_H_
#define PIMJIT_CORE_VERIFY_STORAGE_H_

#include <vector>

#include "pimjit/core/support/tensor.h"
#include "pimjit/core/verify/real_value.h"

// Private to core/verify.
namespace pimjit::verify {

// Values of one tensor during an evaluation: raw elements of inputs and integer tensors, values
// with their bounds of computed f32 tensors. A `single` storage keeps one element, whatever its
// number.
struct Storage {
  const std::byte* data = nullptr;  // of inputs and integers
  HostTensor computed;              // integers of a stage; `data` points into it
  std::vector<double> value;        // f32 of a stage
  std::vector<double> magnitude;
  double roundings = 0;
  bool single = false;

  size_t slot(int64_t element) const { return single ? 0 : static_cast<size_t>(element); }
};

}  // namespace pimjit::verify

#endif  // PIMJIT_CORE_VERIFY_STORAGE_H_
