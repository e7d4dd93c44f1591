// A UPMEM machine in software as a target: kernels become DPU machine code, which the machine runs.
#include <charconv>
#include <mutex>
#include <optional>

#include "pimjit/core/plugin_kit/simulated.h"
#include "pimjit/plugins/sim/machine/link_model.h"
#include "pimjit/plugins/sim/machine/machine.h"
#include "pimjit/plugins/upmem/target/build_group.h"

namespace kit = pimjit::kit;
namespace sim = pimjit::sim;
namespace upmem = pimjit::upmem;

// Scopes are numbered as they stand in sim.toml.
constexpr uint32_t kMram = 0, kWram = 1;

struct Settings {
  sim::MachineOptions machine;
  double clock_mhz = 350;
  upmem::CodeStyle code = upmem::CodeStyle::tuned;
  sim::LinkModel push, pull;
};

struct pj_module {
  sim::LoadedProgram program;
};
struct pj_device {
  const pj_host* host;
  Settings settings;
  std::mutex mutex = {};  // calls come from several threads: one after another
  std::optional<sim::Machine> machine = std::nullopt;  // none once closed
  kit::Arena arena{upmem::kMramBytes, 8};
  double now_ns = 0;  // the machine's own time line

  // Everything happens at once here: an event has finished when it is made.
  pj_event* finish(kit::FinishedEvent event) {
    event.start_ns = now_ns;
    now_ns += event.duration_ns;
    return kit::make_event(std::move(event));
  }
};
struct pj_plugin {
  const pj_host* host;
  Settings settings;
  std::mutex mutex = {};
  // Closed ones too, so that use after close is a mistake with a text and not a wild address.
  std::vector<std::unique_ptr<pj_device>> devices = {};
};

namespace {

// ---- life ----
pj_error* read_real(kit::Options& options, const char* key, double fallback, double* out) {
  const std::string text = options.text(key, "");
  *out = fallback;
  if (text.empty()) return nullptr;
  const auto [stop, failed] = std::from_chars(text.data(), text.data() + text.size(), *out);
  if (failed == std::errc() && stop == text.data() + text.size() && *out > 0 && *out < 1e6)
    return nullptr;
  return kit::error(PJ_INVALID_ARGUMENT,
                    std::string("option ") + key + '=' + text + " is no number above 0");
}

pj_error* read_link(kit::Options& options, const char* key, sim::LinkModel* out) {
  const std::string text = options.text(key, "");
  const auto model = sim::parse_link_model(text);
  if (!model)
    return kit::error(PJ_INVALID_ARGUMENT,
                      std::string("option ") + key + '=' + text + " is no cost of a link");
  *out = *model;
  return nullptr;
}

pj_error* read_clock(kit::Options& options, const char* name, sim::TimingParameters& clock) {
  const std::string key = std::string("clock.") + name, text = options.text(key.c_str(), "");
  double value = 0;
  if (text.empty()) return nullptr;
  const auto [stop, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed == std::errc() && stop == text.data() + text.size() &&
      sim::set_parameter(clock, name, value))
    return nullptr;
  return kit::error(PJ_INVALID_ARGUMENT, "option " + key + '=' + text +
                                             " is out of range: reissue is a whole number of "
                                             "cycles from 1, register_banks 0 or 1, others are "
                                             "numbers of cycles from 0");
}

pj_error* read_settings(const pj_options* list, Settings& settings) {
  kit::Options options(list);
  if (pj_error* e = upmem::read_code_style(options, &settings.code)) return e;
  settings.machine.dpus = static_cast<uint64_t>(options.integer("dpus", 2048, 1, 2560));
  settings.machine.host_threads = static_cast<int>(options.integer("host_threads", 0, 0, 1024));
  settings.machine.max_cycles = static_cast<uint64_t>(
      options.integer("max_cycles", int64_t{4'000'000'000}, 1, int64_t{1} << 50));
  if (pj_error* e = read_real(options, "clock_mhz", 350, &settings.clock_mhz)) return e;
  for (const char* name :
       {"reissue", "read_latency", "write_latency", "per_byte", "engine_start", "register_banks"})
    if (pj_error* e = read_clock(options, name, settings.machine.timing)) return e;
  if (pj_error* e = read_link(options, "push", &settings.push)) return e;
  if (pj_error* e = read_link(options, "pull", &settings.pull)) return e;
  return options.done();
}

pj_error* create(const pj_host* host, const pj_options* options, pj_plugin** out) {
  return kit::guarded([&]() -> pj_error* {
    auto plugin = std::make_unique<pj_plugin>();
    plugin->host = host;
    if (pj_error* e = read_settings(options, plugin->settings)) return e;
    *out = plugin.release();
    return nullptr;
  });
}
void destroy(pj_plugin* plugin) {
  delete plugin;
}

pj_error* open(pj_plugin* plugin, const pj_options*, pj_device** out) {
  return kit::guarded([&]() -> pj_error* {
    std::unique_ptr<pj_device> device(new pj_device{plugin->host, plugin->settings});
    device->machine.emplace(device->settings.machine);
    const std::lock_guard lock(plugin->mutex);
    *out = plugin->devices.emplace_back(std::move(device)).get();
    return nullptr;
  });
}
void close(pj_device* device) {
  const std::lock_guard lock(device->mutex);  // what still runs ends first
  device->machine.reset();
}

// Calls `body` while nobody else uses the device.
template <typename Body>
pj_error* with_device(pj_device* device, Body body) {
  return kit::guarded([&]() -> pj_error* {
    const std::lock_guard lock(device->mutex);
    if (!device->machine)
      return kit::error(PJ_INVALID_ARGUMENT, "this device has been closed", "open another one");
    return body();
  });
}

// ---- building ----
pj_error* check(pj_plugin*, const pj_kernel* kernel, pj_reasons** out) {
  return upmem::check_slot(kernel, out);
}
pj_error* estimate(pj_plugin*, const pj_kernel* kernel, pj_counters** out) {
  return upmem::estimate_slot(kernel, out);
}
pj_error* build_kernel(pj_plugin* plugin, const pj_kernel* kernel, const pj_options* options,
                       pj_image** out) {
  return upmem::build_slot(kernel, plugin->settings.code, options, out);
}

// ---- running ----
pj_error* alloc(pj_device* device, uint32_t scope, uint64_t bytes, uint64_t alignment,
                pj_memory* out) {
  return with_device(device, [&]() -> pj_error* {
    if (scope > kWram)
      return kit::error(PJ_OUT_OF_RANGE, "there is no scope " + std::to_string(scope));
    if (scope != kMram) return kit::error(PJ_UNSUPPORTED, "the host cannot reserve parts of WRAM");
    return kit::alloc_in(device->arena, scope, bytes, alignment, out);
  });
}
pj_error* free_memory(pj_device* device, const pj_memory* memory) {
  return with_device(device, [&] { return kit::free_in(device->arena, *memory); });
}

pj_error* load(pj_device* device, const void* image, uint64_t size, pj_module** out) {
  return with_device(device, [&]() -> pj_error* {
    auto program = sim::load_program({static_cast<const unsigned char*>(image), size});
    if (!program) {
      const upmem::Error& e = program.error();
      return kit::error(PJ_BAD_KERNEL, e.where.empty() ? e.what : e.where + ": " + e.what, e.hint);
    }
    *out = new pj_module{std::move(*program)};
    return nullptr;
  });
}
void unload(pj_module* module) {
  delete module;
}

// The number of DPUs that take part.
uint64_t move_bytes(pj_device& device, const pj_copy& request) {
  const uint64_t at = request.memory.base + request.offset;
  device.machine->for_each(request.units.count, [&](uint64_t i) {
    void* host = kit::host_address(request, i);
    if (host == nullptr) return;
    const uint64_t dpu = request.units.first + i;
    if (request.direction == PJ_TO_DEVICE) {
      device.machine->write(dpu, at, host, request.bytes);
    } else {
      device.machine->read(dpu, at, host, request.bytes);
    }
  });
  if (request.broadcast != nullptr) return request.units.count;
  return static_cast<uint64_t>(
      std::count_if(request.pointers, request.pointers + request.units.count,
                    [](const void* pointer) { return pointer != nullptr; }));
}

pj_error* copy(pj_device* device, const pj_copy* given, pj_event** out) {
  return with_device(device, [&]() -> pj_error* {
    const pj_copy request = kit::read(*given);
    if (device->arena.bytes_at(request.memory.base) < request.memory.bytes) {
      return kit::error(PJ_INVALID_ARGUMENT,
                        "no memory is reserved at byte " + std::to_string(request.memory.base));
    }
    const kit::CopyRules rules{.units = device->machine->dpus(),
                               .multiple = 8,
                               .alignment = 8,
                               .memory_bytes = request.memory.bytes};
    if (pj_error* e = kit::check_copy(request, rules)) return e;
    kit::FinishedEvent event;
    event.failure = kit::failure_of(request.after);
    if (event.failure == nullptr && request.bytes > 0) {
      const sim::LinkModel& link =
          request.direction == PJ_TO_DEVICE ? device->settings.push : device->settings.pull;
      event.duration_ns = link.transfer_ns(request.bytes, move_bytes(*device, request));
    }
    *out = device->finish(std::move(event));
    return nullptr;
  });
}

pj_error* check_launch(const pj_device& device, const pj_launch& launch) {
  if (pj_error* e = kit::check_units(launch.units, device.machine->dpus())) return e;
  if (launch.constant_count != 0)
    return kit::error(PJ_INVALID_ARGUMENT, "no kernel declares per-unit constants");
  const upmem::DeviceImage& image = launch.module->program.image;
  if (launch.argument_count != image.params.size()) {
    return kit::error(PJ_INVALID_ARGUMENT, std::to_string(launch.argument_count) +
                                               " launch arguments for a kernel of " +
                                               std::to_string(image.params.size()));
  }
  for (uint32_t i = 0; i < launch.argument_count; ++i) {
    const int64_t value = launch.arguments[i];
    if (image.params[i] == kit::Type::i32 && value != static_cast<int32_t>(value)) {
      return kit::error(PJ_INVALID_ARGUMENT, "launch argument " + std::to_string(i) + " is " +
                                                 std::to_string(value) + ", which is no i32");
    }
  }
  const uint64_t end = launch.units.first + launch.units.count;
  if (end > static_cast<uint64_t>(image.units)) {
    return kit::error(PJ_OUT_OF_RANGE, "a launch up to unit " + std::to_string(end) +
                                           " of a kernel for " + std::to_string(image.units) +
                                           " units");
  }
  return nullptr;
}

pj_error* launch(pj_device* device, const pj_launch* given, pj_event** out) {
  return with_device(device, [&]() -> pj_error* {
    const pj_launch request = kit::read(*given);
    if (pj_error* e = check_launch(*device, request)) return e;
    kit::FinishedEvent event;
    event.failure = kit::failure_of(request.after);
    if (event.failure == nullptr) {
      const std::vector<int64_t> arguments(request.arguments,
                                           request.arguments + request.argument_count);
      const auto cancelled = [&] { return device->host->cancelled(device->host->self) != 0; };
      const sim::LaunchResult result = device->machine->launch(
          request.module->program, request.units.first, request.units.count, arguments, cancelled);
      event.duration_ns = static_cast<double>(result.cycles()) * 1e3 / device->settings.clock_mhz;
      event.counters = result.figures();
      if (!result.ok)
        event.failure =
            std::make_shared<kit::Failure>(kit::Failure{result.code, result.what, {}, nullptr});
    }
    *out = device->finish(std::move(event));
    return nullptr;
  });
}

pj_plugin_api make_table() {
  pj_plugin_api api = kit::simulated_table("sim", "sim 1");
  api.create = create, api.destroy = destroy;
  api.check = check, api.estimate = estimate, api.build_kernel = build_kernel;
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
