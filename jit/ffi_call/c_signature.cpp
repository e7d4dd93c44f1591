#include "pimjit/jit/ffi_call/c_signature.h"

#include <set>
#include <utility>

#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

std::vector<std::pair<std::string, int64_t>> axes_of(const Workload& workload) {
  std::vector<std::pair<std::string, int64_t>> axes;
  std::set<std::string> seen;
  for (const Stage& stage : workload.stages) {
    for (const Axis& axis : stage.axes) {
      if (seen.insert(axis.name).second) axes.emplace_back(axis.name, axis.extent);
    }
  }
  return axes;
}

std::string c_type(DType t) {
  return is_float(t) ? "float" : cat("int", bits_of(t), "_t");
}

}  // namespace

CSignature c_signature(const Workload& workload, bool sizes) {
  CSignature signature;
  for (const int number : workload.inputs()) {
    const Tensor& t = workload.tensors[static_cast<size_t>(number)];
    signature.parameters.push_back({t.name, t.dtype, !t.shape.empty(), false});
  }
  const Tensor& out = workload.tensors[static_cast<size_t>(workload.output())];
  signature.parameters.push_back({out.name, out.dtype, true, true});
  if (!sizes) return signature;
  for (const auto& [name, extent] : axes_of(workload))
    signature.parameters.push_back({name, DType::i64, false, false});
  return signature;
}

std::vector<int64_t> c_sizes(const Workload& workload) {
  std::vector<int64_t> sizes;
  for (const auto& [name, extent] : axes_of(workload)) sizes.push_back(extent);
  return sizes;
}

std::string to_text(const CSignature& signature, const std::string& function) {
  std::vector<std::string> parts;
  for (const CParameter& p : signature.parameters) {
    parts.push_back(cat(p.pointer && !p.written ? "const " : "", c_type(p.dtype),
                        p.pointer ? "* " : " ", p.name));
  }
  return cat("int ", function, "(", join(parts, ", "), ")");
}

}  // namespace pimjit
