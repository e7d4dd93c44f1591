#include "pimjit/jit/session/module_code.h"

#include <chrono>
#include <utility>

#include "pimjit/core/lower/lower.h"
#include "pimjit/core/run/run_once.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

using Clock = std::chrono::steady_clock;

// Nanoseconds since the last lap.
class Stopwatch {
 public:
  double lap() {
    const Clock::time_point now = Clock::now();
    return std::chrono::duration<double, std::nano>(now - std::exchange(last_, now)).count();
  }

 private:
  Clock::time_point last_ = Clock::now();
};

class ModuleCode : public Code {
 public:
  ModuleCode(CodeInfo info, ModuleRunner runner, std::shared_ptr<DeviceSpace> space)
      : Code(std::move(info)), runner_(std::move(runner)), space_(std::move(space)) {}

  Result<RunReport> run(std::span<const TensorView> tensors, bool counters) const override {
    const RunOptions options{.counters = counters};
    const Workload& w = *runner_.module().workload;
    const ByteRange written = byte_range(tensors[static_cast<size_t>(w.output())]);
    for (const int t : w.inputs()) {
      if (byte_range(tensors[static_cast<size_t>(t)]).meets(written))
        return run_on_copies(tensors, written, options);
    }
    return runner_.run(tensors, options);
  }

  void forget(const void* data) const override { space_->residents().forget(data); }

 private:
  // Kernels write the output while they still read the inputs, so an input that shares memory with
  // it is read from a copy.
  Result<RunReport> run_on_copies(std::span<const TensorView> tensors, const ByteRange& written,
                                  const RunOptions& options) const {
    std::vector<TensorView> views(tensors.begin(), tensors.end());
    std::vector<HostTensor> copies;
    for (const int t : runner_.module().workload->inputs()) {
      TensorView& view = views[static_cast<size_t>(t)];
      if (!byte_range(view).meets(written)) continue;
      HostTensor copy(view.dtype, view.shape);
      copy_tensor(view, copy.view());
      copies.push_back(std::move(copy));
      view = copies.back().view();
    }
    auto report = runner_.run(views, options);
    // Another tensor may come to lie where the copies were.
    for (const HostTensor& copy : copies) space_->residents().forget(copy.data());
    return report;
  }

  ModuleRunner runner_;
  std::shared_ptr<DeviceSpace> space_;
};

}  // namespace

Result<std::shared_ptr<const Code>> compile_code(const CodeRequest& request,
                                                 const ScheduleSource& schedules, double open_ns) {
  const OpenedTarget& opened = *request.target;
  const TargetDesc& machine = *opened.target.description;
  Stopwatch watch;
  CodeInfo info;
  info.target = opened.target.name;
  info.times.open_ns = open_ns;
  Result<ChosenSchedule> chosen = choose_schedule(schedules, *request.workload, opened.target);
  if (!chosen) return fail(chosen.error());
  info.schedule = to_line(chosen->trace, *request.workload, machine);
  info.origin = std::move(chosen->origin);
  info.repairs = std::move(chosen->repairs);
  info.times.schedule_ns = watch.lap();

  LowerOptions options;
  options.disabled = request.without_passes;
  Result<LoweredModule> lowered =
      lower(request.workload, opened.target.description, chosen->schedule, options);
  if (!lowered) return fail(lowered.error());
  const auto module = std::make_shared<const LoweredModule>(std::move(*lowered));
  info.times.lower_ns = watch.lap();

  const auto images = build_images(opened.target.plugin, *module);
  if (!images) return fail(images.error());
  std::unique_ptr<HostOps> host;
  if (request.make_host_ops) {
    auto made = request.make_host_ops(module);
    if (!made) return fail(made.error());
    host = std::move(*made);
  }
  info.times.build_ns = watch.lap();

  Result<ModuleRunner> runner =
      ModuleRunner::create(module, opened.space, *images, std::move(host));
  if (!runner) return fail(runner.error());
  info.times.load_ns = watch.lap();
  return std::make_shared<const ModuleCode>(std::move(info), std::move(*runner), opened.space);
}

}  // namespace pimjit
