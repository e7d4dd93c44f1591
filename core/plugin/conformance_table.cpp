#include "pimjit/core/ir/serialize.h"
#include "pimjit/core/plugin/conformance_bench.h"
#include "pimjit/core/support/text.h"

namespace pimjit::conformance {
namespace {

std::string absent(const std::vector<std::pair<const char*, bool>>& functions) {
  std::vector<std::string> names;
  for (const auto& [name, there] : functions) {
    if (!there) names.emplace_back(name);
  }
  return join(names, ", ");
}

}  // namespace

void check_table(Bench& bench) {
  const pj_plugin_api& api = bench.plugin().table();
  bench.run("table", "build", [&] {
    return bench.plugin().build().empty()
               ? failed("the table has no build: cached images could not be told apart")
               : pass();
  });
  bench.run("table", "kernel_version", [&] {
    if (api.kernel_version == 0)
      return failed("the table says that it reads no version of kernels");
    const auto newest = static_cast<uint32_t>(kKernelFormatVersion);
    return pass(
        api.kernel_version < newest ? cat("reads up to ", api.kernel_version, " of ", newest) : "");
  });
  bench.run("table", "run_group", [&] {
    if (api.open == nullptr) return skipped("the plugin can only build");
    const std::string missing = absent({{"close", api.close != nullptr},
                                        {"alloc", api.alloc != nullptr},
                                        {"free_memory", api.free_memory != nullptr},
                                        {"load", api.load != nullptr},
                                        {"unload", api.unload != nullptr},
                                        {"copy", api.copy != nullptr || bench.direct()},
                                        {"launch", api.launch != nullptr},
                                        {"wait", api.wait != nullptr},
                                        {"query", api.query != nullptr},
                                        {"release_event", api.release_event != nullptr}});
    return missing.empty() ? pass() : failed(cat("a plugin with open() lacks: ", missing));
  });
  bench.run("table", "optional", [&] {
    const std::string missing = absent({{"describe", api.describe != nullptr},
                                        {"check", api.check != nullptr},
                                        {"estimate", api.estimate != nullptr},
                                        {"import_host", api.import_host != nullptr},
                                        {"cancel", api.cancel != nullptr},
                                        {"counters", api.counters != nullptr}});
    return pass(missing.empty() ? "all there" : cat("absent: ", missing));
  });
  bench.run("table", "unknown_option", [&] {
    auto other = make_plugin(&api, {{"no_such_option", "1"}});
    return refused(other, "invalid_argument");
  });
  bench.run("table", "second_plugin", [&] {
    auto other = make_plugin(&api, bench.target().plugin);
    return other ? pass() : failed(other.error());
  });
}

}  // namespace pimjit::conformance
