#include "pimjit/core/run/module_runner.h"

#include <set>

#include "pimjit/core/run/call.h"
#include "pimjit/core/run/load_images.h"
#include "pimjit/core/run/runner_state.h"

namespace pimjit {
namespace {

bool moves_units(const HostOp& op) {
  return op.kind == OpKind::copy || op.kind == OpKind::copy_back;
}

int64_t slice_of(const HostOp& op, int64_t unit) {
  int64_t slice = 0;
  for (const UnitDigit& d : op.unit_digits) {
    slice += unit / d.unit_stride % d.extent * d.slice_stride;
  }
  return slice;
}

}  // namespace

Status ModuleRunner::State::reserve() {
  auto reserved = reserve_buffers(*module, *space);
  if (!reserved) return fail(reserved.error());
  ranges = std::move(*reserved);
  for (const HostBuffer& b : module->host_buffers) {
    const bool staging = b.kind == HostBufferKind::staging;
    host_memory.push_back(staging ? HostTensor(b.dtype, {b.elements}) : HostTensor());
  }
  intermediates.resize(module->workload->tensors.size());
  return {};
}

// Back from the device, units that hold the same slice give it once: the first of them.
void ModuleRunner::State::list_pointers() {
  for (const HostOp& op : module->ops) {
    pointers.emplace_back();
    if (!moves_units(op)) continue;
    const HostBuffer& b = module->host_buffers[static_cast<size_t>(op.host_buffer)];
    if (b.kind != HostBufferKind::staging) continue;
    std::byte* const data = host_memory[static_cast<size_t>(op.host_buffer)].data();
    std::set<int64_t> seen;
    for (int64_t u = 0; u < op.units; ++u) {
      const int64_t slice = slice_of(op, u);
      const bool skip = op.kind == OpKind::copy_back && !seen.insert(slice).second;
      pointers.back().push_back(skip ? nullptr : data + slice * op.bytes);
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
  state->list_pointers();
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
  state_->residents_uploaded = false;
}

const LoweredModule& ModuleRunner::module() const {
  return *state_->module;
}

}  // namespace pimjit
