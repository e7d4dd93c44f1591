// pimjit doctor: what a bug report should say.
#include <memory>
#include <thread>

#include <sys/utsname.h>
#include <unistd.h>

#include "pimjit/core/plugin/manifest.h"
#include "pimjit/core/plugin_abi.h"
#include "pimjit/core/support/text.h"
#include "pimjit/tools/pimjit/command.h"
#include "pimjit/tools/pimjit/plugins.h"
#include "pimjit/tools/pimjit/terminal.h"
#include "pimjit/version.h"

extern char** environ;

namespace pimjit::cli {
namespace {

void print_build() {
  struct utsname system = {};
  const bool known = ::uname(&system) == 0;
  print(table({{"pimjit", PIMJIT_VERSION_STRING},
               {"built with", cat(PIMJIT_COMPILER, ", ", PIMJIT_BUILD_TYPE)},
               {"plugin ABI", cat(PJ_ABI_MAJOR, ".", PJ_ABI_MINOR)},
               {"platform", platform_name()},
               {"system", known ? cat(system.sysname, " ", system.release) : "unknown"},
               {"processors", std::to_string(std::thread::hardware_concurrency())},
               {"user", cat(static_cast<int64_t>(::geteuid()))}},
              "ll"));
}

// Variables that pimjit reads, and those that change how programs are loaded and print.
void print_environment() {
  print("environment\n");
  bool any = false;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    bool shown = text.starts_with("PIMJIT_");
    for (const char* name : {"NO_COLOR=", "TERM=", "LD_LIBRARY_PATH=", "LD_PRELOAD=", "LC_ALL="}) {
      shown = shown || text.starts_with(name);
    }
    if (shown) print(cat("  ", text, "\n"));
    any = any || shown;
  }
  if (!any) print("  nothing that matters here is set\n");
}

std::string indented(const std::string& text, std::string_view indent) {
  std::string out(indent);
  for (const char c : text) {
    out += c;
    if (c == '\n') out += indent;
  }
  return out;
}

// Goes as far as a run would, opening the device included.
std::string verdict(const PluginFile& file, const Discovery& discovery) {
  const Result<OpenTarget> target = open_target(file.manifest.id, discovery, plugin_services());
  if (!target) return indented(cat("unusable: ", target.error().message()), "    ");
  const Plugin& plugin = target->plugin;
  std::string text =
      cat("    loads: ", plugin.name(), ", build ", plugin.build(), ", ABI minor ",
          plugin.abi_minor(), ", reads kernels up to version ", plugin.kernel_version(), "\n");
  if (!plugin.can_run()) return text + "    opens: no, this plugin only builds";
  const Result<Device> device = plugin.open(target->description->plugin);
  if (!device) return text + indented(cat("does not open: ", device.error().message()), "    ");
  return text + "    opens: yes";
}

Status examine(const std::vector<std::string>& plugins) {
  print_build();
  print_environment();
  const Discovery discovery = discover_plugins(plugins);
  print("plugin folders, in order of search\n");
  for (const std::string& folder : discovery.directories) print(cat("  ", folder, "\n"));
  if (discovery.directories.empty()) {
    print("  none: set PIMJIT_PLUGIN_PATH to absolute folders, or give --plugin\n");
  }
  print("plugins\n");
  for (const PluginFile& file : discovery.found) {
    print(cat("  ", bold(file.manifest.id), "  ", file.manifest_path, "\n",
              verdict(file, discovery), "\n"));
  }
  for (const SkippedPath& path : discovery.skipped) {
    print(cat("  ", path.path, "\n", indented(cat("skipped: ", path.reason.message()), "    "),
              "\n"));
  }
  if (discovery.found.empty() && discovery.skipped.empty()) print("  none found\n");
  return {};
}

}  // namespace

void add_doctor(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand(
      "doctor", "Report the build, the environment and each plugin's verdict, for bug reports");
  auto plugins = std::make_shared<std::vector<std::string>>();
  add_plugin_option(command, *plugins);
  command->callback(
      [&chosen, plugins] { chosen.action = [plugins] { return examine(*plugins); }; });
}

}  // namespace pimjit::cli
