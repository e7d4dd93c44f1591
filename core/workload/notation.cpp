#include "pimjit/core/workload/notation.h"

#include "pimjit/core/support/text.h"
#include "pimjit/core/workload/program.h"

namespace pimjit {

Result<Workload> parse_workload(std::string_view text, const NotationOptions& options) {
  Result<notation::Program> program = notation::parse_program(text);
  if (!program) return fail(program.error());
  return notation::resolve(*program, options);
}

const std::vector<NamedOperator>& named_operators() {
  static const std::vector<NamedOperator> kOperators = {
      {"va", "C[i] = A[i] + B[i]", "vector addition", {{"i", 1048576}}},
      {"geva", "C[i] = alpha * A[i] + beta * B[i]", "scaled vector addition", {{"i", 1048576}}},
      {"red", "s[] += A[i]", "sum of a vector", {{"i", 1048576}}},
      {"dot", "s[] += A[i] * B[i]", "inner product", {{"i", 1048576}}},
      {"mtv", "C[i] += A[i,k] * B[k]", "matrix times vector", {{"i", 1024}, {"k", 1024}}},
      {"mtv_t",
       "C[i] += A[k,i] * B[k]",
       "transposed matrix times vector",
       {{"i", 1024}, {"k", 1024}}},
      {"gemv",
       "C[i] += alpha * A[i,k] * B[k]",
       "scaled matrix times vector",
       {{"i", 1024}, {"k", 1024}}},
      {"ttv",
       "C[i,j] += A[i,j,k] * B[k]",
       "3-d tensor times vector",
       {{"i", 32}, {"j", 64}, {"k", 512}}},
      {"mmtv",
       "C[i,j] += A[i,j,k] * B[i,k]",
       "a batch of matrices times vectors",
       {{"i", 16}, {"j", 64}, {"k", 256}}},
      {"gemm",
       "C[i,j] += A[i,k] * B[k,j]",
       "matrix times matrix",
       {{"i", 128}, {"j", 128}, {"k", 128}}},
      {"bgemm",
       "C[b,i,j] += A[b,i,k] * B[b,k,j]",
       "a batch of matrix products",
       {{"b", 4}, {"i", 64}, {"j", 64}, {"k", 64}}},
      {"mtv_bias_relu",
       "T[i] += A[i,k] * B[k]; D[i] = max(T[i] + bias[i], 0)",
       "matrix times vector, plus bias, negative values cut to 0",
       {{"i", 1024}, {"k", 1024}}},
  };
  return kOperators;
}

Result<Workload> make_workload(std::string_view computation, const NotationOptions& options) {
  const size_t first = computation.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) {
    return fail(user_error(
        "notation_syntax", "the computation is empty", {},
        "give index notation such as 'C[i] += A[i,k] * B[k]', or an operator such as mtv"));
  }
  const size_t last = computation.find_last_not_of(" \t\r\n");
  const std::string_view name = computation.substr(first, last - first + 1);
  if (!notation::is_valid_name(name)) return parse_workload(computation, options);
  std::vector<std::string> known;
  for (const NamedOperator& op : named_operators()) {
    known.emplace_back(op.name);
    if (name != op.name) continue;
    Result<Workload> workload = parse_workload(op.text, options);
    if (workload) workload->name = op.name;
    return workload;
  }
  const std::string nearest = name.size() > 2 ? nearest_name(std::string(name), known) : "";
  return fail(user_error("unknown_operator", cat("'", name, "' is no operator"), {},
                         nearest.empty()
                             ? cat("operators: ", join(known, " "), "; or write index notation")
                             : cat("did you mean '", nearest, "'?")));
}

}  // namespace pimjit
