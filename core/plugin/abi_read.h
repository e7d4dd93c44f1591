#ifndef PIMJIT_CORE_PLUGIN_ABI_READ_H_
#define PIMJIT_CORE_PLUGIN_ABI_READ_H_

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "pimjit/core/plugin/plugin.h"
#include "pimjit/core/plugin/plugin_state.h"
#include "pimjit/core/plugin_abi.h"
#include "pimjit/core/support/error.h"

namespace pimjit {

// Reading what a plugin wrote: nothing in it is trusted beyond its pointers.

// The struct with the fields that lie beyond its struct_size set to zero, as if a plugin of another
// minor version had never heard of them.
template <typename Struct>
Struct read_struct(const Struct& from) {
  Struct to = {};
  std::memcpy(&to, &from, std::min<size_t>(from.struct_size, sizeof(Struct)));
  to.struct_size = sizeof(Struct);
  return to;
}

// An empty struct for the plugin to fill; struct_size tells it how much room there is.
template <typename Struct>
Struct out_struct() {
  Struct out = {};
  out.struct_size = sizeof(Struct);
  return out;
}

// The text, with bytes that are not UTF-8 replaced by '?'. A null or absurdly long text is "".
std::string read_text(const pj_text& text);

// Frees `error` and returns it as an Error whose `where` names the plugin and its function. Codes:
// docs/plugins.md, "Errors". `from_options`: the call took options of the user's, so that
// PJ_INVALID_ARGUMENT is the user's mistake.
Error take_error(pj_error* error, const PluginState& plugin, const char* function,
                 bool from_options = false);

// The error of a plugin that answers what the ABI rules out.
Error misbehaves(const PluginState& plugin, const char* function, std::string what);
// The error of a null slot.
Error unsupported(const PluginState& plugin, const char* function);

const char* to_string(pj_code code);

// Copies of lists; nonsense counts, strides or null items are errors.
Result<std::vector<PluginReason>> read_reasons(const pj_reasons& list, const PluginState& plugin,
                                               const char* function);
Result<std::vector<PluginCounter>> read_counters(const pj_counters& list, const PluginState& plugin,
                                                 const char* function);

}  // namespace pimjit

#endif  // PIMJIT_CORE_PLUGIN_ABI_READ_H_
