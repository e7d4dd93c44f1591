#include <algorithm>

#include "pimjit/core/support/text.h"
#include "pimjit/core/workload/draft.h"

namespace pimjit::notation {
namespace {

struct Known {
  size_t rank = 0;
  int written_by = -1;  // statement, -1 for an input
  bool read = false;
};

class TensorResolver {
 public:
  explicit TensorResolver(Draft& draft) : draft_(draft), program_(draft.program) {}

  Status run() {
    if (program_.statements.empty()) {
      return fail(error_at(program_, "notation_syntax", "there is no statement", kNoColumn));
    }
    collect_axes();
    if (Status s = check_outputs(); !s) return s;
    if (Status s = check_uses(); !s) return s;
    if (Status s = check_intermediates(); !s) return s;
    list_tensors();
    return {};
  }

 private:
  void collect_axes() {
    const auto collect = [this](const TensorUse& use) {
      for (const Index& index : use.index) {
        for (const IndexPart& part : index.parts) {
          if (!part.axis.empty()) draft_.axis_column.emplace(part.axis, part.column);
        }
      }
    };
    for (const Statement& statement : program_.statements) {
      collect(statement.output);
      for (const TensorUse& use : statement.uses) collect(use);
    }
  }

  bool is_axis(const std::string& name) const { return draft_.axis_column.contains(name); }

  Error both_error(const TensorUse& use) const {
    return error_at(program_, "name_conflict",
                    cat("'", use.name, "' names both an axis and a tensor"), use.column,
                    "rename one of them");
  }

  Status check_outputs() {
    for (size_t s = 0; s < program_.statements.size(); ++s) {
      const TensorUse& output = program_.statements[s].output;
      if (is_axis(output.name)) return fail(both_error(output));
      if (Status status = check_output_index(output); !status) return status;
      const auto [it, fresh] =
          known_.emplace(output.name, Known{output.index.size(), static_cast<int>(s), false});
      if (!fresh) {
        return fail(error_at(program_, "written_twice",
                             cat("tensor ", output.name, " is written by statements ",
                                 it->second.written_by + 1, " and ", s + 1),
                             output.column, "give each statement's result a name of its own"));
      }
    }
    return {};
  }

  Status check_output_index(const TensorUse& output) const {
    std::vector<std::string> axes;
    for (const Index& index : output.index) {
      const bool plain = index.parts.size() == 1 && !index.parts[0].axis.empty() &&
                         index.parts[0].coefficient == 1;
      if (!plain) {
        return fail(
            error_at(program_, "bad_output",
                     cat("each dimension of the output ", output.name, " must be one plain axis"),
                     index.column, "write the output as C[i,j] and move arithmetic to the inputs"));
      }
      const std::string& axis = index.parts[0].axis;
      if (std::find(axes.begin(), axes.end(), axis) != axes.end()) {
        return fail(error_at(program_, "bad_output",
                             cat("axis ", axis, " occurs twice in the output ", output.name),
                             index.column, "each dimension of an output needs an axis of its own"));
      }
      axes.push_back(axis);
    }
    return {};
  }

  Status check_uses() {
    for (size_t s = 0; s < program_.statements.size(); ++s) {
      for (const TensorUse& use : program_.statements[s].uses) {
        if (Status status = check_use(use, static_cast<int>(s)); !status) return status;
      }
    }
    return {};
  }

  Status check_use(const TensorUse& use, int statement) {
    if (is_axis(use.name)) {
      if (use.brackets) return fail(both_error(use));
      return fail(error_at(program_, "axis_as_value", cat("axis ", use.name, " is used as a value"),
                           use.column,
                           "an axis can stand in brackets only; pass its values as a tensor"));
    }
    const auto [it, fresh] = known_.emplace(use.name, Known{use.index.size(), -1, true});
    Known& known = it->second;
    if (fresh) order_.push_back(use.name);
    known.read = true;
    if (known.rank != use.index.size()) {
      return fail(error_at(program_, "rank_mismatch",
                           cat("tensor ", use.name, " has ", known.rank,
                               " dimensions and is read with ", use.index.size(), " indices"),
                           use.column, "a tensor has the same number of dimensions everywhere"));
    }
    if (known.written_by == statement) {
      return fail(error_at(program_, "read_and_written",
                           cat("tensor ", use.name, " is both read and written by one statement"),
                           use.column, "write the result to another tensor"));
    }
    if (known.written_by > statement) {
      return fail(error_at(program_, "read_too_early",
                           cat("tensor ", use.name, " is read by statement ", statement + 1,
                               " but written by statement ", known.written_by + 1),
                           use.column, "write it in an earlier statement"));
    }
    return {};
  }

  Status check_intermediates() const {
    for (size_t s = 0; s + 1 < program_.statements.size(); ++s) {
      const TensorUse& output = program_.statements[s].output;
      if (!known_.at(output.name).read) {
        return fail(
            error_at(program_, "never_read",
                     cat("tensor ", output.name, " is written but no later statement reads it"),
                     output.column, "only the last statement's tensor is a result"));
      }
    }
    return {};
  }

  void list_tensors() {
    std::vector<Tensor>& tensors = draft_.workload.tensors;
    for (const std::string& name : order_)
      tensors.push_back({name, DType::i32, {}, TensorRole::input, {}});
    for (const Statement& statement : program_.statements) {
      tensors.push_back({statement.output.name, DType::i32, {}, TensorRole::intermediate, {}});
    }
    tensors.back().role = TensorRole::output;
  }

  Draft& draft_;
  const Program& program_;
  std::map<std::string, Known> known_;
  std::vector<std::string> order_;  // inputs, by first appearance
};

}  // namespace

Status resolve_tensors(Draft& draft) {
  return TensorResolver(draft).run();
}

}  // namespace pimjit::notation
