#include "pimjit/plugins/upmem/target/device_image.h"

#include <algorithm>

namespace pimjit::upmem {
namespace {

constexpr std::uint64_t kMagic = 0x3167'6d69'7570'646a;  // "jdpuimg1"
constexpr std::uint32_t kVersion = 2;
constexpr std::uint64_t kMaxParams = 1024, kMaxName = 4096, kMaxPlaces = 1 << 20;

std::uint64_t fnv1a(std::span<const unsigned char> bytes) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const unsigned char byte : bytes) hash = (hash ^ byte) * 0x100000001b3u;
  return hash;
}

void put(std::vector<unsigned char>& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<unsigned char>(value >> (8 * i)));
}
void put(std::vector<unsigned char>& out, const std::string& text) {
  put(out, text.size(), 4);
  out.insert(out.end(), text.begin(), text.end());
}

// Reads fields one after another; beyond the end it gives zeros and remembers.
class Reader {
 public:
  explicit Reader(std::span<const unsigned char> bytes) : bytes_(bytes) {}
  std::uint64_t number(int size) {
    std::uint64_t value = 0;
    const auto part = take(static_cast<std::uint64_t>(size));
    for (std::size_t i = 0; i < part.size(); ++i) value |= std::uint64_t{part[i]} << (8 * i);
    return value;
  }
  std::span<const unsigned char> take(std::uint64_t size) {
    if (size > bytes_.size() - at_) {
      short_ = true;
      return {};
    }
    at_ += size;
    return bytes_.subspan(at_ - size, size);
  }
  // A length and the characters.
  std::string text() {
    const auto characters = take(number(4));
    return {characters.begin(), characters.end()};
  }
  bool failed() const { return short_; }
  bool complete() const { return !short_ && at_ == bytes_.size(); }

 private:
  std::span<const unsigned char> bytes_;
  std::size_t at_ = 0;
  bool short_ = false;
};

tl::unexpected<Error> bad(std::string what) {
  return fail(Origin::user, "bad_image", std::move(what), {}, "build the kernel again");
}

}  // namespace

std::vector<unsigned char> DeviceImage::encode() const {
  std::vector<unsigned char> out;
  put(out, kMagic, 8);
  put(out, kVersion, 4);
  put(out, static_cast<std::uint64_t>(units), 8);
  put(out, static_cast<std::uint64_t>(tasklets), 4);
  put(out, kernel);
  put(out, params.size(), 4);
  for (const kit::Type type : params) put(out, static_cast<std::uint64_t>(type), 1);
  put(out, places.size(), 4);
  for (const std::string& place : places) put(out, place);
  put(out, elf.size(), 8);
  out.insert(out.end(), elf.begin(), elf.end());
  put(out, fnv1a(out), 8);
  return out;
}

Expected<DeviceImage> decode_image(std::span<const unsigned char> bytes) {
  if (bytes.size() < 20)
    return bad("an image of " + std::to_string(bytes.size()) + " bytes, which is too short");
  Reader reader(bytes.first(bytes.size() - 8));
  if (reader.number(8) != kMagic) return bad("these bytes are no image of a DPU kernel");
  const std::uint64_t version = reader.number(4);
  if (version != kVersion)
    return bad("an image of version " + std::to_string(version) + "; version " +
               std::to_string(kVersion) + " is read");
  if (Reader(bytes.last(8)).number(8) != fnv1a(bytes.first(bytes.size() - 8)))
    return bad("the image is damaged: its checksum does not fit");
  DeviceImage image;
  image.units = static_cast<std::int64_t>(reader.number(8));
  image.tasklets = static_cast<std::int32_t>(reader.number(4));
  image.kernel = reader.text();
  if (image.kernel.size() > kMaxName)
    return bad("the image has a name of " + std::to_string(image.kernel.size()) + " bytes");
  const std::uint64_t count = reader.number(4);
  if (count > kMaxParams)
    return bad("the image has " + std::to_string(count) + " launch arguments");
  for (std::uint64_t i = 0; i < count; ++i)
    image.params.push_back(static_cast<kit::Type>(reader.number(1)));
  const std::uint64_t places = reader.number(4);
  if (places > kMaxPlaces) return bad("the image has " + std::to_string(places) + " statements");
  for (std::uint64_t i = 0; i < places && !reader.failed(); ++i)
    image.places.push_back(reader.text());
  const auto elf = reader.take(reader.number(8));
  image.elf.assign(elf.begin(), elf.end());
  if (!reader.complete()) return bad("the image's parts do not add up to its size");
  const auto is_param = [](kit::Type type) { return kit::is_index(type); };
  if (image.units < 1 || image.tasklets < 1 ||
      !std::all_of(image.params.begin(), image.params.end(), is_param))
    return bad("the image has counts or types that no kernel has");
  return image;
}

}  // namespace pimjit::upmem
