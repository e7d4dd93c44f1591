#ifndef PIMJIT_CORE_PLUGIN_DEVICE_H_
#define PIMJIT_CORE_PLUGIN_DEVICE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "pimjit/core/plugin_abi.h"
#include "pimjit/core/support/error.h"
#include "pimjit/core/target/target_desc.h"

namespace pimjit {

// Handles of an opened machine and of what lives on it. All are cheap to copy; copies share one
// object, which is released when the last copy is gone, and each keeps the device and the plugin it
// came from alive. Default-made handles are empty. Member functions may be called from several
// threads at once. Errors have origin target.

struct PluginState;
struct DeviceState;
struct ModuleState;
struct EventState;
struct MemoryState;

// A named figure: instructions by kind, bytes by link, cycles, ...
struct PluginCounter {
  std::string name, unit;
  double value = 0;
};

// How one operation went. duration_ns and start_ns (on the device's own time line) mean something
// once finished.
struct EventInfo {
  bool finished = false;
  TimeOrigin origin = TimeOrigin::modelled;
  double duration_ns = 0;
  double start_ns = 0;
};

// An operation under way or finished. An empty Event stands for one that finished long ago.
// Dropping the last handle neither waits nor cancels: host memory of a copy must live until wait()
// has returned.
class Event {
 public:
  Event() = default;
  Status wait() const;  // until finished; the operation's own error, the same at each call
  Result<EventInfo> query() const;
  Status cancel() const;  // asks; wait() tells what became of it
  bool empty() const { return state_ == nullptr; }

 private:
  friend class Device;
  std::shared_ptr<EventState> state_;
};

// Memory reserved in every instance of one scope.
class DeviceMemory {
 public:
  DeviceMemory() = default;
  int scope() const;
  uint64_t base() const;       // what a kernel's launch argument must hold to address byte 0
  uint64_t bytes() const;      // per instance
  void* host_address() const;  // of direct scopes; else null
  // Frees it and tells how that went; the destructor does the same silently. Copies of the handle
  // become empty too.
  Status release();
  bool empty() const;
  const pj_memory* abi() const;  // for code that speaks the ABI itself; null when empty

 private:
  friend class Device;
  std::shared_ptr<MemoryState> state_;
};

// An image loaded on a device.
class Module {
 public:
  Module() = default;
  bool empty() const { return state_ == nullptr; }

 private:
  friend class Device;
  std::shared_ptr<ModuleState> state_;
};

enum class CopyDirection { to_device = PJ_TO_DEVICE, from_device = PJ_FROM_DEVICE };

// One transfer between host memory and instances [first_unit, first_unit + unit_count) of the
// memory's scope.
struct CopyRequest {
  CopyDirection direction = CopyDirection::to_device;
  DeviceMemory memory;
  uint64_t offset = 0;  // bytes from the start of `memory`, in every instance
  uint64_t bytes = 0;   // per instance
  uint64_t first_unit = 0, unit_count = 0;
  std::span<void* const> pointers;  // unit_count host addresses; null ones are skipped
  const void* broadcast = nullptr;  // instead of `pointers`, to the device only
  std::span<const Event> after;
};

// One run of a kernel on instances [first_unit, first_unit + unit_count) of the unit level.
struct LaunchRequest {
  Module module;
  uint64_t first_unit = 0, unit_count = 0;
  std::span<const int64_t> arguments;
  std::span<const int64_t* const>
      constants;  // unit_count arrays of constant_count values, or empty
  uint32_t constant_count = 0;
  std::span<const Event> after;
};

// An opened machine. Never empty unless default-made; calls on an empty one give an internal error.
class Device {
 public:
  Device() = default;
  bool empty() const { return state_ == nullptr; }

  Result<DeviceMemory> alloc(int scope, uint64_t bytes, uint64_t alignment) const;
  Result<DeviceMemory> import_host(void* address, uint64_t bytes) const;
  Result<Module> load(std::span<const std::byte> image) const;
  Result<Event> copy(const CopyRequest& request) const;
  Result<Event> launch(const LaunchRequest& request) const;
  // Figures of a finished launch.
  Result<std::vector<PluginCounter>> counters(const Event& launch) const;

  pj_device* handle() const;  // for code that speaks the ABI itself; null when empty

 private:
  friend class Plugin;
  std::shared_ptr<DeviceState> state_;
};

}  // namespace pimjit

#endif  // PIMJIT_CORE_PLUGIN_DEVICE_H_
