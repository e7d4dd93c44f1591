// A machine whose banks run one command stream (tests/targets/lockstep.toml): every bank gets the
// same commands with the same addresses, there are no conditions, and the host fills one buffer
// that all banks read. Banks are evaluated one by one; each has to ask for exactly what bank 0
// asked for.
#include <mutex>

#include "pimjit/core/plugin_kit/simulated.h"

namespace kit = pimjit::kit;

constexpr uint64_t kBanks = 16;
constexpr uint64_t kCellBytes = 65536;
constexpr uint64_t kBufferBytes = 2048;
constexpr uint64_t kGranule = 32;
constexpr int kCell = 0, kBuffer = 1;
constexpr int kUnitLevel = 0;

struct pj_plugin {
  const pj_host* host;
};
struct pj_device {
  const pj_host* host = nullptr;
  std::mutex mutex;
  kit::Arena arenas[2] = {kit::Arena{kCellBytes, kGranule}, kit::Arena{kBufferBytes, kGranule}};
  std::vector<uint8_t> cells = std::vector<uint8_t>(kBanks * kCellBytes);
  std::vector<uint8_t> buffer = std::vector<uint8_t>(kBufferBytes);
  double now_ns = 0;

  uint8_t* memory(int scope, uint64_t bank) {
    return scope == kCell ? cells.data() + bank * kCellBytes : buffer.data();
  }
  pj_event* finish(kit::FinishedEvent event) {
    event.start_ns = now_ns;
    now_ns += event.duration_ns;
    return kit::make_event(std::move(event));
  }
};
struct pj_module {
  std::unique_ptr<kit::Evaluator> program;
  pj_device* device = nullptr;
  uint64_t locals = 0;  // where its local buffers lie in every bank
  bool has_locals = false;
};

namespace {

// One command, as it goes to all banks.
struct Command {
  char kind;
  int scope;
  uint64_t offset;
  bool operator==(const Command& other) const {
    return kind == other.kind && scope == other.scope && offset == other.offset;
  }
  std::string text() const {
    return std::string(kind == 'L' ? "loads" : "stores") + " byte " + std::to_string(offset) +
           " of " + (scope == kCell ? "its cells" : "the buffer");
  }
};

class Memory final : public kit::UnitMemory {
 public:
  // `sent` counts the commands that this bank got.
  Memory(pj_device& device, uint64_t bank, std::vector<Command>& stream, uint64_t& sent)
      : device_(device), bank_(bank), stream_(stream), sent_(sent) {}

  bool load(const kit::Place& from, void* to, uint64_t bytes) override {
    if (!issue({'L', from.scope, from.offset}, bytes)) return false;
    std::memcpy(to, device_.memory(from.scope, bank_) + from.offset, bytes);
    return true;
  }
  bool store(const kit::Place& to, const void* from, uint64_t bytes) override {
    if (to.scope != kCell) return refuse("banks cannot write the buffer");
    if (!issue({'S', to.scope, to.offset}, bytes)) return false;
    std::memcpy(device_.memory(kCell, bank_) + to.offset, from, bytes);
    return true;
  }
  bool copy(int, const kit::Place&, const kit::Place&, uint64_t) override {
    return refuse("there are no device links");
  }

 private:
  // Bank 0 writes the stream, the others have to follow it.
  bool issue(const Command& command, uint64_t bytes) {
    const uint64_t capacity = command.scope == kCell ? kCellBytes : kBufferBytes;
    if (command.offset + bytes > capacity) return refuse("a command beyond the end of a memory");
    if (bank_ == 0) {
      stream_.push_back(command);
    } else if (sent_ >= stream_.size()) {
      return refuse("it " + command.text() + " after the end of bank 0's command stream");
    } else if (!(stream_[sent_] == command)) {
      return refuse("command " + std::to_string(sent_) + ": bank 0 " + stream_[sent_].text() +
                    ", this one " + command.text());
    }
    ++sent_;
    return true;
  }

  pj_device& device_;
  uint64_t bank_;
  std::vector<Command>& stream_;
  uint64_t& sent_;
};

// Whether the value of an expression is not known before the launch.
bool known_at_run_time_only(const kit::Kernel& kernel, int expr) {
  if (expr == kit::kNone) return false;
  const kit::Expr& e = kernel.exprs[static_cast<size_t>(expr)];
  if (e.kind == kit::ExprKind::Load || e.kind == kit::ExprKind::Param ||
      e.kind == kit::ExprKind::LevelIndex)
    return true;
  return known_at_run_time_only(kernel, e.a) || known_at_run_time_only(kernel, e.b) ||
         known_at_run_time_only(kernel, e.c);
}

std::vector<kit::Reason> reasons_against(const kit::Evaluator& program) {
  const kit::Kernel& kernel = program.kernel();
  if (kernel.levels.size() != 1 || kernel.scopes.size() != 2)
    return {{"wrong_machine", "", 0, 0, "not for this chip"}};
  std::vector<kit::Reason> reasons;
  for (const kit::Stmt& s : kernel.stmts) {
    if (s.kind == kit::StmtKind::If) {
      reasons.push_back(
          {"condition", "if", 1, 0, "one command stream has no conditions; pad instead"});
    }
    if (s.kind == kit::StmtKind::For &&
        (known_at_run_time_only(kernel, s.a) || known_at_run_time_only(kernel, s.b))) {
      const std::string& loop = kernel.vars[static_cast<size_t>(s.var)].name;
      reasons.push_back({"run_time_trip_count", loop, 1, 0,
                         "the trip count of a loop is known at run time only"});
    }
  }
  const auto limit = [&](const char* code, const char* place, uint64_t have, uint64_t most) {
    if (have <= most) return;
    reasons.push_back({code, place, static_cast<int64_t>(have), static_cast<int64_t>(most),
                       "more than there is"});
  };
  limit("too_many_banks", "bank", program.units(), kBanks);
  limit("cells_too_small", "cell", program.local_end(kCell), kCellBytes);
  limit("local_in_buffer", "gb", program.local_end(kBuffer), 0);
  return reasons;
}

pj_error* check(pj_plugin*, const pj_kernel* kernel, pj_reasons** out) {
  return kit::check_program(kernel, kUnitLevel, reasons_against, out);
}
pj_error* build_kernel(pj_plugin*, const pj_kernel* kernel, const pj_options*, pj_image** out) {
  return kit::build_program(kernel, kUnitLevel, reasons_against, out);
}

pj_error* create(const pj_host* host, const pj_options* options, pj_plugin** out) {
  return kit::guarded([&]() -> pj_error* {
    if (pj_error* e = kit::Options(options).done()) return e;
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
    *out = device.release();
    return nullptr;
  });
}
void close(pj_device* device) {
  delete device;
}

pj_error* alloc(pj_device* device, uint32_t scope, uint64_t bytes, uint64_t alignment,
                pj_memory* out) {
  return kit::guarded([&]() -> pj_error* {
    const std::lock_guard lock(device->mutex);
    if (scope > kBuffer)
      return kit::error(PJ_OUT_OF_RANGE, "there is no scope " + std::to_string(scope));
    return kit::alloc_in(device->arenas[scope], scope, bytes, alignment, out);
  });
}
pj_error* free_memory(pj_device* device, const pj_memory* memory) {
  const std::lock_guard lock(device->mutex);
  if (memory->scope > kBuffer)
    return kit::error(PJ_OUT_OF_RANGE, "there is no scope " + std::to_string(memory->scope));
  return kit::free_in(device->arenas[memory->scope], *memory);
}

// Local buffers live in the cells, beside what the host reserved there.
pj_error* load(pj_device* device, const void* image, uint64_t size, pj_module** out) {
  return kit::guarded([&]() -> pj_error* {
    const std::lock_guard lock(device->mutex);
    auto module = std::make_unique<pj_module>();
    if (pj_error* e = kit::read_program(image, size, kUnitLevel, &module->program)) return e;
    module->device = device;
    const uint64_t bytes = module->program->local_end(kCell);
    if (bytes > 0) {
      kit::Arena& arena = device->arenas[kCell];
      int64_t align = 1;
      for (const kit::Buffer& buffer : module->program->kernel().buffers)
        align = std::max(align, buffer.align);
      if (!arena.take(bytes, static_cast<uint64_t>(align), &module->locals)) {
        return kit::error(PJ_OUT_OF_MEMORY, "the kernel's local buffers need " +
                                                std::to_string(bytes) + " bytes of each bank, " +
                                                std::to_string(arena.free_bytes()) + " are free");
      }
      module->has_locals = true;
      module->program = std::make_unique<kit::Evaluator>(module->program->kernel(), kUnitLevel,
                                                         std::vector<uint64_t>{module->locals});
    }
    *out = module.release();
    return nullptr;
  });
}
void unload(pj_module* module) {
  if (module->has_locals) {
    const std::lock_guard lock(module->device->mutex);
    module->device->arenas[kCell].give_back(module->locals);
  }
  delete module;
}

pj_error* copy(pj_device* device, const pj_copy* request, pj_event** out) {
  return kit::guarded([&]() -> pj_error* {
    const std::lock_guard lock(device->mutex);
    const int scope = static_cast<int>(request->memory.scope);
    if (scope > kBuffer)
      return kit::error(PJ_OUT_OF_RANGE, "there is no scope " + std::to_string(scope));
    const auto memory = [&](uint64_t bank) { return device->memory(scope, bank); };
    kit::FinishedEvent event;
    uint64_t moved = 0;
    const kit::CopyRules rules{.units = scope == kCell ? kBanks : 1,
                               .multiple = kGranule,
                               .alignment = kGranule,
                               .broadcast_only = scope == kBuffer};
    if (pj_error* e = kit::copy_in(device->arenas[scope], *request, rules, memory, &event, &moved))
      return e;
    if (moved > 0) {
      const double banks = static_cast<double>(moved / request->bytes);
      event.duration_ns =
          (scope == kCell ? 100 + 5 * banks : 50) + 0.125 * static_cast<double>(moved);
    }
    *out = device->finish(std::move(event));
    return nullptr;
  });
}

pj_error* launch(pj_device* device, const pj_launch* request, pj_event** out) {
  return kit::guarded([&]() -> pj_error* {
    const std::lock_guard lock(device->mutex);
    std::vector<Command> stream;
    std::vector<uint64_t> sent(kBanks, 0);
    kit::UnitLaunch how;
    how.program = request->module->program.get();
    how.host = device->host;
    how.units = kBanks;
    how.unit_memory = [&](uint64_t bank) -> std::unique_ptr<kit::UnitMemory> {
      return std::make_unique<Memory>(*device, bank, stream, sent[bank]);
    };
    how.cost_ns = [](const kit::Counters& counters) {
      return 2.0 * static_cast<double>(counters.operations());
    };
    if (pj_error* e = kit::check_units(request->units, kBanks)) return e;
    if (request->units.count != 0 && request->units.count != how.program->units()) {
      return kit::error(PJ_UNSUPPORTED, "a launch on " + std::to_string(request->units.count) +
                                            " of " + std::to_string(how.program->units()) +
                                            " banks of one command stream");
    }
    kit::FinishedEvent event;
    if (pj_error* e = kit::launch_units(*request, how, &event)) return e;
    *out = device->finish(std::move(event));
    return nullptr;
  });
}

pj_plugin_api make_table() {
  pj_plugin_api api = kit::simulated_table("lockstep", "lockstep 1");
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
