#ifndef PIMJIT_TESTS_UNIT_INTERP_SMALL_MODULE_H_
#define PIMJIT_TESTS_UNIT_INTERP_SMALL_MODULE_H_

#include <memory>
#include <string>

#include "pimjit/core/lower/lowered_module.h"
#include "pimjit/tests/unit/interp/small_machine.h"

namespace pimjit::small_machine {

inline Expr digit(int d) {
  return make_var(DType::i64, d);
}
inline Expr number(int64_t v) {
  return make_int(DType::i64, v);
}

// C[i] = A[i] + A[i] for 10 elements of i32 on 3 units of 4 elements each, by hand: unit u holds
// elements 4u .. 4u + 3, the last two are padding.
inline LoweredModule doubling_module() {
  auto workload = std::make_shared<Workload>();
  workload->name = "double";
  Tensor a{"A", DType::i32, {10}, TensorRole::input, {}};
  Tensor c{"C", DType::i32, {10}, TensorRole::output, {}};
  workload->tensors = {a, c};
  Stage stage;
  stage.axes = {{"i", AxisKind::spatial, 10}};
  stage.output = 1;
  stage.rank = 1;
  stage.reducer = Reducer::none;
  stage.compute = DType::i32;
  stage.accesses = {{0, {{{1}, 0}}}};
  stage.body = {{ScalarOp::load, 0}, {ScalarOp::load, 0}, {ScalarOp::add, 0, 1}};
  workload->stages = {stage};

  LoweredModule m;
  m.workload = workload;
  m.target = std::make_shared<TargetDesc>(target());
  const std::string text =
      "kernel double { level unit independent 3 level thread independent 2 scope bank at unit "
      "scope scratch at unit link read bank -> scratch link write scratch -> bank param A i64 "
      "param "
      "C i64 buffer A i32 device bank elements 4 align 8 base A readonly buffer C i32 device bank "
      "elements 4 align 8 base C buffer t i32 local scratch elements 4 align 8 var i i32 body { "
      "copy read t[@thread * 2] <- A[@thread * 2] count 2 for i = 0 count 2 { t[@thread * 2 + i] = "
      "t[@thread * 2 + i] + t[@thread * 2 + i] } copy write C[@thread * 2] <- t[@thread * 2] count "
      "2 } }";
  m.kernels.push_back(parse_kernel(text).value());
  m.kernel_units = {3};
  m.host_buffers = {{"A", HostBufferKind::tensor, 0, DType::i32, 10},
                    {"C", HostBufferKind::tensor, 1, DType::i32, 10},
                    {"A.staging", HostBufferKind::staging, -1, DType::i32, 12},
                    {"C.staging", HostBufferKind::staging, -1, DType::i32, 12}};
  DeviceBuffer device;
  device.name = "A.0";
  device.scope = 0;
  device.dtype = DType::i32;
  device.elements = 4;
  device.alignment = 8;
  device.tensor = 0;
  m.device_buffers.push_back(device);
  device.name = "C.1";
  device.tensor = 1;
  m.device_buffers.push_back(device);

  TransferMap map;
  map.digits = {{3, 1, 0, false}, {4, 0, 1, false}};
  map.index = {
      make_binary(BinaryOp::add, make_binary(BinaryOp::mul, digit(0), number(4)), digit(1))};
  map.slices = 3;
  map.slice_elements = 4;
  HostOp pack;
  pack.kind = OpKind::pack;
  pack.resource = Resource::host;
  pack.name = "pack A";
  pack.tensor_buffer = 0;
  pack.host_buffer = 2;
  pack.bytes = 48;
  pack.map = map;
  HostOp copy;
  copy.kind = OpKind::copy;
  copy.resource = Resource::link;
  copy.name = "copy A";
  copy.after = {0};
  copy.host_buffer = 2;
  copy.device_buffer = 0;
  copy.units = 3;
  copy.bytes = 16;
  copy.unit_digits = {{1, 3, 1}};
  copy.link = 2;
  HostOp launch;
  launch.kind = OpKind::launch;
  launch.resource = Resource::device;
  launch.name = "launch double";
  launch.after = {1};
  launch.units = 3;
  launch.kernel = 0;
  launch.arguments = {0, 1};
  HostOp back = copy;
  back.kind = OpKind::copy_back;
  back.name = "copy back C";
  back.after = {2};
  back.host_buffer = 3;
  back.device_buffer = 1;
  back.link = 3;
  HostOp unpack = pack;
  unpack.kind = OpKind::reduce;
  unpack.name = "unpack C";
  unpack.after = {3};
  unpack.tensor_buffer = 1;
  unpack.host_buffer = 3;
  m.ops = {pack, copy, launch, back, unpack};
  return m;
}

}  // namespace pimjit::small_machine

#endif  // PIMJIT_TESTS_UNIT_INTERP_SMALL_MODULE_H_
