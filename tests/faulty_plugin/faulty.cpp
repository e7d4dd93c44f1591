// A plugin that works, except in the function that option `fail` or `nonsense` names. Nonsense is
// what the ABI rules out: success without an object, lists that do not exist, negative times.
// Option `does` makes every launch hang, crash, or allocate without end; or the device vanish after
// some.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <mutex>
#include <thread>

#include "pimjit/core/plugin_kit/simulated.h"

namespace kit = pimjit::kit;

constexpr uint64_t kUnits = 4, kBankBytes = 65536;

struct pj_plugin {
  const pj_host* host = nullptr;
  std::string fail, nonsense, wrong, does;
  std::atomic<int> launches{0};
};
struct pj_device {
  pj_plugin* plugin = nullptr;
  std::mutex mutex;
  kit::Arena arena{kBankBytes, 8};
  std::vector<unsigned char> banks = std::vector<unsigned char>(kUnits * kBankBytes);
  unsigned char* bank(uint64_t unit) { return banks.data() + unit * kBankBytes; }
};
struct pj_module {
  std::unique_ptr<kit::Evaluator> program;
};
struct pj_event {
  pj_plugin* plugin;
  pj_event* finished;  // of the kit
  int asked = 0;
};

namespace {

class Memory final : public kit::UnitMemory {
 public:
  explicit Memory(unsigned char* bank) : bank_(bank) {}
  bool load(const kit::Place& from, void* to, uint64_t bytes) override {
    if (from.offset + bytes > kBankBytes) return refuse("beyond the bank");
    std::memcpy(to, bank_ + from.offset, bytes);
    return true;
  }
  bool store(const kit::Place& to, const void* from, uint64_t bytes) override {
    if (to.offset + bytes > kBankBytes) return refuse("beyond the bank");
    std::memcpy(bank_ + to.offset, from, bytes);
    return true;
  }
  bool copy(int, const kit::Place&, const kit::Place&, uint64_t) override {
    return refuse("no links");
  }

 private:
  unsigned char* bank_;
};

// An error with two causes beneath it, as plugins of layered drivers report them.
pj_error* broken(const char* function) {
  const auto wire = std::make_shared<kit::Failure>(
      kit::Failure{PJ_UNAVAILABLE, "the wire is loose", {}, nullptr});
  return kit::error(
      kit::Failure{PJ_INTERNAL, std::string(function) + " is broken", "mend it", wire});
}

// An error that was never filled in: no code that exists, no message, nothing to release it with.
pj_error* hollow() {
  static pj_error error = [] {
    pj_error empty = {};
    empty.struct_size = sizeof empty;
    empty.code = 99;
    return empty;
  }();
  return &error;
}

// An error that is its own cause.
pj_error* endless() {
  static pj_error error = [] {
    pj_error again = {};
    again.struct_size = sizeof again;
    again.code = PJ_TIMEOUT;
    again.message = kit::text("again");
    again.cause = &error;
    return again;
  }();
  return &error;
}

bool fails(const pj_plugin* plugin, const char* function) {
  return plugin->fail == function;
}
bool errs(const pj_plugin* plugin, const char* mistake) {
  return plugin->wrong == mistake;
}
bool raves(const pj_plugin* plugin, const char* function) {
  return plugin->nonsense == function;
}

pj_error* create(const pj_host* host, const pj_options* list, pj_plugin** out) {
  return kit::guarded([&]() -> pj_error* {
    auto plugin = std::make_unique<pj_plugin>();
    kit::Options options(list);
    plugin->host = host;
    plugin->fail = options.text("fail", "");
    plugin->nonsense = options.text("nonsense", "");
    plugin->wrong = options.text("wrong", "");
    plugin->does = options.text("does", "");
    if (pj_error* e = options.done()) return e;
    if (fails(plugin.get(), "create")) return broken("create");
    *out = raves(plugin.get(), "create") ? nullptr : plugin.release();
    return nullptr;
  });
}
void destroy(pj_plugin* plugin) {
  delete plugin;
}

pj_error* describe(pj_plugin* plugin, pj_text file, pj_text* out) {
  if (fails(plugin, "describe")) return broken("describe");
  kit::write(raves(plugin, "describe") ? pj_text{sizeof(pj_text), 1000, nullptr} : file, out);
  return nullptr;
}

pj_error* check(pj_plugin* plugin, const pj_kernel* kernel, pj_reasons** out) {
  if (fails(plugin, "check")) return broken("check");
  if (!raves(plugin, "check")) return kit::check_program(kernel, 0, nullptr, out);
  static pj_reasons reasons = {sizeof(pj_reasons), 3, sizeof(pj_reason), nullptr, nullptr, nullptr};
  *out = &reasons;
  return nullptr;
}

pj_error* estimate(pj_plugin* plugin, const pj_kernel*, pj_counters** out) {
  if (fails(plugin, "estimate")) return broken("estimate");
  const double value = raves(plugin, "estimate") ? std::numeric_limits<double>::quiet_NaN() : 1;
  *out = kit::make_counters({{"cycles", "", value}});
  return nullptr;
}

pj_error* build_kernel(pj_plugin* plugin, const pj_kernel* kernel, const pj_options*,
                       pj_image** out) {
  if (fails(plugin, "build_kernel")) return broken("build_kernel");
  if (errs(plugin, "rejects_damaged_kernels")) {
    pj_error* error = kit::build_program(kernel, 0, nullptr, out);
    if (error == nullptr) return nullptr;
    *out = kit::make_rejection({{"unreadable", "", 0, 0, kit::string_of(error->message)}});
    error->release(error);
    return nullptr;
  }
  if (!raves(plugin, "build_kernel")) return kit::build_program(kernel, 0, nullptr, out);
  *out = kit::make_image({});
  return nullptr;
}

pj_error* open(pj_plugin* plugin, const pj_options*, pj_device** out) {
  if (fails(plugin, "open")) return broken("open");
  if (raves(plugin, "open")) return nullptr;
  *out = new pj_device;
  (*out)->plugin = plugin;
  return nullptr;
}
void close(pj_device* device) {
  delete device;
}

pj_error* alloc(pj_device* device, uint32_t scope, uint64_t bytes, uint64_t alignment,
                pj_memory* out) {
  const std::lock_guard lock(device->mutex);
  if (fails(device->plugin, "alloc")) return broken("alloc");
  if (scope != 0) return kit::error(PJ_OUT_OF_RANGE, "there is one scope only");
  if (pj_error* e = kit::alloc_in(device->arena, scope, bytes, alignment, out)) return e;
  if (raves(device->plugin, "alloc")) out->bytes = bytes / 2;
  if (errs(device->plugin, "memories_overlap")) device->arena.give_back(out->base);
  return nullptr;
}
pj_error* free_memory(pj_device* device, const pj_memory* memory) {
  const std::lock_guard lock(device->mutex);
  if (fails(device->plugin, "free_memory")) return broken("free_memory");
  if (raves(device->plugin, "free_memory")) return hollow();
  if (errs(device->plugin, "frees_twice")) {
    device->arena.give_back(memory->base);
    return nullptr;
  }
  return kit::free_in(device->arena, *memory);
}
pj_error* import_host(pj_device* device, void*, uint64_t bytes, pj_memory* out) {
  if (fails(device->plugin, "import_host")) return broken("import_host");
  if (!raves(device->plugin, "import_host"))
    return kit::error(PJ_UNSUPPORTED, "the banks are not host memory");
  kit::write(pj_memory{sizeof(pj_memory), 0, 0, 0, bytes - 1, nullptr}, out);
  return nullptr;
}

pj_error* load(pj_device* device, const void* image, uint64_t size, pj_module** out) {
  if (fails(device->plugin, "load")) return broken("load");
  if (raves(device->plugin, "load")) return nullptr;
  auto module = std::make_unique<pj_module>();
  if (pj_error* e = kit::read_program(image, size, 0, &module->program)) return e;
  *out = module.release();
  return nullptr;
}
void unload(pj_module* module) {
  delete module;
}

// The kit's list of dependencies, out of this plugin's own events.
std::vector<pj_event*> finished_of(const pj_dependencies& after) {
  std::vector<pj_event*> events;
  for (uint32_t i = 0; i < after.count; ++i) events.push_back(after.events[i]->finished);
  return events;
}

// Changes a copy, or its rules, as option `wrong` says.
kit::CopyRules mistaken(const pj_plugin& plugin, pj_copy& own, std::vector<void*>& pointers,
                        void* zeros) {
  kit::CopyRules rules{.units = kUnits, .multiple = 8, .alignment = 8};
  const bool fits = own.units.first + own.units.count <= kUnits && own.offset < kBankBytes;
  if (errs(&plugin, "any_alignment")) rules.multiple = rules.alignment = 1;
  if (errs(&plugin, "ignores_offset") && own.offset + own.bytes <= own.memory.bytes) own.offset = 0;
  if (errs(&plugin, "starts_at_unit_0") && fits) own.units.first = 0;
  if (errs(&plugin, "forgets_the_last_unit") && fits && own.units.count > 1) --own.units.count;
  if (errs(&plugin, "broadcasts_to_one") && own.broadcast != nullptr && own.units.count > 1)
    own.units.count = 1;
  if (errs(&plugin, "fills_null_entries") && own.pointers != nullptr && fits) {
    pointers.assign(own.pointers, own.pointers + own.units.count);
    for (void*& pointer : pointers) pointer = pointer == nullptr ? zeros : pointer;
    own.pointers = pointers.data();
  }
  return rules;
}

pj_error* copy(pj_device* device, const pj_copy* request, pj_event** out) {
  return kit::guarded([&]() -> pj_error* {
    const std::lock_guard lock(device->mutex);
    if (fails(device->plugin, "copy")) return broken("copy");
    if (raves(device->plugin, "copy")) return nullptr;
    const std::vector<pj_event*> events = finished_of(request->after);
    pj_copy own = *request;
    own.after.events = events.data();
    kit::FinishedEvent event;
    uint64_t moved = 0;
    std::vector<void*> pointers;
    std::vector<unsigned char> zeros(std::min<uint64_t>(own.bytes, kBankBytes));
    const kit::CopyRules rules = mistaken(*device->plugin, own, pointers, zeros.data());
    const auto bank = [&](uint64_t unit) { return device->bank(unit); };
    if (pj_error* e = kit::copy_in(device->arena, own, rules, bank, &event, &moved)) {
      if (errs(device->plugin, "refuses_with_another_code")) e->code = PJ_INTERNAL;
      if (errs(device->plugin, "refuses_without_text")) e->message.size = 0;
      return e;
    }
    *out = new pj_event{device->plugin, kit::make_event(std::move(event))};
    return nullptr;
  });
}

void misbehave(const std::string& how) {
  while (how == "hang") std::this_thread::sleep_for(std::chrono::seconds(1));
  if (how == "crash") std::abort();
  std::vector<std::vector<unsigned char>> hoard;
  while (how == "hoard") hoard.emplace_back(16 << 20, 1);
}

pj_error* launch(pj_device* device, const pj_launch* request, pj_event** out) {
  return kit::guarded([&]() -> pj_error* {
    const std::lock_guard lock(device->mutex);
    if (fails(device->plugin, "launch")) return broken("launch");
    if (raves(device->plugin, "launch")) return nullptr;
    misbehave(device->plugin->does);
    if (device->plugin->does == "vanish" && ++device->plugin->launches > 40) {
      return kit::error(kit::Failure{PJ_UNAVAILABLE, "it was unplugged", {}, nullptr});
    }
    const std::vector<pj_event*> events = finished_of(request->after);
    pj_launch own = *request;
    own.after.events = events.data();
    const uint64_t params = request->module->program->kernel().params.size();
    const std::vector<int64_t> zeros(params);
    if (errs(device->plugin, "any_arguments") && params != own.argument_count) {
      own.arguments = zeros.data();
      own.argument_count = static_cast<uint32_t>(params);
    }
    if (errs(device->plugin, "launches_all_units") && own.units.count > 0 &&
        own.units.count < kUnits) {
      own.units = {sizeof(pj_units), 0, 0, kUnits};
    }
    kit::UnitLaunch how;
    how.program = request->module->program.get();
    how.units = kUnits;
    how.unit_memory = [&](uint64_t unit) { return std::make_unique<Memory>(device->bank(unit)); };
    how.cost_ns = [](const kit::Counters& counters) {
      return 10.0 * static_cast<double>(counters.operations());
    };
    kit::FinishedEvent event;
    if (pj_error* e = kit::launch_units(own, how, &event)) return e;
    *out = new pj_event{device->plugin, kit::make_event(std::move(event))};
    return nullptr;
  });
}

pj_error* wait(pj_event* event) {
  if (fails(event->plugin, "wait")) return broken("wait");
  return raves(event->plugin, "wait") ? hollow() : kit::wait_finished(event->finished);
}
pj_error* query(pj_event* event, pj_event_info* out) {
  if (fails(event->plugin, "query")) return broken("query");
  pj_error* error = kit::query_finished(event->finished, out);
  if (raves(event->plugin, "query")) out->duration_ns = -5;
  if (errs(event->plugin, "claims_to_measure")) out->origin = PJ_MEASURED;
  if (errs(event->plugin, "changes_its_mind")) out->duration_ns = ++event->asked;
  return error;
}
pj_error* cancel(pj_event* event) {
  if (fails(event->plugin, "cancel")) return broken("cancel");
  return raves(event->plugin, "cancel") ? endless() : nullptr;
}
void release_event(pj_event* event) {
  kit::release_finished(event->finished);
  delete event;
}
pj_error* counters(pj_device* device, pj_event* event, pj_counters** out) {
  if (fails(device->plugin, "counters")) return broken("counters");
  if (!raves(device->plugin, "counters"))
    return kit::counters_finished(device, event->finished, out);
  static const pj_counter item = {sizeof(pj_counter), kit::text("x"), kit::text(""), 0};
  static pj_counters list = {sizeof(pj_counters), 0xFFFFFFFFu, 1, &item, nullptr, nullptr};
  *out = &list;
  return nullptr;
}

pj_plugin_api make_table() {
  pj_plugin_api api = kit::simulated_table("faulty", "faulty 1");
  api.create = create, api.destroy = destroy;
  api.describe = describe, api.check = check, api.estimate = estimate,
  api.build_kernel = build_kernel;
  api.open = open, api.close = close;
  api.alloc = alloc, api.free_memory = free_memory, api.import_host = import_host;
  api.load = load, api.unload = unload;
  api.copy = copy, api.launch = launch;
  api.wait = wait, api.query = query, api.cancel = cancel, api.release_event = release_event;
  api.counters = counters;
  return api;
}

}  // namespace

extern "C" PJ_EXPORT const pj_plugin_api* pj_plugin_query(uint32_t host_abi_major, uint32_t) {
  static const pj_plugin_api table = make_table();
  return host_abi_major == PJ_ABI_MAJOR ? &table : nullptr;
}
