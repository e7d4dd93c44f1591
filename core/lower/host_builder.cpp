#include "pimjit/core/lower/host_builder.h"

#include <algorithm>

#include "pimjit/core/lower/in_place.h"
#include "pimjit/core/lower/transfer_maps.h"
#include "pimjit/core/schedule/guards.h"
#include "pimjit/core/schedule/neutral_padding.h"
#include "pimjit/core/support/text.h"

namespace pimjit {

namespace {

// Slices that the host has to move.
int64_t moved_slices(const InPlace& in_place, int64_t slices) {
  return in_place.possible ? static_cast<int64_t>(in_place.staged.size()) : slices;
}

}  // namespace

HostBuilder::HostBuilder(LoweredModule& module)
    : m_(module),
      tensor_buffers_(module.workload->tensors.size(), -1),
      writers_(module.workload->tensors.size()) {
  for (size_t t = 0; t < m_.workload->tensors.size(); ++t) tensor_buffer(static_cast<int>(t));
}

int HostBuilder::add(HostOp op, std::vector<int> after) {
  std::sort(after.begin(), after.end());
  after.erase(std::unique(after.begin(), after.end()), after.end());
  op.after = std::move(after);
  m_.ops.push_back(std::move(op));
  return static_cast<int>(m_.ops.size()) - 1;
}

int HostBuilder::tensor_buffer(int tensor) {
  int& number = tensor_buffers_[static_cast<size_t>(tensor)];
  if (number < 0) {
    const Tensor& t = m_.workload->tensors[static_cast<size_t>(tensor)];
    number = static_cast<int>(m_.host_buffers.size());
    m_.host_buffers.push_back({t.name, HostBufferKind::tensor, tensor, t.dtype, t.elements()});
  }
  return number;
}

int HostBuilder::staging_buffer(const std::string& name, DType t, int64_t elements) {
  m_.host_buffers.push_back({name, HostBufferKind::staging, -1, t, elements});
  return static_cast<int>(m_.host_buffers.size()) - 1;
}

std::vector<int> HostBuilder::writers_of(int tensor) const {
  return writers_[static_cast<size_t>(tensor)];
}

int HostBuilder::add_device_buffer(const OperandLayout& operand, int number) {
  const Tensor& tensor = m_.workload->tensors[static_cast<size_t>(operand.tensor)];
  DeviceBuffer buffer;
  buffer.name = cat(tensor.name, ".", number);
  buffer.scope = operand.home.scope;
  buffer.dtype = operand.type;
  buffer.elements = operand.home.elements;
  buffer.alignment = std::max<int64_t>(
      m_.target->scopes[static_cast<size_t>(operand.home.scope)].alignment, bytes_of(operand.type));
  buffer.tensor = operand.tensor;
  buffer.native = operand.home.native;
  if (buffer.native) buffer.host_buffer = tensor_buffer(operand.tensor);
  for (const Placement& p : m_.schedule.placements) {
    if (p.tensor == operand.tensor && tensor.role == TensorRole::input)
      buffer.resident = p.residency == Residency::resident;
  }
  m_.device_buffers.push_back(std::move(buffer));
  return static_cast<int>(m_.device_buffers.size()) - 1;
}

Status HostBuilder::add_operand(int stage, const StageLayout& layout, const OperandLayout& operand,
                                int device_buffer, std::vector<int>& ready) {
  const Stage& st = m_.workload->stages[static_cast<size_t>(stage)];
  const StageSchedule& schedule = m_.schedule.stages[static_cast<size_t>(stage)];
  const DeviceBuffer& device = m_.device_buffers[static_cast<size_t>(device_buffer)];
  for (int op : writers_of(operand.tensor)) ready.push_back(op);
  if (operand.home.native) return {};
  OperandTransfer transfer = transfer_of(*m_.target, schedule, st, layout, operand);
  const LoopMask padded = padded_axes(st, schedule, pads_are_guards(layout));
  const auto padding = neutral_padding(*m_.workload, stage, padded);
  if (!padding) {
    Rejection rejection{RejectionCode::no_neutral_padding};
    rejection.stage = static_cast<int8_t>(stage);
    return fail(render(rejection, *m_.workload, *m_.target, &m_.schedule, nullptr));
  }
  const PaddingValue& pad = (*padding)[static_cast<size_t>(operand.access)];
  transfer.map.fill_padding = pad.needed;
  transfer.map.pad_integer = pad.integer;
  transfer.map.pad_real = pad.real;
  const Tensor& tensor = m_.workload->tensors[static_cast<size_t>(operand.tensor)];
  if (operand.type != tensor.dtype) transfer.map.narrow = operand.type;

  HostOp pack;
  pack.kind = OpKind::pack;
  pack.resource = Resource::host;
  pack.name = cat("pack ", device.name);
  pack.tensor_buffer = tensor_buffer(operand.tensor);
  pack.host_buffer = staging_buffer(cat(device.name, ".staging"), device.dtype,
                                    transfer.map.slices * transfer.map.slice_elements);
  pack.in_place = in_place_to_device(transfer.map, tensor);
  pack.bytes =
      moved_slices(pack.in_place, transfer.map.slices) * device.elements * bytes_of(tensor.dtype);
  pack.upload = device.resident;
  const int64_t slices = transfer.map.slices;
  pack.map = std::move(transfer.map);
  const int staging = pack.host_buffer;
  const int packed = add(std::move(pack), writers_of(operand.tensor));

  HostOp copy;
  copy.link = m_.target->find_link(kHost, operand.home.scope);
  // Some scopes take nothing but broadcasts, even where one instance is all there is.
  const bool must =
      m_.target->scopes[static_cast<size_t>(operand.home.scope)].host == HostAccess::broadcast;
  const bool broadcast = slices == 1 && (must || transfer.instances > 1) && copy.link >= 0 &&
                         m_.target->links[static_cast<size_t>(copy.link)].broadcast;
  copy.kind = broadcast ? OpKind::broadcast : OpKind::copy;
  copy.resource = Resource::link;
  copy.name = cat(broadcast ? "broadcast " : "copy ", device.name);
  copy.host_buffer = staging;
  copy.device_buffer = device_buffer;
  copy.units = transfer.instances;
  copy.bytes = device.bytes();
  copy.unit_digits = std::move(transfer.unit_digits);
  copy.upload = device.resident;
  ready.push_back(add(std::move(copy), {packed}));
  return {};
}

void HostBuilder::add_result(int stage, const StageLayout& layout, int device_buffer, int launch) {
  const Stage& st = m_.workload->stages[static_cast<size_t>(stage)];
  const StageSchedule& schedule = m_.schedule.stages[static_cast<size_t>(stage)];
  const OperandLayout& operand = layout.result;
  if (operand.home.native) {
    writers_[static_cast<size_t>(st.output)] = {launch};
    return;
  }
  DeviceBuffer& device = m_.device_buffers[static_cast<size_t>(device_buffer)];
  OperandTransfer transfer = transfer_of(*m_.target, schedule, st, layout, operand);
  const int staging = staging_buffer(cat(device.name, ".staging"), device.dtype,
                                     transfer.map.slices * transfer.map.slice_elements);
  const Tensor& tensor = m_.workload->tensors[static_cast<size_t>(st.output)];
  if (operand.type != tensor.dtype) transfer.map.narrow = operand.type;
  int ready = launch;
  InPlace in_place;
  if (m_.target->scopes[static_cast<size_t>(operand.home.scope)].host == HostAccess::direct) {
    // Partial results, written where the host adds them up.
    device.native = true;
    device.host_buffer = staging;
  } else {
    HostOp back;
    back.kind = OpKind::copy_back;
    back.resource = Resource::link;
    back.name = cat("copy back ", device.name);
    back.link = m_.target->find_link(operand.home.scope, kHost);
    back.host_buffer = staging;
    back.device_buffer = device_buffer;
    back.units = transfer.instances;
    back.bytes = device.bytes();
    back.unit_digits = std::move(transfer.unit_digits);
    in_place = in_place_from_device(transfer.map, tensor);
    back.in_place = in_place;
    ready = add(std::move(back), {launch});
  }
  const int64_t bytes =
      moved_slices(in_place, transfer.map.slices) * device.elements * bytes_of(tensor.dtype);

  HostOp reduce;
  reduce.kind = OpKind::reduce;
  reduce.resource = Resource::host;
  const bool adds_up = std::any_of(transfer.map.digits.begin(), transfer.map.digits.end(),
                                   [](const MapDigit& d) { return d.reduce; });
  reduce.name = cat(adds_up ? "reduce " : "unpack ", tensor.name);
  reduce.reducer = adds_up ? st.reducer : Reducer::none;
  if (adds_up) reduce.how = final_reduction(m_.schedule, stage);
  reduce.host_buffer = staging;
  reduce.tensor_buffer = tensor_buffer(st.output);
  reduce.bytes = bytes;
  reduce.in_place = std::move(in_place);
  reduce.map = std::move(transfer.map);
  writers_[static_cast<size_t>(st.output)] = {add(std::move(reduce), {ready})};
}

Status HostBuilder::add_device_stage(int stage, const StageLayout& layout, int kernel) {
  HostOp launch;
  std::vector<int> ready;
  for (const OperandLayout& operand : layout.reads) {
    const int device = add_device_buffer(operand, static_cast<int>(m_.device_buffers.size()));
    launch.arguments.push_back(device);
    if (Status added = add_operand(stage, layout, operand, device, ready); !added) return added;
  }
  const int result = add_device_buffer(layout.result, static_cast<int>(m_.device_buffers.size()));
  launch.arguments.push_back(result);
  launch.kind = OpKind::launch;
  launch.resource = Resource::device;
  launch.name = cat("launch ", m_.kernels[static_cast<size_t>(kernel)].name);
  launch.units = layout.units();
  launch.kernel = kernel;
  add_result(stage, layout, result, add(std::move(launch), ready));
  return {};
}

void HostBuilder::add_host_stage(int stage, int kernel) {
  const Stage& st = m_.workload->stages[static_cast<size_t>(stage)];
  HostOp op;
  op.kind = OpKind::stage;
  op.resource = Resource::host;
  op.name = cat("stage ", m_.workload->tensors[static_cast<size_t>(st.output)].name);
  op.kernel = kernel;
  op.tensor_buffer = tensor_buffer(st.output);
  op.bytes = m_.workload->tensors[static_cast<size_t>(st.output)].bytes();
  std::vector<int> after;
  for (const Access& access : st.accesses) {
    op.bytes += m_.workload->tensors[static_cast<size_t>(access.tensor)].bytes();
    for (int writer : writers_of(access.tensor)) after.push_back(writer);
  }
  writers_[static_cast<size_t>(st.output)] = {add(std::move(op), std::move(after))};
}

void HostBuilder::add_fill(int stage) {
  const Stage& st = m_.workload->stages[static_cast<size_t>(stage)];
  HostOp op;
  op.kind = OpKind::fill;
  op.resource = Resource::host;
  op.name = cat("fill ", m_.workload->tensors[static_cast<size_t>(st.output)].name);
  op.tensor_buffer = tensor_buffer(st.output);
  op.host_buffer = op.tensor_buffer;
  op.bytes = m_.workload->tensors[static_cast<size_t>(st.output)].bytes();
  op.reducer = st.reducer;
  const Identity identity = identity_of(st.reducer, st.compute);
  op.map.pad_integer = identity.integer;
  op.map.pad_real = identity.real;
  writers_[static_cast<size_t>(st.output)] = {add(std::move(op), {})};
}

}  // namespace pimjit
