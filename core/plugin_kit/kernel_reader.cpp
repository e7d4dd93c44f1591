#include "pimjit/core/plugin_kit/kernel_reader.h"

#include "pimjit/core/plugin_kit/body_reader.h"
#include "pimjit/core/plugin_kit/byte_reader.h"

namespace pimjit::kit {
namespace {

constexpr size_t kMaxBytes = size_t{64} << 20;
constexpr size_t kFixedHeader = 12;  // magic, version, reserved, size
constexpr size_t kHashBytes = 8;
constexpr int64_t kMaxBufferBytes = int64_t{1} << 60;
constexpr int64_t kMaxAlign = int64_t{1} << 30;

uint64_t fnv1a(const unsigned char* bytes, size_t size) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t i = 0; i < size; ++i) hash = (hash ^ bytes[i]) * 0x100000001b3u;
  return hash;
}

// Magic, version, size and hash: whether the bytes are a kernel at all, before anything is
// believed.
std::string check_envelope(const unsigned char* bytes, size_t size, int& version) {
  if (bytes == nullptr || size < kFixedHeader + kHashBytes) {
    return "these " + std::to_string(size) + " bytes are too few for a kernel";
  }
  ByteReader in(bytes, size);
  if (in.u32("magic") != 0x4E4B4A50u) return "byte 0, magic: this is not a kernel";
  version = in.u16("version");
  if (version == 0 || version > static_cast<int>(kKernelVersion)) {
    return "byte 4, version: the kernel has version " + std::to_string(version) +
           ", this reader knows 1 to " + std::to_string(kKernelVersion);
  }
  if (in.u16("reserved") != 0) return "byte 6, reserved: not zero";
  const uint32_t stated = in.u32("size");
  if (stated != size || size > kMaxBytes) {
    return "byte 8, size: the kernel states " + std::to_string(stated) + " bytes, there are " +
           std::to_string(size);
  }
  ByteReader tail(bytes + size - kHashBytes, kHashBytes);
  if (tail.u64("hash") != fnv1a(bytes, size - kHashBytes)) {
    return "byte " + std::to_string(size - kHashBytes) + ", hash: the kernel is damaged";
  }
  return {};
}

class TableReader {
 public:
  TableReader(ByteReader& in, Kernel& kernel) : in_(in), kernel_(kernel) {}

  void read() {
    read_strings();
    kernel_.name = name("kernel name");
    read_levels();
    read_scopes();
    read_links();
    read_params();
    read_buffers();
    read_vars();
  }

 private:
  void read_strings() {
    const uint32_t n = in_.count("strings", 65536, 4);
    for (uint32_t i = 0; i < n && in_.ok(); ++i) strings_.push_back(in_.text("string", 4096));
  }
  std::string name(const char* field) {
    const int i = in_.index(field, strings_.size());
    return in_.ok() ? strings_[static_cast<size_t>(i)] : std::string();
  }
  Type type(const char* field) {
    const uint8_t code = in_.u8(field);
    if (code > 5) in_.fail(field, "no type has the code " + std::to_string(code));
    return in_.ok() ? static_cast<Type>(code) : Type::i32;
  }

  void read_levels() {
    const uint32_t n = in_.count("levels", 64, 13);
    for (uint32_t i = 0; i < n && in_.ok(); ++i) {
      Level level;
      level.name = name("level name");
      const uint8_t kind = in_.u8("level kind");
      if (kind > 3) in_.fail("level kind", "no kind has the code " + std::to_string(kind));
      level.kind = static_cast<LevelKind>(kind);
      level.count = in_.i64("level count");
      if (level.count < 1) in_.fail("level count", std::to_string(level.count) + " is less than 1");
      kernel_.levels.push_back(std::move(level));
    }
  }
  void read_scopes() {
    const uint32_t n = in_.count("scopes", 256, 8);
    for (uint32_t i = 0; i < n && in_.ok(); ++i) {
      Scope scope;
      scope.name = name("scope name");
      scope.level = in_.i32("scope level");
      if (scope.level < -1 || scope.level >= static_cast<int>(kernel_.levels.size())) {
        in_.fail("scope level", "there is no level " + std::to_string(scope.level));
      }
      kernel_.scopes.push_back(std::move(scope));
    }
  }
  void read_links() {
    const uint32_t n = in_.count("links", 4096, 12);
    for (uint32_t i = 0; i < n && in_.ok(); ++i) {
      Link link;
      link.name = name("link name");
      link.from = in_.index("link from", kernel_.scopes.size());
      link.to = in_.index("link to", kernel_.scopes.size());
      kernel_.links.push_back(std::move(link));
    }
  }
  void read_params() {
    const uint32_t n = in_.count("params", 4096, 5);
    for (uint32_t i = 0; i < n && in_.ok(); ++i) {
      Param param;
      param.name = name("parameter name");
      param.type = type("parameter type");
      if (!is_index(param.type)) in_.fail("parameter type", "neither i32 nor i64");
      kernel_.params.push_back(std::move(param));
    }
  }
  void read_vars() {
    const uint32_t n = in_.count("vars", 1u << 20, 5);
    for (uint32_t i = 0; i < n && in_.ok(); ++i) {
      Var var;
      var.name = name("variable name");
      var.type = type("variable type");
      if (var.type == Type::b1) in_.fail("variable type", "b1");
      kernel_.vars.push_back(std::move(var));
    }
  }
  void read_buffers() {
    const uint32_t n = in_.count("buffers", 65536, 31);
    for (uint32_t i = 0; i < n && in_.ok(); ++i) kernel_.buffers.push_back(buffer());
  }

  Buffer buffer() {
    Buffer buffer;
    buffer.name = name("buffer name");
    buffer.type = type("buffer type");
    if (buffer.type == Type::b1) in_.fail("buffer type", "b1");
    const uint8_t kind = in_.u8("buffer kind");
    if (kind > 1) in_.fail("buffer kind", "no kind has the code " + std::to_string(kind));
    const uint8_t flags = in_.u8("buffer flags");
    if (flags > 3) in_.fail("buffer flags", "unknown flags " + std::to_string(flags));
    buffer.written = (flags & 1) != 0;
    buffer.has_range = (flags & 2) != 0;
    buffer.scope = in_.index("buffer scope", kernel_.scopes.size());
    buffer.elements = in_.i64("buffer elements");
    if (buffer.elements < 0 || buffer.elements > kMaxBufferBytes / bytes_of(buffer.type)) {
      in_.fail("buffer elements", std::to_string(buffer.elements) + " is negative or too many");
    }
    buffer.align = in_.i64("buffer align");
    if (buffer.align < 1 || buffer.align > kMaxAlign || (buffer.align & (buffer.align - 1)) != 0) {
      in_.fail("buffer align", std::to_string(buffer.align) + " is no power of two up to 2^30");
    }
    buffer.param = in_.i32("buffer param");
    const bool known = buffer.param >= 0 && buffer.param < static_cast<int>(kernel_.params.size());
    if (kind == 0 ? !known : buffer.param != kNone) {
      in_.fail("buffer param", "parameter " + std::to_string(buffer.param) +
                                   (kind == 0 ? " does not exist" : " of a local buffer"));
    }
    if (buffer.has_range) read_range(buffer);
    return buffer;
  }
  void read_range(Buffer& buffer) {
    buffer.low = in_.i64("range low");
    buffer.high = in_.i64("range high");
    if (buffer.type == Type::f32) in_.fail("range high", "a range of f32 values");
    if (buffer.low > buffer.high) in_.fail("range high", "the range is empty");
  }

  ByteReader& in_;
  Kernel& kernel_;
  std::vector<std::string> strings_;
};

}  // namespace

std::string read_kernel(const void* bytes, size_t size, Kernel& kernel) {
  kernel = Kernel();
  const auto* data = static_cast<const unsigned char*>(bytes);
  if (std::string error = check_envelope(data, size, kernel.version); !error.empty()) return error;
  ByteReader in(data, size - kHashBytes);
  in.u64("magic");
  in.u32("size");
  TableReader(in, kernel).read();
  BodyReader(in, kernel).read();
  if (in.ok() && in.left() != 0)
    in.fail("body", std::to_string(in.left()) + " bytes are left over");
  return in.error();
}

}  // namespace pimjit::kit
