#include "pimjit/core/run/module_runner.h"

#include <set>

#include "pimjit/core/run/call.h"
#include "pimjit/core/run/load_images.h"
#include "pimjit/core/run/runner_state.h"
#include "pimjit/core/run/slice_map.h"

namespace pimjit {
namespace {

bool moves_units(const HostOp& op) {
  return op.kind == OpKind::copy || op.kind == OpKind::copy_back;
}

}  // namespace

Status ModuleRunner::State::reserve() {
  auto reserved = reserve_buffers(*module, *space, false);
  if (!reserved) return fail(reserved.error());
  ranges = std::move(*reserved);
  host_memory.resize(module->host_buffers.size());
  intermediates.resize(module->workload->tensors.size());
  residents.resize(module->device_buffers.size());
  return {};
}

// Memory of the slices that are staged even where the rest of a transfer is in place.
void ModuleRunner::State::plan_staging() {
  staged.resize(module->host_buffers.size());
  host_side.assign(module->host_buffers.size(), -1);
  for (size_t i = 0; i < module->ops.size(); ++i) {
    const HostOp& op = module->ops[i];
    if (op.kind != OpKind::pack && op.kind != OpKind::reduce) continue;
    host_side[static_cast<size_t>(op.host_buffer)] = static_cast<int>(i);
    if (!op.in_place.possible) continue;
    const HostBuffer& b = module->host_buffers[static_cast<size_t>(op.tensor_buffer)];
    const Tensor& t = module->workload->tensors[static_cast<size_t>(b.tensor)];
    const auto slices = static_cast<int64_t>(op.in_place.staged.size());
    staged[static_cast<size_t>(op.host_buffer)] =
        HostTensor(t.dtype, {slices * op.map.slice_elements});
  }
}

// Per operation, the resident device buffer it uploads, or -1.
void ModuleRunner::State::find_uploads() {
  uploads.assign(module->ops.size(), -1);
  for (size_t i = 0; i < module->ops.size(); ++i) {
    const HostOp& copy = module->ops[i];
    if (!copy.upload || copy.resource != Resource::link) continue;
    uploads[i] = copy.device_buffer;
    const int pack = host_side[static_cast<size_t>(copy.host_buffer)];
    if (pack < 0) continue;
    uploads[static_cast<size_t>(pack)] = copy.device_buffer;
    residents[static_cast<size_t>(copy.device_buffer)].pack = pack;
    residents[static_cast<size_t>(copy.device_buffer)].copy = static_cast<int>(i);
  }
}

// Back from the device, units that hold the same slice give it once: the first of them.
void ModuleRunner::State::list_slices() {
  for (const HostOp& op : module->ops) {
    unit_slices.emplace_back();
    if (!moves_units(op)) continue;
    std::set<int64_t> seen;
    for (int64_t u = 0; u < op.units; ++u) {
      const int64_t slice = slice_of_unit(op.unit_digits, u);
      const bool skip = op.kind == OpKind::copy_back && !seen.insert(slice).second;
      unit_slices.back().push_back(skip ? -1 : slice);
    }
  }
}

Result<ModuleRunner> ModuleRunner::create(std::shared_ptr<const LoweredModule> module,
                                          std::shared_ptr<DeviceSpace> space,
                                          const std::vector<std::vector<std::byte>>& images,
                                          std::unique_ptr<HostOps> host) {
  if (auto ok = verify_host_program(*module); !ok) return fail(ok.error());
  auto state = std::make_shared<State>();
  state->module = std::move(module);
  state->space = std::move(space);
  if (host == nullptr) {
    auto plain = make_plain_host_ops(state->module);
    if (!plain) return fail(plain.error());
    host = std::move(*plain);
  }
  state->host = std::move(host);
  auto loaded = load_images(*state->module, state->space->device(), images);
  if (!loaded) return fail(loaded.error());
  state->images = std::move(*loaded);
  if (auto ok = state->reserve(); !ok) return fail(ok.error());
  state->plan_staging();
  state->list_slices();
  state->find_uploads();
  ModuleRunner runner;
  runner.state_ = std::move(state);
  return runner;
}

Result<RunReport> ModuleRunner::run(std::span<const TensorView> tensors,
                                    const RunOptions& options) const {
  const std::lock_guard lock(state_->mutex);
  return Call(*state_, options).run(tensors);
}

void ModuleRunner::forget_residents() const {
  const std::lock_guard lock(state_->mutex);
  for (const auto& resident : state_->residents) {
    if (resident.entry != nullptr) state_->space->residents().forget(resident.entry->data);
  }
}

const LoweredModule& ModuleRunner::module() const {
  return *state_->module;
}

}  // namespace pimjit
