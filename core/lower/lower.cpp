#include "pimjit/core/lower/lower.h"

#include <algorithm>
#include <chrono>

#include "pimjit/core/ir/verify_kernel.h"
#include "pimjit/core/lower/kernel_rules.h"
#include "pimjit/core/lower/passes/passes.h"
#include "pimjit/core/support/hash.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

struct Pass {
  PassInfo info;
  Status (*run)(LoweringState&);
  KernelStage leaves;  // how far kernels have come behind it
};

// The whole of lowering, in order. A new pass is one function in passes/, one line here, one test.
constexpr Pass kPasses[] = {
    {{"place_stages", "decide what runs on the device and where every operand lives", false},
     place_stages,
     KernelStage::placed},
    {{"build_kernels", "turn the loop trees of device stages into kernels", false},
     build_kernels,
     KernelStage::placed},
    {{"build_host_stages", "turn the loop trees of host stages into host kernels", false},
     build_host_stages,
     KernelStage::placed},
    {{"build_host_program", "write the transfers, launches and reductions around the kernels",
      false},
     build_host_program,
     KernelStage::placed},
    {{"keep_intermediates", "leave results on the device where the next launch finds them", true},
     keep_intermediates,
     KernelStage::placed},
    {{"join_pushes", "send small pieces for the same units together where that is sooner", true},
     join_pushes,
     KernelStage::placed},
    {{"fuse_epilogues",
      "compute element-wise stages of the host on what the reduction before them has just added up",
      true},
     fuse_epilogues,
     KernelStage::placed},
    {{"lower_combine",
      "replace combine by a tree of barriers where the level has no such operation", false},
     lower_combine,
     KernelStage::complete},
    {{"convert_copies", "join copies into blocks as large as the link can move", true},
     convert_copies,
     KernelStage::complete},
    {{"tighten_bounds", "turn conditions on a loop's variable into bounds of the loop", true},
     tighten_bounds,
     KernelStage::complete},
    {{"hoist_branches",
      "test outside of a loop what does not change in it, with what depends on it", true},
     hoist_branches,
     KernelStage::complete},
    {{"tighten_bounds", "again, for conditions that have come out of inner loops", true},
     tighten_bounds,
     KernelStage::complete},
    {{"hoist_branches", "again, for loops that may be empty since", true},
     hoist_branches,
     KernelStage::complete},
    {{"tighten_bounds", "again, for what surrounds those", true},
     tighten_bounds,
     KernelStage::complete},
    {{"peel_edges", "run whole tiles with constant bounds and the ragged rest apart", true},
     peel_edges,
     KernelStage::complete},
    {{"simplify_kernels", "fold, prove and drop what the bounds of loops and levels decide", true},
     simplify_kernels,
     KernelStage::complete},
};

uint64_t fingerprint(const LoweredModule& m) {
  uint64_t h = m.ops.size();
  for (const Kernel& kernel : m.kernels) h = hash_of(kernel) ^ (h * 31);
  for (const HostKernel& host : m.host_kernels) h = hash_of(host.kernel) ^ (h * 31);
  return h;
}

Status verify(const LoweredModule& m, const Pass& pass) {
  const auto blame = [&](Error error) {
    return fail(with_cause(
        internal_error("bad_lowering", cat("pass ", pass.info.name, " left an invalid module"),
                       pass.info.name),
        std::move(error)));
  };
  const KernelRules rules = kernel_rules(*m.target);
  for (const Kernel& kernel : m.kernels) {
    if (Status ok = verify_kernel(kernel, pass.leaves, rules); !ok) return blame(ok.error());
  }
  for (const HostKernel& host : m.host_kernels) {
    if (Status ok = verify_kernel(host.kernel, pass.leaves, KernelRules::permissive(host.kernel));
        !ok)
      return blame(ok.error());
  }
  if (m.ops.empty()) return {};
  if (Status ok = verify_host_program(m); !ok) return blame(ok.error());
  return {};
}

Status run_passes(LoweringState& state, const LowerOptions& options) {
  for (const Pass& pass : kPasses) {
    const auto& disabled = options.disabled;
    if (pass.info.optional &&
        std::find(disabled.begin(), disabled.end(), pass.info.name) != disabled.end())
      continue;
    const uint64_t before = options.observer ? fingerprint(state.module) : 0;
    state.firings = FiringLog(options.observer != nullptr);
    const auto start = std::chrono::steady_clock::now();
    if (Status done = pass.run(state); !done) return done;
    if (options.observer) {
      const std::chrono::duration<double, std::nano> spent =
          std::chrono::steady_clock::now() - start;
      options.observer({pass.info.name, spent.count(), &state.module,
                        fingerprint(state.module) != before, state.firings.lines()});
    }
    if (options.verify) {
      if (Status ok = verify(state.module, pass); !ok) return ok;
    }
  }
  return {};
}

}  // namespace

const std::vector<PassInfo>& lowering_passes() {
  static const std::vector<PassInfo> list = [] {
    std::vector<PassInfo> infos;
    for (const Pass& pass : kPasses) infos.push_back(pass.info);
    return infos;
  }();
  return list;
}

Status check_pass_names(const std::vector<std::string>& names) {
  std::vector<std::string> optional;
  for (const Pass& pass : kPasses) {
    if (pass.info.optional) optional.emplace_back(pass.info.name);
  }
  for (const std::string& name : names) {
    if (std::find(optional.begin(), optional.end(), name) != optional.end()) continue;
    const bool known = std::any_of(std::begin(kPasses), std::end(kPasses),
                                   [&](const Pass& pass) { return name == pass.info.name; });
    if (known) {
      return fail(user_error("pass_not_optional", cat("pass ", name, " cannot be left out"),
                             cat("optional: ", join(optional, ", "))));
    }
    const std::string nearest = nearest_name(name, optional);
    return fail(user_error("unknown_pass", cat("there is no pass '", name, "'"),
                           cat("optional passes: ", join(optional, ", ")),
                           nearest.empty() ? "" : cat("did you mean '", nearest, "'?")));
  }
  return {};
}

Result<LoweredModule> lower(std::shared_ptr<const Workload> workload,
                            std::shared_ptr<const TargetDesc> target, const Schedule& schedule,
                            const LowerOptions& options) {
  LoweringState state;
  state.module.workload = std::move(workload);
  state.module.target = std::move(target);
  state.module.schedule = schedule;
  if (Status done = run_passes(state, options); !done) return fail(done.error());
  return std::move(state.module);
}

}  // namespace pimjit
