#include "pimjit/core/run/host_ops.h"

#include <cstring>
#include <optional>
#include <vector>

#include "pimjit/core/interp/kernel_interpreter.h"
#include "pimjit/core/run/map_executor.h"
#include "pimjit/core/run/row_moves.h"
#include "pimjit/core/run/slice_map.h"

namespace pimjit {
namespace {

// Calls fn(offset in a, offset in b), in elements, for each row along the last dimension.
template <typename Fn>
void for_each_row(const TensorView& a, const TensorView& b, Fn&& fn) {
  if (a.elements() == 0) return;
  const size_t outer = a.shape.empty() ? 0 : a.shape.size() - 1;
  std::vector<int64_t> at(outer, 0);
  int64_t x = 0, y = 0;
  while (true) {
    fn(x, y);
    size_t d = outer;
    while (d-- > 0) {
      x += a.strides[d], y += b.strides[d];
      if (++at[d] < a.shape[d]) break;
      x -= a.strides[d] * a.shape[d], y -= b.strides[d] * a.shape[d];
      at[d] = 0;
    }
    if (d == static_cast<size_t>(-1)) return;
  }
}

int64_t row_elements(const TensorView& t) {
  return t.shape.empty() ? 1 : t.shape.back();
}
int64_t row_stride(const TensorView& t) {
  return t.shape.empty() ? 1 : t.strides.back();
}

class PlainHostOps : public HostOps {
 public:
  explicit PlainHostOps(std::shared_ptr<const LoweredModule> module) : module_(std::move(module)) {}

  Status prepare() {
    for (const HostOp& op : module_->ops) {
      maps_.emplace_back();
      staged_.emplace_back();
      if (op.kind != OpKind::pack && op.kind != OpKind::reduce) continue;
      const HostBuffer& b = module_->host_buffers[static_cast<size_t>(op.tensor_buffer)];
      const Tensor& t = module_->workload->tensors[static_cast<size_t>(b.tensor)];
      auto map = MapExecutor::make(op.map, op.reducer, t.dtype, t.shape);
      if (!map) return fail(map.error());
      maps_.back() = std::move(*map);
      if (Status ok = prepare_staged(op, t); !ok) return ok;
    }
    return {};
  }

  Status pack(int op, const TensorView& tensor, std::byte* staging) const override {
    maps_[static_cast<size_t>(op)]->pack(tensor, staging);
    return {};
  }
  Status unpack(int op, const std::byte* staging, const TensorView& tensor) const override {
    maps_[static_cast<size_t>(op)]->unpack(staging, tensor);
    return {};
  }
  Status pack_staged(int op, const TensorView& tensor, std::byte* staging) const override {
    for (const MapExecutor& slice : staged_[static_cast<size_t>(op)]) {
      slice.pack(tensor, staging);
      staging += slice_bytes(op, tensor);
    }
    return {};
  }
  Status unpack_staged(int op, const std::byte* staging, const TensorView& tensor) const override {
    for (const MapExecutor& slice : staged_[static_cast<size_t>(op)]) {
      slice.unpack(staging, tensor);
      staging += slice_bytes(op, tensor);
    }
    return {};
  }
  Status fill(int op, const TensorView& tensor) const override {
    const TransferMap& map = module_->ops[static_cast<size_t>(op)].map;
    auto* const data = static_cast<std::byte*>(tensor.data);
    for_each_row(tensor, tensor, [&](int64_t offset, int64_t) {
      fill_row(tensor.dtype, {data + offset * bytes_of(tensor.dtype), row_stride(tensor)},
               map.pad_integer, map.pad_real, row_elements(tensor));
    });
    return {};
  }
  Status stage(int op, std::span<const TensorView> tensors) const override;

 private:
  Status prepare_staged(const HostOp& op, const Tensor& tensor) {
    if (!op.in_place.possible) return {};
    for (const int64_t slice : op.in_place.staged) {
      auto map = MapExecutor::make(slice_of(op.map, slice), op.reducer, tensor.dtype, tensor.shape);
      if (!map) return fail(map.error());
      staged_.back().push_back(std::move(*map));
    }
    return {};
  }
  int64_t slice_bytes(int op, const TensorView& tensor) const {
    return module_->ops[static_cast<size_t>(op)].map.slice_elements * bytes_of(tensor.dtype);
  }

  std::shared_ptr<const LoweredModule> module_;
  std::vector<std::optional<MapExecutor>> maps_;  // per operation
  std::vector<std::vector<MapExecutor>> staged_;  // per operation, by position in InPlace::staged
};

// The kernel works on row-major copies of the tensors.
Status PlainHostOps::stage(int op, std::span<const TensorView> tensors) const {
  const HostOp& o = module_->ops[static_cast<size_t>(op)];
  const HostKernel& host_kernel = module_->host_kernels[static_cast<size_t>(o.kernel)];
  const Kernel& kernel = host_kernel.kernel;
  std::vector<ShadowMemory> stores(module_->host_buffers.size());
  std::vector<KernelMemory> memory(kernel.buffers.size());
  const auto tensor_of = [&](int buffer) -> const TensorView& {
    return tensors[static_cast<size_t>(module_->host_buffers[static_cast<size_t>(buffer)].tensor)];
  };
  const auto contiguous = [](const TensorView& t, ShadowMemory& store) {
    TensorView view{store.data(0), t.dtype, t.shape, std::vector<int64_t>(t.shape.size())};
    int64_t stride = 1;
    for (size_t d = t.shape.size(); d-- > 0; stride *= t.shape[d]) view.strides[d] = stride;
    return view;
  };
  for (size_t i = 0; i < memory.size(); ++i) {
    if (kernel.buffers[i].kind != BufferKind::device) continue;
    const int buffer = host_kernel.buffers[i];
    ShadowMemory& store = stores[static_cast<size_t>(buffer)];
    memory[i].memory = &store;
    if (store.instances() > 0) continue;
    const TensorView& t = tensor_of(buffer);
    store = ShadowMemory(1, t.elements() * bytes_of(t.dtype));
    copy_tensor(t, contiguous(t, store));
    std::memset(store.shadow(0), 0, static_cast<size_t>(store.bytes()));
  }
  InterpreterOptions options;
  options.second_order = options.races = options.ranges = false;
  const std::vector<int64_t> arguments(kernel.params.size(), 0);
  if (auto ok = interpret_kernel(kernel, nullptr, arguments, memory, options); !ok) return ok;
  for (size_t i = 0; i < memory.size(); ++i) {
    if (memory[i].memory == nullptr || !kernel.buffers[i].written) continue;
    const TensorView& t = tensor_of(host_kernel.buffers[i]);
    copy_tensor(contiguous(t, *memory[i].memory), t);
  }
  return {};
}

}  // namespace

void copy_tensor(const TensorView& from, const TensorView& to) {
  const int64_t width = bytes_of(from.dtype);
  const auto* const source = static_cast<const std::byte*>(from.data);
  auto* const target = static_cast<std::byte*>(to.data);
  if (from.elements() > 0 && from.contiguous() && to.contiguous()) {
    std::memcpy(target, source, static_cast<size_t>(from.elements() * width));
    return;
  }
  for_each_row(from, to, [&](int64_t x, int64_t y) {
    copy_row(from.dtype, {target + y * width, row_stride(to)},
             {source + x * width, row_stride(from)}, row_elements(from));
  });
}

Result<std::unique_ptr<HostOps>> make_plain_host_ops(std::shared_ptr<const LoweredModule> module) {
  auto ops = std::make_unique<PlainHostOps>(std::move(module));
  if (auto ok = ops->prepare(); !ok) return fail(ok.error());
  return std::unique_ptr<HostOps>(std::move(ops));
}

}  // namespace pimjit
