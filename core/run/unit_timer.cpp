#include "pimjit/core/run/unit_timer.h"

#include <algorithm>
#include <map>
#include <set>

#include "pimjit/core/run/check_tensors.h"
#include "pimjit/core/run/load_images.h"
#include "pimjit/core/run/predicted_report.h"
#include "pimjit/core/run/slice_map.h"
#include "pimjit/core/run/unit_classes.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

// One piece of staging on its way to one or more instances.
struct Delivery {
  MapExecutor pack;
  std::vector<int64_t> instances;
};

// Where what an operation packs goes, by a copy of its own or as part of a joined one.
struct Destination {
  int device_buffer = -1;
  int64_t units = 0;
  std::vector<UnitDigit> unit_digits;
};

const HostOp* copy_from(const LoweredModule& m, int staging) {
  for (const HostOp& op : m.ops) {
    const bool moves = op.kind == OpKind::copy || op.kind == OpKind::broadcast;
    if (moves && op.host_buffer == staging) return &op;
  }
  return nullptr;
}

Destination destination_of(const LoweredModule& m, const HostOp& pack) {
  if (const HostOp* own = copy_from(m, pack.host_buffer))
    return {own->device_buffer, own->units, own->unit_digits};
  for (const HostOp& op : m.ops) {
    for (const JoinPart& part : op.parts) {
      if (part.host_buffer != pack.host_buffer) continue;
      const HostOp* copy = copy_from(m, op.host_buffer);
      if (copy == nullptr) return {};
      return {part.device_buffer, copy->units,
              part.slices == 1 ? std::vector<UnitDigit>() : copy->unit_digits};
    }
  }
  return {};
}

}  // namespace

struct UnitTimer::State {
  std::shared_ptr<const LoweredModule> module;
  std::shared_ptr<DeviceSpace> space;
  std::vector<Module> images;
  std::vector<DeviceRange> ranges;
  std::vector<int64_t> units;
  std::vector<std::vector<Delivery>> deliveries;  // per operation: of packs, by slice

  Status plan();
  Status prepare(const std::vector<std::vector<std::byte>>& built);
  int64_t instance_of(int scope, int64_t unit) const;
  Status plan_pack(size_t number);
  Result<std::vector<TensorView>> bind(std::span<const TensorView> tensors,
                                       std::vector<HostTensor>& own) const;
  Status deliver(size_t number, const TensorView& tensor, int64_t& bytes) const;
  Result<double> launch(const HostOp& op) const;
};

Status UnitTimer::State::plan() {
  const TargetDesc& target = *module->target;
  if (target.origin != TimeOrigin::modelled) {
    return fail(user_error("measured_target", cat("times of ", target.id, " are measured"), "",
                           "run the whole call"));
  }
  const int level = target.unit_level();
  if (level >= 0 && target.levels[static_cast<size_t>(level)].select == Selection::all) {
    return fail(user_error("whole_launches",
                           cat("level ", target.levels[static_cast<size_t>(level)].name, " of ",
                               target.id, " runs all of its instances at once"),
                           "", "run the whole call"));
  }
  for (const DeviceBuffer& b : module->device_buffers) {
    if (!b.native) continue;
    return fail(user_error("whole_launches",
                           cat("buffer ", b.name, " is the tensor itself, not a copy per unit"), "",
                           "run the whole call"));
  }
  deliveries.resize(module->ops.size());
  for (size_t i = 0; i < module->ops.size(); ++i) {
    if (module->ops[i].kind != OpKind::pack) continue;
    if (Status ok = plan_pack(i); !ok) return ok;
  }
  return {};
}

// The instance of the scope that the unit is in.
int64_t UnitTimer::State::instance_of(int scope, int64_t unit) const {
  const int scope_level = module->target->scopes[static_cast<size_t>(scope)].level;
  for (int level = scope_level + 1; level <= module->target->unit_level(); ++level)
    unit /= module->kernels[0].levels[static_cast<size_t>(level)].count;
  return unit;
}

Status UnitTimer::State::plan_pack(size_t number) {
  const HostOp& pack = module->ops[number];
  const Destination to = destination_of(*module, pack);
  if (to.units == 0) return {};
  const int scope = module->device_buffers[static_cast<size_t>(to.device_buffer)].scope;
  std::map<int64_t, std::set<int64_t>> by_slice;
  for (int64_t unit : units) {
    const int64_t instance = instance_of(scope, unit);
    if (instance >= to.units) continue;
    by_slice[slice_of_unit(to.unit_digits, instance)].insert(instance);
  }
  const HostBuffer& b = module->host_buffers[static_cast<size_t>(pack.tensor_buffer)];
  const Tensor& t = module->workload->tensors[static_cast<size_t>(b.tensor)];
  for (const auto& [slice, instances] : by_slice) {
    auto executor = MapExecutor::make(slice_of(pack.map, slice), Reducer::none, t.dtype, t.shape);
    if (!executor) return fail(executor.error());
    deliveries[number].push_back(
        {std::move(*executor), std::vector<int64_t>(instances.begin(), instances.end())});
  }
  return {};
}

Status UnitTimer::State::prepare(const std::vector<std::vector<std::byte>>& built) {
  if (Status ok = plan(); !ok) return ok;
  auto loaded = load_images(*module, space->device(), built);
  if (!loaded) return fail(loaded.error());
  images = std::move(*loaded);
  auto reserved = reserve_buffers(*module, *space, true);
  if (!reserved) return fail(reserved.error());
  ranges = std::move(*reserved);
  return {};
}

Result<UnitTimer> UnitTimer::create(std::shared_ptr<const LoweredModule> module,
                                    std::shared_ptr<DeviceSpace> space,
                                    const std::vector<std::vector<std::byte>>& images,
                                    size_t classes) {
  if (Status ok = verify_host_program(*module); !ok) return fail(ok.error());
  std::set<int64_t> chosen;
  for (size_t k = 0; k < module->kernels.size(); ++k) {
    const std::vector<UnitClass> all = unit_classes(*module, static_cast<int>(k));
    for (int64_t unit : representatives(all, std::max<size_t>(classes, 1))) chosen.insert(unit);
  }
  return make(std::move(module), std::move(space), images, {chosen.begin(), chosen.end()});
}

Result<UnitTimer> UnitTimer::create_for(std::shared_ptr<const LoweredModule> module,
                                        std::shared_ptr<DeviceSpace> space,
                                        const std::vector<std::vector<std::byte>>& images,
                                        std::vector<int64_t> units) {
  if (Status ok = verify_host_program(*module); !ok) return fail(ok.error());
  return make(std::move(module), std::move(space), images, std::move(units));
}

// Of a verified module.
Result<UnitTimer> UnitTimer::make(std::shared_ptr<const LoweredModule> module,
                                  std::shared_ptr<DeviceSpace> space,
                                  const std::vector<std::vector<std::byte>>& images,
                                  std::vector<int64_t> units) {
  auto state = std::make_shared<State>();
  state->module = std::move(module);
  state->space = std::move(space);
  state->units = std::move(units);
  if (Status ok = state->prepare(images); !ok) return fail(ok.error());
  UnitTimer timer;
  timer.state_ = std::move(state);
  return timer;
}

Result<HostTensor> UnitTimer::result_of(int64_t unit, const UnitRange& range) const {
  const LoweredModule& m = *state_->module;
  const Tensor& t = m.workload->tensors[static_cast<size_t>(m.workload->output())];
  const HostOp* back = nullptr;
  const HostOp* unpack = nullptr;
  for (const HostOp& op : m.ops) {
    if (op.kind == OpKind::copy_back) back = &op;
    if (op.kind == OpKind::reduce) unpack = &op;
  }
  if (back == nullptr || unpack == nullptr || unpack->host_buffer != back->host_buffer) {
    return fail(user_error("whole_launches", "the results are no copies of one unit's memory", "",
                           "run the whole call"));
  }
  const DeviceRange& memory = state_->ranges[static_cast<size_t>(back->device_buffer)];
  const DeviceBuffer& b = m.device_buffers[static_cast<size_t>(back->device_buffer)];
  const int64_t instance = state_->instance_of(b.scope, unit);
  HostTensor staging(b.dtype, {b.elements});
  std::vector<void*> pointers(static_cast<size_t>(back->units), nullptr);
  pointers[static_cast<size_t>(instance)] = staging.data();
  CopyRequest request;
  request.direction = CopyDirection::from_device;
  request.memory = memory.memory();
  request.offset = memory.offset();
  request.bytes = static_cast<uint64_t>(back->bytes);
  request.unit_count = static_cast<uint64_t>(back->units);
  request.pointers = pointers;
  auto event = state_->space->device().copy(request);
  if (!event) return fail(event.error());
  if (Status ok = event->wait(); !ok) return fail(ok.error());
  const int64_t slice = slice_of_unit(back->unit_digits, instance);
  const auto map =
      MapExecutor::make(slice_of(unpack->map, slice), unpack->reducer, t.dtype, t.shape);
  if (!map) return fail(map.error());
  // A window onto the whole output that begins at range.low.
  const std::vector<int64_t> shape(
      range.count.begin(), range.count.begin() + static_cast<std::ptrdiff_t>(t.shape.size()));
  HostTensor window(t.dtype, shape);
  TensorView view = window.view();
  view.shape = t.shape;
  int64_t before = 0;
  for (size_t d = 0; d < shape.size(); ++d) before += range.low[d] * view.strides[d];
  view.data = static_cast<std::byte*>(view.data) - before * bytes_of(t.dtype);
  map->unpack(staging.data(), view);
  return window;
}

// Inputs as given; what is computed on the way needs memory only where a pack reads it.
Result<std::vector<TensorView>> UnitTimer::State::bind(std::span<const TensorView> tensors,
                                                       std::vector<HostTensor>& own) const {
  const auto& declared = module->workload->tensors;
  std::vector<TensorView> bound(tensors.begin(), tensors.end());
  own.resize(declared.size());
  for (size_t t = 0; t < declared.size() && t < bound.size(); ++t) {
    if (declared[t].role == TensorRole::input) continue;
    own[t] = HostTensor(declared[t].dtype, declared[t].role == TensorRole::intermediate
                                               ? declared[t].shape
                                               : std::vector<int64_t>{0});
    void* const memory = own[t].bytes() > 0 ? static_cast<void*>(own[t].data()) : own.data();
    TensorView view{memory, declared[t].dtype, declared[t].shape,
                    std::vector<int64_t>(declared[t].shape.size())};
    int64_t stride = 1;
    for (size_t d = view.shape.size(); d-- > 0; stride *= view.shape[d]) view.strides[d] = stride;
    bound[t] = std::move(view);
  }
  if (Status ok = check_tensors(*module->workload, bound); !ok) return fail(ok.error());
  return bound;
}

// Packs the slices of a pack's tensor that the chosen units need, and copies them there.
Status UnitTimer::State::deliver(size_t number, const TensorView& tensor, int64_t& bytes) const {
  const Destination to = destination_of(*module, module->ops[number]);
  const DeviceRange& range = ranges[static_cast<size_t>(to.device_buffer)];
  const DeviceBuffer& b = module->device_buffers[static_cast<size_t>(to.device_buffer)];
  for (const Delivery& delivery : deliveries[number]) {
    HostTensor staging(b.dtype, {b.elements});
    delivery.pack.pack(tensor, staging.data());
    bytes += 2 * staging.bytes();
    const bool broadcast_only =
        module->target->scopes[static_cast<size_t>(b.scope)].host == HostAccess::broadcast;
    std::vector<void*> pointers(static_cast<size_t>(to.units), nullptr);
    for (int64_t instance : delivery.instances)
      pointers[static_cast<size_t>(instance)] = staging.data();
    CopyRequest request;
    request.memory = range.memory();
    request.offset = range.offset();
    request.bytes = static_cast<uint64_t>(b.bytes());
    request.unit_count = static_cast<uint64_t>(to.units);
    if (broadcast_only) {
      request.broadcast = staging.data();
    } else {
      request.pointers = pointers;
    }
    bytes += staging.bytes() *
             (broadcast_only ? to.units : static_cast<int64_t>(delivery.instances.size()));
    auto event = space->device().copy(request);
    if (!event) return fail(event.error());
    if (Status ok = event->wait(); !ok) return ok;
  }
  return {};
}

Result<double> UnitTimer::State::launch(const HostOp& op) const {
  std::vector<int64_t> arguments;
  for (const int b : op.arguments)
    arguments.push_back(static_cast<int64_t>(ranges[static_cast<size_t>(b)].base()));
  double slowest = 0;
  for (int64_t unit : units) {
    if (unit >= op.units) continue;
    LaunchRequest request;
    request.module = images[static_cast<size_t>(op.kernel)];
    request.first_unit = static_cast<uint64_t>(unit);
    request.unit_count = 1;
    request.arguments = arguments;
    auto event = space->device().launch(request);
    if (!event) return fail(event.error());
    if (Status ok = event->wait(); !ok) return fail(ok.error());
    const auto info = event->query();
    if (!info) return fail(info.error());
    slowest = std::max(slowest, info->duration_ns);
  }
  return slowest;
}

Result<UnitTiming> UnitTimer::run(std::span<const TensorView> tensors) const {
  const LoweredModule& m = *state_->module;
  std::vector<HostTensor> own;
  const auto bound = state_->bind(tensors, own);
  if (!bound) return fail(bound.error());
  UnitTiming timing;
  timing.units_run = state_->units;
  timing.kernel_ns.assign(m.kernels.size(), 0);
  for (size_t i = 0; i < m.ops.size(); ++i) {
    const HostOp& op = m.ops[i];
    const auto named = [&op](Error e) {
      e.where = cat("operation \"", op.name, "\"", e.where.empty() ? "" : ", ", e.where);
      return fail(std::move(e));
    };
    if (op.kind == OpKind::pack && !state_->deliveries[i].empty()) {
      const HostBuffer& b = m.host_buffers[static_cast<size_t>(op.tensor_buffer)];
      const TensorView& tensor = (*bound)[static_cast<size_t>(b.tensor)];
      if (Status ok = state_->deliver(i, tensor, timing.bytes_touched); !ok)
        return named(ok.error());
    } else if (op.kind == OpKind::launch) {
      const auto ns = state_->launch(op);
      if (!ns) return named(ns.error());
      double& kernel = timing.kernel_ns[static_cast<size_t>(op.kernel)];
      kernel = std::max(kernel, *ns);
    }
  }
  timing.report = predicted_report(m, timing.kernel_ns);
  return timing;
}

}  // namespace pimjit
