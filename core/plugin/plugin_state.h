#ifndef PIMJIT_CORE_PLUGIN_PLUGIN_STATE_H_
#define PIMJIT_CORE_PLUGIN_PLUGIN_STATE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pimjit/core/plugin/plugin.h"
#include "pimjit/core/plugin_abi.h"

namespace pimjit {

// What the handles of plugin.h and device.h share. Each state owns one object of the plugin and the
// state it came from, so that objects are released in the order the ABI asks for.

struct PluginState {
  pj_plugin_api api = {};  // the plugin's table, with what lies beyond its struct_size zero
  std::string name, build, path;
  HostServices services;
  pj_host host = {};
  pj_plugin* handle = nullptr;
  PluginState() = default;
  PluginState(const PluginState&) = delete;
  PluginState& operator=(const PluginState&) = delete;
  ~PluginState();

  // "plugin 'x' (path), function()".
  std::string place(const char* function) const;
  void warn(std::string_view text) const;
};

struct DeviceState {
  std::shared_ptr<PluginState> plugin;
  pj_device* handle = nullptr;
  DeviceState() = default;
  DeviceState(const DeviceState&) = delete;
  DeviceState& operator=(const DeviceState&) = delete;
  ~DeviceState();
};

// The ABI's options, pointing into `options`, which must outlive them and stay unchanged.
class OptionList {
 public:
  explicit OptionList(const PluginOptions& options);
  const pj_options* get() const { return &list_; }

 private:
  std::vector<pj_option> items_;
  pj_options list_ = {};
};

pj_text as_text(std::string_view text);

}  // namespace pimjit

#endif  // PIMJIT_CORE_PLUGIN_PLUGIN_STATE_H_
