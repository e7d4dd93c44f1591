// UPMEM machines as a target: describes them, checks and builds kernels for them. The run group is
// absent, so the core says that this plugin can only build.
#include <memory>

#include "pimjit/core/plugin_kit/simulated.h"
#include "pimjit/plugins/upmem/target/build_group.h"

namespace kit = pimjit::kit;

struct pj_plugin {
  pimjit::upmem::CodeStyle code = pimjit::upmem::CodeStyle::tuned;
};

namespace {

pj_error* create(const pj_host*, const pj_options* options, pj_plugin** out) {
  return kit::guarded([&]() -> pj_error* {
    auto plugin = std::make_unique<pj_plugin>();
    kit::Options given(options);
    if (pj_error* e = pimjit::upmem::read_code_style(given, &plugin->code)) return e;
    if (pj_error* e = given.done()) return e;
    *out = plugin.release();
    return nullptr;
  });
}
void destroy(pj_plugin* plugin) {
  delete plugin;
}

pj_error* check(pj_plugin*, const pj_kernel* kernel, pj_reasons** out) {
  return pimjit::upmem::check_slot(kernel, out);
}
pj_error* estimate(pj_plugin*, const pj_kernel* kernel, pj_counters** out) {
  return pimjit::upmem::estimate_slot(kernel, out);
}
pj_error* build_kernel(pj_plugin* plugin, const pj_kernel* kernel, const pj_options* options,
                       pj_image** out) {
  return pimjit::upmem::build_slot(kernel, plugin->code, options, out);
}

pj_plugin_api make_table() {
  pj_plugin_api api = kit::simulated_table("upmem", "upmem 1");
  api.wait = nullptr, api.query = nullptr, api.release_event = nullptr, api.counters = nullptr;
  api.create = create, api.destroy = destroy;
  api.check = check, api.estimate = estimate, api.build_kernel = build_kernel;
  return api;
}

}  // namespace

extern "C" PJ_EXPORT const pj_plugin_api* pj_plugin_query(uint32_t host_abi_major, uint32_t) {
  static const pj_plugin_api table = make_table();
  return host_abi_major == PJ_ABI_MAJOR ? &table : nullptr;
}
