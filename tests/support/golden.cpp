#include "pimjit/tests/support/golden.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace pimjit::test {
namespace {

std::string line_of(const std::string& text, size_t at) {
  const size_t from = text.rfind('\n', at == 0 ? 0 : at - 1);
  const size_t start = from == std::string::npos ? 0 : from + 1;
  return text.substr(start, std::min(text.find('\n', at), text.size()) - start);
}

}  // namespace

std::string differs_from_golden(const std::string& file, const std::string& contents) {
  const std::filesystem::path path =
      std::filesystem::path(PIMJIT_SOURCE_DIR) / "tests" / "golden" / file;
  if (const char* update = std::getenv("PIMJIT_UPDATE_GOLDEN");
      update != nullptr && update[0] == '1') {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << contents;
    return {};
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) return "there is no " + path.string() + "; PIMJIT_UPDATE_GOLDEN=1 writes it";
  const std::string kept((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (kept == contents) return {};
  const auto differs = std::mismatch(kept.begin(), kept.end(), contents.begin(), contents.end());
  const auto at = static_cast<size_t>(differs.first - kept.begin());
  return path.string() + " differs at byte " + std::to_string(at) +
         "\n  kept: " + line_of(kept, std::min(at, kept.size())) +
         "\n  now:  " + line_of(contents, std::min(at, contents.size()));
}

std::string differs_from_golden(const std::string& file, const std::vector<uint8_t>& contents) {
  return differs_from_golden(file, std::string(contents.begin(), contents.end()));
}

}  // namespace pimjit::test
