// Bytes of any origin as a serialised kernel. The hash is made to fit, so that the input reaches
// the reader behind it. What is accepted must print, serialise and read back as the same kernel.

#include <cstdlib>
#include <cstring>
#include <vector>

#include "pimjit/core/ir/byte_format.h"
#include "pimjit/core/ir/printer.h"
#include "pimjit/core/ir/serialize.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint8_t> bytes(data, data + size);
  if (size >= 20) {
    const auto total = static_cast<std::uint32_t>(size);
    std::memcpy(bytes.data() + pimjit::kSizeOffset, &total, sizeof total);
    const std::uint64_t hash = pimjit::fnv1a(bytes.data(), size - sizeof hash);
    std::memcpy(bytes.data() + size - sizeof hash, &hash, sizeof hash);
  }
  const auto kernel = pimjit::deserialize(bytes);
  if (!kernel) return 0;
  if (pimjit::to_text(*kernel).empty()) std::abort();
  const auto again = pimjit::serialize(*kernel);
  if (!again) std::abort();
  const auto back = pimjit::deserialize(*again);
  if (!back || !pimjit::equal(*back, *kernel)) std::abort();
  return 0;
}
