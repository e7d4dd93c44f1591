#include "pimjit/jit/host/host_program_code.h"

#include "pimjit/core/support/text.h"
#include "pimjit/jit/host/nest_emitter.h"
#include "pimjit/jit/llvm/fatal_guard.h"

namespace pimjit {
namespace {

// A nest with the name that its entry gets.
struct NamedNest {
  TransferNest nest;
  std::string name;
};

// Whether whole pieces of rows are added up, whose elements follow each other in the tensor.
bool can_be_followed(const TransferNest& nest, TensorLayout layout) {
  if (layout != TensorLayout::row_major || nest.by_element || nest.empty) return false;
  int64_t step = 0, stride = 1;
  for (size_t d = nest.shape.size(); d-- > 0; stride *= nest.shape[d]) {
    if (!nest.index[d].affine && nest.row.index[d] == 0) continue;
    step += nest.row.index[d] * stride;
  }
  return step == 1;
}

class Program {
 public:
  Program(const LoweredModule& module, TensorLayout layout) : m_(module), layout_(layout) {}

  Result<HostProgramCode> emit() {
    HostProgramCode out;
    for (size_t i = 0; i < m_.ops.size(); ++i) {
      out.transfers.emplace_back();
      out.slices.emplace_back();
      out.followed.push_back(false);
      if (Status ok = plan(i, out); !ok) return fail(ok.error());
    }
    const Status emitted = guard_llvm([&] {
      out.module = IrModule(
          layout_ == TensorLayout::row_major ? "host program" : "host program for strided tensors");
      for (const NamedNest& n : nests_)
        NestEmitter(n.nest, layout_, out.module.module()).emit(n.name);
    });
    if (emitted) return out;
    out.module.leak();
    return fail(emitted.error());
  }

 private:
  const Tensor& tensor(int host_buffer) const {
    const HostBuffer& b = m_.host_buffers[static_cast<size_t>(host_buffer)];
    return m_.workload->tensors[static_cast<size_t>(b.tensor)];
  }

  Status add(Result<TransferNest> nest, std::string name) {
    if (!nest) return fail(nest.error());
    nests_.push_back({std::move(*nest), std::move(name)});
    return {};
  }

  Status plan(size_t number, HostProgramCode& out) {
    const HostOp& op = m_.ops[number];
    const std::string name = cat("op", number, ".", to_string(op.kind));
    if (op.kind == OpKind::fill) {
      out.transfers.back() = name;
      return add(plan_fill(op.map, tensor(op.host_buffer), layout_), name);
    }
    if (op.kind != OpKind::pack && op.kind != OpKind::reduce) return {};
    const NestKind kind = op.kind == OpKind::pack ? NestKind::pack : NestKind::unpack;
    const bool in_place = layout_ == TensorLayout::row_major && op.in_place.possible;
    if (in_place && op.in_place.staged.empty()) return {};
    (in_place ? out.slices : out.transfers).back() = name;
    auto nest =
        plan_transfer(kind, op.map, op.reducer, tensor(op.tensor_buffer), layout_, in_place);
    if (nest) nest->how = op.how;
    if (nest && op.kind == OpKind::reduce && op.fused >= 0) {
      nest->followed = can_be_followed(*nest, layout_);
      nest->dropped = nest->followed && op.passed_on;
      out.followed[number] = nest->followed;
    }
    return add(std::move(nest), name);
  }

  const LoweredModule& m_;
  const TensorLayout layout_;
  std::vector<NamedNest> nests_;
};

}  // namespace

std::vector<std::string> HostProgramCode::entries() const {
  std::vector<std::string> all;
  for (const auto* names : {&transfers, &slices}) {
    for (const std::string& name : *names) {
      if (!name.empty()) all.push_back(name);
    }
  }
  return all;
}

Result<HostProgramCode> emit_host_program(const LoweredModule& module, TensorLayout layout) {
  return Program(module, layout).emit();
}

}  // namespace pimjit
