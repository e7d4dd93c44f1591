#ifndef PIMJIT_TESTS_UNIT_RUN_FAKE_DEVICE_H_
#define PIMJIT_TESTS_UNIT_RUN_FAKE_DEVICE_H_

#include <cstring>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "pimjit/core/interp/kernel_interpreter.h"
#include "pimjit/core/ir/serialize.h"
#include "pimjit/core/plugin/plugin.h"

// A machine in this process: images are serialised kernels, launches run on the kernel interpreter,
// copies take 100 ns and launches 1000 ns, modelled.
namespace pimjit::fake {

struct Memory {
  uint32_t scope;
  uint64_t base, bytes;
  std::vector<std::vector<std::byte>> units;
  std::byte* host = nullptr;  // one instance, in host memory
  std::byte* data(uint64_t unit) { return host != nullptr ? host : units[unit].data(); }
};

// What tests look at and change.
struct Machine {
  uint64_t units = 8;
  bool direct = false;       // memories are host memory
  bool fail_launch = false;  // the next launch finishes with an error
  int launches = 0, copies = 0, imports = 0, allocations = 0;
  std::vector<void*> copied;  // host addresses of copies
  uint64_t next_base = 64, next_handle = 1;
  std::map<uint64_t, Memory> memories;
};
inline Machine& machine() {
  static Machine m;
  return m;
}

struct EventImpl {
  double ns;
  std::string failure;
};

inline pj_text text_of(const std::string& s) {
  return {sizeof(pj_text), static_cast<uint32_t>(s.size()), s.data()};
}
inline pj_error* error(int32_t code, const std::string& message) {
  struct Owned : pj_error {
    std::string text;
  };
  auto* e = new Owned{};
  e->struct_size = sizeof(pj_error);
  e->code = code;
  e->text = message;
  e->message = text_of(e->text);
  e->hint = {sizeof(pj_text), 0, nullptr};
  e->release = [](pj_error* self) { delete static_cast<Owned*>(self); };
  return e;
}

inline pj_error* launch(pj_device*, const pj_launch* l, pj_event** out) {
  auto* event = new EventImpl{1000, {}};
  *out = reinterpret_cast<pj_event*>(event);
  ++machine().launches;
  if (machine().fail_launch) {
    event->failure = "the program went wrong";
    return nullptr;
  }
  const auto& bytes = *reinterpret_cast<const std::vector<uint8_t>*>(l->module);
  const Kernel kernel = deserialize(bytes).value();
  std::vector<ShadowMemory> stores(kernel.buffers.size());
  std::vector<KernelMemory> bound(kernel.buffers.size());
  std::vector<std::pair<Memory*, uint64_t>> places(kernel.buffers.size());
  for (size_t i = 0; i < kernel.buffers.size(); ++i) {
    const KernelBuffer& b = kernel.buffers[i];
    if (b.kind != BufferKind::device) continue;
    const auto base = static_cast<uint64_t>(l->arguments[b.param]);
    for (auto& [handle, m] : machine().memories) {
      if (m.scope == static_cast<uint32_t>(b.scope) && base >= m.base && base < m.base + m.bytes) {
        places[i] = {&m, base - m.base};
      }
    }
    const auto n = static_cast<size_t>(b.bytes());
    stores[i] =
        ShadowMemory(machine().direct ? 1 : static_cast<int64_t>(machine().units), b.bytes());
    bound[i].memory = &stores[i];
    for (int64_t u = 0; u < stores[i].instances(); ++u) {
      std::memcpy(stores[i].data(u),
                  places[i].first->data(static_cast<uint64_t>(u)) + places[i].second, n);
      std::memset(stores[i].shadow(u), 0, n);
    }
  }
  const std::vector<int64_t> arguments(l->arguments, l->arguments + l->argument_count);
  const Status status = interpret_kernel(kernel, nullptr, arguments, bound);
  if (!status) event->failure = status.error().message();
  for (size_t i = 0; i < kernel.buffers.size(); ++i) {
    for (int64_t u = 0; u < stores[i].instances(); ++u) {
      std::memcpy(places[i].first->data(static_cast<uint64_t>(u)) + places[i].second,
                  stores[i].data(u), static_cast<size_t>(kernel.buffers[i].bytes()));
    }
  }
  return nullptr;
}

inline pj_error* copy(pj_device*, const pj_copy* c, pj_event** out) {
  Memory& m = machine().memories.at(c->memory.handle);
  if (c->offset + c->bytes > m.bytes) return error(PJ_OUT_OF_RANGE, "beyond the memory");
  for (uint64_t u = 0; u < c->units.count; ++u) {
    void* host = c->broadcast != nullptr ? c->broadcast : c->pointers[u];
    if (host == nullptr) continue;
    machine().copied.push_back(host);
    std::byte* device = m.data(c->units.first + u) + c->offset;
    if (c->direction == PJ_TO_DEVICE) std::memcpy(device, host, c->bytes);
    if (c->direction == PJ_FROM_DEVICE) std::memcpy(host, device, c->bytes);
  }
  ++machine().copies;
  *out = reinterpret_cast<pj_event*>(new EventImpl{100, {}});
  return nullptr;
}

inline void describe_memory(uint64_t handle, pj_memory* out) {
  Memory& m = machine().memories.at(handle);
  *out = {sizeof(pj_memory), m.scope, handle, m.base, m.bytes, m.host};
}

inline pj_error* alloc(pj_device*, uint32_t scope, uint64_t bytes, uint64_t, pj_memory* out) {
  if (bytes > (1 << 16)) return error(PJ_OUT_OF_MEMORY, "only 64 KiB");
  ++machine().allocations;
  const uint64_t handle = machine().next_handle++;
  Memory m{scope, machine().next_base, bytes, {}, nullptr};
  m.units.assign(machine().units, std::vector<std::byte>(bytes));
  machine().next_base += (bytes + 127) / 64 * 64;
  Memory& kept = machine().memories.emplace(handle, std::move(m)).first->second;
  if (machine().direct) kept.host = kept.units[0].data();
  describe_memory(handle, out);
  return nullptr;
}

inline pj_error* import_host(pj_device*, void* address, uint64_t bytes, pj_memory* out) {
  ++machine().imports;
  const uint64_t handle = machine().next_handle++;
  machine().memories.emplace(
      handle, Memory{0, machine().next_base, bytes, {}, static_cast<std::byte*>(address)});
  machine().next_base += (bytes + 127) / 64 * 64;
  describe_memory(handle, out);
  return nullptr;
}

inline const pj_plugin_api* api(bool with_import) {
  static pj_plugin_api table[2];
  pj_plugin_api& t = table[with_import ? 1 : 0];
  t = {};
  t.struct_size = sizeof t;
  t.abi_major = PJ_ABI_MAJOR;
  t.kernel_version = kKernelFormatVersion;
  static const std::string name = "fake";
  t.name = t.build = text_of(name);
  t.create = [](const pj_host*, const pj_options*, pj_plugin** out) -> pj_error* {
    *out = reinterpret_cast<pj_plugin*>(new int(0));
    return nullptr;
  };
  t.destroy = [](pj_plugin* p) { delete reinterpret_cast<int*>(p); };
  t.build_kernel = [](pj_plugin*, const pj_kernel*, const pj_options*, pj_image**) {
    return error(PJ_UNSUPPORTED, "images are serialised kernels");
  };
  t.open = [](pj_plugin*, const pj_options*, pj_device** out) -> pj_error* {
    *out = reinterpret_cast<pj_device*>(new int(0));
    return nullptr;
  };
  t.close = [](pj_device* d) { delete reinterpret_cast<int*>(d); };
  t.alloc = alloc;
  t.free_memory = [](pj_device*, const pj_memory* m) -> pj_error* {
    machine().memories.erase(m->handle);
    return nullptr;
  };
  if (with_import) t.import_host = import_host;
  t.load = [](pj_device*, const void* image, uint64_t size, pj_module** out) -> pj_error* {
    const auto* bytes = static_cast<const uint8_t*>(image);
    *out = reinterpret_cast<pj_module*>(new std::vector<uint8_t>(bytes, bytes + size));
    return nullptr;
  };
  t.unload = [](pj_module* m) { delete reinterpret_cast<std::vector<uint8_t>*>(m); };
  t.copy = copy;
  t.launch = launch;
  t.wait = [](pj_event* e) -> pj_error* {
    const auto* event = reinterpret_cast<EventImpl*>(e);
    return event->failure.empty() ? nullptr : error(PJ_DEVICE_FAULT, event->failure);
  };
  t.query = [](pj_event* e, pj_event_info* out) -> pj_error* {
    *out = {sizeof(pj_event_info), 1, PJ_MODELLED, 0, reinterpret_cast<EventImpl*>(e)->ns, 0};
    return nullptr;
  };
  t.release_event = [](pj_event* e) { delete reinterpret_cast<EventImpl*>(e); };
  return &t;
}

// A fresh machine.
inline Device open(bool with_import = false) {
  machine() = Machine{};
  return make_plugin(api(with_import)).value().open().value();
}

inline std::vector<std::vector<std::byte>> images_of(const std::vector<Kernel>& kernels) {
  std::vector<std::vector<std::byte>> images;
  for (const Kernel& k : kernels) {
    const std::vector<uint8_t> bytes = serialize(k).value();
    const auto* p = reinterpret_cast<const std::byte*>(bytes.data());
    images.emplace_back(p, p + bytes.size());
  }
  return images;
}

}  // namespace pimjit::fake

#endif  // PIMJIT_TESTS_UNIT_RUN_FAKE_DEVICE_H_
