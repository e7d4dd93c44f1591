#include "pimjit/jit/host/stage_code.h"

#include <algorithm>

#include "pimjit/core/ir/serialize.h"
#include "pimjit/core/ir/visitor.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

// Iterations of the innermost statements that are worth a thread of their own.
constexpr int64_t kIterationsPerThread = 16384;

std::vector<Stmt> statements_of(const Stmt& body) {
  if (body->kind == StmtKind::Seq) return as<Seq>(body).body;
  return {body};
}

int64_t extent_of(const For& loop) {
  return loop.extent->kind == ExprKind::IntImm ? as<IntImm>(loop.extent).value : 1;
}

// Iterations of loops with constant ends inside `s`, at most.
int64_t iterations_in(const Stmt& s) {
  int64_t most = 1;
  switch (s->kind) {
    case StmtKind::Seq:
      for (const Stmt& one : as<Seq>(s).body) most = std::max(most, iterations_in(one));
      return most;
    case StmtKind::For:
      return std::max<int64_t>(1, extent_of(as<For>(s))) * iterations_in(as<For>(s).body);
    case StmtKind::If:
      return iterations_in(as<If>(s).then_body);
    case StmtKind::Let:
      return iterations_in(as<Let>(s).body);
    default:
      return 1;
  }
}

// The loop over the iterations that the last two launch arguments name.
Stmt from_arguments(Kernel& kernel, const For& loop) {
  const int first = static_cast<int>(kernel.params.size());
  kernel.params.push_back({"first", DType::i64});
  kernel.params.push_back({"count", DType::i64});
  return make_for(loop.var, make_param(DType::i64, first), make_param(DType::i64, first + 1),
                  LoopKind::serial, 1, loop.body);
}

// What all calls of one part share, and the arguments that each of them completes.
struct PartCall {
  KernelEntry* entry;
  const std::vector<int64_t>& arguments;
};

int run_piece(void* closure, int64_t from, int64_t to) {
  const auto& call = *static_cast<const PartCall*>(closure);
  std::vector<int64_t> arguments = call.arguments;
  arguments.push_back(from);
  arguments.push_back(to - from);
  unsigned char* const scope = nullptr;  // arguments are addresses
  const int64_t position = 0;
  call.entry(&scope, arguments.data(), &position);
  return 0;
}

}  // namespace

Result<StageCode> StageCode::compile(const HostKernel& stage, const Engine& engine,
                                     const CompileOptions& options) {
  StageCode out;
  for (const KernelBuffer& b : stage.kernel.buffers) out.params_.push_back(b.param);
  for (const Stmt& statement : statements_of(stage.kernel.body)) {
    Kernel kernel = stage.kernel;
    kernel.body = statement;
    Part part;
    if (statement->kind == StmtKind::For && as<For>(statement).loop == LoopKind::parallel) {
      const For& loop = as<For>(statement);
      part.iterations = extent_of(loop);
      part.grain = std::max<int64_t>(1, kIterationsPerThread / iterations_in(loop.body));
      kernel.body = from_arguments(kernel, loop);
    }
    const auto bytes = serialize(kernel);
    if (!bytes) return fail(bytes.error());
    auto module = emit_kernel(*bytes, "run");
    if (!module) return fail(module.error());
    auto code = engine.add(std::move(*module), {"run"}, options);
    if (!code) return fail(code.error());
    part.entry = code->function<KernelEntry>("run");
    out.code_.push_back(std::move(*code));
    out.parts_.push_back(part);
  }
  return out;
}

Result<StageRowCode> StageRowCode::compile(const HostKernel& row, std::vector<int64_t> shape,
                                           const Engine& engine, const CompileOptions& options) {
  StageRowCode out;
  for (const KernelBuffer& b : row.kernel.buffers) out.params_.push_back(b.param);
  out.shape_ = std::move(shape);
  const auto bytes = serialize(row.kernel);
  if (!bytes) return fail(bytes.error());
  auto module = emit_kernel(*bytes, "run");
  if (!module) return fail(module.error());
  auto code = engine.add(std::move(*module), {"run"}, options);
  if (!code) return fail(code.error());
  out.code_ = std::move(*code);
  out.entry_ = out.code_.function<KernelEntry>("run");
  return out;
}

void StageRowCode::run(std::span<std::byte* const> memory, int64_t first, int64_t count) const {
  std::vector<int64_t> arguments(params_.size() + shape_.size() + 1, 0);
  for (size_t b = 0; b < params_.size(); ++b)
    arguments[static_cast<size_t>(params_[b])] = reinterpret_cast<int64_t>(memory[b]);
  unsigned char* const scope = nullptr;  // arguments are addresses
  const int64_t position = 0;
  const int64_t length = shape_.back();
  while (count > 0) {
    int64_t row = first / length;
    const int64_t from = first % length, piece = std::min(length - from, count);
    for (size_t d = shape_.size() - 1; d-- > 0; row /= shape_[d])
      arguments[params_.size() + d] = row % shape_[d];
    arguments[params_.size() + shape_.size() - 1] = from;
    arguments.back() = piece;
    entry_(&scope, arguments.data(), &position);
    first += piece;
    count -= piece;
  }
}

Status StageCode::run(ThreadTeam* team, std::span<std::byte* const> memory) const {
  std::vector<int64_t> arguments(params_.size(), 0);
  for (size_t b = 0; b < params_.size(); ++b)
    arguments[static_cast<size_t>(params_[b])] = reinterpret_cast<int64_t>(memory[b]);
  for (const Part& part : parts_) {
    PartCall call{part.entry, arguments};
    const int answer = part.iterations > 0 ? pimjit_parallel_for(team, 0, part.iterations,
                                                                 part.grain, run_piece, &call)
                                           : run_piece(&call, 0, 1);
    if (answer == 0) continue;
    return fail(
        internal_error("host_threads_failed",
                       cat("threads for a stage of the host could not be had (", answer, ")"), {},
                       "give the host's operations one thread"));
  }
  return {};
}

}  // namespace pimjit
