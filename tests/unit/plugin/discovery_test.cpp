#include "pimjit/core/plugin/discovery.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pimjit/core/plugin_abi.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

namespace fs = std::filesystem;

// A folder of plugins that goes with the test.
class DiscoveryTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::canonical(fs::temp_directory_path()) / "pimjit-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
    places_.user = ::geteuid();
    // Modes decide, and not who runs the test or who owns the temporary directory.
    places_.facts = [this](const std::string& path) {
      std::optional<FileFacts> facts = file_facts(path);
      const auto owner = owners_.find(path);
      if (facts) facts->owner = owner != owners_.end() ? owner->second : places_.user;
      if (facts && path.size() < root_.size()) facts->writable_by_others = open_above_;
      if (facts && path.size() < root_.size()) facts->sticky = sticky_above_;
      return facts;
    };
  }
  void TearDown() override { fs::remove_all(root_); }

  std::string folder(const std::string& name) {
    const std::string path = cat(root_, "/", name);
    fs::create_directories(path);
    ::chmod(path.c_str(), 0755);
    return path;
  }
  void write(const std::string& path, const std::string& text) {
    std::ofstream(path) << text;
    ::chmod(path.c_str(), 0644);
  }
  // Manifest, library and description of a plugin; the path of the manifest.
  std::string install(const std::string& directory, const std::string& id) {
    write(cat(directory, "/lib", id, ".so"), "not loaded here");
    write(cat(directory, "/", id, ".toml"), "# not read here");
    const std::string path = cat(directory, "/", id, ".plugin.toml");
    write(path, cat("id = \"", id, "\"\nlibrary = \"lib", id, ".so\"\ndescription = \"", id,
                    ".toml\"\nplatform = \"", platform_name(), "\"\nabi_major = ", PJ_ABI_MAJOR,
                    "\nabi_minor = 0\nsummary = \"the ", id, " chip\"\n"));
    return path;
  }
  // Why the only skipped path was skipped.
  std::string only_skip() {
    const Discovery discovery = discover(places_);
    EXPECT_TRUE(discovery.found.empty());
    if (discovery.skipped.size() != 1) return cat(discovery.skipped.size(), " skipped");
    EXPECT_EQ(discovery.skipped[0].reason.origin, Origin::target);
    return discovery.skipped[0].reason.message();
  }

  std::string root_;
  SearchPlaces places_;
  std::map<std::string, uint32_t> owners_;
  bool open_above_ = false, sticky_above_ = false;
};

TEST_F(DiscoveryTest, FindsPluginsOfAFolder) {
  const std::string plugins = folder("plugins");
  install(plugins, "toy");
  install(plugins, "chip");
  write(plugins + "/readme.toml", "x");
  places_.install_directory = plugins;
  const Discovery discovery = discover(places_);
  ASSERT_EQ(discovery.found.size(), 2u) << describe(discovery);
  EXPECT_EQ(discovery.found[0].manifest.id, "chip");
  EXPECT_EQ(discovery.found[1].manifest_path, plugins + "/toy.plugin.toml");
  EXPECT_EQ(discovery.found[1].library_path, plugins + "/libtoy.so");
  EXPECT_EQ(discovery.found[1].description_path, plugins + "/toy.toml");
  EXPECT_TRUE(discovery.skipped.empty());
  EXPECT_EQ(discovery.directories, std::vector<std::string>{plugins});
  EXPECT_EQ(describe(discovery), cat("targets:\n  chip  the chip chip\n    ", plugins,
                                     "/chip.plugin.toml\n  toy  the toy chip\n    ", plugins,
                                     "/toy.plugin.toml\nfolders searched:\n  ", plugins, "\n"));
}

TEST_F(DiscoveryTest, ExplicitBeforeVariableBeforeInstallation) {
  const std::string a = folder("a"), b = folder("b"), c = folder("c");
  for (const std::string& directory : {a, b, c}) install(directory, "toy");
  places_.install_directory = c;
  EXPECT_EQ(find_plugin(discover(places_), "toy")->manifest_path, c + "/toy.plugin.toml");
  places_.path_variable = cat(b, ":", c);
  EXPECT_EQ(find_plugin(discover(places_), "toy")->manifest_path, b + "/toy.plugin.toml");
  places_.explicit_paths = {a + "/toy.plugin.toml"};
  const Discovery discovery = discover(places_);
  EXPECT_EQ(find_plugin(discovery, "toy")->manifest_path, a + "/toy.plugin.toml");
  ASSERT_EQ(discovery.skipped.size(), 2u);
  EXPECT_EQ(discovery.skipped[0].reason.what,
            cat("plugin toy was found before, at ", a, "/toy.plugin.toml"));
}

TEST_F(DiscoveryTest, TwoExplicitOnesOfAnIdAreNoError) {
  const std::string a = folder("a"), b = folder("b");
  places_.explicit_paths = {install(a, "toy"), install(b, "toy")};
  EXPECT_EQ(find_plugin(discover(places_), "toy")->manifest_path, a + "/toy.plugin.toml");
}

TEST_F(DiscoveryTest, NothingStandsInForAnExplicitOne) {
  const std::string a = folder("a"), b = folder("b");
  places_.explicit_paths = {install(a, "toy")};
  install(b, "toy");
  places_.install_directory = b;
  ::chmod((a + "/libtoy.so").c_str(), 0666);
  const Result<PluginFile> file = find_plugin(discover(places_), "toy");
  ASSERT_FALSE(file.has_value());
  EXPECT_EQ(file.error().message(),
            cat("target \"toy\" was found, but cannot be used\n  ", a,
                "/toy.plugin.toml\n  because: ", a, "/libtoy.so can be changed by other users\n  ",
                a, "/libtoy.so\n  hint: run: chmod go-w ", a, "/libtoy.so"));
}

TEST_F(DiscoveryTest, RefusesFilesThatOthersCanWrite) {
  for (const char* file : {"/toy.plugin.toml", "/libtoy.so", "/toy.toml"}) {
    for (const mode_t mode : {0664, 0646}) {
      const std::string plugins = folder("plugins");
      install(plugins, "toy");
      places_.install_directory = plugins;
      ::chmod((plugins + file).c_str(), mode);
      EXPECT_EQ(only_skip(), cat(plugins, file, " can be changed by other users\n  ", plugins, file,
                                 "\n  hint: run: chmod go-w ", plugins, file));
    }
  }
}

TEST_F(DiscoveryTest, RefusesFoldersThatOthersCanWriteStickyOnesToo) {
  const std::string plugins = folder("plugins");
  install(plugins, "toy");
  places_.install_directory = plugins;
  for (const mode_t mode : {0775, 0757, 01777}) {
    ::chmod(plugins.c_str(), mode);
    EXPECT_EQ(only_skip(), cat(plugins, " is a folder that other users can write to\n  ", plugins,
                               "\n  hint: run: chmod go-w ", plugins, ", or move the plugin"));
  }
  ::chmod(plugins.c_str(), 0755);
  ::chmod(root_.c_str(), 0777);
  EXPECT_EQ(only_skip(), cat(root_, " is a folder that other users can write to\n  ", root_,
                             "\n  hint: run: chmod go-w ", root_, ", or move the plugin"));
}

TEST_F(DiscoveryTest, FoldersFurtherAboveMayBeStickyOnly) {
  const std::string plugins = folder("plugins");
  install(plugins, "toy");
  places_.install_directory = plugins;
  open_above_ = sticky_above_ = true;
  EXPECT_EQ(discover(places_).found.size(), 1u);
  sticky_above_ = false;
  EXPECT_NE(only_skip().find(" is a folder that other users can write to"), std::string::npos);
}

TEST_F(DiscoveryTest, RefusesStrangersFilesAndFolders) {
  const std::string plugins = folder("plugins");
  install(plugins, "toy");
  places_.install_directory = plugins;
  places_.user = 1000;
  for (const std::string& path :
       {plugins + "/toy.plugin.toml", plugins + "/libtoy.so", plugins, root_, std::string("/")}) {
    owners_ = {{path, 1234}};
    EXPECT_EQ(only_skip(),
              cat(path, " belongs to user 1234, neither to root nor to you (1000)\n  ", path,
                  "\n  hint: change its owner, or copy it to a folder of yours"));
    owners_ = {{path, 0}};
    EXPECT_EQ(discover(places_).found.size(), 1u);
  }
}

TEST_F(DiscoveryTest, ALinkLeadsToWhatIsChecked) {
  const std::string plugins = folder("plugins"), open = folder("open");
  install(plugins, "toy");
  fs::remove(plugins + "/libtoy.so");
  write(open + "/libtoy.so", "x");
  fs::create_symlink(open + "/libtoy.so", plugins + "/libtoy.so");
  places_.install_directory = plugins;
  EXPECT_EQ(discover(places_).found.at(0).library_path, open + "/libtoy.so");
  ::chmod(open.c_str(), 0777);
  EXPECT_NE(only_skip().find(open + " is a folder that other users can write to"),
            std::string::npos);
}

TEST_F(DiscoveryTest, MissingAndBrokenPlugins) {
  const std::string plugins = folder("plugins");
  const std::string manifest = install(plugins, "toy");
  places_.install_directory = plugins;
  fs::remove(plugins + "/libtoy.so");
  EXPECT_EQ(only_skip(),
            cat("cannot open the file: No such file or directory\n  ", plugins, "/libtoy.so"));
  fs::create_directory(plugins + "/libtoy.so");
  EXPECT_EQ(only_skip(),
            cat(plugins, "/libtoy.so is not a regular file\n  ", plugins, "/libtoy.so"));
  write(manifest, "id = ");
  EXPECT_NE(only_skip().find("not valid TOML"), std::string::npos);
  install(plugins + "", "fine");
  const Result<PluginFile> file = find_plugin(discover(places_), "toy");
  ASSERT_FALSE(file.has_value());
  EXPECT_EQ(file.error().code, "skipped_plugin");
  EXPECT_EQ(file.error().origin, Origin::target);
}

TEST_F(DiscoveryTest, PlacesThatCannotBeSearched) {
  places_.path_variable = "relative/plugins";
  EXPECT_EQ(only_skip(),
            "PIMJIT_PLUGIN_PATH has \"relative/plugins\", a relative path\n  relative/plugins\n"
            "  hint: write absolute paths; the working directory is not searched");
  places_.path_variable = root_ + "/nothing";
  EXPECT_EQ(only_skip(),
            cat("cannot open the folder: No such file or directory\n  ", root_, "/nothing"));
  places_.path_variable = ":::";
  places_.install_directory = root_ + "/nothing";
  EXPECT_EQ(only_skip(), "0 skipped");
  places_.explicit_paths = {root_ + "/nothing"};
  EXPECT_EQ(only_skip(), cat("there is no ", root_, "/nothing\n  ", root_,
                             "/nothing\n  hint: name a manifest, or a folder with one"));
  EXPECT_EQ(find_plugin(discover(places_), "toy").error().message(),
            cat("there is no target \"toy\"\n  known targets: none\n  folders searched: none\n  "
                "skipped '",
                root_, "/nothing': there is no ", root_,
                "/nothing\n  hint: name a manifest, or a folder with one"));
  write(root_ + "/libtoy.so", "not loaded here");
  places_.explicit_paths = {root_ + "/libtoy.so"};
  EXPECT_EQ(only_skip(), cat("not called name.plugin.toml\n  ", root_,
                             "/libtoy.so\n  hint: name the manifest, not the library"));
  places_.explicit_paths = {""};
  EXPECT_EQ(only_skip(), "the plugin path is empty");
}

TEST_F(DiscoveryTest, TheWorkingDirectoryIsNotSearched) {
  const std::string plugins = folder("plugins");
  install(plugins, "toy");
  const fs::path before = fs::current_path();
  fs::current_path(plugins);
  places_.path_variable = ".:";
  const Discovery discovery = discover(places_);
  fs::current_path(before);
  EXPECT_TRUE(discovery.found.empty());
  EXPECT_TRUE(discovery.directories.empty());
}

TEST_F(DiscoveryTest, UnknownTargetsNameTheNearest) {
  const std::string plugins = folder("plugins");
  install(plugins, "toy");
  install(plugins, "simple");
  places_.install_directory = plugins;
  const Result<PluginFile> near = find_plugin(discover(places_), "simpel");
  ASSERT_FALSE(near.has_value());
  EXPECT_EQ(near.error().origin, Origin::user);
  EXPECT_EQ(near.error().message(),
            cat("there is no target \"simpel\"\n  known targets: simple, toy\n  folders searched: ",
                plugins, "\n  hint: did you mean \"simple\"?"));
  const Result<PluginFile> none = find_plugin(Discovery{}, "simple");
  EXPECT_EQ(none.error().message(),
            "there is no target \"simple\"\n  known targets: none\n  folders searched: none\n"
            "  hint: set PIMJIT_PLUGIN_PATH to the folder of the plugin's manifest");
}

TEST_F(DiscoveryTest, SkipsAreDescribed) {
  places_.path_variable = "relative";
  EXPECT_EQ(describe(discover(places_)),
            "no targets\nfolders searched:\n  none\nskipped:\n  relative\n"
            "    PIMJIT_PLUGIN_PATH has \"relative\", a relative path (relative)\n");
}

TEST(SearchPlacesTest, ComeFromTheEnvironment) {
  ::setenv("PIMJIT_PLUGIN_PATH", "/x:/y", 1);
  const SearchPlaces places = search_places({"/z"}, "/i");
  ::unsetenv("PIMJIT_PLUGIN_PATH");
  EXPECT_EQ(places.path_variable, "/x:/y");
  EXPECT_EQ(places.install_directory, "/i");
  EXPECT_EQ(places.explicit_paths, std::vector<std::string>{"/z"});
  EXPECT_EQ(places.user, ::geteuid());
  EXPECT_EQ(search_places({}, "").path_variable, "");
}

}  // namespace
}  // namespace pimjit
