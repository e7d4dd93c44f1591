#include "pimjit/core/plugin_abi.h"

// Speaks a major version that does not exist, and does not look at the host's.
extern "C" PJ_EXPORT const pj_plugin_api* pj_plugin_query(uint32_t, uint32_t) {
  static const pj_plugin_api table = [] {
    pj_plugin_api api = {};
    api.struct_size = sizeof api;
    api.abi_major = 9;
    api.abi_minor = 2;
    api.name = {sizeof(pj_text), 11, "other_major"};
    return api;
  }();
  return &table;
}
