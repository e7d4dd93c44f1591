#include "pimjit/core/interp/module_interpreter.h"

#include <algorithm>
#include <cstring>

#include "pimjit/core/interp/scalar_ops.h"
#include "pimjit/core/interp/transfer.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

// Whether two stretches have values at the same places, and the same ones.
bool agree(const std::byte* a, const uint8_t* a_shadow, const std::byte* b, const uint8_t* b_shadow,
           int64_t bytes) {
  for (int64_t i = 0; i < bytes; ++i) {
    const bool defined = a_shadow[i] == 0;
    if (defined != (b_shadow[i] == 0) || (defined && a[i] != b[i])) return false;
  }
  return true;
}

class HostProgram {
 public:
  HostProgram(const LoweredModule& m, const InterpreterOptions& options)
      : m_(m), options_(options) {}

  Result<std::vector<HostTensor>> run(const std::vector<HostTensor>& inputs);

 private:
  Status set_inputs(const std::vector<HostTensor>& inputs);
  Status lay_out_device();
  int64_t place_buffers(int scope, int64_t first, int64_t align);
  Result<std::vector<HostTensor>> results(const std::vector<HostTensor>& inputs) const;

  Status run_op(const HostOp& op);
  Status run_transfer(const HostOp& op);
  Status run_copy(const HostOp& op);
  Status run_launch(const HostOp& op);
  Status run_stage(const HostOp& op);
  Status run_fill(const HostOp& op);
  void run_join(const HostOp& op);
  void fill_parts(const HostOp& op);
  Status check_link(const HostOp& op) const;
  Result<ShadowMemory*> launch_memory(const HostOp& op, const Kernel& kernel,
                                      const KernelBuffer& b);

  const Tensor& tensor_of(int host_buffer) const {
    return m_.workload->tensors[static_cast<size_t>(host(host_buffer).tensor)];
  }
  const HostBuffer& host(int b) const { return m_.host_buffers[static_cast<size_t>(b)]; }
  ShadowMemory& host_memory(int b) { return host_[static_cast<size_t>(b)]; }
  std::string where(const HostOp& op) const { return cat("operation \"", op.name, "\""); }
  Error problem(const HostOp& op, const char* code, std::string what) const {
    return internal_error(code, std::move(what), where(op));
  }
  int host_buffer_of_tensor(int tensor) const;
  static int64_t slice_of(const HostOp& op, int64_t unit);

  const LoweredModule& m_;
  const InterpreterOptions& options_;
  std::vector<ShadowMemory> host_;    // per host buffer, one instance
  std::vector<ShadowMemory> device_;  // per device buffer, instances as they are needed
  std::vector<int64_t> bases_;        // per device buffer
};

Result<std::vector<HostTensor>> HostProgram::run(const std::vector<HostTensor>& inputs) {
  if (auto ok = verify_host_program(m_); !ok) return fail(ok.error());
  for (const HostBuffer& b : m_.host_buffers) {
    host_.emplace_back(1, b.elements * bytes_of(b.dtype));
  }
  if (auto ok = set_inputs(inputs); !ok) return fail(ok.error());
  if (auto ok = lay_out_device(); !ok) return fail(ok.error());
  for (const HostOp& op : m_.ops) {
    if (auto ok = run_op(op); !ok) {
      if (ok.error().where.find("operation") != std::string::npos) return fail(ok.error());
      Error e = ok.error();
      e.where = cat(where(op), ", ", e.where);
      return fail(std::move(e));
    }
  }
  return results(inputs);
}

int HostProgram::host_buffer_of_tensor(int tensor) const {
  for (size_t b = 0; b < m_.host_buffers.size(); ++b) {
    const HostBuffer& candidate = m_.host_buffers[b];
    if (candidate.kind == HostBufferKind::tensor && candidate.tensor == tensor) {
      return static_cast<int>(b);
    }
  }
  return -1;
}

Status HostProgram::set_inputs(const std::vector<HostTensor>& inputs) {
  const std::vector<int> numbers = m_.workload->inputs();
  if (inputs.size() != numbers.size()) {
    return fail(user_error("input_mismatch", cat("the computation reads ", numbers.size(),
                                                 " tensors, ", inputs.size(), " were given")));
  }
  for (size_t i = 0; i < numbers.size(); ++i) {
    const Tensor& t = m_.workload->tensors[static_cast<size_t>(numbers[i])];
    if (inputs[i].dtype() != t.dtype || inputs[i].shape() != t.shape) {
      return fail(user_error("input_mismatch",
                             cat("tensor ", t.name, " has another type or shape than declared")));
    }
    const int b = host_buffer_of_tensor(numbers[i]);
    if (b < 0 || t.bytes() == 0) continue;
    std::memcpy(host_memory(b).data(0), inputs[i].data(), static_cast<size_t>(t.bytes()));
    std::memset(host_memory(b).shadow(0), 0, static_cast<size_t>(t.bytes()));
  }
  return {};
}

// Buffers one behind the other in their scope. Where there is room they begin at an odd multiple of
// the largest alignment, so that a kernel which expects more shows.
Status HostProgram::lay_out_device() {
  const TargetDesc& target = *m_.target;
  for (const DeviceBuffer& b : m_.device_buffers) device_.emplace_back(0, b.bytes());
  bases_.assign(m_.device_buffers.size(), 0);
  for (size_t s = 0; s < target.scopes.size(); ++s) {
    const Scope& scope = target.scopes[s];
    const int64_t room = scope.capacity - scope.reserved;
    int64_t align = std::max<int64_t>(scope.alignment, 1);
    for (const DeviceBuffer& b : m_.device_buffers) {
      if (b.scope == static_cast<int>(s)) align = std::max(align, b.alignment);
    }
    if (place_buffers(static_cast<int>(s), align, align) <= room) continue;
    const int64_t need = place_buffers(static_cast<int>(s), 0, align);
    if (need <= room) continue;
    return fail(internal_error(
        "scope_overflow",
        cat("scope ", scope.name, " holds ", room, " B in an instance, its buffers need ", need),
        "host program"));
  }
  return {};
}

int64_t HostProgram::place_buffers(int scope, int64_t first, int64_t align) {
  int64_t at = first;
  for (size_t i = 0; i < m_.device_buffers.size(); ++i) {
    const DeviceBuffer& b = m_.device_buffers[i];
    if (b.scope != scope || b.native || b.within >= 0) continue;
    bases_[i] = (at + align - 1) / align * align;
    at = bases_[i] + b.bytes();
  }
  for (size_t i = 0; i < m_.device_buffers.size(); ++i) {
    const DeviceBuffer& b = m_.device_buffers[i];
    if (b.scope == scope && b.within >= 0)
      bases_[i] = bases_[static_cast<size_t>(b.within)] + b.offset;
  }
  return at;
}

Result<std::vector<HostTensor>> HostProgram::results(const std::vector<HostTensor>& inputs) const {
  std::vector<HostTensor> answer;
  size_t input = 0;
  for (size_t t = 0; t < m_.workload->tensors.size(); ++t) {
    const Tensor& tensor = m_.workload->tensors[t];
    if (tensor.role == TensorRole::input) {
      answer.push_back(inputs[input++]);
      continue;
    }
    const int b = host_buffer_of_tensor(static_cast<int>(t));
    const auto n = static_cast<size_t>(tensor.bytes());
    const uint8_t* shadow = b < 0 ? nullptr : host_[static_cast<size_t>(b)].shadow(0);
    const uint8_t* hole = shadow == nullptr
                              ? nullptr
                              : std::find_if(shadow, shadow + n, [](uint8_t p) { return p != 0; });
    if (n != 0 && (shadow == nullptr || hole != shadow + n)) {
      if (tensor.role == TensorRole::output) {
        const int64_t element = hole == nullptr ? 0 : (hole - shadow) / bytes_of(tensor.dtype);
        return fail(internal_error(
            "poison_in_tensor", cat("element ", element, " of ", tensor.name, " was never written"),
            "host program"));
      }
      answer.emplace_back(tensor.dtype, std::vector<int64_t>{0});
      continue;
    }
    answer.emplace_back(tensor.dtype, tensor.shape);
    if (n > 0) std::memcpy(answer.back().data(), host_[static_cast<size_t>(b)].data(0), n);
  }
  return answer;
}

Status HostProgram::run_op(const HostOp& op) {
  switch (op.kind) {
    case OpKind::pack:
    case OpKind::reduce:
      return run_transfer(op);
    case OpKind::copy:
    case OpKind::broadcast:
    case OpKind::copy_back:
      return run_copy(op);
    case OpKind::launch:
      return run_launch(op);
    case OpKind::stage:
      return run_stage(op);
    case OpKind::fill:
      return run_fill(op);
    case OpKind::join:
      run_join(op);
      return {};
  }
  return {};
}

Status HostProgram::run_transfer(const HostOp& op) {
  const TransferSides sides{&tensor_of(op.tensor_buffer), &host_memory(op.tensor_buffer),
                            &host_memory(op.host_buffer)};
  if (op.kind == OpKind::pack) return interpret_pack(op.map, sides, where(op));
  return interpret_unpack(op.map, op.reducer, sides, where(op));
}

int64_t HostProgram::slice_of(const HostOp& op, int64_t unit) {
  int64_t slice = 0;
  for (const UnitDigit& d : op.unit_digits)
    slice += unit / d.unit_stride % d.extent * d.slice_stride;
  return slice;
}

// Sizes are verify_host_program's; addresses are known here only.
Status HostProgram::check_link(const HostOp& op) const {
  const Link& link = m_.target->links[static_cast<size_t>(op.link)];
  const int64_t base = bases_[static_cast<size_t>(op.device_buffer)];
  if (base % link.alignment == 0) return {};
  return fail(problem(op, "copy_alignment",
                      cat("the device address ", base, " is no multiple of ", link.alignment,
                          ", which link ", link.name, " needs")));
}

Status HostProgram::run_copy(const HostOp& op) {
  if (op.bytes == 0 || op.units == 0) return {};
  if (auto ok = check_link(op); !ok) return ok;
  ShadowMemory& staging = host_memory(op.host_buffer);
  ShadowMemory& device = device_[static_cast<size_t>(op.device_buffer)];
  if (op.kind == OpKind::copy_back && device.instances() < op.units) {
    return fail(problem(
        op, "launch_mismatch",
        cat("it reads ", op.units, " instances, ", device.instances(), " were ever written")));
  }
  device.grow(op.units);
  std::vector<bool> filled(static_cast<size_t>(staging.bytes() / op.bytes));
  for (int64_t u = 0; u < op.units; ++u) {
    const int64_t slice = op.kind == OpKind::broadcast ? 0 : slice_of(op, u);
    std::byte* const data = staging.data(0) + slice * op.bytes;
    uint8_t* const shadow = staging.shadow(0) + slice * op.bytes;
    if (op.kind != OpKind::copy_back) {
      copy_shadowed(device.data(u), device.shadow(u), data, shadow, op.bytes);
      continue;
    }
    const auto n = static_cast<size_t>(slice);
    const bool same = agree(data, shadow, device.data(u), device.shadow(u), op.bytes);
    if (filled[n] && !same) {
      return fail(problem(
          op, "copy_back_conflict",
          cat("unit ", u, " and another one write slice ", slice, " with different contents")));
    }
    filled[n] = true;
    copy_shadowed(data, shadow, device.data(u), device.shadow(u), op.bytes);
  }
  if (op.kind != OpKind::copy_back) fill_parts(op);
  return {};
}

// Parts of a device buffer have memory of their own here, so that a kernel cannot leave them.
void HostProgram::fill_parts(const HostOp& op) {
  ShadowMemory& whole = device_[static_cast<size_t>(op.device_buffer)];
  for (size_t i = 0; i < m_.device_buffers.size(); ++i) {
    const DeviceBuffer& b = m_.device_buffers[i];
    if (b.within != op.device_buffer) continue;
    device_[i].grow(op.units);
    for (int64_t u = 0; u < op.units; ++u)
      copy_shadowed(device_[i].data(u), device_[i].shadow(u), whole.data(u) + b.offset,
                    whole.shadow(u) + b.offset, b.bytes());
  }
}

void HostProgram::run_join(const HostOp& op) {
  ShadowMemory& joined = host_memory(op.host_buffer);
  std::fill_n(joined.shadow(0), joined.bytes(), static_cast<uint8_t>(Poison::padding));
  for (const JoinPart& part : op.parts) {
    ShadowMemory& source = host_memory(part.host_buffer);
    const DeviceBuffer& b = m_.device_buffers[static_cast<size_t>(part.device_buffer)];
    for (int64_t s = 0; s < op.map.slices; ++s) {
      const int64_t to = s * op.map.slice_elements + b.offset;
      const int64_t from = part.slices == 1 ? 0 : s * b.bytes();
      copy_shadowed(joined.data(0) + to, joined.shadow(0) + to, source.data(0) + from,
                    source.shadow(0) + from, b.bytes());
    }
  }
}

Result<ShadowMemory*> HostProgram::launch_memory(const HostOp& op, const Kernel& kernel,
                                                 const KernelBuffer& b) {
  const int number = op.arguments[static_cast<size_t>(b.param)];
  const DeviceBuffer& d = m_.device_buffers[static_cast<size_t>(number)];
  if (d.scope != b.scope || d.dtype != b.dtype || d.bytes() < b.bytes()) {
    return fail(
        problem(op, "launch_mismatch",
                cat("kernel buffer ", b.name, " needs ", b.bytes(), " B of ", to_string(b.dtype),
                    " in scope ", b.scope, ", device buffer ", d.name, " has ", d.bytes(), " B of ",
                    to_string(d.dtype), " in scope ", d.scope)));
  }
  if (d.native) return &host_memory(d.host_buffer);
  const int level = kernel.scopes[static_cast<size_t>(b.scope)].level;
  int64_t instances = 1;
  for (int l = 0; l <= level; ++l) instances *= kernel.levels[static_cast<size_t>(l)].count;
  ShadowMemory& memory = device_[static_cast<size_t>(number)];
  memory.grow(instances);
  return &memory;
}

Status HostProgram::run_launch(const HostOp& op) {
  const Kernel& kernel = m_.kernels[static_cast<size_t>(op.kernel)];
  std::vector<int64_t> arguments;
  for (const int b : op.arguments) arguments.push_back(bases_[static_cast<size_t>(b)]);
  std::vector<KernelMemory> memory(kernel.buffers.size());
  for (size_t i = 0; i < memory.size(); ++i) {
    const KernelBuffer& b = kernel.buffers[i];
    if (b.kind != BufferKind::device) continue;
    if (b.param < 0 || static_cast<size_t>(b.param) >= op.arguments.size()) {
      return fail(
          problem(op, "launch_mismatch", cat("kernel buffer ", b.name, " has no argument")));
    }
    auto bound = launch_memory(op, kernel, b);
    if (!bound) return fail(bound.error());
    memory[i].memory = *bound;
  }
  return interpret_kernel(kernel, m_.target.get(), arguments, memory, options_);
}

Status HostProgram::run_stage(const HostOp& op) {
  const HostKernel& host_kernel = m_.host_kernels[static_cast<size_t>(op.kernel)];
  const Kernel& kernel = host_kernel.kernel;
  std::vector<KernelMemory> memory(kernel.buffers.size());
  for (size_t i = 0; i < memory.size(); ++i) {
    if (kernel.buffers[i].kind != BufferKind::device) continue;
    memory[i].memory = &host_memory(host_kernel.buffers[i]);
  }
  return interpret_kernel(kernel, nullptr, std::vector<int64_t>(kernel.params.size(), 0), memory,
                          options_);
}

Status HostProgram::run_fill(const HostOp& op) {
  const Tensor& tensor = tensor_of(op.host_buffer);
  ShadowMemory& memory = host_memory(op.host_buffer);
  const Value value{wrap_to(tensor.dtype, op.map.pad_integer), static_cast<float>(op.map.pad_real),
                    Poison::none};
  for (int64_t at = 0; at < tensor.bytes(); at += bytes_of(tensor.dtype)) {
    store_value(memory.data(0) + at, memory.shadow(0) + at, tensor.dtype, value);
  }
  return {};
}

}  // namespace

Result<std::vector<HostTensor>> interpret(const LoweredModule& module,
                                          const std::vector<HostTensor>& inputs,
                                          const InterpreterOptions& options) {
  return HostProgram(module, options).run(inputs);
}

}  // namespace pimjit
