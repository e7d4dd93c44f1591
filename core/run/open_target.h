#ifndef PIMJIT_CORE_RUN_OPEN_TARGET_H_
#define PIMJIT_CORE_RUN_OPEN_TARGET_H_

#include <memory>
#include <string>

#include "pimjit/core/plugin/discovery.h"
#include "pimjit/core/plugin/plugin.h"
#include "pimjit/core/target/target_desc.h"

namespace pimjit {

// A machine to compile for and to run on: its plugin, loaded, and its description with the target
// string's options applied. Copies share the plugin.
struct OpenTarget {
  std::string name;  // canonical target string
  PluginFile file;
  std::shared_ptr<const TargetDesc> description;
  Plugin plugin;
};

// Finds the plugin that `target` ("toy", "toy:units=8") names, reads its description, applies the
// options, loads the library and lets it adapt the description. Options that the [plugin] table
// knows reach the plugin. Errors: user for an unknown or malformed target string and bad options;
// target for a plugin or description at fault. Thread-safe.
Result<OpenTarget> open_target(const std::string& target, const Discovery& discovery,
                               HostServices services = {});

// The same, looking in the folders of PIMJIT_PLUGIN_PATH only.
Result<OpenTarget> open_target(const std::string& target);

}  // namespace pimjit

#endif  // PIMJIT_CORE_RUN_OPEN_TARGET_H_
