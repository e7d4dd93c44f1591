// .npy bytes from anyone: an error or a tensor, and a tensor's own bytes are read back the same.

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "pimjit/core/verify/npy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto tensor = pimjit::parse_npy(std::as_bytes(std::span(data, size)), "fuzz.npy");
  if (!tensor) {
    if (tensor.error().message().empty()) std::abort();
    return 0;
  }
  std::string bytes = pimjit::npy_header(tensor->dtype(), tensor->shape());
  bytes.append(reinterpret_cast<const char*>(tensor->data()),
               static_cast<std::size_t>(tensor->bytes()));
  const auto again = pimjit::parse_npy(std::as_bytes(std::span(bytes)), "fuzz.npy");
  if (!again || again->shape() != tensor->shape() || again->dtype() != tensor->dtype())
    std::abort();
  if (std::memcmp(again->data(), tensor->data(), static_cast<std::size_t>(tensor->bytes())) != 0)
    std::abort();
  return 0;
}
