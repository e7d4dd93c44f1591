#include "pimjit/core/run/call.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "pimjit/core/run/check_tensors.h"
#include "pimjit/core/run/load_images.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

using Clock = std::chrono::steady_clock;

double ns_since(Clock::time_point start) {
  return std::chrono::duration<double, std::nano>(Clock::now() - start).count();
}

Error at_operation(Error e, const HostOp& op) {
  const std::string place = cat("operation \"", op.name, "\"");
  e.where = e.where.empty() ? place : cat(place, ", ", e.where);
  return e;
}

TensorView row_major(std::byte* data, DType dtype, const std::vector<int64_t>& shape) {
  TensorView view{data, dtype, shape, std::vector<int64_t>(shape.size())};
  int64_t stride = 1;
  for (size_t d = shape.size(); d-- > 0; stride *= shape[d]) view.strides[d] = stride;
  return view;
}

bool usable_in_place(const TensorView& t, const DeviceBuffer& b) {
  const auto address = reinterpret_cast<uintptr_t>(t.data);
  return t.contiguous() && address % static_cast<uintptr_t>(std::max<int64_t>(b.alignment, 1)) == 0;
}

}  // namespace

ModuleRunner::Call::Call(State& state, const RunOptions& options)
    : state_(state),
      m_(*state.module),
      options_(options),
      events_(m_.ops.size()),
      timings_(m_.ops.size()),
      natives_(m_.device_buffers.size()),
      begin_(Clock::now()) {}

// Host memory of copies must outlive them, also when another operation failed.
ModuleRunner::Call::~Call() {
  for (const Event& event : events_) {
    if (!event.empty()) static_cast<void>(event.wait());
  }
}

Status ModuleRunner::Call::bind(std::span<const TensorView> tensors) {
  if (Status s = check_tensors(*m_.workload, tensors); !s) return s;
  const auto& declared = m_.workload->tensors;
  for (size_t t = 0; t < declared.size(); ++t) {
    const TensorView& given = tensors[t];
    const bool own = given.data == nullptr && declared[t].role == TensorRole::intermediate;
    if (own) {
      HostTensor& memory = state_.intermediates[t];
      if (memory.shape() != declared[t].shape || memory.dtype() != declared[t].dtype) {
        memory = HostTensor(declared[t].dtype, declared[t].shape);
      }
      tensors_.push_back(row_major(memory.data(), declared[t].dtype, declared[t].shape));
      continue;
    }
    tensors_.push_back(given);
  }
  return {};
}

const TensorView& ModuleRunner::Call::tensor_of(int host_buffer) const {
  return tensors_[static_cast<size_t>(m_.host_buffers[static_cast<size_t>(host_buffer)].tensor)];
}
std::byte* ModuleRunner::Call::staging(int host_buffer) const {
  HostTensor& memory = state_.host_memory[static_cast<size_t>(host_buffer)];
  const HostBuffer& b = m_.host_buffers[static_cast<size_t>(host_buffer)];
  if (memory.elements() != b.elements || memory.shape().empty())
    memory = HostTensor(b.dtype, {b.elements});
  return memory.data();
}

std::byte* ModuleRunner::Call::staged_slices(int host_buffer) const {
  return state_.staged[static_cast<size_t>(host_buffer)].data();
}

// Whether copies from and to this staging use the tensor's memory instead.
bool ModuleRunner::Call::in_place(int staging_buffer) const {
  const int number = state_.host_side[static_cast<size_t>(staging_buffer)];
  if (number < 0) return false;
  const HostOp& op = m_.ops[static_cast<size_t>(number)];
  return op.in_place.possible && tensor_of(op.tensor_buffer).contiguous();
}

std::byte* ModuleRunner::Call::slice_address(int staging_buffer, bool direct, int64_t slice,
                                             int64_t bytes) const {
  if (!direct) return staging(staging_buffer) + slice * bytes;
  const auto b = static_cast<size_t>(staging_buffer);
  const HostOp& op = m_.ops[static_cast<size_t>(state_.host_side[b])];
  const std::vector<int64_t>& staged = op.in_place.staged;
  const auto found = std::lower_bound(staged.begin(), staged.end(), slice);
  if (found != staged.end() && *found == slice)
    return staged_slices(staging_buffer) + (found - staged.begin()) * bytes;
  const TensorView& t = tensor_of(op.tensor_buffer);
  return static_cast<std::byte*>(t.data) + op.in_place.offset(slice) * bytes_of(t.dtype);
}

// Finds the device copies of resident tensors. Those that are not there yet stay locked until this
// call has uploaded them; one after the other in the order of their addresses, so that two calls
// cannot wait for each other.
Status ModuleRunner::Call::bind_residents() {
  std::set<std::shared_ptr<Resident>> used;
  for (size_t b = 0; b < state_.residents.size(); ++b) {
    HeldResident& held = state_.residents[b];
    if (held.pack < 0) continue;
    const HostOp& pack = m_.ops[static_cast<size_t>(held.pack)];
    const HostOp& copy = m_.ops[static_cast<size_t>(held.copy)];
    const TensorView& tensor = tensor_of(pack.tensor_buffer);
    std::string layout = resident_layout(m_, pack, copy, tensor);
    if (held.entry == nullptr || held.entry->data != tensor.data || held.layout != layout) {
      held.entry.reset();
      state_.ranges[b] = {};
      auto entry = state_.space->residents().get(
          tensor.data, layout, [&] { return reserve_buffer(m_, *state_.space, b); });
      if (!entry) return fail(entry.error());
      held.entry = std::move(*entry);
      held.layout = std::move(layout);
    }
    state_.ranges[b] = held.entry->range;
    used.insert(held.entry);
  }
  for (const auto& resident : used) {
    std::unique_lock lock(resident->mutex);
    if (resident->uploaded) continue;
    uploading_.push_back(resident);
    upload_locks_.push_back(std::move(lock));
  }
  return {};
}

bool ModuleRunner::Call::is_uploaded(size_t number) const {
  const int b = state_.uploads[number];
  if (b < 0) return false;
  const auto& entry = state_.residents[static_cast<size_t>(b)].entry;
  return std::find(uploading_.begin(), uploading_.end(), entry) == uploading_.end();
}

Result<RunReport> ModuleRunner::Call::run(std::span<const TensorView> tensors) {
  if (auto ok = bind(tensors); !ok) return fail(ok.error());
  if (auto ok = bind_residents(); !ok) return fail(ok.error());
  for (size_t i = 0; i < m_.ops.size(); ++i) {
    if (is_uploaded(i)) continue;
    if (auto ok = run_op(i); !ok) return fail(at_operation(ok.error(), m_.ops[i]));
    timings_[i].ran = true;
  }
  RunReport report;
  if (auto ok = finish(report); !ok) return fail(ok.error());
  for (const auto& resident : uploading_) resident->uploaded = true;
  if (options_.counters) {
    if (auto ok = collect_counters(report); !ok) return fail(ok.error());
  }
  account(report);
  return report;
}

std::vector<Event> ModuleRunner::Call::events_of(const std::vector<int>& ops) const {
  std::vector<Event> events;
  for (const int op : ops) {
    const Event& event = events_[static_cast<size_t>(op)];
    if (!event.empty()) events.push_back(event);
  }
  return events;
}

Status ModuleRunner::Call::wait_for(const std::vector<int>& ops) {
  for (const Event& event : events_of(ops)) {
    if (auto ok = event.wait(); !ok) return ok;
  }
  return {};
}

Status ModuleRunner::Call::run_op(size_t number) {
  const HostOp& op = m_.ops[number];
  const Clock::time_point start = Clock::now();
  Status status;
  switch (op.resource) {
    case Resource::host:
      if (auto ok = wait_for(op.after); !ok) return ok;
      timings_[number].local_ns = -ns_since(begin_);
      status = run_host(number);
      timings_[number].local_ns += ns_since(begin_);
      return status;
    case Resource::link:
      status = start_copy(number);
      break;
    case Resource::device:
      status = start_launch(number);
      break;
  }
  timings_[number].local_ns = ns_since(start);
  return status;
}

Status ModuleRunner::Call::run_host(size_t number) {
  const HostOp& op = m_.ops[number];
  const int n = static_cast<int>(number);
  switch (op.kind) {
    case OpKind::pack:
      if (in_place(op.host_buffer))
        return state_.host->pack_staged(n, tensor_of(op.tensor_buffer),
                                        staged_slices(op.host_buffer));
      return state_.host->pack(n, tensor_of(op.tensor_buffer), staging(op.host_buffer));
    case OpKind::reduce:
      if (in_place(op.host_buffer))
        return state_.host->unpack_staged(n, staged_slices(op.host_buffer),
                                          tensor_of(op.tensor_buffer));
      if (op.fused >= 0)
        return state_.host->unpack_fused(n, staging(op.host_buffer), tensor_of(op.tensor_buffer),
                                         tensors_, op.fused);
      return state_.host->unpack(n, staging(op.host_buffer), tensor_of(op.tensor_buffer));
    case OpKind::fill:
      return state_.host->fill(n, tensor_of(op.host_buffer));
    case OpKind::join:
      join(op);
      return {};
    default:
      if (op.fused >= 0) return {};  // done by the reduction
      return state_.host->stage(n, tensors_);
  }
}

void ModuleRunner::Call::join(const HostOp& op) {
  std::byte* const joined = staging(op.host_buffer);
  for (const JoinPart& part : op.parts) {
    const DeviceBuffer& b = m_.device_buffers[static_cast<size_t>(part.device_buffer)];
    const bool direct = in_place(part.host_buffer);
    for (int64_t s = 0; s < op.map.slices; ++s) {
      const std::byte* const from =
          slice_address(part.host_buffer, direct, part.slices == 1 ? 0 : s, b.bytes());
      std::memcpy(joined + s * op.map.slice_elements + b.offset, from,
                  static_cast<size_t>(b.bytes()));
    }
  }
}

Status ModuleRunner::Call::start_copy(size_t number) {
  const HostOp& op = m_.ops[number];
  if (op.bytes == 0 || op.units == 0) return wait_for(op.after);
  const DeviceRange& range = state_.ranges[static_cast<size_t>(op.device_buffer)];
  const std::vector<Event> after = events_of(op.after);
  CopyRequest request;
  request.direction =
      op.kind == OpKind::copy_back ? CopyDirection::from_device : CopyDirection::to_device;
  request.memory = range.memory();
  request.offset = range.offset();
  request.bytes = static_cast<uint64_t>(op.bytes);
  request.unit_count = static_cast<uint64_t>(op.units);
  request.after = after;
  std::vector<void*> pointers;
  const bool direct = in_place(op.host_buffer);
  if (op.kind == OpKind::broadcast) {
    request.broadcast = slice_address(op.host_buffer, direct, 0, op.bytes);
  } else {
    for (const int64_t slice : state_.unit_slices[number]) {
      void* const address =
          slice < 0 ? nullptr : slice_address(op.host_buffer, direct, slice, op.bytes);
      pointers.push_back(address);
    }
    request.pointers = pointers;
  }
  auto event = state_.space->device().copy(request);
  if (!event) return fail(event.error());
  events_[number] = std::move(*event);
  return {};
}

// The memory that a native buffer is: a tensor's, or staging from end to end.
TensorView ModuleRunner::Call::native_view(const DeviceBuffer& b) const {
  const HostBuffer& host = m_.host_buffers[static_cast<size_t>(b.host_buffer)];
  if (host.kind == HostBufferKind::tensor) return tensor_of(b.host_buffer);
  return {staging(b.host_buffer), b.dtype, {b.elements}, {1}};
}

// In place where the plugin takes host memory and that memory is fit for it; else in memory of the
// scope, which the host can address too.
Status ModuleRunner::Call::bind_native(int device_buffer) {
  const DeviceBuffer& b = m_.device_buffers[static_cast<size_t>(device_buffer)];
  Native& native = natives_[static_cast<size_t>(device_buffer)];
  if (!native.memory.empty() || b.bytes() == 0) return {};
  const TensorView t = native_view(b);
  const Device& device = state_.space->device();
  const auto bytes = static_cast<uint64_t>(b.bytes());
  if (usable_in_place(t, b)) {
    auto imported = device.import_host(t.data, bytes);
    if (imported) {
      native.memory = std::move(*imported);
      return {};
    }
    if (imported.error().code != "unsupported") return fail(imported.error());
  }
  auto made =
      device.alloc(b.scope, bytes,
                   static_cast<uint64_t>(std::max<int64_t>(
                       b.alignment, m_.target->scopes[static_cast<size_t>(b.scope)].alignment)));
  if (!made) return fail(made.error());
  if (made->host_address() == nullptr) {
    return fail(
        target_error("plugin_misbehaves",
                     cat("memory of scope ", m_.target->scopes[static_cast<size_t>(b.scope)].name,
                         " has no host address, though the host can address the scope")));
  }
  native.memory = std::move(*made);
  native.copied = true;
  return {};
}

void ModuleRunner::Call::copy_natives(const HostOp& op, bool to_device) {
  const Kernel& kernel = m_.kernels[static_cast<size_t>(op.kernel)];
  for (const KernelBuffer& b : kernel.buffers) {
    if (b.kind != BufferKind::device) continue;
    const auto number = static_cast<size_t>(op.arguments[static_cast<size_t>(b.param)]);
    const Native& native = natives_[number];
    if (!native.copied || (!to_device && !b.written)) continue;
    const TensorView t = native_view(m_.device_buffers[number]);
    const TensorView mirror =
        row_major(static_cast<std::byte*>(native.memory.host_address()), t.dtype, t.shape);
    copy_tensor(to_device ? t : mirror, to_device ? mirror : t);
  }
}

Status ModuleRunner::Call::start_launch(size_t number) {
  const HostOp& op = m_.ops[number];
  bool copied = false;
  std::vector<int64_t> arguments;
  for (const int b : op.arguments) {
    const auto n = static_cast<size_t>(b);
    if (!m_.device_buffers[n].native) {
      arguments.push_back(static_cast<int64_t>(state_.ranges[n].base()));
      continue;
    }
    if (auto ok = bind_native(b); !ok) return ok;
    copied |= natives_[n].copied;
    const DeviceMemory& memory = natives_[n].memory;
    arguments.push_back(memory.empty() ? 0 : static_cast<int64_t>(memory.base()));
  }
  if (copied) {
    if (auto ok = wait_for(op.after); !ok) return ok;
    copy_natives(op, true);
  }
  const std::vector<Event> after = events_of(op.after);
  LaunchRequest request;
  request.module = state_.images[static_cast<size_t>(op.kernel)];
  request.unit_count = static_cast<uint64_t>(op.units);
  request.arguments = arguments;
  request.after = after;
  auto event = state_.space->device().launch(request);
  if (!event) return fail(event.error());
  events_[number] = std::move(*event);
  if (!copied) return {};
  if (auto ok = events_[number].wait(); !ok) return ok;
  copy_natives(op, false);
  return {};
}

}  // namespace pimjit
