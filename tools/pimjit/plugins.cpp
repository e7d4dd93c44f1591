#include "pimjit/tools/pimjit/plugins.h"

#include <filesystem>

#include "pimjit/core/support/text.h"
#include "pimjit/tools/pimjit/terminal.h"

namespace pimjit::cli {
namespace {

namespace fs = std::filesystem;

// Beside this command, in the layout of the installation, which the build tree has as well.
std::string installed_plugins() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  if (error) return "";
  for (const char* relative : {PIMJIT_PLUGINS_FROM_BIN, "../lib/pimjit/plugins"}) {
    const fs::path folder = (self.parent_path() / relative).lexically_normal();
    if (fs::is_directory(folder, error)) return folder.string();
  }
  return "";
}

}  // namespace

void add_plugin_option(CLI::App* command, std::vector<std::string>& paths) {
  command->add_option("--plugin", paths, "a plugin's manifest or folder, looked at first")
      ->type_name("PATH")
      ->allow_extra_args(false);
}

Discovery discover_plugins(const std::vector<std::string>& paths) {
  return discover(search_places(paths, installed_plugins()));
}

Result<OpenTarget> open_chosen_target(const std::string& target,
                                      const std::vector<std::string>& paths) {
  const Discovery discovery = discover_plugins(paths);
  if (!target.empty() && target != "auto") {
    return open_target(target, discovery, plugin_services());
  }
  std::vector<std::string> ids;
  for (const PluginFile& file : discovery.found) ids.push_back(file.manifest.id);
  if (ids.size() == 1) return open_target(ids.front(), discovery, plugin_services());
  if (ids.empty()) {
    return fail(
        user_error("no_target", "no target plugin was found",
                   cat("folders searched: ",
                       discovery.directories.empty() ? "none" : join(discovery.directories, ", ")),
                   "set PIMJIT_PLUGIN_PATH or give --plugin; `pimjit doctor` says more"));
  }
  return fail(user_error("no_target",
                         cat("there are ", ids.size(), " targets, and none was chosen"),
                         cat("known targets: ", join(ids, ", ")), "name one with --target"));
}

}  // namespace pimjit::cli
