#include "pimjit/core/lower/host_stage.h"

#include "pimjit/core/lower/kernel_builder.h"
#include "pimjit/core/lower/scalar_body.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

Expr row_major(const std::vector<int64_t>& shape, const std::vector<Expr>& index) {
  Expr sum = make_int(DType::i64, 0);
  int64_t stride = 1;
  for (size_t d = shape.size(); d-- > 0;) {
    sum = add_of(mul_of(index[d], stride), sum);
    stride *= shape[d];
  }
  return sum;
}

int declare_tensor(HostKernel& out, const Workload& w, int tensor, bool written) {
  const Tensor& t = w.tensors[static_cast<size_t>(tensor)];
  KernelBuffer buffer;
  buffer.name = t.name;
  buffer.dtype = t.dtype;
  buffer.scope = 0;
  buffer.elements = t.elements();
  buffer.kind = BufferKind::device;
  buffer.param = static_cast<int>(out.kernel.params.size());
  buffer.align = bytes_of(t.dtype);
  buffer.written = written;
  out.kernel.params.push_back({cat(t.name, ".base"), DType::i64});
  out.kernel.buffers.push_back(std::move(buffer));
  out.buffers.push_back(tensor);
  return static_cast<int>(out.kernel.buffers.size()) - 1;
}

Stmt initial_results(HostKernel& out, const Workload& w, const Stage& stage, int buffer) {
  const Identity identity = identity_of(stage.reducer, stage.compute);
  const Expr value = is_float(stage.compute) ? make_float(static_cast<float>(identity.real))
                                             : make_int(stage.compute, identity.integer);
  const int64_t elements = w.tensors[static_cast<size_t>(stage.output)].elements();
  const int var = out.kernel.add_var("z", DType::i64);
  return make_for(var, make_int(DType::i64, 0), make_int(DType::i64, elements), LoopKind::serial, 1,
                  make_store(buffer, make_var(DType::i64, var), value));
}

}  // namespace

HostKernel host_stage(const Workload& w, const StageSchedule& schedule, int number) {
  const Stage& stage = w.stages[static_cast<size_t>(number)];
  HostKernel out;
  out.kernel.name = cat("stage", number);
  out.kernel.scopes.push_back({"host", -1});
  std::vector<int> reads;
  for (const Access& access : stage.accesses)
    reads.push_back(declare_tensor(out, w, access.tensor, false));
  const int result = declare_tensor(out, w, stage.output, true);

  std::vector<Expr> leaf(schedule.loops.size());
  for (LoopId id : schedule.nest) {
    leaf[static_cast<size_t>(id)] =
        make_var(DType::i64, out.kernel.add_var(cat("l", id), DType::i64));
  }
  const NestValues values(schedule, leaf, DType::i64);
  std::vector<Expr> loads;
  for (size_t a = 0; a < stage.accesses.size(); ++a) {
    const Tensor& tensor = w.tensors[static_cast<size_t>(stage.accesses[a].tensor)];
    loads.push_back(make_load(tensor.dtype, reads[a],
                              row_major(tensor.shape, values.index(stage.accesses[a].index))));
  }
  std::vector<Expr> place;
  for (int a = 0; a < stage.rank; ++a) place.push_back(values.value(a));
  const Expr address = row_major(w.tensors[static_cast<size_t>(stage.output)].shape, place);
  Expr value = scalar_body(stage, loads);
  if (stage.reducer != Reducer::none) {
    value = make_binary(binary_of(stage.reducer), make_load(stage.compute, result, address), value);
  }
  Stmt body = make_store(result, address, value);
  // Host memory has no padding, so padded splits are guarded here like the others.
  if (const Expr guard = values.guard(true, false)) body = make_if(guard, body);
  for (size_t p = schedule.nest.size(); p-- > 0;) {
    const LoopId id = schedule.nest[p];
    const Loop& loop = schedule.loops[static_cast<size_t>(id)];
    if (loop.extent == 1) continue;
    body = make_for(as<Var>(leaf[static_cast<size_t>(id)]).id, make_int(DType::i64, 0),
                    make_int(DType::i64, loop.extent), loop.kind, loop.unroll, body);
  }
  std::vector<Stmt> all;
  if (stage.reducer != Reducer::none) all.push_back(initial_results(out, w, stage, result));
  all.push_back(body);
  out.kernel.body = make_seq(std::move(all));
  return out;
}

HostKernel host_stage_row(const Workload& w, int number) {
  const Stage& stage = w.stages[static_cast<size_t>(number)];
  HostKernel out;
  out.kernel.name = cat("stage", number, ".row");
  out.kernel.scopes.push_back({"host", -1});
  std::vector<int> reads;
  for (const Access& access : stage.accesses)
    reads.push_back(declare_tensor(out, w, access.tensor, false));
  const int result = declare_tensor(out, w, stage.output, true);

  const auto param = [&](std::string name) {
    out.kernel.params.push_back({std::move(name), DType::i64});
    return make_param(DType::i64, static_cast<int>(out.kernel.params.size()) - 1);
  };
  const auto rank = static_cast<size_t>(stage.rank);
  std::vector<Expr> place;
  for (size_t d = 0; d + 1 < rank; ++d) place.push_back(param(stage.axes[d].name));
  const Expr first = param("first"), count = param("count");
  const int var = out.kernel.add_var(stage.axes[rank - 1].name, DType::i64);
  place.push_back(make_var(DType::i64, var));

  std::vector<Expr> loads;
  for (size_t a = 0; a < stage.accesses.size(); ++a) {
    const Tensor& tensor = w.tensors[static_cast<size_t>(stage.accesses[a].tensor)];
    std::vector<Expr> index;
    for (const AffineIndex& dimension : stage.accesses[a].index) {
      Expr sum = make_int(DType::i64, dimension.constant);
      for (size_t d = 0; d < rank; ++d)
        sum = add_of(sum, mul_of(place[d], dimension.coefficients[d]));
      index.push_back(sum);
    }
    loads.push_back(make_load(tensor.dtype, reads[a], row_major(tensor.shape, index)));
  }
  const Expr address = row_major(w.tensors[static_cast<size_t>(stage.output)].shape, place);
  out.kernel.body = make_for(var, first, count, LoopKind::vectorized, 1,
                             make_store(result, address, scalar_body(stage, loads)));
  return out;
}

}  // namespace pimjit
