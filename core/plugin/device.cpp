#include "pimjit/core/plugin/device.h"

#include <atomic>
#include <cmath>
#include <utility>

#include "pimjit/core/plugin/abi_read.h"
#include "pimjit/core/plugin/plugin_state.h"
#include "pimjit/core/support/text.h"

namespace pimjit {

struct ModuleState {
  std::shared_ptr<DeviceState> device;
  pj_module* handle = nullptr;
  ~ModuleState() {
    const auto unload = device->plugin->api.unload;
    if (handle != nullptr && unload != nullptr) unload(handle);
  }
};

struct EventState {
  std::shared_ptr<DeviceState> device;
  std::shared_ptr<ModuleState> module;  // of a launch: stays loaded while it may run
  std::shared_ptr<MemoryState> memory;  // of a copy
  pj_event* handle = nullptr;
  ~EventState() {
    const auto release = device->plugin->api.release_event;
    if (handle != nullptr && release != nullptr) release(handle);
  }
};

struct MemoryState {
  std::shared_ptr<DeviceState> device;
  pj_memory memory = {};
  std::atomic<bool> live{true};

  Status release() {
    if (!live.exchange(false)) return {};
    const PluginState& plugin = *device->plugin;
    if (plugin.api.free_memory == nullptr) return fail(unsupported(plugin, "free_memory"));
    if (pj_error* error = plugin.api.free_memory(device->handle, &memory)) {
      return fail(take_error(error, plugin, "free_memory"));
    }
    return {};
  }
  ~MemoryState() {
    if (auto status = release(); !status) device->plugin->warn(status.error().message());
  }
};

namespace {

Error empty_handle(const char* function) {
  return internal_error("empty_handle", cat(function, "() on an empty handle"));
}

// The plugin's handles of `events` without the empty ones, which finished long ago.
Result<std::vector<pj_event*>> handles_of(std::span<const Event> events, const DeviceState& device,
                                          const char* function,
                                          EventState* (*state_of)(const Event&)) {
  std::vector<pj_event*> handles;
  for (const Event& event : events) {
    const EventState* state = state_of(event);
    if (state == nullptr) continue;
    if (state->device.get() != &device) {
      return fail(internal_error("foreign_event",
                                 cat(function, "() depends on an event of another device")));
    }
    handles.push_back(state->handle);
  }
  return handles;
}

pj_dependencies as_dependencies(const std::vector<pj_event*>& handles) {
  pj_dependencies result = {};
  result.struct_size = sizeof result;
  result.count = static_cast<uint32_t>(handles.size());
  result.events = handles.data();
  return result;
}

pj_units as_units(uint64_t first, uint64_t count) {
  pj_units units = {};
  units.struct_size = sizeof units;
  units.first = first;
  units.count = count;
  return units;
}

// What of a memory the plugin must not contradict.
Status check_memory(const pj_memory& memory, uint32_t scope, uint64_t bytes, uint64_t alignment,
                    const PluginState& plugin, const char* function) {
  if (memory.bytes < bytes) {
    return fail(
        misbehaves(plugin, function, cat("asked for ", bytes, " bytes it gave ", memory.bytes)));
  }
  if (memory.scope != scope) {
    return fail(misbehaves(plugin, function,
                           cat("asked for scope ", scope, " it gave scope ", memory.scope)));
  }
  if (alignment > 1 && memory.base % alignment != 0) {
    return fail(
        misbehaves(plugin, function,
                   cat("asked for an alignment of ", alignment, " it gave base ", memory.base)));
  }
  return {};
}

}  // namespace

Status Event::wait() const {
  if (state_ == nullptr) return {};
  const PluginState& plugin = *state_->device->plugin;
  if (plugin.api.wait == nullptr) return fail(unsupported(plugin, "wait"));
  if (pj_error* error = plugin.api.wait(state_->handle))
    return fail(take_error(error, plugin, "wait"));
  return {};
}

Result<EventInfo> Event::query() const {
  if (state_ == nullptr) return EventInfo{true, TimeOrigin::modelled, 0, 0};
  const PluginState& plugin = *state_->device->plugin;
  if (plugin.api.query == nullptr) return fail(unsupported(plugin, "query"));
  pj_event_info out = out_struct<pj_event_info>();
  if (pj_error* error = plugin.api.query(state_->handle, &out))
    return fail(take_error(error, plugin, "query"));
  const pj_event_info read = read_struct(out);
  EventInfo info;
  info.finished = read.finished != 0;
  if (!info.finished) return info;
  if (read.origin != PJ_MEASURED && read.origin != PJ_MODELLED) {
    return fail(misbehaves(plugin, "query", cat("an event's time has origin ", read.origin)));
  }
  if (!std::isfinite(read.duration_ns) || read.duration_ns < 0) {
    return fail(
        misbehaves(plugin, "query", cat("an event took ", shortest(read.duration_ns), " ns")));
  }
  if (!std::isfinite(read.start_ns)) {
    return fail(
        misbehaves(plugin, "query", cat("an event started at ", shortest(read.start_ns), " ns")));
  }
  info.origin = read.origin == PJ_MEASURED ? TimeOrigin::measured : TimeOrigin::modelled;
  info.duration_ns = read.duration_ns;
  info.start_ns = read.start_ns;
  return info;
}

Status Event::cancel() const {
  if (state_ == nullptr) return {};
  const PluginState& plugin = *state_->device->plugin;
  if (plugin.api.cancel == nullptr) return fail(unsupported(plugin, "cancel"));
  if (pj_error* error = plugin.api.cancel(state_->handle))
    return fail(take_error(error, plugin, "cancel"));
  return {};
}

bool DeviceMemory::empty() const {
  return state_ == nullptr || !state_->live.load();
}
int DeviceMemory::scope() const {
  return empty() ? -1 : static_cast<int>(state_->memory.scope);
}
uint64_t DeviceMemory::base() const {
  return empty() ? 0 : state_->memory.base;
}
uint64_t DeviceMemory::bytes() const {
  return empty() ? 0 : state_->memory.bytes;
}
void* DeviceMemory::host_address() const {
  return empty() ? nullptr : state_->memory.host_address;
}
const pj_memory* DeviceMemory::abi() const {
  return empty() ? nullptr : &state_->memory;
}
Status DeviceMemory::release() {
  return state_ == nullptr ? Status{} : state_->release();
}

pj_device* Device::handle() const {
  return state_ == nullptr ? nullptr : state_->handle;
}

Result<DeviceMemory> Device::alloc(int scope, uint64_t bytes, uint64_t alignment) const {
  if (state_ == nullptr) return fail(empty_handle("alloc"));
  const PluginState& plugin = *state_->plugin;
  if (plugin.api.alloc == nullptr) return fail(unsupported(plugin, "alloc"));
  pj_memory out = out_struct<pj_memory>();
  const auto number = static_cast<uint32_t>(scope);
  if (pj_error* error = plugin.api.alloc(state_->handle, number, bytes, alignment, &out)) {
    return fail(take_error(error, plugin, "alloc"));
  }
  DeviceMemory memory;
  memory.state_ = std::make_shared<MemoryState>();
  memory.state_->device = state_;
  memory.state_->memory = read_struct(out);
  auto status = check_memory(memory.state_->memory, number, bytes, alignment, plugin, "alloc");
  if (!status) return fail(status.error());
  return memory;
}

Result<DeviceMemory> Device::import_host(void* address, uint64_t bytes) const {
  if (state_ == nullptr) return fail(empty_handle("import_host"));
  const PluginState& plugin = *state_->plugin;
  if (plugin.api.import_host == nullptr) return fail(unsupported(plugin, "import_host"));
  pj_memory out = out_struct<pj_memory>();
  if (pj_error* error = plugin.api.import_host(state_->handle, address, bytes, &out)) {
    return fail(take_error(error, plugin, "import_host"));
  }
  DeviceMemory memory;
  memory.state_ = std::make_shared<MemoryState>();
  memory.state_->device = state_;
  memory.state_->memory = read_struct(out);
  const pj_memory& got = memory.state_->memory;
  if (auto status = check_memory(got, got.scope, bytes, 1, plugin, "import_host"); !status)
    return fail(status.error());
  return memory;
}

Result<Module> Device::load(std::span<const std::byte> image) const {
  if (state_ == nullptr) return fail(empty_handle("load"));
  const PluginState& plugin = *state_->plugin;
  if (plugin.api.load == nullptr) return fail(unsupported(plugin, "load"));
  Module module;
  module.state_ = std::make_shared<ModuleState>();
  module.state_->device = state_;
  pj_module* handle = nullptr;
  if (pj_error* error = plugin.api.load(state_->handle, image.data(), image.size(), &handle)) {
    return fail(take_error(error, plugin, "load"));
  }
  if (handle == nullptr) return fail(misbehaves(plugin, "load", "success without a module"));
  module.state_->handle = handle;
  return module;
}

Result<Event> Device::copy(const CopyRequest& request) const {
  if (state_ == nullptr || request.memory.empty()) return fail(empty_handle("copy"));
  const PluginState& plugin = *state_->plugin;
  if (plugin.api.copy == nullptr) return fail(unsupported(plugin, "copy"));
  if (request.broadcast == nullptr && request.pointers.size() != request.unit_count) {
    return fail(
        internal_error("copy_pointers", cat("copy() to ", request.unit_count, " units with ",
                                            request.pointers.size(), " pointers")));
  }
  auto handles =
      handles_of(request.after, *state_, "copy", [](const Event& e) { return e.state_.get(); });
  if (!handles) return fail(handles.error());
  pj_copy copy = {};
  copy.struct_size = sizeof copy;
  copy.direction = static_cast<int32_t>(request.direction);
  copy.memory = request.memory.state_->memory;
  copy.offset = request.offset;
  copy.bytes = request.bytes;
  copy.units = as_units(request.first_unit, request.unit_count);
  copy.pointers = request.broadcast == nullptr ? request.pointers.data() : nullptr;
  copy.broadcast = const_cast<void*>(request.broadcast);
  copy.after = as_dependencies(*handles);
  Event event;
  event.state_ = std::make_shared<EventState>();
  event.state_->device = state_;
  event.state_->memory = request.memory.state_;
  pj_event* handle = nullptr;
  if (pj_error* error = plugin.api.copy(state_->handle, &copy, &handle)) {
    return fail(take_error(error, plugin, "copy"));
  }
  if (handle == nullptr) return fail(misbehaves(plugin, "copy", "success without an event"));
  event.state_->handle = handle;
  return event;
}

Result<Event> Device::launch(const LaunchRequest& request) const {
  if (state_ == nullptr || request.module.empty()) return fail(empty_handle("launch"));
  const PluginState& plugin = *state_->plugin;
  if (plugin.api.launch == nullptr) return fail(unsupported(plugin, "launch"));
  if (!request.constants.empty() && request.constants.size() != request.unit_count) {
    return fail(internal_error("launch_constants",
                               cat("launch() on ", request.unit_count, " units with constants for ",
                                   request.constants.size())));
  }
  auto handles =
      handles_of(request.after, *state_, "launch", [](const Event& e) { return e.state_.get(); });
  if (!handles) return fail(handles.error());
  pj_launch launch = {};
  launch.struct_size = sizeof launch;
  launch.module = request.module.state_->handle;
  launch.units = as_units(request.first_unit, request.unit_count);
  launch.arguments = request.arguments.data();
  launch.argument_count = static_cast<uint32_t>(request.arguments.size());
  launch.constant_count = request.constants.empty() ? 0 : request.constant_count;
  launch.constants = request.constants.empty() ? nullptr : request.constants.data();
  launch.after = as_dependencies(*handles);
  Event event;
  event.state_ = std::make_shared<EventState>();
  event.state_->device = state_;
  event.state_->module = request.module.state_;
  pj_event* handle = nullptr;
  if (pj_error* error = plugin.api.launch(state_->handle, &launch, &handle)) {
    return fail(take_error(error, plugin, "launch"));
  }
  if (handle == nullptr) return fail(misbehaves(plugin, "launch", "success without an event"));
  event.state_->handle = handle;
  return event;
}

Result<std::vector<PluginCounter>> Device::counters(const Event& launch) const {
  if (state_ == nullptr || launch.state_ == nullptr) return fail(empty_handle("counters"));
  const PluginState& plugin = *state_->plugin;
  if (plugin.api.counters == nullptr) return fail(unsupported(plugin, "counters"));
  pj_counters* out = nullptr;
  if (pj_error* error = plugin.api.counters(state_->handle, launch.state_->handle, &out)) {
    return fail(take_error(error, plugin, "counters"));
  }
  if (out == nullptr) return fail(misbehaves(plugin, "counters", "success without an answer"));
  auto counters = read_counters(*out, plugin, "counters");
  if (const auto release = read_struct(*out).release; release != nullptr) release(out);
  return counters;
}

}  // namespace pimjit
