#include "pimjit/core/plugin/manifest.h"

#include <gtest/gtest.h>

#include "pimjit/core/plugin_abi.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

const std::string kToy = R"(id = "toy"
library = "lib/libtoy.so"
description = "toy.toml"
platform = "linux-x86_64"
abi_major = 1
abi_minor = 3
summary = "a toy"
licence = "Apache-2.0"
)";

std::string edited(const std::string& from, const std::string& to) {
  std::string text = kToy;
  text.replace(text.find(from), from.size(), to);
  return text;
}

// The message of the error that an edit of the manifest leads to.
std::string message(const std::string& from, const std::string& to) {
  const Result<Manifest> manifest = parse_manifest(edited(from, to), "/p/toy.plugin.toml");
  if (manifest) return "no error";
  EXPECT_EQ(manifest.error().origin, Origin::target);
  return manifest.error().message();
}

TEST(Manifest, ReadsAllKeys) {
  const Result<Manifest> manifest = parse_manifest(kToy, "/p/toy.plugin.toml");
  ASSERT_TRUE(manifest.has_value()) << manifest.error().message();
  EXPECT_EQ(manifest->id, "toy");
  EXPECT_EQ(manifest->library, "lib/libtoy.so");
  EXPECT_EQ(manifest->description, "toy.toml");
  EXPECT_EQ(manifest->platform, "linux-x86_64");
  EXPECT_EQ(manifest->abi_major, 1);
  EXPECT_EQ(manifest->abi_minor, 3);
  EXPECT_EQ(manifest->summary, "a toy");
  EXPECT_EQ(manifest->licence, "Apache-2.0");
}

TEST(Manifest, SummaryAndLicenceAreOptional) {
  EXPECT_EQ(message("summary = \"a toy\"\nlicence = \"Apache-2.0\"\n", ""), "no error");
}

TEST(Manifest, Errors) {
  EXPECT_EQ(message("summary", "sumary"),
            "unknown key `sumary` in the file\n  /p/toy.plugin.toml:7:1\n"
            "  hint: did you mean \"summary\"?");
  EXPECT_EQ(message("abi_minor = 3\n", ""),
            "the file has no `abi_minor`\n  /p/toy.plugin.toml:1:1");
  EXPECT_EQ(message("abi_major = 1", "abi_major = \"1\""),
            "abi_major must be an integer, not a text\n  /p/toy.plugin.toml:5:13");
  EXPECT_EQ(message("id = \"toy\"", "id = \"tpy\""),
            "the id is \"tpy\", but the file's name says \"toy\"\n  /p/toy.plugin.toml:1:6\n"
            "  hint: call the file tpy.plugin.toml");
  EXPECT_EQ(message("id = \"toy\"", "id = \"auto\""),
            "the id \"auto\" has a meaning of its own\n  /p/toy.plugin.toml:1:6\n"
            "  hint: choose another name");
}

TEST(Manifest, PathsStayBelowItsFolder) {
  for (const char* path : {"/lib/libtoy.so", "../libtoy.so", "lib/../../libtoy.so", ""}) {
    EXPECT_EQ(message("lib/libtoy.so", path),
              cat("library is \"", path,
                  "\", which is not below the manifest's folder\n  /p/toy.plugin.toml:2:11\n"
                  "  hint: keep library and description beside the manifest"));
  }
}

TEST(Manifest, OfAnotherMachineOrVersionIsNotUsable) {
  Manifest manifest = *parse_manifest(kToy, "/p/toy.plugin.toml");
  manifest.platform = platform_name();
  manifest.abi_major = PJ_ABI_MAJOR;
  EXPECT_TRUE(usable(manifest, "/p/toy.plugin.toml").has_value());
  manifest.abi_major = PJ_ABI_MAJOR + 1;
  EXPECT_EQ(
      usable(manifest, "/p/toy.plugin.toml").error().message(),
      cat("plugin toy speaks version ", PJ_ABI_MAJOR + 1,
          " of the plugin interface; this program speaks version ", PJ_ABI_MAJOR,
          "\n  /p/toy.plugin.toml\n  hint: rebuild the plugin against this version of pimjit"));
  manifest.platform = "linux-vax";
  EXPECT_EQ(usable(manifest, "/p/toy.plugin.toml").error().message(),
            cat("plugin toy is for linux-vax; this program runs on ", platform_name(),
                "\n  /p/toy.plugin.toml\n  hint: install the plugin's build for this machine"));
}

TEST(Manifest, StemIsTheId) {
  EXPECT_EQ(manifest_stem("/p/toy.plugin.toml"), "toy");
  EXPECT_EQ(manifest_stem("/p/toy.toml"), "");
  EXPECT_EQ(manifest_stem("/p/.plugin.toml"), "");
}

}  // namespace
}  // namespace pimjit
