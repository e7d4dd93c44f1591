#include "pimjit/core/plugin_abi.h"

// A table of a host's future: so short that even create() lies beyond its struct_size.
extern "C" PJ_EXPORT const pj_plugin_api* pj_plugin_query(uint32_t, uint32_t) {
  static const pj_plugin_api table = [] {
    pj_plugin_api api = {};
    api.struct_size = 48;
    api.abi_major = PJ_ABI_MAJOR;
    api.name = {sizeof(pj_text), 9, "no_create"};
    api.create = [](const pj_host*, const pj_options*, pj_plugin**) -> pj_error* {
      return nullptr;
    };
    return api;
  }();
  return &table;
}
