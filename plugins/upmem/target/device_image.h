#ifndef PIMJIT_PLUGINS_UPMEM_TARGET_DEVICE_IMAGE_H_
#define PIMJIT_PLUGINS_UPMEM_TARGET_DEVICE_IMAGE_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "pimjit/core/plugin_kit/kernel.h"
#include "pimjit/plugins/upmem/support/error.h"

namespace pimjit::upmem {

// What a plugin hands out as the image of a kernel: the executable, and what its launches are held
// against. A value.
struct DeviceImage {
  std::string kernel;      // its name
  std::int64_t units = 1;  // DPUs it was built for
  std::int32_t tasklets = 1;
  std::vector<kit::Type> params;    // i32 or i64
  std::vector<std::string> places;  // of the kernel's statements, by number; for messages
  std::vector<std::uint8_t> elf;

  // A magic word, a version, the fields above in little endian, and a checksum.
  std::vector<unsigned char> encode() const;
};

// Errors user/bad_image: not such bytes, truncated, damaged, of another version.
Expected<DeviceImage> decode_image(std::span<const unsigned char> bytes);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_TARGET_DEVICE_IMAGE_H_
