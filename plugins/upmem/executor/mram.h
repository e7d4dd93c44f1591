#ifndef PIMJIT_PLUGINS_UPMEM_EXECUTOR_MRAM_H_
#define PIMJIT_PLUGINS_UPMEM_EXECUTOR_MRAM_H_

#include <cstdint>
#include <memory>
#include <vector>

namespace pimjit::upmem {

// The 64 MB of one DPU, allocated in pages when first written; untouched bytes read as zero.
// Callers keep offset + size within kMramBytes. Not thread-safe.
class Mram {
 public:
  Mram();
  void read(std::uint32_t offset, void* to, std::uint32_t size) const;
  void write(std::uint32_t offset, const void* from, std::uint32_t size);
  // Writes zeros without allocating what already reads as zero.
  void clear(std::uint32_t offset, std::uint32_t size);
  // Bytes of host memory behind the pages in use.
  std::size_t resident_bytes() const;

 private:
  static constexpr std::uint32_t kPageBits = 16, kPageBytes = 1u << kPageBits;
  std::vector<std::unique_ptr<std::uint8_t[]>> pages_;
};

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_EXECUTOR_MRAM_H_
