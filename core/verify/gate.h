#ifndef PIMJIT_CORE_VERIFY_GATE_H_
#define PIMJIT_CORE_VERIFY_GATE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "pimjit/core/support/error.h"
#include "pimjit/core/support/tensor.h"
#include "pimjit/core/workload/workload.h"

namespace pimjit {

// The correctness gate: no result counts before it has passed. Integers must be equal; f32 must lie
// within the bound of docs/workload.md, "The correctness gate".

struct GateOptions {
  int64_t sample = 0;  // output elements to check, corners first; 0 or more than there are: all
  uint64_t seed = 0;   // of the choice of the others
  // For each stage, at most how many additions lie between a term of its sums and the result, as
  // schedule/longest_sums.h tells; empty: sums may be in any order.
  std::vector<double> longest_sums = {};
};

struct GateReport {
  bool ok = false;
  std::string
      method;  // "exact" or "error bound", "sampled" behind it when not all elements were checked
  int64_t elements = 0;  // of the output
  int64_t checked = 0;
  int64_t mismatches = 0;
  int64_t unbounded =
      0;  // f32 elements for which anything is right; not ok when that is all of them
  int64_t first_mismatch = -1;  // row-major number, with what was expected, found and allowed there
  std::string index;            // the same as "[3,1]"
  std::string expected;
  std::string actual;
  std::string allowed;
  double max_error = 0;  // largest |actual - expected| over bounded elements
  double max_ratio = 0;  // largest error over allowed error, f32 only

  // One line: "128 of 128 elements equal" or "3 of 128 elements differ; first C[0,5]: expected 7,
  // found 9 (exact)".
  std::string text(const std::string& output_name) const;
};

// Compares `output` with the direct evaluation of the workload on `inputs`. Pure; any thread.
// Errors (user): inputs or output that do not fit the workload, memory.
Result<GateReport> compare(const Workload& workload, const std::vector<HostTensor>& inputs,
                           const HostTensor& output, const GateOptions& options = {});

// Compares `output` with `expected`, what a reference of the caller's gives. Integers must be
// equal; f32 may be apart by twice the bound, for each of both may be off by one. Errors as above.
Result<GateReport> compare_with(const Workload& workload, const std::vector<HostTensor>& inputs,
                                const HostTensor& output, const HostTensor& expected,
                                const GateOptions& options = {});

// The elements a sample checks, ascending and distinct: the corners of the tensor, then random
// ones.
std::vector<int64_t> sample_elements(const std::vector<int64_t>& shape, const GateOptions& options);

// "[3,1]" of element number 7 in shape {4, 2}.
std::string index_text(const std::vector<int64_t>& shape, int64_t element);

}  // namespace pimjit

#endif  // PIMJIT_CORE_VERIFY_GATE_H_
