#ifndef PIMJIT_CORE_PLUGIN_PLUGIN_H_
#define PIMJIT_CORE_PLUGIN_PLUGIN_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pimjit/core/plugin/device.h"
#include "pimjit/core/plugin_abi.h"
#include "pimjit/core/support/error.h"

namespace pimjit {

struct PluginState;

// key=value pairs of a target string and of the [plugin] table of a description.
using PluginOptions = std::map<std::string, std::string>;

enum class PluginLogLevel { debug = 0, info = 1, warning = 2, error = 3 };

// What the host lends a plugin besides memory (the aligned heap of this process). Both may be
// empty. They are called from any thread of the plugin, several at once, until the last handle made
// from the Plugin is gone; they must not throw and must not call the plugin.
struct HostServices {
  std::function<void(PluginLogLevel, std::string_view)> log;
  std::function<bool()> cancelled;
};

// Why a kernel cannot run on a target.
struct PluginReason {
  std::string code, place;
  int64_t have = 0, limit = 0;
  std::string message;
};

// The answer of build(): an image, or the reasons why there is none. A value, independent of the
// plugin.
struct Image {
  std::vector<std::byte> bytes;
  std::string log;
  std::vector<PluginCounter> counters;
  std::vector<PluginReason> reasons;
  bool accepted() const { return reasons.empty(); }
};

// A loaded and configured plugin. A cheap handle: copies share one pj_plugin, which is destroyed
// when the last Plugin, Device, Module, Event and DeviceMemory that came from it is gone. The
// library itself stays mapped. All member functions may be called from several threads. A handle is
// only made by the functions below and is never empty.
//
// Errors of member functions have origin target, or user where the plugin refuses an option. A
// function that the plugin does not have gives the error "unsupported"; an answer that breaks the
// ABI gives "plugin_misbehaves".
class Plugin {
 public:
  const std::string& name() const;
  const std::string& build() const;    // identifies the plugin's build; part of cache keys
  const std::string& path() const;     // of the library; empty when linked in
  uint32_t kernel_version() const;     // the highest version of serialised kernels it reads
  uint32_t abi_minor() const;          // in force: the smaller of both sides'
  bool can_run() const;                // whether it can open devices at all
  const pj_plugin_api& table() const;  // functions it lacks are null

  // The description's text adapted to options and machine; `file_text` itself when the plugin does
  // not adapt it.
  Result<std::string> describe(std::string_view file_text) const;
  // Cheap bounds: empty when nothing speaks against the kernel.
  Result<std::vector<PluginReason>> check(std::span<const std::byte> kernel) const;
  // Cheap cost features of a kernel, by name.
  Result<std::vector<PluginCounter>> estimate(std::span<const std::byte> kernel) const;
  Result<Image> build_kernel(std::span<const std::byte> kernel,
                             const PluginOptions& options = {}) const;
  Result<Device> open(const PluginOptions& options = {}) const;

  pj_plugin* handle() const;  // for code that speaks the ABI itself

 private:
  explicit Plugin(std::shared_ptr<PluginState> state) : state_(std::move(state)) {}
  friend Result<Plugin> make_plugin(const pj_plugin_api*, const PluginOptions&, HostServices);
  friend Result<Plugin> load_plugin(const std::string&, const PluginOptions&, HostServices);
  std::shared_ptr<PluginState> state_;
};

// Loads the library at `path` (a path, not a bare name) and creates a plugin from it. The file is
// opened once, checked through its descriptor (a regular file that only its owner can write, owned
// by this user or root; a shared library for this machine) and loaded through the same descriptor.
// Errors, target: plugin_missing, plugin_unsafe, plugin_not_a_library, plugin_wrong_architecture,
// plugin_not_a_plugin, plugin_unloadable, plugin_version, plugin_misbehaves, and what
// create() says.
Result<Plugin> load_plugin(const std::string& path, const PluginOptions& options = {},
                           HostServices services = {});

// A plugin that is linked into this process. `api` must outlive it.
Result<Plugin> make_plugin(const pj_plugin_api* api, const PluginOptions& options = {},
                           HostServices services = {});

}  // namespace pimjit

#endif  // PIMJIT_CORE_PLUGIN_PLUGIN_H_
