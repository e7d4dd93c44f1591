// pimjit targets: the machines that plugins offer, and what was passed over.
#include <memory>

#include "pimjit/core/support/text.h"
#include "pimjit/core/target/target_desc.h"
#include "pimjit/tools/pimjit/command.h"
#include "pimjit/tools/pimjit/json.h"
#include "pimjit/tools/pimjit/plugins.h"
#include "pimjit/tools/pimjit/terminal.h"

namespace pimjit::cli {
namespace {

std::string source_text(const Provenance& provenance) {
  return cat(provenance.source, " (", to_string(provenance.confidence), ")");
}

// The manifest's, or else the description's.
std::string summary_of(const PluginFile& file) {
  if (!file.manifest.summary.empty()) return file.manifest.summary;
  const Result<TargetDesc> target = load_target(file.description_path);
  return target ? target->summary : "";
}

std::string end_of_link(const TargetDesc& target, int end) {
  return end == kHost ? "host" : target.scopes[static_cast<size_t>(end)].name;
}

std::string levels_text(const TargetDesc& target) {
  std::vector<std::vector<std::string>> rows{{"level", "count", "kind", "barrier", "source"}};
  for (const Level& level : target.levels) {
    rows.push_back({level.name, std::to_string(level.count), to_string(level.kind),
                    level.barrier ? "yes" : "no", source_text(level.provenance)});
  }
  return table(rows, "lrlll", "    ");
}

std::string scopes_text(const TargetDesc& target) {
  std::vector<std::vector<std::string>> rows{
      {"scope", "at", "capacity", "granule", "host", "elements", "source"}};
  for (const Scope& scope : target.scopes) {
    const std::string at =
        scope.level < 0 ? "device" : target.levels[static_cast<size_t>(scope.level)].name;
    rows.push_back({scope.name, at, readable_bytes(scope.capacity), readable_bytes(scope.granule),
                    to_string(scope.host),
                    !scope.element_access  ? "none"
                    : scope.element_writes ? "read, write"
                                           : "read",
                    source_text(scope.provenance)});
  }
  return table(rows, "llrrlll", "    ");
}

std::string links_text(const TargetDesc& target) {
  std::vector<std::vector<std::string>> rows{{"link", "from", "to", "bytes", "multiple", "source"}};
  for (const Link& link : target.links) {
    const std::string largest =
        link.max_bytes == INT64_MAX ? "any" : std::to_string(link.max_bytes);
    rows.push_back({link.name, end_of_link(target, link.from), end_of_link(target, link.to),
                    cat(link.min_bytes, "..", largest), std::to_string(link.multiple),
                    source_text(link.provenance)});
  }
  return table(rows, "lllrrl", "    ");
}

std::string types_text(const TargetDesc& target) {
  std::vector<std::string> types;
  for (const auto& [dtype, numerics] : target.numerics) types.emplace_back(to_string(dtype));
  return cat("    types ", join(types, " "), "; times ", to_string(target.origin), "\n");
}

// Loads nothing: the description as its file has it.
Status show_target(const PluginFile& file, bool verbose) {
  const Result<TargetDesc> target = load_target(file.description_path);
  if (!target) {
    print(cat(bold(file.manifest.id), "  ", red("unusable"), ": ", target.error().what, "\n"));
    return {};
  }
  print(cat(bold(file.manifest.id), "  ", summary_of(file), "\n"));
  if (!verbose) return {};
  print(cat("    ", file.manifest_path, "\n", types_text(*target)));
  print(cat("\n", levels_text(*target), "\n", scopes_text(*target), "\n", links_text(*target),
            "\n    structure ", structure_key(*target), "\n\n"));
  return {};
}

std::string discovery_json(const Discovery& discovery) {
  std::vector<std::string> found, skipped, folders;
  for (const PluginFile& file : discovery.found) {
    found.push_back(JsonObject()
                        .add("id", file.manifest.id)
                        .add("summary", summary_of(file))
                        .add("manifest", file.manifest_path)
                        .add("library", file.library_path)
                        .text());
  }
  for (const SkippedPath& path : discovery.skipped) {
    skipped.push_back(
        JsonObject().add("path", path.path).add_text("reason", json_of(path.reason)).text());
  }
  for (const std::string& folder : discovery.directories) folders.push_back(json(folder));
  return JsonObject()
      .add_text("targets", json_array(found))
      .add_text("skipped", json_array(skipped))
      .add_text("folders", json_array(folders))
      .text();
}

Status show_targets(const std::vector<std::string>& plugins, bool verbose, bool as_json) {
  const Discovery discovery = discover_plugins(plugins);
  if (as_json) {
    print(discovery_json(discovery) + "\n");
    return {};
  }
  for (const PluginFile& file : discovery.found) {
    if (Status shown = show_target(file, verbose); !shown) return shown;
  }
  if (discovery.found.empty()) print("no targets\n");
  if (verbose || discovery.found.empty()) {
    print("folders searched:\n");
    for (const std::string& folder : discovery.directories) print(cat("  ", folder, "\n"));
    if (discovery.directories.empty()) print("  none; set PIMJIT_PLUGIN_PATH or give --plugin\n");
  }
  if (!discovery.skipped.empty()) print("skipped:\n");
  for (const SkippedPath& path : discovery.skipped) {
    print(cat("  ", path.path, ": ", path.reason.what, "\n"));
    if (!path.reason.hint.empty()) print(cat("    hint: ", path.reason.hint, "\n"));
  }
  return {};
}

}  // namespace

void add_targets(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("targets", "List the targets that plugins offer");
  struct Options {
    std::vector<std::string> plugins;
    bool verbose = false;
  };
  auto options = std::make_shared<Options>();
  command->add_flag("-v,--verbose", options->verbose, "levels, scopes, links and their sources");
  command->add_flag("--json", chosen.json, "print one JSON object");
  add_plugin_option(command, options->plugins);
  command->callback([&chosen, options] {
    chosen.action = [&chosen, options] {
      return show_targets(options->plugins, options->verbose, chosen.json);
    };
  });
}

}  // namespace pimjit::cli
