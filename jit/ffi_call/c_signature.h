#ifndef PIMJIT_JIT_FFI_CALL_C_SIGNATURE_H_
#define PIMJIT_JIT_FFI_CALL_C_SIGNATURE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "pimjit/core/workload/workload.h"

namespace pimjit {

// How a computation looks as a function of C. Pure; any thread.

struct CParameter {
  std::string name;
  DType dtype;
  bool pointer = false;  // to the first element of a row-major tensor without gaps
  bool written = false;
};
// Every function returns int: 0 when it went well.
struct CSignature {
  std::vector<CParameter> parameters;
};

// The inputs in the order of Workload::inputs(), scalars by value and tensors by pointer; then a
// pointer to the output; with `sizes` also the extent of each axis as int64_t, in the order in
// which the axes appear, each name once:
//   int gemv(int32_t alpha, const int32_t* A, const int32_t* B, int32_t* C, int64_t i, int64_t k)
CSignature c_signature(const Workload& workload, bool sizes);

// The extents that stand for the sizes of c_signature.
std::vector<int64_t> c_sizes(const Workload& workload);

// "int mtv(const int32_t* A, ...)".
std::string to_text(const CSignature& signature, const std::string& function);

}  // namespace pimjit

#endif  // PIMJIT_JIT_FFI_CALL_C_SIGNATURE_H_
