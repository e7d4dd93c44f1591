#include "pimjit/core/verify/npy.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pimjit/core/support/text.h"
#include "pimjit/core/verify/npy_header.h"
#include "pimjit/core/workload/workload.h"

namespace pimjit {
namespace {

constexpr std::string_view kMagic("\x93NUMPY", 6);
constexpr size_t kAlignment = 64;

struct TypeName {
  DType dtype;
  const char* descr;
};
constexpr TypeName kTypes[] = {{DType::i8, "|i1"},
                               {DType::i16, "<i2"},
                               {DType::i32, "<i4"},
                               {DType::i64, "<i8"},
                               {DType::f32, "<f4"}};

std::optional<DType> dtype_of(std::string_view descr) {
  for (const TypeName& type : kTypes) {
    if (descr == type.descr || (type.dtype == DType::i8 && descr == "<i1")) return type.dtype;
  }
  return std::nullopt;
}

Error bad_file(const std::string& name, std::string what, std::string hint = {}) {
  return user_error("bad_npy", std::move(what), name, std::move(hint));
}

Error system_failure(const std::string& path, std::string_view action) {
  return user_error("file_error",
                    cat("cannot ", action, ": ", std::generic_category().message(errno)), path);
}

size_t little_endian(std::span<const std::byte> bytes) {
  size_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | std::to_integer<size_t>(bytes[i]);
  return value;
}

// Printable part of what a file says about itself.
std::string quoted(const std::string& text) {
  std::string shown;
  for (const char c : text.substr(0, 20)) shown += c >= 0x20 && c < 0x7f ? c : '?';
  return cat("'", shown, "'");
}

// Elements of a shape, or nullopt above the limit; extents of 0 do not hide others that are too
// large.
std::optional<int64_t> elements_of(const std::vector<int64_t>& shape) {
  __int128 elements = 1;
  bool empty = false;
  for (const int64_t extent : shape) {
    empty = empty || extent == 0;
    elements *= extent == 0 ? 1 : extent;
    if (elements > kMaxElements) return std::nullopt;
  }
  return empty ? 0 : static_cast<int64_t>(elements);
}

// Closes on every path out; the number is -1 after close().
class File {
 public:
  explicit File(int number) : number_(number) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }
  bool close() {
    const int number = number_;
    number_ = -1;
    return ::close(number) == 0;
  }

 private:
  int number_;
};

bool write_all(int file, const void* data, size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = ::write(file, at, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    at += written;
    size -= static_cast<size_t>(written);
  }
  return true;
}

// A name beside `path` that no file has, opened for writing; -1 with errno.
int create_beside(const std::string& path, std::string* name) {
  for (int attempt = 0; attempt < 100; ++attempt) {
    *name = cat(path, ".part", static_cast<int64_t>(::getpid()), "-", attempt);
    const int file = ::open(name->c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file >= 0 || errno != EEXIST) return file;
  }
  return -1;
}

}  // namespace

Result<HostTensor> parse_npy(std::span<const std::byte> bytes, const std::string& name) {
  if (bytes.size() < 10 || std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) != 0) {
    return fail(bad_file(name, "this is no .npy file", "write it with numpy.save"));
  }
  const auto version = std::to_integer<int>(bytes[6]);
  if (version != 1 && version != 2) {
    return fail(bad_file(name, cat("version ", version, " of the .npy format is not read"),
                         "versions 1 and 2 are"));
  }
  const size_t length_bytes = version == 1 ? 2 : 4;
  const size_t begin = 8 + length_bytes;
  const size_t length =
      bytes.size() < begin ? bytes.size() : little_endian(bytes.subspan(8, length_bytes));
  if (bytes.size() < begin || bytes.size() - begin < length) {
    return fail(bad_file(
        name, cat("the header needs ", length, " bytes and the file ends after ", bytes.size())));
  }
  const auto header =
      verify::parse_npy_header({reinterpret_cast<const char*>(bytes.data()) + begin, length});
  if (!header) return fail(bad_file(name, header.error()));
  const std::optional<DType> dtype = dtype_of(header->descr);
  if (!dtype) {
    return fail(bad_file(name, cat("the type ", quoted(header->descr), " is not read"),
                         "types are |i1 <i2 <i4 <i8 <f4; convert with astype"));
  }
  if (header->fortran_order) {
    return fail(bad_file(name, "the elements are in Fortran order",
                         "convert with numpy.ascontiguousarray"));
  }
  const std::optional<int64_t> elements = elements_of(header->shape);
  if (!elements)
    return fail(bad_file(name, cat("the shape has more than ", kMaxElements, " elements")));
  const size_t data = bytes.size() - begin - length;
  const auto needed = static_cast<size_t>(*elements * bytes_of(*dtype));
  if (data != needed) {
    return fail(bad_file(
        name, cat("the shape needs ", needed, " bytes of elements and the file has ", data),
        data < needed ? "the file may be cut short" : "the file may hold more than one tensor"));
  }
  HostTensor tensor(*dtype, header->shape);
  if (needed > 0) std::memcpy(tensor.data(), bytes.data() + begin + length, needed);
  return tensor;
}

Result<HostTensor> read_npy(const std::string& path) {
  File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (file.number() < 0 || ::fstat(file.number(), &status) != 0)
    return fail(system_failure(path, "read"));
  if (!S_ISREG(status.st_mode))
    return fail(user_error("file_error", "cannot read: not a regular file", path));
  std::vector<std::byte> bytes(static_cast<size_t>(status.st_size));
  size_t at = 0;
  while (at < bytes.size()) {
    const ssize_t got = ::read(file.number(), bytes.data() + at, bytes.size() - at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(system_failure(path, "read"));
    if (got == 0) break;
    at += static_cast<size_t>(got);
  }
  return parse_npy(std::span(bytes).first(at), path);
}

std::string npy_header(DType dtype, const std::vector<int64_t>& shape) {
  std::string descr = "|i1";
  for (const TypeName& type : kTypes) {
    if (type.dtype == dtype) descr = type.descr;
  }
  std::string extents;
  for (const int64_t extent : shape) extents += cat(extent, ", ");
  if (shape.size() == 1) extents.pop_back();
  if (shape.size() > 1) extents.resize(extents.size() - 2);
  std::string header =
      cat("{'descr': '", descr, "', 'fortran_order': False, 'shape': (", extents, "), }");
  const size_t unpadded = kMagic.size() + 4 + header.size() + 1;
  header.append((kAlignment - unpadded % kAlignment) % kAlignment, ' ');
  header += '\n';
  std::string text(kMagic);
  text +=
      {'\1', '\0', static_cast<char>(header.size() & 0xff), static_cast<char>(header.size() >> 8)};
  return text + header;
}

Status write_npy(const std::string& path, const HostTensor& tensor) {
  const std::string header = npy_header(tensor.dtype(), tensor.shape());
  // The rename would put a file in the place of a device or a pipe.
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode))
    return fail(user_error("file_error", "cannot write: not a regular file", path));
  std::string temporary;
  File file(create_beside(path, &temporary));
  if (file.number() < 0) return fail(system_failure(path, "write"));
  const bool written =
      write_all(file.number(), header.data(), header.size()) &&
      write_all(file.number(), tensor.data(), static_cast<size_t>(tensor.bytes())) &&
      file.close() && std::rename(temporary.c_str(), path.c_str()) == 0;
  if (written) return {};
  const Error error = system_failure(path, "write");
  ::unlink(temporary.c_str());
  return fail(error);
}

}  // namespace pimjit
