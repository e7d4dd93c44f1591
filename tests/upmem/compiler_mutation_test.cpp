// Kept kernels with bytes changed and the hash corrected: compiled or refused, whatever they say.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "pimjit/build_paths.h"
#include "pimjit/plugins/upmem/compiler/compiler.h"

namespace pimjit::upmem {
namespace {

using Bytes = std::vector<std::uint8_t>;

void correct_hash(Bytes& bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (std::size_t i = 0; i + 8 < bytes.size(); ++i) hash = (hash ^ bytes[i]) * 0x100000001b3;
  for (std::size_t i = 0; i < 8; ++i)
    bytes[bytes.size() - 8 + i] = static_cast<std::uint8_t>(hash >> 8 * i);
}

std::vector<Bytes> kept_kernels() {
  std::vector<std::filesystem::path> paths;
  const auto folder = std::filesystem::path(PIMJIT_SOURCE_DIR) / "tests/golden/kernels";
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".bin") paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<Bytes> all;
  for (const auto& path : paths) {
    std::ifstream in(path, std::ios::binary);
    all.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return all;
}

TEST(CompilerMutation, CorrectedHashesAreAccepted) {
  for (Bytes bytes : kept_kernels()) {
    const Bytes original = bytes;
    correct_hash(bytes);
    EXPECT_EQ(bytes, original);
  }
}

TEST(CompilerMutation, EveryMutantIsCompiledOrRefused) {
  const std::vector<Bytes> kernels = kept_kernels();
  std::mt19937_64 random(7);
  int compiled = 0, refused = 0, unreadable = 0;
  for (int round = 0; round < 20000; ++round) {
    Bytes bytes = kernels[random() % kernels.size()];
    for (std::uint64_t changes = 1 + random() % 3; changes > 0; --changes) {
      std::uint8_t& byte = bytes[12 + random() % (bytes.size() - 20)];
      byte =
          random() % 2 ? static_cast<std::uint8_t>(random()) : static_cast<std::uint8_t>(byte + 1);
    }
    correct_hash(bytes);
    const auto result = compile_kernel(bytes);
    if (result) {
      ++compiled;
    } else {
      EXPECT_NE(result.error().message(), "");
      ++(result.error().code == "bad_kernel" ? unreadable : refused);
    }
  }
  EXPECT_GT(compiled, 500);
  EXPECT_GT(refused, 100);
  EXPECT_GT(unreadable, 100);
}

TEST(CompilerMutation, TruncatedKernelsAreRefused) {
  for (const Bytes& bytes : kept_kernels())
    for (std::size_t size = 0; size < bytes.size(); size += 7) {
      const auto result = compile_kernel({bytes.data(), size});
      ASSERT_FALSE(result);
      EXPECT_EQ(result.error().code, "bad_kernel");
    }
}

}  // namespace
}  // namespace pimjit::upmem
