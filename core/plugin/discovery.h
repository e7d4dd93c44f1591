#ifndef PIMJIT_CORE_PLUGIN_DISCOVERY_H_
#define PIMJIT_CORE_PLUGIN_DISCOVERY_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pimjit/core/plugin/manifest.h"
#include "pimjit/core/support/error.h"

namespace pimjit {

// Finding plugins without running any of their code. No state: each call looks at the files as they
// are.

// What the operating system says about a path.
struct FileFacts {
  bool directory = false, regular = false;
  bool writable_by_others = false;  // by its group or by everybody
  bool sticky = false;
  uint32_t owner = 0;
};
using FactsOf = std::function<std::optional<FileFacts>(const std::string& path)>;
std::optional<FileFacts> file_facts(const std::string& path);  // nothing when there is no such file

// Where to look, in this order. The working directory is never looked at by itself.
struct SearchPlaces {
  std::vector<std::string> explicit_paths;  // manifests or folders, from an option; made absolute
  std::string path_variable;                // folders joined by ':', absolute ones only
  std::string install_directory;            // "" when unknown
  uint32_t user = 0;                        // effective user
  FactsOf facts = file_facts;               // replaced in tests
};

// The places for this process: PIMJIT_PLUGIN_PATH unless the process runs with raised privileges,
// and the effective user.
SearchPlaces search_places(std::vector<std::string> explicit_paths, std::string install_directory);

// The folder that plugins are installed in, where there is one; else "".
std::string installed_plugins();

struct PluginFile {
  Manifest manifest;
  std::string manifest_path, library_path, description_path;  // absolute, without symbolic links
};

struct SkippedPath {
  std::string path;
  std::string id;  // of a manifest, by its name; "" of a folder
  Error reason;
  bool asked_for =
      false;  // comes from an explicit path: another plugin of that id must not stand in
};

struct Discovery {
  std::vector<PluginFile> found;         // one per id, the first in search order; sorted by id
  std::vector<SkippedPath> skipped;      // in search order
  std::vector<std::string> directories;  // that were looked through, in search order
};

// Looks through all places. Never fails: what cannot be used is in `skipped` with its reason. Only
// manifests are read.
Discovery discover(const SearchPlaces& places);

// The plugin called `id`. Errors: of a plugin that was found and skipped, the reason (target); of
// an unknown one (user), "unknown_target" with the known ones, the nearest and the folders
// searched.
Result<PluginFile> find_plugin(const Discovery& discovery, const std::string& id);

// For people: the known targets, the folders searched, and what was skipped and why.
std::string describe(const Discovery& discovery);

// Whether nobody but `user` and root can change the file at `path`: it, its folder and the folders
// above. Errors (target): "unsafe_path", "missing_file". `path` is absolute and without symbolic
// links. Folders above the first may be writable by others if they are sticky: others cannot
// exchange entries there.
Status check_safe(const std::string& path, uint32_t user, const FactsOf& facts);

}  // namespace pimjit

#endif  // PIMJIT_CORE_PLUGIN_DISCOVERY_H_
