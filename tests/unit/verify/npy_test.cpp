#include "pimjit/core/verify/npy.h"

#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

class Npy : public testing::Test {
 protected:
  Npy() {
    folder_ = std::filesystem::temp_directory_path() /
              cat("pimjit_npy_", static_cast<int64_t>(::getpid()), "_",
                  testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  ~Npy() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return folder_ / name; }
  std::filesystem::path folder_;
};

std::string file_of(const std::string& header, const std::string& data = {}, char major = 1) {
  std::string text = "\x93NUMPY";
  text +=
      {major, '\0', static_cast<char>(header.size() & 0xff), static_cast<char>(header.size() >> 8)};
  if (major == 2) text += std::string(2, '\0');
  return text + header + data;
}

std::string error_of(const std::string& bytes) {
  const Result<HostTensor> tensor = parse_npy(std::as_bytes(std::span(bytes)), "a.npy");
  return tensor ? "" : tensor.error().message();
}

TEST_F(Npy, RoundTripsEveryTypeAndRank) {
  for (const DType t : kTensorDTypes) {
    for (const std::vector<int64_t>& shape :
         std::vector<std::vector<int64_t>>{{}, {1}, {5}, {3, 4}, {2, 0, 3}, {2, 3, 4}}) {
      HostTensor tensor(t, shape);
      for (int64_t i = 0; i < tensor.elements(); ++i) {
        is_float(t) ? tensor.set_real(i, 0.5 - static_cast<double>(i))
                    : tensor.set_integer(i, (min_value(t) / 2 + i) * (i % 2 ? 1 : -1));
      }
      ASSERT_TRUE(write_npy(path("t.npy"), tensor));
      const Result<HostTensor> read = read_npy(path("t.npy"));
      ASSERT_TRUE(read) << read.error().message();
      EXPECT_EQ(read->dtype(), t);
      EXPECT_EQ(read->shape(), shape);
      ASSERT_EQ(std::memcmp(read->data(), tensor.data(), static_cast<size_t>(tensor.bytes())), 0);
    }
  }
  // The temporary files are gone.
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

// The bytes numpy.save writes, as documented in NumPy Enhancement Proposal 1.
TEST_F(Npy, HeaderFormat) {
  EXPECT_EQ(
      npy_header(DType::i32, {3, 4}).substr(10),
      "{'descr': '<i4', 'fortran_order': False, 'shape': (3, 4), }" + std::string(58, ' ') + "\n");
  EXPECT_EQ(npy_header(DType::i8, {3}).substr(10, 58),
            "{'descr': '|i1', 'fortran_order': False, 'shape': (3,), } ");
  EXPECT_EQ(npy_header(DType::f32, {}).substr(10, 56),
            "{'descr': '<f4', 'fortran_order': False, 'shape': (), } ");
  EXPECT_EQ(npy_header(DType::f32, {100000, 100000, 100000}).size() % 64, 0u);
}

TEST_F(Npy, ReadsVersionTwoAndAnyOrderOfEntries) {
  const std::string header = "{\"shape\": (2,), 'fortran_order': False, 'descr': '<i2'}\n";
  const std::string bytes = file_of(header, std::string("\1\0\377\377", 4), 2);
  const Result<HostTensor> tensor = parse_npy(std::as_bytes(std::span(bytes)), "a.npy");
  ASSERT_TRUE(tensor) << tensor.error().message();
  EXPECT_EQ(tensor->integer(0), 1);
  EXPECT_EQ(tensor->integer(1), -1);
}

TEST_F(Npy, RefusesByName) {
  const auto header = [](const std::string& descr, const std::string& order,
                         const std::string& shape) {
    return cat("{'descr': '", descr, "', 'fortran_order': ", order, ", 'shape': ", shape, ", }");
  };
  EXPECT_EQ(error_of("hello, this is text"),
            "this is no .npy file\n  a.npy\n  hint: write it with numpy.save");
  EXPECT_EQ(error_of(""), "this is no .npy file\n  a.npy\n  hint: write it with numpy.save");
  EXPECT_EQ(error_of(file_of("{}", "", 3)),
            "version 3 of the .npy format is not read\n  a.npy\n  hint: versions 1 and 2 are");
  EXPECT_EQ(error_of(file_of(header("<f8", "False", "(1,)"), std::string(8, 0))),
            "the type '<f8' is not read\n  a.npy\n  hint: types are |i1 <i2 <i4 <i8 <f4; convert "
            "with astype");
  EXPECT_EQ(error_of(file_of(header(">i4", "False", "(1,)"), std::string(4, 0))),
            "the type '>i4' is not read\n  a.npy\n  hint: types are |i1 <i2 <i4 <i8 <f4; convert "
            "with astype");
  EXPECT_EQ(
      error_of(file_of(header("<i4", "True", "(1,)"), std::string(4, 0))),
      "the elements are in Fortran order\n  a.npy\n  hint: convert with numpy.ascontiguousarray");
  EXPECT_EQ(error_of(file_of(header("<i4", "False", "(2,)"), std::string(7, 0))),
            "the shape needs 8 bytes of elements and the file has 7\n  a.npy\n  hint: the file may "
            "be cut short");
  EXPECT_EQ(error_of(file_of(header("<i4", "False", "(2,)"), std::string(9, 0))),
            "the shape needs 8 bytes of elements and the file has 9\n  a.npy\n  hint: the file may "
            "hold more than one tensor");
}

TEST_F(Npy, HostileHeaders) {
  const std::string start = "{'descr': '<i4', 'fortran_order': False, 'shape': ";
  const auto what = [](const std::string& header) { return error_of(file_of(header)); };
  EXPECT_EQ(what(start + "(9223372036854775807, 9223372036854775807)}"),
            "the shape has more than 70368744177664 elements\n  a.npy");
  EXPECT_EQ(what(start + "(0, 9223372036854775807)}"),
            "the shape has more than 70368744177664 elements\n  a.npy");
  EXPECT_EQ(what(start + "(-1,)}"), "the shape holds something that is no extent\n  a.npy");
  EXPECT_EQ(what(start + "(99999999999999999999,)}"),
            "the shape holds something that is no extent\n  a.npy");
  EXPECT_EQ(what(start + "(1 2)}"), "expected ')' at byte 53 of the header\n  a.npy");
  std::string many = start + "(";
  for (int n = 0; n < 33; ++n) many += "1,";
  EXPECT_EQ(what(many + ")}"), "the shape has more than 32 dimensions\n  a.npy");
  EXPECT_EQ(what("{'descr': '<i4'}"),
            "the header lacks one of descr, fortran_order, shape\n  a.npy");
  EXPECT_EQ(what("{'descr': '<i4', 'descr': '<i4'}"),
            "the header has an unknown or repeated entry\n  a.npy");
  EXPECT_EQ(what("{'descr': [('a', '<i4')]}"), "structured types are not read\n  a.npy");
  EXPECT_EQ(what("{'descr': '<i4"), "a string of the header does not end\n  a.npy");
  EXPECT_EQ(what("{'fortran_order': 1}"), "fortran_order is neither True nor False\n  a.npy");
  EXPECT_EQ(what("os.system()"), "expected '{' at byte 0 of the header\n  a.npy");
  EXPECT_EQ(what("{}{}"), "the header goes on after its dictionary\n  a.npy");
  std::string cut = file_of(start + "(1,)}", std::string(4, 0));
  EXPECT_EQ(error_of(cut.substr(0, 40)),
            "the header needs 55 bytes and the file ends after 40\n  a.npy");
  for (size_t size = 0; size < cut.size(); ++size)
    EXPECT_NE(error_of(cut.substr(0, size)), "") << size;
}

TEST_F(Npy, FilesThatCannotBeReadOrWritten) {
  EXPECT_EQ(read_npy(path("none.npy")).error().message(),
            cat("cannot read: No such file or directory\n  ", path("none.npy")));
  EXPECT_EQ(read_npy(folder_).error().message(),
            cat("cannot read: not a regular file\n  ", folder_.string()));
  const HostTensor tensor(DType::i32, {3});
  EXPECT_EQ(write_npy(path("none/t.npy"), tensor).error().message(),
            cat("cannot write: No such file or directory\n  ", path("none/t.npy")));
  // A folder in the way: the rename fails and nothing is left behind.
  std::filesystem::create_directories(path("taken/inside"));
  EXPECT_FALSE(write_npy(path("taken"), tensor));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
  // A rename would replace the pipe.
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(write_npy(path("pipe"), tensor).error().message(),
            "cannot write: not a regular file\n  " + path("pipe"));
  EXPECT_TRUE(std::filesystem::is_fifo(path("pipe")));
}

// A write that fails half way: the limit on file sizes stands in for a full disk.
TEST_F(Npy, AFailedWriteLeavesTheOldFile) {
  std::ofstream(path("t.npy")) << "old";
  struct rlimit before {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit small = before;
  small.rlim_cur = 200;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const Status status = write_npy(path("t.npy"), HostTensor(DType::i32, {1000}));
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message(), cat("cannot write: File too large\n  ", path("t.npy")));
  std::string content;
  std::ifstream(path("t.npy")) >> content;
  EXPECT_EQ(content, "old");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

}  // namespace
}  // namespace pimjit
