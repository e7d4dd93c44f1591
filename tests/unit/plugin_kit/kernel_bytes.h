#ifndef PIMJIT_TESTS_UNIT_PLUGIN_KIT_KERNEL_BYTES_H_
#define PIMJIT_TESTS_UNIT_PLUGIN_KIT_KERNEL_BYTES_H_

#include <cstdint>
#include <string>
#include <vector>

namespace pimjit::kit {

// Serialised kernels put together by hand from docs/ir.md, "Serialised kernels".
class KernelBytes {
 public:
  KernelBytes& u8(unsigned n) { return number(n, 1); }
  KernelBytes& u32(uint64_t n) { return number(n, 4); }
  KernelBytes& i64(int64_t n) { return number(static_cast<uint64_t>(n), 8); }

  // Envelope around what was written: magic, version, size and hash.
  std::vector<uint8_t> whole(unsigned version = 1) const {
    KernelBytes all;
    all.number(0x4E4B4A50, 4).number(version, 2).number(0, 2).number(bytes_.size() + 20, 4);
    all.bytes_.insert(all.bytes_.end(), bytes_.begin(), bytes_.end());
    uint64_t hash = 0xcbf29ce484222325u;
    for (uint8_t byte : all.bytes_) hash = (hash ^ byte) * 0x100000001b3u;
    all.number(hash, 8);
    return all.bytes_;
  }

  // Tables of a kernel "k": level u of `count`, scope m at u, link l from m to m, parameters a
  // (i64) and n (i32), buffer b at a with 8 elements of i32, variable i (i32).
  static KernelBytes tables(int64_t count = 2) {
    KernelBytes k;
    k.u32(1).u32(1).u8('k');
    k.u32(0);
    k.u32(1).u32(0).u8(0).i64(count);
    k.u32(1).u32(0).u32(0);
    k.u32(1).u32(0).u32(0).u32(0);
    k.u32(2).u32(0).u8(4).u32(0).u8(3);
    k.u32(1).u32(0).u8(3).u8(0).u8(1).u32(0).i64(8).i64(8).u32(0);
    k.u32(1).u32(0).u8(3);
    return k;
  }

  KernelBytes& constant(int64_t value, unsigned dtype = 3) { return u8(1).u8(dtype).i64(value); }

 private:
  KernelBytes& number(uint64_t n, int bytes) {
    for (int i = 0; i < bytes; ++i) bytes_.push_back(static_cast<uint8_t>(n >> (8 * i)));
    return *this;
  }
  std::vector<uint8_t> bytes_;
};

}  // namespace pimjit::kit

#endif  // PIMJIT_TESTS_UNIT_PLUGIN_KIT_KERNEL_BYTES_H_
