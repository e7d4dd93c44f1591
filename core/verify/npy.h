#ifndef PIMJIT_CORE_VERIFY_NPY_H_
#define PIMJIT_CORE_VERIFY_NPY_H_

#include <cstddef>
#include <span>
#include <string>

#include "pimjit/core/support/error.h"
#include "pimjit/core/support/tensor.h"

namespace pimjit {

// NumPy's .npy files, versions 1.0 and 2.0 (NumPy Enhancement Proposal 1): one tensor of i1 i2 i4
// i8 f4, little endian, in C order. Anything else is refused by name. Functions are thread-safe on
// different files.

// Errors (user): a file that cannot be read, is no .npy, is cut short or too long, or holds another
// type or order.
Result<HostTensor> read_npy(const std::string& path);

// The same from memory; `name` stands for the file in errors.
Result<HostTensor> parse_npy(std::span<const std::byte> bytes, const std::string& name);

// Writes a temporary file beside `path` and renames it, so that `path` is either as before or
// complete. Error (user): names the path and what the system said, or that `path` is a folder, a
// device or a pipe.
Status write_npy(const std::string& path, const HostTensor& tensor);

// Magic, version 1.0 and header, padded to a multiple of 64 bytes; the elements follow it in the
// file.
std::string npy_header(DType dtype, const std::vector<int64_t>& shape);

}  // namespace pimjit

#endif  // PIMJIT_CORE_VERIFY_NPY_H_
