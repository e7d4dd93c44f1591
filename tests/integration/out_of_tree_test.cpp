// Both toy chips are built as strangers build plugins: copied away from this tree, against the
// installed package, then found by their manifests and held to the plugin contract.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "pimjit/build_paths.h"
#include "pimjit/core/plugin/conformance.h"
#include "pimjit/core/plugin/discovery.h"
#include "pimjit/core/plugin/plugin.h"

namespace pimjit {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = PIMJIT_SOURCE_DIR;
const fs::path kBuild = PIMJIT_BINARY_DIR;

// Runs a command; its output when it fails.
std::string failure_of(const std::string& command, const fs::path& log) {
  if (std::system((command + " > '" + log.string() + "' 2>&1").c_str()) == 0) return {};
  std::ifstream in(log);
  return command + "\n" + std::string(std::istreambuf_iterator<char>(in), {});
}

class OutOfTree : public ::testing::Test {
 protected:
  // Copies `folders` of this tree into a fresh one and builds the project in the first; gives the
  // build folder.
  fs::path build(const std::string& name, const std::vector<fs::path>& folders) {
    const fs::path scratch = kBuild / "out_of_tree" / name;
    fs::remove_all(scratch);
    fs::create_directories(scratch);
    for (const fs::path& folder : folders) {
      fs::copy(kSource / folder, scratch / folder.filename(), fs::copy_options::recursive);
    }
    const fs::path built = scratch / "build";
    const std::string configure =
        "cmake -G Ninja -S '" + (scratch / folders[0].filename()).string() + "' -B '" +
        built.string() + "' -DCMAKE_PREFIX_PATH='" + (kBuild / "stage").string() +
        "' -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF -DCMAKE_BUILD_TYPE=Release";
    EXPECT_EQ(failure_of(configure, scratch / "configure.log"), "");
    EXPECT_EQ(failure_of("cmake --build '" + built.string() + "'", scratch / "build.log"), "");
    return built;
  }

  void conforms(const std::string& id, const fs::path& folder) {
    SearchPlaces places = search_places({folder.string()}, "");
    places.path_variable.clear();
    const Discovery found = discover(places);
    const auto file = find_plugin(found, id);
    ASSERT_TRUE(file) << file.error().message() << "\n" << describe(found);
    const auto target = load_target(file->description_path);
    ASSERT_TRUE(target) << target.error().message();
    const auto plugin = load_plugin(file->library_path, target->plugin);
    ASSERT_TRUE(plugin) << plugin.error().message();
    EXPECT_EQ(plugin->name(), id);
    const auto report = check_plugin(*plugin, *target);
    ASSERT_TRUE(report) << report.error().message();
    EXPECT_TRUE(report->ok()) << report->text();
    EXPECT_GE(report->count(CheckOutcome::pass), 60) << report->text();
  }
};

TEST_F(OutOfTree, CustomTarget) {
  conforms("toy", build("custom_target", {"examples/custom_target"}));
}

TEST_F(OutOfTree, Lockstep) {
  conforms("lockstep", build("lockstep", {"tests/toy_lockstep", "tests/targets"}));
}

// Short enough to be read in one sitting, description and build file included.
TEST_F(OutOfTree, CustomTargetStaysShort) {
  size_t lines = 0;
  for (const auto& entry : fs::directory_iterator(kSource / "examples/custom_target")) {
    std::ifstream in(entry.path());
    for (std::string line; std::getline(in, line);) ++lines;
  }
  EXPECT_LT(lines, 300u);
}

}  // namespace
}  // namespace pimjit
