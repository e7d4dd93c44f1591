#include "pimjit/core/ir/body_reader.h"
#include "pimjit/core/ir/byte_format.h"
#include "pimjit/core/ir/limits.h"
#include "pimjit/core/ir/serialize.h"

namespace pimjit {
namespace {

class KernelReader {
 public:
  explicit KernelReader(std::span<const uint8_t> bytes) : in_(bytes) {}
  Result<Kernel> read();

 private:
  const std::string& name(const char* field) {
    static const std::string kNone;
    const int i = in_.index(field, strings_.size());
    return in_.ok() ? strings_[static_cast<size_t>(i)] : kNone;
  }

  Status header();
  void strings();
  void tables();
  KernelBuffer buffer();

  ByteReader in_;
  std::vector<std::string> strings_;
  Kernel kernel_;
};

// Magic, version, size and hash: whether these are the bytes that were written.
Status KernelReader::header() {
  constexpr size_t kHeader = 12;
  if (in_.get<uint32_t>("magic") != kKernelMagic)
    in_.complain("this is no kernel, the first bytes are not \"PJKN\"");
  const auto version = in_.get<uint16_t>("version");
  if (in_.ok() && (version == 0 || version > kKernelFormatVersion)) {
    return fail(target_error("kernel_version",
                             cat("serialised kernel has format version ", version,
                                 ", this reader knows 1..", kKernelFormatVersion),
                             cat("byte ", in_.field_offset(), ", version")));
  }
  if (in_.get<uint16_t>("reserved") != 0) in_.complain("is not zero");
  const auto size = in_.get<uint32_t>("size");
  if (size != in_.bytes().size())
    in_.complain(cat("the kernel has ", size, " bytes, given are ", in_.bytes().size()));
  if (size > kMaxKernelBytes)
    in_.complain(cat(size, " bytes where at most ", kMaxKernelBytes, " are allowed"));
  if (size < kHeader + sizeof(uint64_t)) in_.complain(cat(size, " bytes are too few"));
  if (!in_.ok()) return fail(in_.problem());
  const size_t end = size - sizeof(uint64_t);
  in_.end_at(end);
  uint64_t stored = 0;
  std::memcpy(&stored, in_.bytes().data() + end, sizeof stored);
  if (stored != fnv1a(in_.bytes().data(), end))
    return fail(ByteReader::bad("the hash does not fit the contents", end, "hash"));
  return {};
}

void KernelReader::strings() {
  const size_t n = in_.count("strings", kMaxStrings, sizeof(uint32_t));
  strings_.reserve(n);
  for (size_t i = 0; i < n && in_.ok(); ++i) {
    const auto length = in_.get<uint32_t>("string length");
    if (length > kMaxStringBytes)
      in_.complain(cat(length, " where at most ", kMaxStringBytes, " are allowed"));
    if (in_.ok() && length > in_.left())
      in_.complain(cat("a string of ", length, " bytes, ", in_.left(), " left"));
    if (!in_.ok()) return;
    strings_.push_back(in_.text(length));
  }
}

KernelBuffer KernelReader::buffer() {
  KernelBuffer b{};
  b.name = name("buffer name");
  b.dtype = in_.dtype("buffer dtype");
  b.kind = static_cast<BufferKind>(in_.code("buffer kind", 0, 1));
  const uint8_t flags = in_.code("buffer flags", 0, kFlagWritten | kFlagRange);
  b.written = (flags & kFlagWritten) != 0;
  b.scope = in_.index("buffer scope", kernel_.scopes.size());
  b.elements = in_.get<int64_t>("buffer elements");
  if (b.elements < 0 || b.elements > kMaxBufferBytes / bytes_of(b.dtype)) {
    in_.complain(cat(b.elements, " elements are not 0 .. 2^60 bytes"));
  }
  b.align = in_.get<int64_t>("buffer align");
  if (in_.ok() && (b.align < 1 || b.align > kMaxAlignment || (b.align & (b.align - 1)) != 0)) {
    in_.complain(cat(b.align, " is not a power of two in 1 .. 2^30"));
  }
  b.param = in_.get<int32_t>("buffer param");
  const auto params = static_cast<int>(kernel_.params.size());
  if (in_.ok() &&
      (b.kind == BufferKind::device ? b.param < 0 || b.param >= params : b.param != -1)) {
    in_.complain(
        cat(b.param, " where ", b.kind == BufferKind::device ? "a parameter" : "-1", " is needed"));
  }
  if ((flags & kFlagRange) != 0) {
    const auto low = in_.get<int64_t>("buffer range low");
    const auto high = in_.get<int64_t>("buffer range high");
    if (in_.ok() &&
        (!is_int(b.dtype) || low > high || low < min_value(b.dtype) || high > max_value(b.dtype))) {
      in_.complain(cat(low, "..", high, " is no range of ", to_string(b.dtype)));
    }
    b.range = {low, high};
  }
  return b;
}

void KernelReader::tables() {
  strings();
  kernel_.name = name("kernel name");
  for (size_t n = in_.count("levels", kMaxLevels, 13); n > 0 && in_.ok(); --n) {
    KernelLevel l{name("level name"), static_cast<LevelKind>(in_.code("level kind", 0, 3)),
                  in_.get<int64_t>("level count")};
    if (l.count < 1) in_.complain(cat(l.count, " instances where at least 1 is needed"));
    kernel_.levels.push_back(std::move(l));
  }
  for (size_t n = in_.count("scopes", kMaxScopes, 8); n > 0 && in_.ok(); --n) {
    KernelScope s{name("scope name"), in_.get<int32_t>("scope level")};
    if (s.level < -1 || s.level >= static_cast<int>(kernel_.levels.size())) {
      in_.complain(cat("level ", s.level, " where ", kernel_.levels.size(), " exist"));
    }
    kernel_.scopes.push_back(std::move(s));
  }
  for (size_t n = in_.count("links", kMaxLinks, 12); n > 0 && in_.ok(); --n) {
    const size_t scopes = kernel_.scopes.size();
    kernel_.links.push_back(
        {name("link name"), in_.index("link from", scopes), in_.index("link to", scopes)});
  }
  for (size_t n = in_.count("params", kMaxParams, 5); n > 0 && in_.ok(); --n) {
    kernel_.params.push_back({name("parameter name"), in_.index_dtype("parameter dtype")});
  }
  for (size_t n = in_.count("buffers", kMaxBuffers, 31); n > 0 && in_.ok(); --n)
    kernel_.buffers.push_back(buffer());
  for (size_t n = in_.count("vars", kMaxVars, 5); n > 0 && in_.ok(); --n) {
    kernel_.vars.push_back({name("variable name"), in_.dtype("variable dtype")});
  }
}

Result<Kernel> KernelReader::read() {
  if (Status status = header(); !status) return fail(status.error());
  tables();
  if (in_.ok()) kernel_.body = read_body(in_, kernel_);
  if (!in_.ok()) return fail(in_.problem());
  return std::move(kernel_);
}

}  // namespace

Result<Kernel> deserialize(std::span<const uint8_t> bytes) {
  return KernelReader(bytes).read();
}

}  // namespace pimjit
