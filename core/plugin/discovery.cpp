#include "pimjit/core/plugin/discovery.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

#include "pimjit/core/support/text.h"
#include "pimjit/core/target/toml_value.h"

namespace pimjit {
namespace {

namespace fs = std::filesystem;

Error unsafe(const std::string& path, std::string why, std::string hint) {
  return target_error("unsafe_path", cat(path, " ", why), path, std::move(hint));
}

// Collects what one search finds. Order of calls is order of precedence.
class Search {
 public:
  explicit Search(const SearchPlaces& places) : places_(places) {}

  void add_explicit(const std::string& text) {
    explicit_ = true;
    add_path(text);
    explicit_ = false;
  }

  void add_variable(const std::string& list) {
    size_t begin = 0;
    while (!list.empty() && begin <= list.size()) {
      const size_t end = std::min(list.find(':', begin), list.size());
      const std::string entry = list.substr(begin, end - begin);
      if (fs::path(entry).is_absolute()) {
        add_directory(entry, true);
      } else if (!entry.empty()) {
        skip(entry,
             target_error("relative_path",
                          cat("PIMJIT_PLUGIN_PATH has \"", entry, "\", a relative path"), entry,
                          "write absolute paths; the working directory is not searched"));
      }
      begin = end + 1;
    }
  }

  // A folder that was asked for has to exist; the install folder need not.
  void add_directory(const std::string& text, bool wanted) {
    std::error_code error;
    const fs::path directory = fs::canonical(text, error);
    if (error) {
      if (wanted) {
        skip(text,
             target_error("missing_file", cat("cannot open the folder: ", error.message()), text));
      }
      return;
    }
    const std::vector<std::string>& seen = result_.directories;
    if (std::find(seen.begin(), seen.end(), directory.string()) != seen.end()) return;
    result_.directories.push_back(directory.string());
    std::vector<std::string> manifests;
    for (fs::directory_iterator at(directory, error), end; !error && at != end;
         at.increment(error)) {
      if (!manifest_stem(at->path().string()).empty()) manifests.push_back(at->path().string());
    }
    if (error) {
      skip(text,
           target_error("missing_file", cat("cannot read the folder: ", error.message()), text));
    }
    std::sort(manifests.begin(), manifests.end());
    for (const std::string& manifest : manifests) add_manifest(manifest);
  }

  Discovery finish() && {
    std::sort(
        result_.found.begin(), result_.found.end(),
        [](const PluginFile& a, const PluginFile& b) { return a.manifest.id < b.manifest.id; });
    return std::move(result_);
  }

 private:
  void add_path(const std::string& text) {
    std::error_code error;
    const fs::path path = fs::absolute(text, error);
    if (error || text.empty()) {
      skip(text, target_error("missing_file", "the plugin path is empty", text));
    } else if (fs::is_directory(path, error)) {
      add_directory(path.string(), true);
    } else if (manifest_stem(path.string()).empty() && !fs::exists(path, error)) {
      skip(path.string(), target_error("missing_file", cat("there is no ", path.string()),
                                       path.string(), "name a manifest, or a folder with one"));
    } else if (manifest_stem(path.string()).empty()) {
      skip(path.string(), target_error("not_a_manifest", cat("not called name", kManifestSuffix),
                                       path.string(), "name the manifest, not the library"));
    } else {
      add_manifest(path.string());
    }
  }

  void skip(const std::string& path, Error reason) {
    const bool hidden = reason.code == "hidden_plugin";
    result_.skipped.push_back({path, manifest_stem(path), std::move(reason), explicit_ && !hidden});
  }

  // The path without symbolic links, if nobody else can change what it leads to.
  Result<std::string> safe_path(const fs::path& path) const {
    std::error_code error;
    const fs::path real = fs::canonical(path, error);
    if (error) {
      return fail(target_error("missing_file", cat("cannot open the file: ", error.message()),
                               path.string()));
    }
    const Status status = check_safe(real.string(), places_.user, places_.facts);
    if (!status) return fail(status.error());
    return real.string();
  }

  Result<PluginFile> read(const std::string& path) const {
    PluginFile file;
    const Result<std::string> real = safe_path(path);
    if (!real) return fail(real.error());
    file.manifest_path = *real;
    const Result<std::string> text = read_text_file(*real, Origin::target);
    if (!text) return fail(text.error());
    Result<Manifest> manifest = parse_manifest(*text, path);
    if (!manifest) return fail(manifest.error());
    file.manifest = std::move(*manifest);
    if (Status status = usable(file.manifest, path); !status) return fail(status.error());
    const fs::path folder = fs::path(*real).parent_path();
    const Result<std::string> library = safe_path(folder / file.manifest.library);
    if (!library) return fail(library.error());
    file.library_path = *library;
    const Result<std::string> description = safe_path(folder / file.manifest.description);
    if (!description) return fail(description.error());
    file.description_path = *description;
    return file;
  }

  void add_manifest(const std::string& path) {
    Result<PluginFile> file = read(path);
    if (!file) return skip(path, file.error());
    for (const PluginFile& other : result_.found) {
      if (other.manifest.id != file->manifest.id) continue;
      if (other.manifest_path == file->manifest_path) return;
      return skip(path, target_error("hidden_plugin",
                                     cat("plugin ", other.manifest.id, " was found before, at ",
                                         other.manifest_path),
                                     path));
    }
    result_.found.push_back(std::move(*file));
  }

  const SearchPlaces& places_;
  Discovery result_;
  bool explicit_ = false;
};

Status check_owner(const std::string& path, const FileFacts& facts, uint32_t user) {
  if (facts.owner == 0 || facts.owner == user) return {};
  return fail(unsafe(
      path, cat("belongs to user ", facts.owner, ", neither to root nor to you (", user, ")"),
      "change its owner, or copy it to a folder of yours"));
}

}  // namespace

std::optional<FileFacts> file_facts(const std::string& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  FileFacts facts;
  facts.directory = S_ISDIR(status.st_mode);
  facts.regular = S_ISREG(status.st_mode);
  facts.writable_by_others = (status.st_mode & (S_IWGRP | S_IWOTH)) != 0;
  facts.sticky = (status.st_mode & S_ISVTX) != 0;
  facts.owner = status.st_uid;
  return facts;
}

std::string installed_plugins() {
  const auto facts = file_facts(PIMJIT_PLUGIN_INSTALL_DIR);
  return facts && facts->directory ? PIMJIT_PLUGIN_INSTALL_DIR : "";
}

SearchPlaces search_places(std::vector<std::string> explicit_paths, std::string install_directory) {
  SearchPlaces places;
  places.explicit_paths = std::move(explicit_paths);
  // secure_getenv: null in a process with raised privileges, whose caller must not choose the code
  // it runs.
  const char* variable = ::secure_getenv("PIMJIT_PLUGIN_PATH");
  if (variable != nullptr) places.path_variable = variable;
  places.install_directory = std::move(install_directory);
  places.user = ::geteuid();
  return places;
}

Status check_safe(const std::string& path, uint32_t user, const FactsOf& facts) {
  const std::optional<FileFacts> file = facts(path);
  if (!file) return fail(target_error("missing_file", cat("there is no file ", path), path));
  if (!file->regular) return fail(unsafe(path, "is not a regular file", ""));
  if (Status status = check_owner(path, *file, user); !status) return status;
  if (file->writable_by_others) {
    return fail(unsafe(path, "can be changed by other users", cat("run: chmod go-w ", path)));
  }
  fs::path folder = fs::path(path).parent_path();
  for (bool first = true;; first = false, folder = folder.parent_path()) {
    const std::string name = folder.string();
    const std::optional<FileFacts> above = facts(name);
    if (!above) return fail(target_error("missing_file", cat("there is no folder ", name), path));
    if (Status status = check_owner(name, *above, user); !status) return status;
    if (above->writable_by_others && (first || !above->sticky)) {
      return fail(unsafe(name, "is a folder that other users can write to",
                         cat("run: chmod go-w ", name, ", or move the plugin")));
    }
    if (folder == folder.parent_path()) return {};
  }
}

Discovery discover(const SearchPlaces& places) {
  Search search(places);
  for (const std::string& path : places.explicit_paths) search.add_explicit(path);
  search.add_variable(places.path_variable);
  if (!places.install_directory.empty()) search.add_directory(places.install_directory, false);
  return std::move(search).finish();
}

}  // namespace pimjit
