#include <algorithm>

#include "pimjit/core/support/text.h"
#include "pimjit/core/workload/bounds.h"
#include "pimjit/core/workload/draft.h"

namespace pimjit::notation {
namespace {

std::string product_text(const std::vector<Axis>& axes) {
  std::vector<std::string> parts;
  for (const Axis& axis : axes) parts.push_back(cat(axis.name, "=", axis.extent));
  return join(parts, " * ");
}

std::string product_text(const std::vector<int64_t>& shape) {
  std::vector<std::string> parts;
  for (const int64_t extent : shape) parts.push_back(std::to_string(extent));
  return join(parts, " * ");
}

const Index& index_of(const Draft& draft, size_t s, size_t access, size_t dimension) {
  const auto use = static_cast<size_t>(draft.use_of_access[s][access]);
  return draft.program.statements[s].uses[use].index[dimension];
}

// Extends or checks the shape of the accessed tensor in one dimension.
Status cover(Draft& draft, size_t s, size_t a, size_t d) {
  const Stage& stage = draft.workload.stages[s];
  const Access& access = stage.accesses[a];
  Tensor& tensor = draft.workload.tensors[static_cast<size_t>(access.tensor)];
  const std::optional<IndexBounds> bounds = bounds_of(access.index[d], stage.axes);
  if (!bounds) return {};
  const int column = index_of(draft, s, a, d).column;
  if (bounds->low < 0) {
    return fail(error_at(
        draft.program, "negative_index",
        cat("index ", d, " of ", tensor.name, " reaches ", to_text(bounds->low), ", below 0"),
        column, "add a constant so that the smallest index is 0"));
  }
  if (tensor.role == TensorRole::input) {
    if (bounds->high >= kMaxElements) {
      return fail(error_at(draft.program, "too_large",
                           cat("index ", d, " of ", tensor.name, " reaches ", to_text(bounds->high),
                               ", above ", kMaxElements - 1),
                           column, "use smaller sizes"));
    }
    tensor.shape[d] = std::max(tensor.shape[d], static_cast<int64_t>(bounds->high) + 1);
  } else if (bounds->high >= tensor.shape[d]) {
    return fail(error_at(draft.program, "uncovered_read",
                         cat("index ", d, " of ", tensor.name, " reaches ", to_text(bounds->high),
                             " but the tensor is written only up to ", tensor.shape[d] - 1),
                         column, "enlarge the sizes of the statement that writes it"));
  }
  return {};
}

}  // namespace

Status resolve_sizes(Draft& draft) {
  std::vector<std::string> axes;
  for (const auto& [name, column] : draft.axis_column) axes.push_back(name);
  for (const auto& [name, extent] : draft.options.sizes) {
    if (!draft.axis_column.contains(name)) {
      return fail(error_at(draft.program, "unknown_axis",
                           cat("size ", name, "=", extent, " for '", name, "', which is no axis"),
                           kNoColumn, suggestion(name, axes, "axis")));
    }
  }
  // In the order of the text, so that the first axis without a size is the one reported.
  std::vector<std::pair<int, std::string>> by_column;
  for (const auto& [name, column] : draft.axis_column) by_column.emplace_back(column, name);
  std::sort(by_column.begin(), by_column.end());
  for (const auto& [column, name] : by_column) {
    const auto it = draft.options.sizes.find(name);
    if (it == draft.options.sizes.end()) {
      return fail(error_at(draft.program, "axis_without_size", cat("axis ", name, " has no size"),
                           column, cat("give one, for example ", name, "=1024")));
    }
    if (it->second < 0 || it->second > kMaxElements) {
      return fail(error_at(
          draft.program, "bad_size",
          cat("size ", name, "=", it->second, " is not between 0 and ", kMaxElements), column));
    }
  }
  for (size_t s = 0; s < draft.workload.stages.size(); ++s) {
    std::vector<Axis>& stage_axes = draft.workload.stages[s].axes;
    std::vector<int64_t> extents;
    for (Axis& axis : stage_axes)
      extents.push_back(axis.extent = draft.options.sizes.at(axis.name));
    if (capped_product(extents) > kMaxElements) {
      return fail(error_at(draft.program, "too_large",
                           cat("the iteration space ", product_text(stage_axes), " has more than ",
                               kMaxElements, " points"),
                           draft.program.statements[s].output.column, "use smaller sizes"));
    }
  }
  return {};
}

Status resolve_shapes(Draft& draft) {
  Workload& workload = draft.workload;
  for (size_t s = 0; s < workload.stages.size(); ++s) {
    const Stage& stage = workload.stages[s];
    std::vector<int64_t>& written = workload.tensors[static_cast<size_t>(stage.output)].shape;
    for (int d = 0; d < stage.rank; ++d)
      written.push_back(stage.axes[static_cast<size_t>(d)].extent);
    for (size_t a = 0; a < stage.accesses.size(); ++a) {
      Tensor& tensor = workload.tensors[static_cast<size_t>(stage.accesses[a].tensor)];
      if (tensor.role == TensorRole::input) tensor.shape.resize(stage.accesses[a].index.size(), 0);
      for (size_t d = 0; d < stage.accesses[a].index.size(); ++d) {
        if (Status status = cover(draft, s, a, d); !status) return status;
      }
      if (capped_product(tensor.shape) > kMaxElements) {
        const auto use = static_cast<size_t>(draft.use_of_access[s][a]);
        return fail(error_at(draft.program, "too_large",
                             cat("tensor ", tensor.name, " of shape ", product_text(tensor.shape),
                                 " has more than ", kMaxElements, " elements"),
                             draft.program.statements[s].uses[use].column, "use smaller sizes"));
      }
    }
  }
  return {};
}

}  // namespace pimjit::notation
