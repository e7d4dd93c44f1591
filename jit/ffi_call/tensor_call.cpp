#include "pimjit/jit/ffi_call/tensor_call.h"

#include <deque>

#include "pimjit/core/run/host_ops.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

bool plain(const TensorView& t) {
  return t.contiguous() &&
         reinterpret_cast<uintptr_t>(t.data) % static_cast<uintptr_t>(bytes_of(t.dtype)) == 0;
}

CValue scalar(const TensorView& t) {
  const auto* const p = static_cast<const std::byte*>(t.data);
  switch (t.dtype) {
    case DType::i8:
      return static_cast<int8_t>(load_integer(p, t.dtype));
    case DType::i16:
      return static_cast<int16_t>(load_integer(p, t.dtype));
    case DType::i32:
      return static_cast<int32_t>(load_integer(p, t.dtype));
    case DType::f32:
      return static_cast<float>(load_real(p));
    default:
      return load_integer(p, t.dtype);
  }
}

}  // namespace

Status call_on_tensors(const ForeignFunction& function, const Workload& workload,
                       std::span<const TensorView> tensors) {
  const CSignature signature = c_signature(workload, true);
  std::deque<HostTensor> copies;
  std::vector<CValue> arguments;
  const TensorView& output = tensors[static_cast<size_t>(workload.output())];
  const bool direct = plain(output);
  for (const int number : workload.inputs()) {
    const TensorView& t = tensors[static_cast<size_t>(number)];
    if (t.shape.empty()) {
      arguments.push_back(scalar(t));
    } else if (plain(t) && !byte_range(t).meets(byte_range(output))) {
      arguments.push_back(t.data);
    } else {
      copies.emplace_back(t.dtype, t.shape);
      copy_tensor(t, copies.back().view());
      arguments.push_back(static_cast<void*>(copies.back().data()));
    }
  }
  if (direct) {
    arguments.push_back(output.data);
  } else {
    copies.emplace_back(output.dtype, output.shape);
    arguments.push_back(static_cast<void*>(copies.back().data()));
  }
  for (const int64_t size : c_sizes(workload)) arguments.push_back(size);
  const Result<int> answer = function.call(signature, arguments);
  if (!answer) return fail(answer.error());
  if (*answer != 0) {
    return fail(user_error("foreign_failed", cat(function.name(), " returned ", *answer, ", not 0"),
                           to_text(signature, "f"), "a function that has succeeded returns 0"));
  }
  if (!direct) copy_tensor(copies.back().view(), output);
  return {};
}

Result<HostTensor> call_on_inputs(const ForeignFunction& function, const Workload& workload,
                                  const std::vector<HostTensor>& inputs) {
  std::vector<TensorView> tensors(workload.tensors.size());
  const std::vector<int> numbers = workload.inputs();
  for (size_t i = 0; i < numbers.size(); ++i) {
    // A view can be written through; inputs are only read.
    tensors[static_cast<size_t>(numbers[i])] = const_cast<HostTensor&>(inputs[i]).view();
  }
  const Tensor& declared = workload.tensors[static_cast<size_t>(workload.output())];
  HostTensor output(declared.dtype, declared.shape);
  tensors[static_cast<size_t>(workload.output())] = output.view();
  if (Status s = call_on_tensors(function, workload, tensors); !s) return fail(s.error());
  return output;
}

}  // namespace pimjit
