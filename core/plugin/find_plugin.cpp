#include "pimjit/core/plugin/discovery.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

std::string one_line(const Error& error) {
  return error.where.empty() ? error.what : cat(error.what, " (", error.where, ")");
}

std::string list_or(const std::vector<std::string>& parts, const char* otherwise) {
  return parts.empty() ? otherwise : join(parts, ", ");
}

Error unknown_target(const Discovery& discovery, const std::string& id) {
  std::vector<std::string> known;
  for (const PluginFile& file : discovery.found) known.push_back(file.manifest.id);
  const std::string nearest = nearest_name(id, known);
  std::string not_searched;
  std::string hint = "set PIMJIT_PLUGIN_PATH to the folder of the plugin's manifest";
  for (const SkippedPath& skipped : discovery.skipped) {
    if (!skipped.id.empty() && !skipped.asked_for) continue;
    not_searched += cat("\n  skipped '", skipped.path, "': ", skipped.reason.what);
    if (!skipped.reason.hint.empty()) hint = skipped.reason.hint;
  }
  return user_error("unknown_target", cat("there is no target \"", id, '"'),
                    cat("known targets: ", list_or(known, "none"), "\n  folders searched: ",
                        list_or(discovery.directories, "none"), not_searched),
                    nearest.empty() ? hint : cat("did you mean \"", nearest, "\"?"));
}

Error not_usable(const SkippedPath& skipped) {
  return with_cause(
      target_error("skipped_plugin",
                   cat("target \"", skipped.id, "\" was found, but cannot be used"), skipped.path),
      skipped.reason);
}

}  // namespace

Result<PluginFile> find_plugin(const Discovery& discovery, const std::string& id) {
  for (const SkippedPath& skipped : discovery.skipped) {
    if (skipped.id == id && skipped.asked_for) return fail(not_usable(skipped));
  }
  for (const PluginFile& file : discovery.found) {
    if (file.manifest.id == id) return file;
  }
  for (const SkippedPath& skipped : discovery.skipped) {
    if (skipped.id == id) return fail(not_usable(skipped));
  }
  return fail(unknown_target(discovery, id));
}

std::string describe(const Discovery& discovery) {
  std::string text = discovery.found.empty() ? "no targets\n" : "targets:\n";
  for (const PluginFile& file : discovery.found) {
    text += cat("  ", file.manifest.id, "  ", file.manifest.summary, "\n    ", file.manifest_path,
                "\n");
  }
  text += "folders searched:\n";
  for (const std::string& directory : discovery.directories) text += cat("  ", directory, "\n");
  if (discovery.directories.empty()) text += "  none\n";
  if (discovery.skipped.empty()) return text;
  text += "skipped:\n";
  for (const SkippedPath& skipped : discovery.skipped) {
    text += cat("  ", skipped.path, "\n    ", one_line(skipped.reason), "\n");
  }
  return text;
}

}  // namespace pimjit
