#include "pimjit/jit/host/jit_host_ops.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>

#include "pimjit/core/support/text.h"
#include "pimjit/jit/engine/engine.h"
#include "pimjit/jit/host/host_program_code.h"
#include "pimjit/jit/host/nest_emitter.h"
#include "pimjit/jit/host/stage_code.h"
#include "pimjit/jit/parallel/parallel_for.h"

namespace pimjit {

struct HostCompiler::State {
  HostCodeOptions options;
  Engine engine;
  std::unique_ptr<ThreadTeam> team;
};

namespace {

// The machine code of one host program for one layout.
struct LinkedProgram {
  JitCode code;                               // empty when there is nothing to do
  std::vector<NestEntry*> transfers, slices;  // per operation; null: none
  std::vector<bool> followed;                 // per operation
};

// Passes pieces of a sum to the stage that takes them.
struct StageFollower : NestFollower {
  const StageRowCode* code;
  std::vector<std::byte*> memory;  // per buffer of the stage
  std::vector<size_t> sums;        // which of them are the tensor that is added up
};

void take_piece(const NestFollower* self, void* tensor, int64_t first, int64_t count) {
  const auto& follower = *static_cast<const StageFollower*>(self);
  std::vector<std::byte*> memory = follower.memory;
  for (const size_t b : follower.sums) memory[b] = static_cast<std::byte*>(tensor);
  follower.code->run(memory, first, count);
}

Result<LinkedProgram> link(const LoweredModule& module, TensorLayout layout, const Engine& engine,
                           const CompileOptions& options) {
  Result<HostProgramCode> program = emit_host_program(module, layout);
  if (!program) return fail(program.error());
  LinkedProgram out;
  if (const auto entries = program->entries(); !entries.empty()) {
    Result<JitCode> code = engine.add(std::move(program->module), entries, options);
    if (!code) return fail(code.error());
    out.code = std::move(*code);
  }
  for (size_t i = 0; i < program->transfers.size(); ++i) {
    out.transfers.push_back(out.code.function<NestEntry>(program->transfers[i]));
    out.slices.push_back(out.code.function<NestEntry>(program->slices[i]));
  }
  out.followed = std::move(program->followed);
  return out;
}

class JitHostOps : public HostOps {
 public:
  JitHostOps(std::shared_ptr<const LoweredModule> module, Engine engine, ThreadTeam* team,
             std::shared_ptr<const void> owner, CompileOptions options)
      : module_(std::move(module)),
        engine_(std::move(engine)),
        team_(team),
        owner_(std::move(owner)),
        options_(std::move(options)) {}

  Status prepare() {
    auto linked = link(*module_, TensorLayout::row_major, engine_, options_);
    if (!linked) return fail(linked.error());
    row_major_ = std::move(*linked);
    for (const HostKernel& stage : module_->host_kernels) {
      if (is_row_kernel(stages_.size())) {
        stages_.emplace_back();
        continue;
      }
      auto code = StageCode::compile(stage, engine_, options_);
      if (!code) return fail(code.error());
      stages_.push_back(std::move(*code));
    }
    return prepare_rows();
  }

  Status pack(int op, const TensorView& tensor, std::byte* staging) const override {
    return transfer(op, tensor, staging);
  }
  Status unpack(int op, const std::byte* staging, const TensorView& tensor) const override {
    return transfer(op, tensor, const_cast<std::byte*>(staging));
  }
  Status fill(int op, const TensorView& tensor) const override {
    return transfer(op, tensor, nullptr);
  }
  Status pack_staged(int op, const TensorView& tensor, std::byte* staging) const override {
    return staged(op, tensor, staging);
  }
  Status unpack_staged(int op, const std::byte* staging, const TensorView& tensor) const override {
    return staged(op, tensor, const_cast<std::byte*>(staging));
  }
  Status unpack_fused(int op, const std::byte* staging, const TensorView& tensor,
                      std::span<const TensorView> tensors, int stage) const override {
    const HostOp& taken = module_->ops[static_cast<size_t>(stage)];
    const HostKernel& row = module_->host_kernels[static_cast<size_t>(taken.row_kernel)];
    bool follows = row_major_.followed[static_cast<size_t>(op)];
    StageFollower follower{{take_piece}, &rows_[static_cast<size_t>(op)], {}, {}};
    for (const int buffer : row.buffers) {
      const int number = module_->host_buffers[static_cast<size_t>(buffer)].tensor;
      const TensorView& t = tensors[static_cast<size_t>(number)];
      follows &= t.contiguous();
      if (buffer == module_->ops[static_cast<size_t>(op)].tensor_buffer)
        follower.sums.push_back(follower.memory.size());
      follower.memory.push_back(static_cast<std::byte*>(t.data));
    }
    if (!follows) return HostOps::unpack_fused(op, staging, tensor, tensors, stage);
    return run(row_major_.transfers[static_cast<size_t>(op)], tensor,
               const_cast<std::byte*>(staging), 0, &follower);
  }
  // Code for stages is for row-major tensors; others are copied before and after.
  Status stage(int op, std::span<const TensorView> tensors) const override {
    const auto number = static_cast<size_t>(module_->ops[static_cast<size_t>(op)].kernel);
    const HostKernel& stage = module_->host_kernels[number];
    std::map<int, HostTensor> copies;
    std::vector<std::byte*> memory;
    const auto tensor_of = [&](int buffer) -> const TensorView& {
      return tensors[static_cast<size_t>(
          module_->host_buffers[static_cast<size_t>(buffer)].tensor)];
    };
    for (const int buffer : stage.buffers) {
      const TensorView& t = tensor_of(buffer);
      if (!t.contiguous() && copies.count(buffer) == 0) {
        HostTensor copy(t.dtype, t.shape);
        copy_tensor(t, copy.view());
        copies.emplace(buffer, std::move(copy));
      }
      const auto copied = copies.find(buffer);
      memory.push_back(copied == copies.end() ? static_cast<std::byte*>(t.data)
                                              : copied->second.data());
    }
    if (Status ok = stages_[number].run(team_, memory); !ok) return ok;
    for (auto& [buffer, copy] : copies) {
      const auto at = std::find(stage.buffers.rbegin(), stage.buffers.rend(), buffer);
      const auto b = static_cast<size_t>(stage.buffers.rend() - at - 1);
      if (stage.kernel.buffers[b].written) copy_tensor(copy.view(), tensor_of(buffer));
    }
    return {};
  }

 private:
  bool is_row_kernel(size_t number) const {
    return std::any_of(module_->ops.begin(), module_->ops.end(),
                       [&](const HostOp& op) { return op.row_kernel == static_cast<int>(number); });
  }

  Status prepare_rows() {
    rows_.resize(module_->ops.size());
    for (size_t i = 0; i < module_->ops.size(); ++i) {
      if (!row_major_.followed[i]) continue;
      const HostOp& stage = module_->ops[static_cast<size_t>(module_->ops[i].fused)];
      const int tensor = module_->host_buffers[static_cast<size_t>(stage.tensor_buffer)].tensor;
      auto code = StageRowCode::compile(
          module_->host_kernels[static_cast<size_t>(stage.row_kernel)],
          module_->workload->tensors[static_cast<size_t>(tensor)].shape, engine_, options_);
      if (!code) return fail(code.error());
      rows_[i] = std::move(*code);
    }
    return {};
  }

  Status run(NestEntry* entry, const TensorView& tensor, std::byte* staging, int64_t slice,
             const NestFollower* follower = nullptr) const {
    const int answer = entry(team_, tensor.data, tensor.strides.data(), staging, follower, slice);
    if (answer == 0) return {};
    return fail(
        internal_error("host_threads_failed",
                       cat("threads for an operation of the host could not be had (", answer, ")"),
                       {}, "give the host's operations one thread"));
  }

  Status transfer(int op, const TensorView& tensor, std::byte* staging) const {
    NestEntry* entry =
        tensor.contiguous() ? row_major_.transfers[static_cast<size_t>(op)] : nullptr;
    if (entry != nullptr) return run(entry, tensor, staging, 0);
    const auto strided = strided_program();
    if (!strided) return fail(strided.error());
    return run((*strided)->transfers[static_cast<size_t>(op)], tensor, staging, 0);
  }

  Status staged(int op, const TensorView& tensor, std::byte* staging) const {
    const HostOp& o = module_->ops[static_cast<size_t>(op)];
    const int64_t bytes = o.map.slice_elements * bytes_of(tensor.dtype);
    for (const int64_t slice : o.in_place.staged) {
      if (Status ok = run(row_major_.slices[static_cast<size_t>(op)], tensor, staging, slice); !ok)
        return ok;
      staging += bytes;
    }
    return {};
  }

  // Compiled when it is first needed; an error is not kept.
  Result<const LinkedProgram*> strided_program() const {
    const std::lock_guard lock(mutex_);
    if (!strided_) {
      auto linked = link(*module_, TensorLayout::strided, engine_, options_);
      if (!linked) return fail(linked.error());
      strided_ = std::move(*linked);
    }
    return &*strided_;
  }

  std::shared_ptr<const LoweredModule> module_;
  Engine engine_;
  ThreadTeam* team_;
  std::shared_ptr<const void> owner_;  // of the team
  CompileOptions options_;
  LinkedProgram row_major_;
  std::vector<StageCode> stages_;   // per host kernel; none for those of rows
  std::vector<StageRowCode> rows_;  // per operation: what takes the pieces of a reduction
  mutable std::mutex mutex_;
  mutable std::optional<LinkedProgram> strided_;
};

}  // namespace

Result<HostCompiler> HostCompiler::create(const HostCodeOptions& options) {
  Result<Engine> engine = Engine::create();
  if (!engine) return fail(engine.error());
  HostCompiler compiler;
  compiler.state_ = std::make_shared<State>(
      State{options, std::move(*engine), std::make_unique<ThreadTeam>(options.threads)});
  return compiler;
}

Result<std::unique_ptr<HostOps>> HostCompiler::compile(
    std::shared_ptr<const LoweredModule> module) const {
  auto ops = std::make_unique<JitHostOps>(std::move(module), state_->engine, state_->team.get(),
                                          state_, state_->options.compile);
  if (Status ok = ops->prepare(); !ok) return fail(ok.error());
  return std::unique_ptr<HostOps>(std::move(ops));
}

}  // namespace pimjit
