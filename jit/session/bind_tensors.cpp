#include "pimjit/jit/session/bind_tensors.h"

#include <optional>

#include "pimjit/core/run/check_tensors.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

std::string device_text(DLDevice device) {
  const char* name = "unknown";
  switch (device.device_type) {
    case kDLCPU:
      name = "cpu";
      break;
    case kDLCUDA:
    case kDLCUDAManaged:
      name = "cuda";
      break;
    case kDLCUDAHost:
      name = "cuda host";
      break;
    case kDLOpenCL:
      name = "opencl";
      break;
    case kDLVulkan:
      name = "vulkan";
      break;
    case kDLMetal:
      name = "metal";
      break;
    case kDLROCM:
      name = "rocm";
      break;
    default:
      break;
  }
  return cat(name, " (device type ", static_cast<int>(device.device_type), ")");
}

std::string type_text(DLDataType type) {
  const char* kind = "type ";
  switch (type.code) {
    case kDLInt:
      kind = "int";
      break;
    case kDLUInt:
      kind = "uint";
      break;
    case kDLFloat:
      kind = "float";
      break;
    case kDLBfloat:
      kind = "bfloat";
      break;
    case kDLComplex:
      kind = "complex";
      break;
    default:
      break;
  }
  return cat(kind, static_cast<int>(type.bits));
}

std::optional<DType> dtype_of(DLDataType type) {
  for (const DType t : kTensorDTypes) {
    if (type.code == (is_float(t) ? kDLFloat : kDLInt) && type.bits == bits_of(t)) return t;
  }
  return std::nullopt;
}

Error bad(const std::string& name, const std::string& what, std::string hint = {}) {
  return user_error("bad_dlpack", cat("tensor ", name, what), {}, std::move(hint));
}

// Whether addresses of elements, relative to the first, stay below 2^62 bytes.
bool addressable(const TensorView& t) {
  int64_t reach = bytes_of(t.dtype);
  for (size_t d = 0; d < t.shape.size(); ++d) {
    if (t.shape[d] <= 1) continue;
    int64_t step = 0, sum = 0;
    if (__builtin_mul_overflow(t.strides[d], bytes_of(t.dtype), &step) ||
        __builtin_mul_overflow(step, t.shape[d] - 1, &step) || step == INT64_MIN ||
        __builtin_add_overflow(reach, step < 0 ? -step : step, &sum) || sum > (int64_t{1} << 62)) {
      return false;
    }
    reach = sum;
  }
  return true;
}

Status read_extents(const DLTensor& from, const std::string& name, TensorView& to) {
  if (from.ndim < 0 || from.ndim > 64)
    return fail(bad(name, cat(" has ", from.ndim, " dimensions"), "0 to 64 will do"));
  const auto rank = static_cast<size_t>(from.ndim);
  if (rank == 0) return {};
  if (from.shape == nullptr) return fail(bad(name, " has no shape"));
  to.shape.assign(from.shape, from.shape + rank);
  for (size_t d = 0; d < rank; ++d) {
    if (to.shape[d] < 0)
      return fail(bad(name, cat(" has size ", to.shape[d], " in dimension ", d)));
  }
  to.strides.resize(rank);
  if (from.strides != nullptr) {
    to.strides.assign(from.strides, from.strides + rank);
    return {};
  }
  int64_t stride = 1;
  for (size_t d = rank; d-- > 0;) {
    to.strides[d] = stride;
    if (__builtin_mul_overflow(stride, to.shape[d], &stride))
      return fail(bad(name, " has more than 2^63 elements"));
  }
  return {};
}

std::vector<int> order_of(const Workload& workload) {
  std::vector<int> numbers = workload.inputs();
  numbers.push_back(workload.output());
  return numbers;
}

Status check_count(const Workload& workload, size_t given) {
  const std::vector<int> order = order_of(workload);
  if (given == order.size()) return {};
  std::vector<std::string> names;
  for (const int t : order) names.push_back(workload.tensors[static_cast<size_t>(t)].name);
  return fail(user_error("tensor_mismatch",
                         cat("the computation takes ", order.size(), " tensors, ", given,
                             given == 1 ? " was given" : " were given"),
                         to_text(workload), cat("in this order: ", join(names, ", "))));
}

}  // namespace

Result<TensorView> view_of(const DLTensor* tensor, const std::string& name) {
  if (tensor == nullptr) return fail(bad(name, " is a null pointer"));
  if (tensor->device.device_type != kDLCPU && tensor->device.device_type != kDLCUDAHost) {
    return fail(user_error("wrong_device",
                           cat("tensor ", name, " lies on ", device_text(tensor->device)), {},
                           "copy it to host memory (kDLCPU) first"));
  }
  if (tensor->dtype.lanes != 1) {
    return fail(bad(name, cat(" has vectors of ", tensor->dtype.lanes, " lanes as elements"),
                    "one lane each, with the vector as a dimension of its own"));
  }
  const std::optional<DType> dtype = dtype_of(tensor->dtype);
  if (!dtype) {
    return fail(user_error("tensor_mismatch",
                           cat("tensor ", name, " has elements of type ", type_text(tensor->dtype)),
                           {}, "types: i8 i16 i32 i64 f32"));
  }
  TensorView view;
  view.dtype = *dtype;
  if (Status s = read_extents(*tensor, name, view); !s) return fail(s.error());
  if (!addressable(view)) {
    return fail(bad(name, " reaches over more than 2^62 bytes", "look at its shape and strides"));
  }
  if (tensor->byte_offset > uint64_t{1} << 62) {
    return fail(bad(name, cat(" begins ", tensor->byte_offset, " bytes behind its address"),
                    "look at its byte_offset"));
  }
  if (tensor->data != nullptr)
    view.data = static_cast<std::byte*>(tensor->data) + tensor->byte_offset;
  return view;
}

Result<std::vector<TensorView>> bind_tensors(const Workload& workload,
                                             std::span<const TensorView> tensors) {
  if (Status s = check_count(workload, tensors.size()); !s) return fail(s.error());
  std::vector<TensorView> bound(workload.tensors.size());
  size_t next = 0;
  for (const int t : order_of(workload)) bound[static_cast<size_t>(t)] = tensors[next++];
  if (Status s = check_tensors(workload, bound); !s) return fail(s.error());
  return bound;
}

Result<std::vector<TensorView>> bind_tensors(const Workload& workload,
                                             std::span<const DLTensor* const> tensors) {
  if (Status s = check_count(workload, tensors.size()); !s) return fail(s.error());
  std::vector<TensorView> bound(workload.tensors.size());
  size_t next = 0;
  for (const int t : order_of(workload)) {
    const auto n = static_cast<size_t>(t);
    Result<TensorView> view = view_of(tensors[next++], workload.tensors[n].name);
    if (!view) return fail(view.error());
    bound[n] = std::move(*view);
  }
  if (Status s = check_tensors(workload, bound); !s) return fail(s.error());
  return bound;
}

}  // namespace pimjit
