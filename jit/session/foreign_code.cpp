#include "pimjit/jit/session/foreign_code.h"

#include <chrono>
#include <mutex>
#include <utility>

#include "pimjit/core/support/text.h"
#include "pimjit/jit/ffi_call/tensor_call.h"

namespace pimjit {
namespace {

class ForeignCode : public Code {
 public:
  ForeignCode(CodeInfo info, ForeignFunction function, std::shared_ptr<const Workload> workload)
      : Code(std::move(info)), function_(std::move(function)), workload_(std::move(workload)) {}

  Result<RunReport> run(std::span<const TensorView> tensors, bool) const override {
    const std::lock_guard turn(mutex_);
    const auto start = std::chrono::steady_clock::now();
    if (Status s = call_on_tensors(function_, *workload_, tensors); !s) return fail(s.error());
    const double ns =
        std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count();
    RunReport report;
    for (PhaseTime& phase : report.phases) phase.origin = TimeOrigin::measured;
    report.phase(RunPhase::kernel).ns = ns;
    report.origin = TimeOrigin::measured;
    report.total_ns = report.local_wall_ns = ns;
    return report;
  }

  void forget(const void*) const override {}

 private:
  ForeignFunction function_;
  std::shared_ptr<const Workload> workload_;
  mutable std::mutex mutex_;
};

}  // namespace

std::shared_ptr<const Code> make_foreign_code(ForeignFunction function,
                                              std::shared_ptr<const Workload> workload,
                                              std::string target) {
  CodeInfo info;
  info.target = std::move(target);
  info.origin = cat("foreign kernel ", function.name());
  return std::make_shared<const ForeignCode>(std::move(info), std::move(function),
                                             std::move(workload));
}

}  // namespace pimjit
