// A machine that works on host memory in place (tests/targets/direct.toml), linked into this
// program: no copies, and the whole machine is one unit.
#include <cstdlib>
#include <mutex>
#include <set>

#include <gtest/gtest.h>

#include "pimjit/build_paths.h"
#include "pimjit/core/plugin/conformance.h"
#include "pimjit/core/plugin/plugin.h"
#include "pimjit/core/plugin_kit/simulated.h"

struct pj_plugin {};
struct pj_device {
  std::mutex mutex;
  std::set<void*> blocks;
};
struct pj_module {
  std::unique_ptr<pimjit::kit::Evaluator> program;
  std::vector<uint8_t> locals;  // buffers that kernels keep in host memory
};

namespace pimjit {
namespace {

constexpr uint64_t kRegisterBytes = 2048;
constexpr uint64_t kCapacity = uint64_t{1} << 30;

class Memory final : public kit::UnitMemory {
 public:
  bool load(const kit::Place& from, void* to, uint64_t bytes) override {
    std::memcpy(to, at(from), bytes);
    return true;
  }
  bool store(const kit::Place& to, const void* from, uint64_t bytes) override {
    std::memcpy(at(to), from, bytes);
    return true;
  }
  bool copy(int, const kit::Place& to, const kit::Place& from, uint64_t bytes) override {
    std::memcpy(at(to), at(from), bytes);
    return true;
  }

 private:
  uint8_t* at(const kit::Place& place) {
    if (place.scope == 0) return reinterpret_cast<uint8_t*>(place.offset);
    return registers_.data() + static_cast<uint64_t>(place.instance) * kRegisterBytes +
           place.offset;
  }
  std::vector<uint8_t> registers_ = std::vector<uint8_t>(4 * kRegisterBytes);
};

pj_error* create(const pj_host*, const pj_options* options, pj_plugin** out) {
  return kit::guarded([&]() -> pj_error* {
    if (pj_error* e = kit::Options(options).done()) return e;
    *out = new pj_plugin;
    return nullptr;
  });
}

pj_error* alloc(pj_device* device, uint32_t scope, uint64_t bytes, uint64_t alignment,
                pj_memory* out) {
  const std::lock_guard lock(device->mutex);
  if (scope > 1) return kit::error(PJ_OUT_OF_RANGE, "there is no such scope");
  if (scope == 1) return kit::error(PJ_UNSUPPORTED, "the host cannot reach registers");
  if ((alignment & (alignment - 1)) != 0)
    return kit::error(PJ_INVALID_ARGUMENT, "the alignment is no power of two");
  if (bytes > kCapacity) return kit::error(PJ_OUT_OF_MEMORY, "more than there is");
  void* block = nullptr;
  if (::posix_memalign(&block, std::max<uint64_t>(alignment, 64), std::max<uint64_t>(bytes, 1)) !=
      0) {
    return kit::error(PJ_OUT_OF_MEMORY, "the host has no memory left");
  }
  device->blocks.insert(block);
  const auto address = reinterpret_cast<uint64_t>(block);
  kit::write(pj_memory{sizeof(pj_memory), 0, address, address, bytes, block}, out);
  return nullptr;
}
pj_error* free_memory(pj_device* device, const pj_memory* memory) {
  const std::lock_guard lock(device->mutex);
  void* block = reinterpret_cast<void*>(memory->handle);
  if (device->blocks.erase(block) == 0) return kit::error(PJ_INVALID_ARGUMENT, "no such memory");
  std::free(block);
  return nullptr;
}

pj_error* load(pj_device*, const void* image, uint64_t size, pj_module** out) {
  return kit::guarded([&]() -> pj_error* {
    auto module = std::make_unique<pj_module>();
    if (pj_error* e = kit::read_program(image, size, -1, &module->program)) return e;
    module->locals.resize(module->program->local_end(0) + 64);
    const auto start = (reinterpret_cast<uint64_t>(module->locals.data()) + 63) / 64 * 64;
    module->program = std::make_unique<kit::Evaluator>(module->program->kernel(), -1,
                                                       std::vector<uint64_t>{start});
    *out = module.release();
    return nullptr;
  });
}

pj_error* launch(pj_device* device, const pj_launch* request, pj_event** out) {
  return kit::guarded([&]() -> pj_error* {
    const std::lock_guard lock(device->mutex);
    kit::UnitLaunch how;
    how.program = request->module->program.get();
    how.unit_memory = [](uint64_t) { return std::make_unique<Memory>(); };
    how.cost_ns = [](const kit::Counters& counters) {
      return static_cast<double>(counters.operations()) / 3;
    };
    kit::FinishedEvent event;
    if (pj_error* e = kit::launch_units(*request, how, &event)) return e;
    *out = kit::make_event(std::move(event));
    return nullptr;
  });
}

pj_plugin_api make_table() {
  pj_plugin_api api = kit::simulated_table("direct", "1");
  api.create = create;
  api.destroy = [](pj_plugin* plugin) { delete plugin; };
  api.check = [](pj_plugin*, const pj_kernel* kernel, pj_reasons** out) {
    return kit::check_program(kernel, -1, nullptr, out);
  };
  api.build_kernel = [](pj_plugin*, const pj_kernel* kernel, const pj_options*, pj_image** out) {
    return kit::build_program(kernel, -1, nullptr, out);
  };
  api.open = [](pj_plugin*, const pj_options*, pj_device** out) -> pj_error* {
    *out = new pj_device;
    return nullptr;
  };
  api.close = [](pj_device* device) { delete device; };
  api.alloc = alloc;
  api.free_memory = free_memory;
  api.load = load;
  api.unload = [](pj_module* module) { delete module; };
  api.launch = launch;
  return api;
}

TEST(DirectMachine, Conforms) {
  const auto target = load_target(PIMJIT_SOURCE_DIR "/tests/targets/direct.toml");
  ASSERT_TRUE(target) << target.error().message();
  const pj_plugin_api api = make_table();
  const auto plugin = make_plugin(&api);
  ASSERT_TRUE(plugin) << plugin.error().message();
  const auto report = check_plugin(*plugin, *target);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_TRUE(report->ok()) << report->text();
  bool barrier = false;
  for (const CheckResult& check : report->checks) {
    barrier |= check.name == "barrier_core" && check.outcome == CheckOutcome::pass;
  }
  EXPECT_TRUE(barrier) << report->text();
}

}  // namespace
}  // namespace pimjit
