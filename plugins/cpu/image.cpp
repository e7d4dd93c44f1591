#include "pimjit/plugins/cpu/image.h"

#include <cstring>

namespace pimjit::cpu {
namespace {

struct Header {
  char magic[8];
  uint64_t hash;  // of all that follows
  uint64_t kernel_bytes;
};
constexpr char kMagic[8] = {'P', 'J', 'C', 'P', 'U', '0', '0', '1'};

uint64_t hash_of(const unsigned char* bytes, size_t size) {  // FNV-1a
  uint64_t hash = 0xcbf29ce484222325;
  for (size_t i = 0; i < size; ++i) hash = (hash ^ bytes[i]) * 0x100000001b3;
  return hash;
}
constexpr size_t kHashed = offsetof(Header, kernel_bytes);

}  // namespace

std::vector<unsigned char> write_image(const void* kernel, uint64_t size,
                                       const std::vector<char>& object) {
  Header header{{}, 0, size};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  std::vector<unsigned char> image(sizeof header + size + object.size());
  std::memcpy(image.data(), &header, sizeof header);
  std::memcpy(image.data() + sizeof header, kernel, size);
  std::memcpy(image.data() + sizeof header + size, object.data(), object.size());
  header.hash = hash_of(image.data() + kHashed, image.size() - kHashed);
  std::memcpy(image.data(), &header, sizeof header);
  return image;
}

pj_error* read_image(const Engine& engine, const void* image, uint64_t size,
                     std::unique_ptr<Program>* out) {
  Header header;
  const auto* bytes = static_cast<const unsigned char*>(image);
  if (image == nullptr || size < sizeof header) {
    return kit::error(PJ_BAD_KERNEL, "an image of " + std::to_string(size) + " bytes, less than " +
                                         std::to_string(sizeof header));
  }
  std::memcpy(&header, bytes, sizeof header);
  if (std::memcmp(header.magic, kMagic, sizeof kMagic) != 0)
    return kit::error(PJ_BAD_KERNEL, "no image of this plugin");
  if (header.kernel_bytes > size - sizeof header ||
      header.hash != hash_of(bytes + kHashed, size - kHashed)) {
    return kit::error(PJ_BAD_KERNEL, "the image is damaged");
  }
  auto program = std::make_unique<Program>();
  const unsigned char* kernel = bytes + sizeof header;
  if (pj_error* e = kit::read_program(kernel, header.kernel_bytes, -1, &program->kernel)) return e;
  ObjectCode object;
  object.name = program->kernel->kernel().name;
  const unsigned char* code = kernel + header.kernel_bytes;
  object.bytes.assign(code, bytes + size);
  auto linked = engine.link(std::move(object), {"run"});
  if (!linked) return kit::error(PJ_BAD_KERNEL, linked.error().message());
  program->code = std::move(*linked);
  program->entry = program->code.function<KernelEntry>("run");
  *out = std::move(program);
  return nullptr;
}

}  // namespace pimjit::cpu
