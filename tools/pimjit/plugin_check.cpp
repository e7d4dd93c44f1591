// pimjit plugin-check: holds a plugin to docs/plugins.md.
#include <filesystem>
#include <memory>

#include "pimjit/core/plugin/conformance.h"
#include "pimjit/core/plugin/manifest.h"
#include "pimjit/core/support/text.h"
#include "pimjit/tools/pimjit/command.h"
#include "pimjit/tools/pimjit/json.h"
#include "pimjit/tools/pimjit/plugins.h"
#include "pimjit/tools/pimjit/terminal.h"

namespace pimjit::cli {
namespace {

namespace fs = std::filesystem;

// A target string, or the path of a manifest, or of a folder that holds just one.
Result<OpenTarget> open_named(const std::string& name, std::vector<std::string> plugins) {
  std::error_code error;
  if (name.find('/') == std::string::npos && manifest_stem(name).empty()) {
    Result<OpenTarget> target = open_chosen_target(name, plugins);
    if (target || target.error().code != "unknown_target" || !fs::exists(name, error))
      return target;
    Error unknown = target.error();
    unknown.hint = cat("for the file or folder of that name write ./", name);
    return fail(std::move(unknown));
  }
  if (!fs::exists(name, error)) {
    return fail(user_error("missing_file", cat("there is no '", name, "'"), {},
                           "give a target's name, a manifest, or a folder with one"));
  }
  plugins.insert(plugins.begin(), name);
  const Discovery discovery = discover_plugins({name});
  for (const SkippedPath& skipped : discovery.skipped) {
    if (skipped.asked_for) return fail(skipped.reason);
  }
  const std::string manifest = fs::canonical(name, error).string();
  std::vector<std::string> ids;
  for (const PluginFile& file : discovery.found) {
    const std::string folder = fs::path(file.manifest_path).parent_path().string();
    if (file.manifest_path == manifest || folder == manifest) ids.push_back(file.manifest.id);
  }
  if (ids.size() == 1) return open_target(ids.front(), discovery, plugin_services());
  return fail(user_error("no_target",
                         cat("'", name, "' has ", ids.size(), " manifests; one is wanted"),
                         ids.empty() ? "" : cat("targets there: ", join(ids, ", "))));
}

std::string report_json(const ConformanceReport& report) {
  std::vector<std::string> checks;
  for (const CheckResult& check : report.checks) {
    checks.push_back(
        JsonObject()
            .add("group", check.group)
            .add("name", check.name)
            .add("outcome", check.outcome == CheckOutcome::fail ? "fail" : to_string(check.outcome))
            .add("reason", check.reason)
            .text());
  }
  return JsonObject()
      .add("plugin", report.plugin)
      .add("build", report.build)
      .add("target", report.target)
      .add("passed", int64_t{report.count(CheckOutcome::pass)})
      .add("failed", int64_t{report.count(CheckOutcome::fail)})
      .add("skipped", int64_t{report.count(CheckOutcome::skipped)})
      .add_text("checks", json_array(checks))
      .text();
}

Status check(const std::string& name, const std::vector<std::string>& plugins, Chosen& chosen) {
  const Result<OpenTarget> target = open_named(name, plugins);
  if (!target) return fail(target.error());
  const Result<ConformanceReport> report = check_plugin(target->plugin, *target->description);
  if (!report) return fail(report.error());
  print((chosen.json ? report_json(*report) : report->text()) + "\n");
  chosen.answered = true;
  if (report->ok()) return {};
  std::vector<std::string> failed;
  for (const CheckResult& result : report->checks) {
    if (result.outcome == CheckOutcome::fail) {
      failed.push_back(cat(result.group, "/", result.name, ": ", result.reason));
    }
  }
  return fail(target_error("plugin_check_failed",
                           cat("plugin ", report->plugin, " fails ", failed.size(), " of ",
                               report->checks.size(), " checks"),
                           join(failed, "\n  "), "docs/plugins.md states what each check wants"));
}

}  // namespace

void add_plugin_check(CLI::App& app, Chosen& chosen) {
  CLI::App* command =
      app.add_subcommand("plugin-check", "Hold a plugin to the contract of docs/plugins.md");
  struct Options {
    std::string name;
    std::vector<std::string> plugins;
  };
  auto options = std::make_shared<Options>();
  command->add_option("name", options->name, "a target, a manifest, or a folder with one")
      ->type_name("TARGET|PATH")
      ->required();
  command->add_flag("--json", chosen.json, "print one JSON object");
  add_plugin_option(command, options->plugins);
  command->callback([&chosen, options] {
    chosen.action = [&chosen, options] { return check(options->name, options->plugins, chosen); };
  });
}

}  // namespace pimjit::cli
