#include "pimjit/core/plugin_abi.h"

// Supports no host at all.
extern "C" PJ_EXPORT const pj_plugin_api* pj_plugin_query(uint32_t, uint32_t) {
  return nullptr;
}
