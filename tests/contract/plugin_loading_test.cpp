// Libraries that cannot be used, and the text that says why.
#include <filesystem>
#include <fstream>
#include <iterator>

#include <elf.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pimjit/build_paths.h"
#include "pimjit/core/plugin/plugin.h"

namespace pimjit {
namespace {

namespace fs = std::filesystem;

const std::string kFolder = PIMJIT_BINARY_DIR "/tests/plugins/";

class PluginLoading : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "pimjit_loading_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name + '/';
  }
  void TearDown() override { fs::remove_all(folder_); }

  // A file whose bytes are those of a shared library, changed.
  std::string changed(const char* name, const std::function<void(std::string&)>& change) {
    std::ifstream in(kFolder + "no_plugin.so", std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), {}};
    change(bytes);
    const std::string path = folder_ + name;
    std::ofstream(path, std::ios::binary) << bytes;
    ::chmod(path.c_str(), 0644);
    return path;
  }

  static void expect(const std::string& path, const std::string& code, const std::string& message) {
    const auto plugin = load_plugin(path);
    ASSERT_FALSE(plugin);
    EXPECT_EQ(plugin.error().origin, Origin::target);
    EXPECT_EQ(plugin.error().code, code);
    EXPECT_EQ(plugin.error().message(), message);
  }

  std::string folder_;
};

TEST_F(PluginLoading, Missing) {
  const std::string path = folder_ + "absent.so";
  expect(path, "plugin_missing",
         "cannot open the plugin library: No such file or directory\n  " + path);
}

TEST_F(PluginLoading, Folder) {
  expect(folder_, "plugin_not_a_library", "the plugin library is not a regular file\n  " + folder_);
}

TEST_F(PluginLoading, Text) {
  const std::string path =
      changed("text.so", [](std::string& bytes) { bytes = "#!/bin/sh\necho this is a script\n"; });
  expect(path, "plugin_not_a_library",
         "the plugin library is not a shared library: it has no ELF header\n  " + path);
}

TEST_F(PluginLoading, Empty) {
  const std::string path = changed("empty.so", [](std::string& bytes) { bytes.clear(); });
  expect(path, "plugin_not_a_library",
         "the plugin library is not a shared library: it has no ELF header\n  " + path);
}

TEST_F(PluginLoading, Program) {
  const std::string path = changed("program.so", [](std::string& bytes) { bytes[16] = ET_REL; });
  expect(path, "plugin_not_a_library",
         "the plugin library is an ELF file of type 1, not a shared library (3)\n  " + path);
}

TEST_F(PluginLoading, OtherArchitecture) {
  const std::string path = changed("riscv.so", [](std::string& bytes) {
    bytes[18] = static_cast<char>(EM_RISCV & 0xFF);
    bytes[19] = static_cast<char>(EM_RISCV >> 8);
  });
#if defined(__x86_64__)
  expect(path, "plugin_wrong_architecture",
         "the plugin library is built for 64-bit RISC-V, this program for 64-bit x86-64\n  " +
             path + "\n  hint: build the plugin on this machine");
#endif
}

TEST_F(PluginLoading, Truncated) {
  const std::string path = changed("half.so", [](std::string& bytes) { bytes.resize(100); });
  const auto plugin = load_plugin(path);
  ASSERT_FALSE(plugin);
  EXPECT_EQ(plugin.error().code, "plugin_unloadable");
  EXPECT_EQ(plugin.error().what.rfind("the plugin library does not load: ", 0), 0u)
      << plugin.error().what;
  EXPECT_EQ(plugin.error().hint, "look for missing libraries with 'ldd'");
}

TEST_F(PluginLoading, NoPlugin) {
  const std::string path = kFolder + "no_plugin.so";
  expect(path, "plugin_not_a_plugin",
         "the library is no pimjit plugin: it does not export pj_plugin_query\n  " + path +
             "\n  hint: docs/plugins.md tells what a plugin exports");
}

TEST_F(PluginLoading, OtherMajorVersion) {
  const std::string path = kFolder + "other_major.so";
  expect(path, "plugin_version",
         "the plugin speaks version 9.2 of the plugin ABI, this program 1.0\n  plugin "
         "'other_major' (" +
             path +
             "), pj_plugin_query()\n  hint: use a plugin and a pimjit of the same major version");
}

TEST_F(PluginLoading, RefusesThisHost) {
  const std::string path = kFolder + "refuses_host.so";
  expect(path, "plugin_version",
         "the plugin refuses version 1.0 of the plugin ABI, which this program speaks\n  " + path +
             "\n  hint: use a plugin and a pimjit of the same major version");
}

TEST_F(PluginLoading, TableWithoutCreate) {
  const std::string path = kFolder + "no_create.so";
  expect(path, "plugin_misbehaves",
         "the plugin breaks its contract: its table lacks create()\n  plugin 'no_create' (" + path +
             "), pj_plugin_query()\n  hint: run 'pimjit plugin-check' on the plugin");
}

TEST_F(PluginLoading, WritableByOthers) {
  const std::string path = changed("open.so", [](std::string&) {});
  ::chmod(path.c_str(), 0666);
  expect(path, "plugin_unsafe",
         "the plugin library can be written by others than its owner\n  " + path +
             "\n  hint: chmod go-w " + path);
}

TEST_F(PluginLoading, SomebodyElses) {
  const std::string path = changed("theirs.so", [](std::string&) {});
  if (::geteuid() != 0 || ::chown(path.c_str(), 12345, 12345) != 0)
    GTEST_SKIP() << "only root can give files away";
  expect(
      path, "plugin_unsafe",
      "the plugin library belongs to user 12345, neither to this user (0) nor to root\n  " + path);
}

// The loader remembers libraries by name; two files must not be taken for one another, nor one for
// two.
TEST_F(PluginLoading, LibrariesAreToldApart) {
  for (int i = 0; i < 3; ++i) {
    const auto toy = load_plugin(kFolder + "toy.so");
    const auto lockstep = load_plugin(kFolder + "lockstep.so");
    const auto faulty = load_plugin(kFolder + "faulty.so");
    ASSERT_TRUE(toy && lockstep && faulty);
    EXPECT_EQ(toy->name(), "toy");
    EXPECT_EQ(lockstep->name(), "lockstep");
    EXPECT_EQ(faulty->name(), "faulty");
    const auto again = load_plugin(kFolder + "toy.so");
    ASSERT_TRUE(again);
    EXPECT_EQ(again->table().create, toy->table().create);
  }
}

TEST_F(PluginLoading, LoadingAgainKeepsNoDescriptors) {
  const auto open_files = [] {
    int n = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator("/proc/self/fd")) ++n;
    return n;
  };
  ASSERT_TRUE(load_plugin(kFolder + "toy.so"));
  const int before = open_files();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(load_plugin(kFolder + "toy.so"));
  EXPECT_EQ(open_files(), before);
}

}  // namespace
}  // namespace pimjit
