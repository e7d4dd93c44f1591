#ifndef PIMJIT_CORE_PLUGIN_MANIFEST_H_
#define PIMJIT_CORE_PLUGIN_MANIFEST_H_

#include <string>

#include "pimjit/core/support/error.h"

namespace pimjit {

// What `name.plugin.toml` says about a plugin, read before any code of it is loaded. Form:
// docs/targets.md, "Manifests".
struct Manifest {
  std::string id;           // the file's name without ".plugin.toml"
  std::string summary;      // one line, may be empty
  std::string library;      // relative to the manifest's folder
  std::string description;  // the target description's file, relative to the manifest's folder
  std::string platform;     // "linux-x86_64"
  std::string licence;      // may be empty
  int abi_major = 0, abi_minor = 0;
};

inline constexpr const char* kManifestSuffix = ".plugin.toml";

// `path` is for messages and for the id, which has to agree with the file's name. Errors (target):
// as parse_target's, and "manifest_id", "manifest_path" for a path that is absolute or leaves the
// folder. Whether this program can use the plugin is not looked at: usable().
Result<Manifest> parse_manifest(const std::string& toml_text, const std::string& path);

// Whether this program can load such a plugin. Errors (target): "wrong_platform", "wrong_abi".
Status usable(const Manifest& manifest, const std::string& path);

// "linux-x86_64": what this program runs on.
std::string platform_name();

// "/x/toy.plugin.toml" -> "toy"; "" when `path` is not called like a manifest.
std::string manifest_stem(const std::string& path);

}  // namespace pimjit

#endif  // PIMJIT_CORE_PLUGIN_MANIFEST_H_
