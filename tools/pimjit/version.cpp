// pimjit version: what this build is, and the versions of everything that is stored or crosses to a
// plugin.
#include "pimjit/version.h"

#include <memory>

#include "pimjit/core/ir/serialize.h"
#include "pimjit/core/plugin/manifest.h"
#include "pimjit/core/plugin_abi.h"
#include "pimjit/core/support/hash.h"
#include "pimjit/core/support/text.h"
#include "pimjit/tools/pimjit/command.h"
#include "pimjit/tools/pimjit/json.h"
#include "pimjit/tools/pimjit/terminal.h"

namespace pimjit::cli {
namespace {

Status show_versions(bool all, bool as_json) {
  const std::string abi = cat(PJ_ABI_MAJOR, ".", PJ_ABI_MINOR);
  if (as_json) {
    JsonObject object;
    object.add("pimjit", PIMJIT_VERSION_STRING)
        .add("plugin_abi", abi)
        .add("kernel_format", int64_t{kKernelFormatVersion})
        .add("hash", int64_t{kHashVersion})
        .add("platform", platform_name())
        .add("compiler", PIMJIT_COMPILER)
        .add("build_type", PIMJIT_BUILD_TYPE);
    print(object.text() + "\n");
    return {};
  }
  print("pimjit " PIMJIT_VERSION_STRING "\n");
  if (!all) return {};
  print(table({{"plugin ABI", abi},
               {"kernel format", std::to_string(kKernelFormatVersion)},
               {"hash", std::to_string(kHashVersion)},
               {"platform", platform_name()},
               {"compiler", PIMJIT_COMPILER},
               {"build type", PIMJIT_BUILD_TYPE}},
              "ll"));
  return {};
}

}  // namespace

void add_version(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("version", "Print the version; --all: of every format");
  auto all = std::make_shared<bool>(false);
  command->add_flag("--all", *all, "plugin ABI, kernel format, hashes, compiler");
  command->add_flag("--json", chosen.json, "print one JSON object");
  command->callback([&chosen, all] {
    chosen.action = [&chosen, all] { return show_versions(*all, chosen.json); };
  });
}

}  // namespace pimjit::cli
