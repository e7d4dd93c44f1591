#include <algorithm>

#include "pimjit/core/support/text.h"
#include "pimjit/core/workload/bounds.h"
#include "pimjit/core/workload/draft.h"

namespace pimjit::notation {
namespace {

int axis_number(const Stage& stage, const std::string& name) {
  for (size_t a = 0; a < stage.axes.size(); ++a) {
    if (stage.axes[a].name == name) return static_cast<int>(a);
  }
  return -1;
}

// Sum of the coefficients of `axis`; "k-k" and "0*k" do not depend on k.
int64_t coefficient_of(const Index& index, const std::string& axis) {
  int64_t sum = 0;
  for (const IndexPart& part : index.parts) {
    if (part.axis == axis) sum += part.coefficient;
  }
  return sum;
}

Status add_axes(const Program& program, const Statement& statement, Stage& stage) {
  for (const Index& index : statement.output.index) {
    stage.axes.push_back({index.parts[0].axis, AxisKind::spatial, 0});
  }
  stage.rank = static_cast<int>(stage.axes.size());
  for (const TensorUse& use : statement.uses) {
    for (const Index& index : use.index) {
      for (const IndexPart& part : index.parts) {
        if (part.axis.empty() || axis_number(stage, part.axis) >= 0) continue;
        if (coefficient_of(index, part.axis) == 0) continue;
        if (statement.reducer == Reducer::none) {
          return fail(error_at(
              program, "axis_not_reduced",
              cat("axis ", part.axis, " is not on the left-hand side, and '=' does not reduce"),
              part.column, cat("write += to sum over ", part.axis)));
        }
        stage.axes.push_back({part.axis, AxisKind::reduction, 0});
      }
    }
  }
  return {};
}

Result<AffineIndex> affine(const Program& program, const Index& index, const Stage& stage) {
  AffineIndex result{std::vector<int64_t>(stage.axes.size(), 0), 0};
  for (const IndexPart& part : index.parts) {
    const int axis = part.axis.empty() ? -1 : axis_number(stage, part.axis);
    if (axis < 0 && !part.axis.empty()) {
      return fail(error_at(program, "axis_cancels",
                           cat("axis ", part.axis, " cancels out of every index"), part.column,
                           "remove it"));
    }
    int64_t& slot = axis < 0 ? result.constant : result.coefficients[static_cast<size_t>(axis)];
    // Parts are bounded by kMaxElements, so one sum cannot overflow before it is checked.
    slot += part.coefficient;
    if (slot > kMaxElements || slot < -kMaxElements) {
      return fail(error_at(program, "too_large",
                           cat("the number ", slot, " in an index is beyond ", kMaxElements),
                           part.column));
    }
  }
  return result;
}

}  // namespace

Status resolve_stages(Draft& draft) {
  Workload& workload = draft.workload;
  for (const Statement& statement : draft.program.statements) {
    Stage stage{};
    stage.output = workload.find_tensor(statement.output.name);
    stage.reducer = statement.reducer;
    if (Status s = add_axes(draft.program, statement, stage); !s) return s;
    std::vector<int> uses;
    std::vector<int> accesses;
    for (size_t u = 0; u < statement.uses.size(); ++u) {
      Access access{workload.find_tensor(statement.uses[u].name), {}};
      for (const Index& index : statement.uses[u].index) {
        Result<AffineIndex> one = affine(draft.program, index, stage);
        if (!one) return fail(one.error());
        access.index.push_back(std::move(*one));
      }
      const auto same = std::find(stage.accesses.begin(), stage.accesses.end(), access);
      accesses.push_back(static_cast<int>(same - stage.accesses.begin()));
      if (same != stage.accesses.end()) continue;
      stage.accesses.push_back(std::move(access));
      uses.push_back(static_cast<int>(u));
    }
    draft.use_of_access.push_back(std::move(uses));
    draft.access_of_use.push_back(std::move(accesses));
    workload.stages.push_back(std::move(stage));
  }
  return {};
}

std::string suggestion(const std::string& name, const std::vector<std::string>& known,
                       const std::string& kind) {
  // Any name is near to one of one or two letters.
  const std::string nearest = name.size() > 2 ? nearest_name(name, known) : "";
  if (!nearest.empty()) return cat("did you mean '", nearest, "'?");
  if (known.empty()) return cat("there is no ", kind);
  return cat("known: ", join(known, ", "));
}

Status resolve_ranges(Draft& draft) {
  std::map<std::string, std::pair<ValueRange, int>> declared;
  for (const DeclaredRange& range : draft.program.ranges) {
    if (!declared.emplace(range.tensor, std::pair{range.range, range.column}).second) {
      return fail(error_at(draft.program, "bad_range",
                           cat("the range of ", range.tensor, " is declared twice"), range.column));
    }
  }
  for (const auto& [name, range] : draft.options.ranges) {
    const auto it = declared.find(name);
    declared[name] = {range, it == declared.end() ? kNoColumn : it->second.second};
  }
  std::vector<std::string> inputs;
  for (const int t : draft.workload.inputs())
    inputs.push_back(draft.workload.tensors[static_cast<size_t>(t)].name);
  for (const auto& [name, entry] : declared) {
    const auto& [range, column] = entry;
    const int t = draft.workload.find_tensor(name);
    const std::string shown = cat(range.low, "..", range.high);
    if (t < 0) {
      return fail(error_at(draft.program, "unknown_tensor",
                           cat("range ", shown, " for '", name, "', which is no tensor"), column,
                           suggestion(name, inputs, "input")));
    }
    Tensor& tensor = draft.workload.tensors[static_cast<size_t>(t)];
    if (tensor.role != TensorRole::input) {
      return fail(error_at(draft.program, "bad_range",
                           cat("range ", shown, " for ", name, ", which is computed"), column,
                           "ranges are declared for inputs only"));
    }
    if (range.low > range.high) {
      return fail(error_at(draft.program, "bad_range",
                           cat("the range ", shown, " of ", name, " is empty"), column,
                           cat("did you mean ", range.high, "..", range.low, "?")));
    }
    tensor.range = range;
    for (const int64_t bound : {range.low, range.high}) {
      if (holds(tensor.dtype, bound)) continue;
      return fail(error_at(draft.program, "bad_range",
                           cat("the bound ", bound, " of the range of ", name, " is no value of ",
                               to_string(tensor.dtype)),
                           column,
                           is_int(tensor.dtype)
                               ? cat(to_string(tensor.dtype), " holds ", min_value(tensor.dtype),
                                     "..", max_value(tensor.dtype))
                               : ""));
    }
  }
  return {};
}

Result<Workload> resolve(const Program& program, const NotationOptions& options) {
  Draft draft{program, options};
  draft.workload.name = "custom";
  for (Status (*step)(Draft&) : {resolve_tensors, resolve_stages, resolve_types, resolve_bodies,
                                 resolve_sizes, resolve_shapes, resolve_ranges}) {
    if (Status s = step(draft); !s) return fail(s.error());
  }
  if (Status s = check_workload(draft.workload); !s) return fail(s.error());
  return std::move(draft.workload);
}

}  // namespace pimjit::notation
