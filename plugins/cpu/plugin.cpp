// The host's own cores as a target. The device is this process: its memory is host memory, a
// memory's base is its address, and a launch runs the instances of the kernel on a team of threads.
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <set>

#include "pimjit/core/plugin_kit/kernel_reader.h"
#include "pimjit/jit/parallel/parallel_for.h"
#include "pimjit/plugins/cpu/image.h"
#include "pimjit/plugins/cpu/machine.h"

namespace kit = pimjit::kit;

struct pj_plugin {
  pimjit::Engine engine;
  int threads = 0;
  std::mutex mutex;
  std::string description;  // the last one adapted
};
struct pj_device {
  explicit pj_device(const pj_plugin& plugin) : engine(plugin.engine), team(plugin.threads) {}
  pimjit::Engine engine;
  pimjit::ThreadTeam team;
  std::mutex mutex;          // of what follows
  std::set<uint64_t> owned;  // blocks by address
  std::multiset<uint64_t> imported;
};
struct pj_module {
  std::unique_ptr<pimjit::cpu::Program> program;
};

namespace {

constexpr uint32_t kMemory = 0, kScopes = 3;  // as they stand in cpu.toml
constexpr uint64_t kCapacity = uint64_t{1} << 40;

pj_error* create(const pj_host*, const pj_options* options, pj_plugin** out) {
  return kit::guarded([&]() -> pj_error* {
    kit::Options given(options);
    const auto threads = static_cast<int>(given.integer("threads", 0, 0, 1024));
    if (pj_error* e = given.done()) return e;
    auto engine = pimjit::Engine::create();
    if (!engine) return kit::error(PJ_INTERNAL, engine.error().message());
    *out = new pj_plugin{std::move(*engine), threads, {}, {}};
    return nullptr;
  });
}

pj_error* describe(pj_plugin* plugin, pj_text file_text, pj_text* out) {
  return kit::guarded([&]() -> pj_error* {
    pimjit::cpu::Machine machine = pimjit::cpu::this_machine();
    if (plugin->threads > 0) machine.threads = plugin->threads;
    std::string adapted = pimjit::cpu::adapt_description(kit::string_of(file_text), machine);
    const std::lock_guard lock(plugin->mutex);
    plugin->description = std::move(adapted);
    *out = kit::text(plugin->description);
    return nullptr;
  });
}

// ---- building ----
pj_error* read(const pj_kernel* kernel, kit::Kernel& to) {
  const std::string wrong = kit::read_kernel(kernel->bytes, kernel->size, to);
  return wrong.empty() ? nullptr : kit::error(PJ_BAD_KERNEL, wrong);
}

// Option "dump": the log shows the code as LLVM IR (llvm) or assembly (asm).
pj_error* build_kernel(pj_plugin*, const pj_kernel* given, const pj_options* given_options,
                       pj_image** out) {
  return kit::guarded([&]() -> pj_error* {
    kit::Options options(given_options);
    const std::string dump = options.text("dump", "");
    if (pj_error* e = options.done()) return e;
    if (!dump.empty() && dump != "llvm" && dump != "asm")
      return kit::error(PJ_INVALID_ARGUMENT, "dump: '" + dump + "' is neither llvm nor asm");
    kit::Kernel kernel;
    if (pj_error* e = read(given, kernel)) return e;
    auto module = pimjit::emit_kernel(kernel, "run", {.fused = true});
    if (!module && module.error().code == "unsupported_kernel") {
      *out = kit::make_rejection({{module.error().code, kernel.name, 0, 0, module.error().what}});
      return nullptr;
    }
    if (!module) return kit::error(PJ_INTERNAL, module.error().message());
    pimjit::CompileOptions compile_options;
    compile_options.keep_ir = dump == "llvm";
    compile_options.keep_assembly = dump == "asm";
    auto object = pimjit::compile(std::move(*module), compile_options);
    if (!object) return kit::error(PJ_INTERNAL, object.error().message());
    *out = kit::make_image(pimjit::cpu::write_image(given->bytes, given->size, object->bytes),
                           dump == "llvm" ? object->ir : object->assembly);
    return nullptr;
  });
}

// ---- memory ----
pj_error* alloc(pj_device* device, uint32_t scope, uint64_t bytes, uint64_t alignment,
                pj_memory* out) {
  return kit::guarded([&]() -> pj_error* {
    if (scope >= kScopes)
      return kit::error(PJ_OUT_OF_RANGE, "there is no scope " + std::to_string(scope));
    if (scope != kMemory) return kit::error(PJ_UNSUPPORTED, "kernels alone use the cores' scopes");
    if ((alignment & (alignment - 1)) != 0) {
      return kit::error(PJ_INVALID_ARGUMENT, "an alignment of " + std::to_string(alignment) +
                                                 ", which is no power of two");
    }
    void* block = nullptr;
    if (bytes > kCapacity || ::posix_memalign(&block, std::max<uint64_t>(alignment, 64),
                                              std::max<uint64_t>(bytes, 1)) != 0) {
      return kit::error(PJ_OUT_OF_MEMORY,
                        "the host has no " + std::to_string(bytes) + " bytes left");
    }
    const auto address = reinterpret_cast<uint64_t>(block);
    const std::lock_guard lock(device->mutex);
    device->owned.insert(address);
    kit::write(pj_memory{sizeof(pj_memory), kMemory, address, address, bytes, block}, out);
    return nullptr;
  });
}

pj_error* import_host(pj_device* device, void* address, uint64_t bytes, pj_memory* out) {
  return kit::guarded([&]() -> pj_error* {
    const auto base = reinterpret_cast<uint64_t>(address);
    const std::lock_guard lock(device->mutex);
    device->imported.insert(base);
    kit::write(pj_memory{sizeof(pj_memory), kMemory, base, base, bytes, address}, out);
    return nullptr;
  });
}

pj_error* free_memory(pj_device* device, const pj_memory* memory) {
  const std::lock_guard lock(device->mutex);
  if (device->owned.erase(memory->handle) != 0) {
    std::free(reinterpret_cast<void*>(memory->handle));
    return nullptr;
  }
  const auto imported = device->imported.find(memory->handle);
  if (imported == device->imported.end())
    return kit::error(PJ_INVALID_ARGUMENT, "no such memory is reserved");
  device->imported.erase(imported);
  return nullptr;
}

void close(pj_device* device) {
  for (const uint64_t address : device->owned) std::free(reinterpret_cast<void*>(address));
  delete device;
}

// ---- running ----
struct Run {
  const kit::Kernel* kernel;
  pimjit::KernelEntry* entry;
  const int64_t* arguments;
};

int run_instances(void* closure, int64_t from, int64_t to) {
  const Run& run = *static_cast<const Run*>(closure);
  const auto& levels = run.kernel->levels;
  std::vector<unsigned char*> scopes(run.kernel->scopes.size(), nullptr);  // bases are addresses
  std::vector<int64_t> position(levels.size(), 0);
  for (int64_t instance = from; instance < to; ++instance) {
    int64_t rest = instance;
    for (size_t l = levels.size(); l-- > 0; rest /= levels[l].count)
      position[l] = rest % levels[l].count;
    run.entry(scopes.data(), run.arguments, position.data());
  }
  return 0;
}

pj_error* check_launch(const pj_launch& launch, const kit::Evaluator& kernel,
                       const std::vector<int64_t>& arguments) {
  if (pj_error* e = kit::check_units(launch.units, 1)) return e;
  if (launch.constant_count != 0)
    return kit::error(PJ_INVALID_ARGUMENT, "kernels of version 1 declare no constants");
  const std::string wrong = kernel.check_arguments(arguments);
  return wrong.empty() ? nullptr : kit::error(PJ_INVALID_ARGUMENT, wrong);
}

pj_error* launch(pj_device* device, const pj_launch* given, pj_event** out) {
  return kit::guarded([&]() -> pj_error* {
    const pj_launch request = kit::read(*given);
    const pimjit::cpu::Program& program = *request.module->program;
    std::vector<int64_t> arguments(request.arguments, request.arguments + request.argument_count);
    if (pj_error* e = check_launch(request, *program.kernel, arguments)) return e;
    kit::FinishedEvent event;
    event.origin = PJ_MEASURED;
    event.failure = kit::failure_of(request.after);
    if (event.failure == nullptr && request.units.count != 0) {
      Run run{&program.kernel->kernel(), program.entry, arguments.data()};
      const auto start = std::chrono::steady_clock::now();
      if (pimjit::pimjit_parallel_for(&device->team, 0, program.kernel->instances(), 1,
                                      run_instances, &run) != 0) {
        return kit::error(PJ_OUT_OF_MEMORY, "no threads could be had");
      }
      event.duration_ns =
          std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start)
              .count();
    }
    *out = kit::make_event(std::move(event));
    return nullptr;
  });
}

pj_error* load(pj_device* device, const void* image, uint64_t size, pj_module** out) {
  return kit::guarded([&]() -> pj_error* {
    auto module = std::make_unique<pj_module>();
    if (pj_error* e = pimjit::cpu::read_image(device->engine, image, size, &module->program))
      return e;
    *out = module.release();
    return nullptr;
  });
}

pj_plugin_api make_table() {
  pj_plugin_api api = kit::simulated_table("cpu", "cpu 1");
  api.create = create;
  api.destroy = [](pj_plugin* plugin) { delete plugin; };
  api.describe = describe;
  api.build_kernel = build_kernel;
  api.open = [](pj_plugin* plugin, const pj_options*, pj_device** out) {
    return kit::guarded([&]() -> pj_error* {
      *out = new pj_device(*plugin);
      return nullptr;
    });
  };
  api.close = close;
  api.alloc = alloc, api.free_memory = free_memory, api.import_host = import_host;
  api.load = load;
  api.unload = [](pj_module* module) { delete module; };
  api.launch = launch;
  return api;
}

}  // namespace

extern "C" PJ_EXPORT const pj_plugin_api* pj_plugin_query(uint32_t host_abi_major, uint32_t) {
  static const pj_plugin_api table = make_table();
  return host_abi_major == PJ_ABI_MAJOR ? &table : nullptr;
}
