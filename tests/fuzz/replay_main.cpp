// Stands in for libFuzzer where the compiler has none: feeds every file of a corpus folder, and
// seeded mutations of each, to LLVMFuzzerTestOneInput. PIMJIT_FUZZ_MUTATIONS sets how many
// mutations per file (default 200). A crash or a sanitizer report is the failure.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

// One to four random edits: overwrite, insert, erase, or copy of a stretch.
Bytes mutated(Bytes bytes, std::mt19937_64& random) {
  const std::size_t edits = 1 + random() % 4;
  for (std::size_t edit = 0; edit < edits; ++edit) {
    const std::size_t at = bytes.empty() ? 0 : random() % bytes.size();
    const auto offset = static_cast<std::ptrdiff_t>(at);
    switch (random() % 4) {
      case 0:
        if (!bytes.empty()) bytes[at] = static_cast<std::uint8_t>(random());
        break;
      case 1:
        bytes.insert(bytes.begin() + offset, static_cast<std::uint8_t>(random()));
        break;
      case 2:
        if (!bytes.empty()) bytes.erase(bytes.begin() + offset);
        break;
      default: {
        const std::size_t length = std::min<std::size_t>(bytes.size() - at, 1 + random() % 16);
        const Bytes stretch(bytes.begin() + offset,
                            bytes.begin() + offset + static_cast<std::ptrdiff_t>(length));
        bytes.insert(bytes.end(), stretch.begin(), stretch.end());
      }
    }
  }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || !std::filesystem::is_directory(argv[1])) {
    std::fprintf(stderr, "usage: %s CORPUS_FOLDER (an existing folder with at least one file)\n",
                 argv[0]);
    return 1;
  }
  const char* setting = std::getenv("PIMJIT_FUZZ_MUTATIONS");
  const long mutations = setting ? std::strtol(setting, nullptr, 10) : 200;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) {
    std::fprintf(stderr, "%s has no file\n", argv[1]);
    return 1;
  }
  std::mt19937_64 random(20240501);
  for (const auto& file : files) {
    const Bytes seed = read_file(file);
    LLVMFuzzerTestOneInput(seed.data(), seed.size());
    for (long i = 0; i < mutations; ++i) {
      const Bytes bytes = mutated(seed, random);
      LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    }
  }
  std::printf("%zu files, %ld mutations each\n", files.size(), mutations);
  return 0;
}
