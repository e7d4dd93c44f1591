#ifndef PIMJIT_TOOLS_PIMJIT_TENSOR_FILES_H_
#define PIMJIT_TOOLS_PIMJIT_TENSOR_FILES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "pimjit/core/support/error.h"
#include "pimjit/core/support/tensor.h"
#include "pimjit/core/workload/workload.h"

namespace pimjit::cli {

// The inputs of a workload: from .npy files where --input names one ("A=a.npy"), seeded random data
// in the declared range otherwise. Errors (user): unknown tensors, unreadable files, another type,
// rank or shape than the computation has.
Result<std::vector<HostTensor>> make_inputs(const Workload& workload,
                                            const std::vector<std::string>& inputs, uint64_t seed);

// Where --output ("C=c.npy", or the path alone) wants the output tensor; "" without the option.
// Error (user): another name than the output's, a folder that does not exist or cannot be written.
Result<std::string> output_path(const Workload& workload, const std::vector<std::string>& outputs);

// "4x3", "scalar".
std::string shape_text(const std::vector<int64_t>& shape);

}  // namespace pimjit::cli

#endif  // PIMJIT_TOOLS_PIMJIT_TENSOR_FILES_H_
