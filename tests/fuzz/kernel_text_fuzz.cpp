// Text of any origin as a kernel. What is accepted must print to a text that reads back as the same
// kernel, and must survive serialisation.

#include <cstdlib>
#include <string_view>

#include "pimjit/core/ir/parser.h"
#include "pimjit/core/ir/printer.h"
#include "pimjit/core/ir/serialize.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto kernel = pimjit::parse_kernel({reinterpret_cast<const char*>(data), size});
  if (!kernel) return 0;
  const auto back = pimjit::parse_kernel(pimjit::to_text(*kernel));
  if (!back || !pimjit::equal(*back, *kernel)) std::abort();
  const auto bytes = pimjit::serialize(*kernel);
  if (!bytes) std::abort();
  const auto read = pimjit::deserialize(*bytes);
  if (!read || !pimjit::equal(*read, *kernel)) std::abort();
  return 0;
}
