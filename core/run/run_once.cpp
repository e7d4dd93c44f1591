#include "pimjit/core/run/run_once.h"

#include <span>
#include <utility>

#include "pimjit/core/ir/serialize.h"
#include "pimjit/core/lower/lower.h"
#include "pimjit/core/schedule/default_schedule.h"
#include "pimjit/core/support/text.h"
#include "pimjit/core/verify/direct_eval.h"

namespace pimjit {
namespace {

Error refusal(const Plugin& plugin, const Kernel& kernel, const Image& image) {
  std::vector<std::string> lines;
  for (const PluginReason& reason : image.reasons) {
    lines.push_back(cat(reason.code, reason.place.empty() ? "" : " at ", reason.place, ": ",
                        reason.message, " (", reason.have, ", limit ", reason.limit, ")"));
  }
  return user_error("rejected_by_target",
                    cat("plugin ", plugin.name(), " refuses kernel ", kernel.name),
                    join(lines, "\n  "), "try another schedule");
}

}  // namespace

Result<std::vector<std::vector<std::byte>>> build_images(const Plugin& plugin,
                                                         const LoweredModule& module) {
  std::vector<std::vector<std::byte>> images;
  for (const Kernel& kernel : module.kernels) {
    const auto bytes = serialize(kernel, static_cast<int>(plugin.kernel_version()));
    if (!bytes) return fail(bytes.error());
    Result<Image> image = plugin.build_kernel(std::as_bytes(std::span(*bytes)));
    if (!image) return fail(image.error());
    if (!image->accepted()) return fail(refusal(plugin, kernel, *image));
    images.push_back(std::move(image->bytes));
  }
  return images;
}

Result<ModuleRunner> make_runner(const OpenTarget& target,
                                 std::shared_ptr<const LoweredModule> module,
                                 std::unique_ptr<HostOps> host) {
  const auto images = build_images(target.plugin, *module);
  if (!images) return fail(images.error());
  Result<Device> device = target.plugin.open(target.description->plugin);
  if (!device) return fail(device.error());
  auto space = std::make_shared<DeviceSpace>(std::move(*device), target.description);
  return ModuleRunner::create(std::move(module), std::move(space), *images, std::move(host));
}

std::vector<TensorView> input_views(const Workload& workload,
                                    const std::vector<HostTensor>& inputs) {
  std::vector<TensorView> tensors(workload.tensors.size());
  const std::vector<int> numbers = workload.inputs();
  for (size_t i = 0; i < numbers.size(); ++i)
    tensors[static_cast<size_t>(numbers[i])] = const_cast<HostTensor&>(inputs[i]).view();
  return tensors;
}

Result<RunAnswer> call(const ModuleRunner& runner, const std::vector<HostTensor>& inputs,
                       const RunOptions& options) {
  const Workload& w = *runner.module().workload;
  if (Status fit = check_inputs(w, inputs); !fit) return fail(fit.error());
  std::vector<TensorView> tensors = input_views(w, inputs);
  const size_t last = static_cast<size_t>(w.output());
  RunAnswer answer{HostTensor(w.tensors[last].dtype, w.tensors[last].shape), {}};
  tensors[last] = answer.output.view();
  Result<RunReport> report = runner.run(tensors, options);
  if (!report) return fail(report.error());
  answer.report = std::move(*report);
  return answer;
}

Result<RunAnswer> run_once(const Workload& workload, const OpenTarget& target,
                           const std::vector<HostTensor>& inputs) {
  const Legal<Trace> trace = default_schedule(workload, *target.description);
  if (!trace) return fail(render(trace.error(), workload, *target.description, nullptr, nullptr));
  const Legal<Schedule> schedule = replay(workload, *target.description, *trace);
  if (!schedule) {
    return fail(render(schedule.error(), workload, *target.description, nullptr, &*trace));
  }
  Result<LoweredModule> module =
      lower(std::make_shared<const Workload>(workload), target.description, *schedule);
  if (!module) return fail(module.error());
  const Result<ModuleRunner> runner =
      make_runner(target, std::make_shared<const LoweredModule>(std::move(*module)));
  if (!runner) return fail(runner.error());
  return call(*runner, inputs);
}

}  // namespace pimjit
