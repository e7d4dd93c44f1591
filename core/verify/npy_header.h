#ifndef PIMJIT_CORE_VERIFY_NPY_HEADER_H_
#define PIMJIT_CORE_VERIFY_NPY_HEADER_H_

#include <string>
#include <string_view>
#include <vector>

#include "pimjit/core/support/error.h"

// Private to core/verify.
namespace pimjit::verify {

// The three entries of the header dictionary, as written.
struct NpyHeader {
  std::string descr;
  bool fortran_order = false;
  std::vector<int64_t> shape;
};

// "{'descr': '<i4', 'fortran_order': False, 'shape': (3, 4), }" in any order, each entry once. The
// error is what is wrong, without the file.
tl::expected<NpyHeader, std::string> parse_npy_header(std::string_view text);

}  // namespace pimjit::verify

#endif  // PIMJIT_CORE_VERIFY_NPY_HEADER_H_
