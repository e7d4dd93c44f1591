#include <cmath>
#include <limits>

#include "pimjit/core/support/text.h"
#include "pimjit/core/workload/draft.h"

namespace pimjit::notation {
namespace {

bool is_tensor_type(DType t) {
  return t != DType::b1;
}

// Types declared for tensors: the options win over the text, and the text must agree with itself.
Result<std::map<std::string, DType>> declared_types(const Draft& draft) {
  std::map<std::string, DType> declared;
  const auto declare = [&](const TensorUse& use) -> Status {
    if (!use.dtype) return {};
    const auto [it, fresh] = declared.emplace(use.name, *use.dtype);
    if (fresh || it->second == *use.dtype) return {};
    return fail(error_at(draft.program, "bad_dtype",
                         cat("tensor ", use.name, " is declared ", to_string(it->second), " and ",
                             to_string(*use.dtype)),
                         use.column, "a tensor has one type"));
  };
  for (const Statement& statement : draft.program.statements) {
    if (Status s = declare(statement.output); !s) return fail(s.error());
    for (const TensorUse& use : statement.uses) {
      if (Status s = declare(use); !s) return fail(s.error());
    }
  }
  std::vector<std::string> names;
  for (const Tensor& tensor : draft.workload.tensors) names.push_back(tensor.name);
  for (const auto& [name, dtype] : draft.options.dtypes) {
    if (draft.workload.find_tensor(name) < 0) {
      return fail(error_at(draft.program, "unknown_tensor",
                           cat("type ", to_string(dtype), " for '", name, "', which is no tensor"),
                           kNoColumn, suggestion(name, names, "tensor")));
    }
    declared[name] = dtype;
  }
  for (const auto& [name, dtype] : declared) {
    if (is_tensor_type(dtype)) continue;
    return fail(error_at(draft.program, "bad_dtype",
                         cat("b1 is no type of a tensor, but ", name, " has it"), kNoColumn));
  }
  return declared;
}

// The smallest of the accesses' types that holds all of them.
Result<DType> common_type(const Draft& draft, size_t s) {
  const Stage& stage = draft.workload.stages[s];
  const auto tensor = [&](size_t access) -> const Tensor& {
    return draft.workload.tensors[static_cast<size_t>(stage.accesses[access].tensor)];
  };
  if (stage.accesses.empty()) return draft.options.dtype;
  size_t widest = 0;
  for (size_t a = 1; a < stage.accesses.size(); ++a) {
    const DType one = tensor(widest).dtype;
    const DType two = tensor(a).dtype;
    if (widens_losslessly(two, one)) continue;
    if (!widens_losslessly(one, two)) {
      const TensorUse& use =
          draft.program.statements[s].uses[static_cast<size_t>(draft.use_of_access[s][a])];
      return fail(error_at(draft.program, "mixed_dtypes",
                           cat("mixed dtypes: ", tensor(widest).name, " is ", to_string(one),
                               " and ", tensor(a).name, " is ", to_string(two),
                               ", and neither holds every value of the other"),
                           use.column,
                           "give both one type, or declare an output type that holds both"));
    }
    widest = a;
  }
  return tensor(widest).dtype;
}

Status check_loads(const Draft& draft, size_t s) {
  const Stage& stage = draft.workload.stages[s];
  for (size_t a = 0; a < stage.accesses.size(); ++a) {
    const Tensor& tensor = draft.workload.tensors[static_cast<size_t>(stage.accesses[a].tensor)];
    if (widens_losslessly(tensor.dtype, stage.compute)) continue;
    const TensorUse& use =
        draft.program.statements[s].uses[static_cast<size_t>(draft.use_of_access[s][a])];
    return fail(error_at(
        draft.program, "mixed_dtypes",
        cat("mixed dtypes: ", draft.program.statements[s].output.name, " is computed in ",
            to_string(stage.compute), " but ", tensor.name, " is ", to_string(tensor.dtype),
            ", which ", to_string(stage.compute), " does not hold"),
        use.column, "declare a wider type for the output"));
  }
  return {};
}

Result<ScalarNode> constant(const Draft& draft, const Node& node, DType compute) {
  const Literal& literal = node.literal;
  ScalarNode result{ScalarOp::constant};
  const std::string shown =
      cat(literal.negative ? "-" : "",
          literal.is_real ? shortest(literal.real) : std::to_string(literal.magnitude));
  if (is_float(compute)) {
    const auto rounded = static_cast<float>(literal.negative ? -literal.real : literal.real);
    if (std::isfinite(rounded)) {
      result.real = rounded;
      return result;
    }
    return fail(error_at(draft.program, "bad_constant",
                         cat("the constant ", shown, " is infinite in f32"), node.column,
                         "the largest f32 is 3.4028235e+38"));
  }
  const std::string holds =
      cat(to_string(compute), " holds ", min_value(compute), "..", max_value(compute));
  if (literal.is_real) {
    return fail(error_at(draft.program, "bad_constant",
                         cat("the constant ", shown, " is no value of ", to_string(compute)),
                         node.column, holds));
  }
  const uint64_t limit = static_cast<uint64_t>(max_value(compute)) + (literal.negative ? 1 : 0);
  if (literal.magnitude > limit) {
    return fail(error_at(draft.program, "bad_constant",
                         cat("the constant ", shown, " is no value of ", to_string(compute)),
                         node.column, holds));
  }
  result.integer =
      static_cast<int64_t>(literal.negative ? 0 - literal.magnitude : literal.magnitude);
  return result;
}

}  // namespace

Status resolve_types(Draft& draft) {
  Result<std::map<std::string, DType>> declared = declared_types(draft);
  if (!declared) return fail(declared.error());
  if (!is_tensor_type(draft.options.dtype)) {
    return fail(error_at(draft.program, "bad_dtype", "b1 is no type of a tensor", kNoColumn));
  }
  Workload& workload = draft.workload;
  for (Tensor& tensor : workload.tensors) {
    const auto it = declared->find(tensor.name);
    tensor.dtype = it != declared->end() ? it->second : draft.options.dtype;
  }
  for (size_t s = 0; s < workload.stages.size(); ++s) {
    Stage& stage = workload.stages[s];
    Tensor& output = workload.tensors[static_cast<size_t>(stage.output)];
    if (declared->contains(output.name)) {
      stage.compute = output.dtype;
    } else {
      const Result<DType> common = common_type(draft, s);
      if (!common) return fail(common.error());
      const bool narrow = *common == DType::i8 || *common == DType::i16;
      stage.compute = narrow && stage.reducer != Reducer::none ? DType::i32 : *common;
      output.dtype = stage.compute;
    }
    if (Status status = check_loads(draft, s); !status) return status;
  }
  return {};
}

Status resolve_bodies(Draft& draft) {
  for (size_t s = 0; s < draft.workload.stages.size(); ++s) {
    Stage& stage = draft.workload.stages[s];
    for (const Node& node : draft.program.statements[s].body) {
      ScalarNode scalar{node.op, node.a, node.b};
      if (node.op == ScalarOp::load) scalar.a = draft.access_of_use[s][static_cast<size_t>(node.a)];
      if (node.op == ScalarOp::constant) {
        Result<ScalarNode> value = constant(draft, node, stage.compute);
        if (!value) return fail(value.error());
        scalar = *value;
      }
      if (node.op == ScalarOp::mod && is_float(stage.compute)) {
        return fail(error_at(draft.program, "bad_operator", "% is not defined on f32", node.column,
                             "use integers, or x - y * q with a quotient of your own"));
      }
      stage.body.push_back(scalar);
    }
  }
  return {};
}

}  // namespace pimjit::notation
