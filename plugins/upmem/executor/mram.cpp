#include "pimjit/plugins/upmem/executor/mram.h"

#include <algorithm>
#include <cstring>

#include "pimjit/plugins/upmem/elf/image.h"

namespace pimjit::upmem {

Mram::Mram() : pages_(kMramBytes >> kPageBits) {}

void Mram::read(std::uint32_t offset, void* to, std::uint32_t size) const {
  auto* out = static_cast<std::uint8_t*>(to);
  while (size > 0) {
    const std::uint32_t at = offset & (kPageBytes - 1);
    const std::uint32_t part = std::min(size, kPageBytes - at);
    const std::uint8_t* page = pages_[offset >> kPageBits].get();
    if (page)
      std::memcpy(out, page + at, part);
    else
      std::memset(out, 0, part);
    offset += part;
    out += part;
    size -= part;
  }
}

void Mram::write(std::uint32_t offset, const void* from, std::uint32_t size) {
  const auto* in = static_cast<const std::uint8_t*>(from);
  while (size > 0) {
    const std::uint32_t at = offset & (kPageBytes - 1);
    const std::uint32_t part = std::min(size, kPageBytes - at);
    auto& page = pages_[offset >> kPageBits];
    if (!page) page = std::make_unique<std::uint8_t[]>(kPageBytes);
    std::memcpy(page.get() + at, in, part);
    offset += part;
    in += part;
    size -= part;
  }
}

void Mram::clear(std::uint32_t offset, std::uint32_t size) {
  while (size > 0) {
    const std::uint32_t at = offset & (kPageBytes - 1);
    const std::uint32_t part = std::min(size, kPageBytes - at);
    auto& page = pages_[offset >> kPageBits];
    if (page) std::memset(page.get() + at, 0, part);
    offset += part;
    size -= part;
  }
}

std::size_t Mram::resident_bytes() const {
  const auto used =
      std::count_if(pages_.begin(), pages_.end(), [](const auto& page) { return page != nullptr; });
  return static_cast<std::size_t>(used) * kPageBytes;
}

}  // namespace pimjit::upmem
