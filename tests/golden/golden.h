#ifndef PIMJIT_TESTS_GOLDEN_GOLDEN_H_
#define PIMJIT_TESTS_GOLDEN_GOLDEN_H_

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "pimjit/build_paths.h"
#include "pimjit/core/ir/kernel.h"
#include "pimjit/core/ir/parser.h"
#include "pimjit/core/ir/printer.h"
#include "pimjit/core/ir/serialize.h"

// Outputs kept as files in tests/golden/<folder>/. PIMJIT_UPDATE_GOLDEN=1 writes them instead of
// comparing; look at the difference before committing it.
namespace pimjit::golden {

inline std::filesystem::path file(const std::string& name) {
  return std::filesystem::path(PIMJIT_SOURCE_DIR) / "tests" / "golden" / name;
}
inline bool updating() {
  const char* setting = std::getenv("PIMJIT_UPDATE_GOLDEN");
  return setting != nullptr && std::string(setting) == "1";
}
inline std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}
inline void write(const std::filesystem::path& path, const std::string& contents) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream out(path, std::ios::binary);
  out << contents;
  ASSERT_TRUE(out.flush()) << "cannot write " << path;
}

// `contents` equals the file tests/golden/`name`.
inline void expect_file(const std::string& name, const std::string& contents) {
  const std::filesystem::path path = file(name);
  if (updating()) return write(path, contents);
  ASSERT_TRUE(std::filesystem::exists(path))
      << path << " is missing; PIMJIT_UPDATE_GOLDEN=1 writes it";
  const std::string kept = read(path);
  EXPECT_TRUE(kept == contents) << "differs from " << path
                                << "; PIMJIT_UPDATE_GOLDEN=1 accepts the change\nkept:\n"
                                << kept << "\nis:\n"
                                << contents;
}

// The kernel equals tests/golden/kernels/`name`.txt (its text) and `name`.bin (its bytes), and both
// files read back to it.
inline void expect_kernel(const std::string& name, const Kernel& kernel) {
  const auto bytes = serialize(kernel);
  ASSERT_TRUE(bytes) << bytes.error().message();
  const std::string text_name = "kernels/" + name + ".txt";
  const std::string bytes_name = "kernels/" + name + ".bin";
  expect_file(text_name, to_text(kernel));
  const std::string as_text(bytes->begin(), bytes->end());
  if (updating()) return write(file(bytes_name), as_text);
  const std::string kept = read(file(bytes_name));
  EXPECT_TRUE(kept == as_text) << "the bytes differ from " << file(bytes_name);
  const auto from_text = parse_kernel(read(file(text_name)), text_name);
  ASSERT_TRUE(from_text) << from_text.error().message();
  EXPECT_TRUE(equal(*from_text, kernel)) << text_name << " reads as another kernel";
  const auto from_bytes = deserialize({reinterpret_cast<const uint8_t*>(kept.data()), kept.size()});
  ASSERT_TRUE(from_bytes) << from_bytes.error().message();
  EXPECT_TRUE(equal(*from_bytes, kernel)) << bytes_name << " reads as another kernel";
}

}  // namespace pimjit::golden

#endif  // PIMJIT_TESTS_GOLDEN_GOLDEN_H_
