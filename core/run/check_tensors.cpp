#include "pimjit/core/run/check_tensors.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <utility>

#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

std::string list(const std::vector<int64_t>& numbers) {
  std::vector<std::string> parts;
  for (const int64_t n : numbers) parts.push_back(std::to_string(n));
  return cat("[", join(parts, ","), "]");
}

// x * strides[a] == y * strides[b] for some 0 < x < shape[a], 0 < y < shape[b], or a stride of 0.
bool dimensions_meet(const TensorView& t, size_t a, size_t b) {
  if (t.shape[a] <= 1 || t.strides[a] == 0) return t.shape[a] > 1;
  if (a == b || t.shape[b] <= 1 || t.strides[b] == 0) return t.shape[b] > 1 && t.strides[b] == 0;
  const int64_t common = std::gcd(t.strides[a], t.strides[b]);
  return std::abs(t.strides[b] / common) < t.shape[a] &&
         std::abs(t.strides[a] / common) < t.shape[b];
}

// Each stride, beginning with the smallest, steps over all that the smaller ones reach: so it is in
// every tensor that is a part of a row-major one, dimensions in any order.
bool nested(const TensorView& t) {
  std::vector<std::pair<int64_t, int64_t>> steps;  // stride, extent
  for (size_t d = 0; d < t.shape.size(); ++d) {
    if (t.shape[d] > 1) steps.emplace_back(std::abs(t.strides[d]), t.shape[d]);
  }
  std::sort(steps.begin(), steps.end());
  int64_t reach = 0;
  for (const auto& [stride, extent] : steps) {
    if (stride <= reach) return false;
    reach += stride * (extent - 1);
  }
  return true;
}

// Addresses of all elements, one by one.
bool offsets_meet(const TensorView& t) {
  std::vector<int64_t> offsets{0};
  for (size_t d = 0; d < t.shape.size(); ++d) {
    const size_t before = offsets.size();
    for (int64_t x = 1; x < t.shape[d]; ++x) {
      for (size_t k = 0; k < before; ++k) offsets.push_back(offsets[k] + x * t.strides[d]);
    }
  }
  std::sort(offsets.begin(), offsets.end());
  return std::adjacent_find(offsets.begin(), offsets.end()) != offsets.end();
}

// How the elements of a tensor meet: in words, empty when each has an address of its own.
std::string elements_meet(const TensorView& t) {
  constexpr int64_t kMostOffsets = int64_t{1} << 22;
  if (t.elements() <= 1 || nested(t)) return {};
  for (size_t a = 0; a < t.shape.size(); ++a) {
    for (size_t b = a; b < t.shape.size(); ++b) {
      if (dimensions_meet(t, a, b)) return "lead to one address twice";
    }
  }
  // Three dimensions may meet where no two of them do.
  if (t.shape.size() <= 2) return {};
  if (t.elements() > kMostOffsets) return "may lead to one address twice";
  return offsets_meet(t) ? "lead to one address twice" : "";
}

Status check_tensor(const Workload& workload, const Tensor& declared, const TensorView& given) {
  const auto refuse = [&](const std::string& what, std::string hint) {
    return fail(user_error("tensor_mismatch", cat("tensor ", declared.name, what),
                           to_text(workload), std::move(hint)));
  };
  if (given.dtype != declared.dtype) {
    return refuse(cat(" has type ", to_string(given.dtype), ", the computation declares ",
                      to_string(declared.dtype)),
                  cat("convert it, or declare ", declared.name, ":", to_string(given.dtype)));
  }
  if (given.shape.size() != declared.shape.size()) {
    return refuse(cat(" has ", given.shape.size(), " dimensions ", list(given.shape),
                      ", the computation needs ", declared.shape.size(), " ", list(declared.shape)),
                  "");
  }
  if (given.shape != declared.shape) {
    return refuse(
        cat(" has shape ", list(given.shape), ", the computation needs ", list(declared.shape)),
        "sizes are fixed when the workload is made");
  }
  if (given.strides.size() != given.shape.size()) {
    return refuse(
        cat(" has ", given.strides.size(), " strides for ", given.shape.size(), " dimensions"),
        "one stride per dimension, in elements");
  }
  if (given.data == nullptr && declared.elements() > 0)
    return refuse(cat(" has no memory for its ", declared.elements(), " elements"), "");
  if (declared.role == TensorRole::input) return {};
  if (const std::string meet = elements_meet(given); !meet.empty()) {
    return refuse(cat(" is written, and its strides ", list(given.strides), " for shape ",
                      list(given.shape), " ", meet),
                  "give each element an address of its own");
  }
  return {};
}

}  // namespace

Status check_tensors(const Workload& workload, std::span<const TensorView> tensors) {
  const std::vector<Tensor>& declared = workload.tensors;
  if (tensors.size() != declared.size()) {
    std::vector<std::string> names;
    for (const Tensor& t : declared) names.push_back(t.name);
    return fail(user_error(
        "tensor_mismatch",
        cat("the computation has ", declared.size(), " tensors, ", tensors.size(), " were given"),
        to_text(workload), cat("in this order: ", join(names, ", "))));
  }
  for (size_t t = 0; t < declared.size(); ++t) {
    if (tensors[t].data == nullptr && declared[t].role == TensorRole::intermediate) continue;
    if (Status s = check_tensor(workload, declared[t], tensors[t]); !s) return s;
  }
  return {};
}

}  // namespace pimjit
