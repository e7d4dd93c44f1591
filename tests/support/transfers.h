#ifndef PIMJIT_TESTS_SUPPORT_TRANSFERS_H_
#define PIMJIT_TESTS_SUPPORT_TRANSFERS_H_

#include <memory>
#include <utility>

#include "pimjit/tests/support/random_map.h"

namespace pimjit::test {

// A host program whose operations are independent transfers.
class Transfers {
 public:
  int add(const RandomMap& m, OpKind kind) {
    const auto tensor = static_cast<int>(workload_.tensors.size());
    workload_.tensors.push_back(m.tensor);
    const auto host_tensor = static_cast<int>(module_.host_buffers.size());
    module_.host_buffers.push_back(
        {"T", HostBufferKind::tensor, tensor, m.tensor.dtype, m.tensor.elements()});
    module_.host_buffers.push_back({"S", HostBufferKind::staging, -1,
                                    m.map.narrow.value_or(m.tensor.dtype),
                                    m.map.slices * m.map.slice_elements});
    HostOp op;
    op.kind = kind;
    op.resource = Resource::host;
    op.name = "transfer";
    op.map = m.map;
    op.reducer = m.reducer;
    op.tensor_buffer = host_tensor;
    op.host_buffer = kind == OpKind::fill ? host_tensor : host_tensor + 1;
    module_.ops.push_back(std::move(op));
    return static_cast<int>(module_.ops.size()) - 1;
  }
  HostOp& op(int number) { return module_.ops[static_cast<size_t>(number)]; }
  std::shared_ptr<const LoweredModule> finish() {
    module_.workload = std::make_shared<const Workload>(workload_);
    return std::make_shared<const LoweredModule>(module_);
  }

 private:
  Workload workload_;
  LoweredModule module_;
};

}  // namespace pimjit::test

#endif  // PIMJIT_TESTS_SUPPORT_TRANSFERS_H_
