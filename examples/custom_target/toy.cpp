// A toy machine as a pimjit target; start here to write your own. toy.toml says what the machine
// is, and this file pretends to be it: memory is arrays, the "compiler" keeps kernels as they are,
// the kit's evaluator runs them. docs/plugins.md tells what each function has to do. On real
// hardware, replace Memory, build_kernel and the run group.
#include <cstdlib>
#include <mutex>

#include "pimjit/core/plugin_kit/simulated.h"

namespace kit = pimjit::kit;

// ---- the machine, as toy.toml describes it ----
constexpr uint64_t kUnits = 64;
constexpr uint64_t kThreads = 8;
constexpr uint64_t kBankBytes = 1 << 20;
constexpr uint64_t kScratchBytes = 4096;
constexpr int kBank = 0, kScratch = 1;  // scopes and levels are numbered as they stand in toy.toml
constexpr int kUnitLevel = 0;

// ---- what stands behind the handles of the ABI ----
struct pj_plugin {
  const pj_host* host;
};
struct pj_module {
  std::unique_ptr<kit::Evaluator> program;
};
struct pj_device {
  const pj_host* host = nullptr;
  std::mutex mutex;  // calls come from several threads
  kit::Arena arena{kBankBytes, 8};
  std::unique_ptr<uint8_t, decltype(&std::free)> banks{nullptr, &std::free};
  double now_ns = 0;  // the machine's own time line

  uint8_t* bank(uint64_t unit) { return banks.get() + unit * kBankBytes; }
  // Everything happens at once here: an event has finished when it is made.
  pj_event* finish(kit::FinishedEvent event) {
    event.start_ns = now_ns;
    now_ns += event.duration_ns;
    return kit::make_event(std::move(event));
  }
};

namespace {

// What a running unit sees. The evaluator asks for bytes; the machine's rules are enforced here.
class Memory final : public kit::UnitMemory {
 public:
  explicit Memory(uint8_t* bank) : bank_(bank) {}

  bool load(const kit::Place& from, void* to, uint64_t bytes) override {
    if (from.scope != kScratch || !exists(from, bytes))
      return refuse("the kernel loads where it cannot");
    std::memcpy(to, scratch_ + from.offset, bytes);
    return true;
  }
  bool store(const kit::Place& to, const void* from, uint64_t bytes) override {
    if (to.scope != kScratch || !exists(to, bytes))
      return refuse("the kernel stores where it cannot");
    std::memcpy(scratch_ + to.offset, from, bytes);
    return true;
  }
  bool copy(int, const kit::Place& to, const kit::Place& from, uint64_t bytes) override {
    if (bytes < 8 || bytes > 2048 || (bytes | to.offset | from.offset) % 8 != 0) {
      return refuse("a copy of " + std::to_string(bytes) + " bytes from " +
                    std::to_string(from.offset) + " to " + std::to_string(to.offset) +
                    ": not 8 to 2048 in multiples of 8");
    }
    if (!exists(to, bytes) || !exists(from, bytes))
      return refuse("the kernel copies beyond a memory's end");
    std::memcpy(at(to), at(from), bytes);
    return true;
  }

 private:
  static bool exists(const kit::Place& place, uint64_t bytes) {
    return place.offset + bytes <= (place.scope == kBank ? kBankBytes : kScratchBytes);
  }
  uint8_t* at(const kit::Place& place) {
    return (place.scope == kBank ? bank_ : scratch_) + place.offset;
  }

  uint8_t* bank_;
  uint8_t scratch_[kScratchBytes] = {};
};

// A unit issues one operation per cycle of 2.5 ns for all its threads and waits for each copy: the
// costs of toy.toml.
double unit_ns(const kit::Counters& counters) {
  double ns = 2.5 * static_cast<double>(counters.operations());
  for (size_t link = 0; link < counters.links.size(); ++link) {
    ns += (link == 0 ? 200.0 : 150.0) * static_cast<double>(counters.links[link].copies);
    ns += 1.5 * static_cast<double>(counters.links[link].bytes);
  }
  return ns;
}

// ---- building ----
std::vector<kit::Reason> reasons_against(const kit::Evaluator& program) {
  const kit::Kernel& kernel = program.kernel();
  if (kernel.levels.size() != 2 || kernel.scopes.size() != 2)
    return {{"wrong_machine", "", 0, 0, "not for a toy"}};
  std::vector<kit::Reason> reasons;
  const auto limit = [&](const char* code, const char* place, uint64_t have, uint64_t most,
                         const char* message) {
    const kit::Reason reason{code, place, static_cast<int64_t>(have), static_cast<int64_t>(most),
                             message};
    if (have > most) reasons.push_back(reason);
  };
  limit("too_many_units", "unit", program.units(), kUnits, "there are fewer units");
  limit("too_many_threads", "thread", static_cast<uint64_t>(program.instances()), kThreads,
        "there are fewer threads");
  limit("scratch_too_small", "scratch", program.local_end(kScratch), kScratchBytes,
        "local buffers do not fit");
  limit("local_in_bank", "bank", program.local_end(kBank), 0,
        "local buffers lie in the scratchpad");
  return reasons;
}
pj_error* check(pj_plugin*, const pj_kernel* kernel, pj_reasons** out) {
  return kit::check_program(kernel, kUnitLevel, reasons_against, out);
}
pj_error* build_kernel(pj_plugin*, const pj_kernel* kernel, const pj_options*, pj_image** out) {
  return kit::build_program(kernel, kUnitLevel, reasons_against, out);
}

// ---- life ----
pj_error* create(const pj_host* host, const pj_options* options, pj_plugin** out) {
  return kit::guarded([&]() -> pj_error* {
    if (pj_error* e = kit::Options(options).done()) return e;  // there are none
    *out = new pj_plugin{host};
    return nullptr;
  });
}
void destroy(pj_plugin* plugin) {
  delete plugin;
}

pj_error* open(pj_plugin* plugin, const pj_options*, pj_device** out) {
  return kit::guarded([&]() -> pj_error* {
    auto device = std::make_unique<pj_device>();
    device->host = plugin->host;
    device->banks.reset(static_cast<uint8_t*>(std::calloc(kUnits, kBankBytes)));
    if (device->banks == nullptr)
      return kit::error(PJ_OUT_OF_MEMORY, "no host memory for the banks");
    *out = device.release();
    return nullptr;
  });
}
void close(pj_device* device) {
  delete device;
}

// ---- running ----
pj_error* alloc(pj_device* device, uint32_t scope, uint64_t bytes, uint64_t alignment,
                pj_memory* out) {
  return kit::guarded([&]() -> pj_error* {
    const std::lock_guard lock(device->mutex);
    if (scope > kScratch)
      return kit::error(PJ_OUT_OF_RANGE, "there is no scope " + std::to_string(scope));
    if (scope != kBank) return kit::error(PJ_UNSUPPORTED, "the host cannot reach the scratchpads");
    return kit::alloc_in(device->arena, scope, bytes, alignment, out);
  });
}
pj_error* free_memory(pj_device* device, const pj_memory* memory) {
  const std::lock_guard lock(device->mutex);
  return kit::free_in(device->arena, *memory);
}

pj_error* load(pj_device*, const void* image, uint64_t size, pj_module** out) {
  return kit::guarded([&]() -> pj_error* {
    auto module = std::make_unique<pj_module>();
    if (pj_error* e = kit::read_program(image, size, kUnitLevel, &module->program)) return e;
    *out = module.release();
    return nullptr;
  });
}
void unload(pj_module* module) {
  delete module;
}

pj_error* copy(pj_device* device, const pj_copy* request, pj_event** out) {
  return kit::guarded([&]() -> pj_error* {
    const std::lock_guard lock(device->mutex);
    const auto bank = [&](uint64_t unit) { return device->bank(unit); };
    kit::FinishedEvent event;
    uint64_t moved = 0;
    const kit::CopyRules rules{.units = kUnits, .multiple = 8, .alignment = 8};
    if (pj_error* e = kit::copy_in(device->arena, *request, rules, bank, &event, &moved)) return e;
    if (moved > 0) {  // the costs of the links push and pull
      const double ns_per_byte = request->direction == PJ_TO_DEVICE ? 0.25 : 0.5;
      event.duration_ns = 2000 + 10 * static_cast<double>(moved / request->bytes) +
                          ns_per_byte * static_cast<double>(moved);
    }
    *out = device->finish(std::move(event));
    return nullptr;
  });
}

pj_error* launch(pj_device* device, const pj_launch* request, pj_event** out) {
  return kit::guarded([&]() -> pj_error* {
    const std::lock_guard lock(device->mutex);
    kit::UnitLaunch how;
    how.program = request->module->program.get();
    how.host = device->host;
    how.units = kUnits;
    how.unit_memory = [&](uint64_t unit) { return std::make_unique<Memory>(device->bank(unit)); };
    how.cost_ns = unit_ns;
    kit::FinishedEvent event;
    if (pj_error* e = kit::launch_units(*request, how, &event)) return e;
    *out = device->finish(std::move(event));
    return nullptr;
  });
}

pj_plugin_api make_table() {
  pj_plugin_api api =
      kit::simulated_table("toy", "toy 1");  // name as in the manifest, build as in cache keys
  api.create = create, api.destroy = destroy;
  api.check = check, api.build_kernel = build_kernel;
  api.open = open, api.close = close;
  api.alloc = alloc, api.free_memory = free_memory;
  api.load = load, api.unload = unload;
  api.copy = copy, api.launch = launch;
  return api;
}

}  // namespace

extern "C" PJ_EXPORT const pj_plugin_api* pj_plugin_query(uint32_t host_abi_major, uint32_t) {
  static const pj_plugin_api table = make_table();
  return host_abi_major == PJ_ABI_MAJOR ? &table : nullptr;
}
