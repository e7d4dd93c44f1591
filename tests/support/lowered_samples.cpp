#include "pimjit/tests/support/lowered_samples.h"

#include <sstream>
#include <stdexcept>

#include "pimjit/build_paths.h"
#include "pimjit/core/interp/module_interpreter.h"
#include "pimjit/core/schedule/default_schedule.h"
#include "pimjit/core/verify/gate.h"
#include "pimjit/core/verify/test_data.h"

namespace pimjit::test {
namespace {

template <typename T>
T take(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  return std::move(*result);
}

template <typename T>
T legal(Legal<T> result, const Workload& w, const TargetDesc& target) {
  if (!result)
    throw std::runtime_error(render(result.error(), w, target, nullptr, nullptr).message());
  return std::move(*result);
}

}  // namespace

std::shared_ptr<const Workload> sample_workload(const std::string& computation,
                                                const std::string& sizes, DType dtype) {
  NotationOptions options;
  options.dtype = dtype;
  std::istringstream list(sizes);
  for (std::string item; std::getline(list, item, ',');) {
    const size_t equals = item.find('=');
    options.sizes[item.substr(0, equals)] = std::stoll(item.substr(equals + 1));
  }
  return std::make_shared<const Workload>(take(make_workload(computation, options)));
}

std::shared_ptr<const TargetDesc> sample_target(const std::string& name) {
  return std::make_shared<const TargetDesc>(
      take(load_target(std::string(PIMJIT_SOURCE_DIR) + "/tests/targets/" + name + ".toml")));
}

Sample lowered_sample(const std::string& computation, const std::string& sizes,
                      const std::string& target, const std::string& trace, DType dtype) {
  Sample sample;
  sample.workload = sample_workload(computation, sizes, dtype);
  sample.target = sample_target(target);
  const Workload& w = *sample.workload;
  const TargetDesc& t = *sample.target;
  sample.trace =
      trace.empty() ? legal(default_schedule(w, t), w, t) : take(parse_trace(trace, w, t));
  const Schedule schedule = legal(replay(w, t, sample.trace), w, t);
  LowerOptions options;
  options.verify = true;
  sample.module = take(lower(sample.workload, sample.target, schedule, options));
  return sample;
}

Verdict judge(const LoweredModule& module, uint64_t seed) {
  const std::vector<HostTensor> inputs = gate_inputs(*module.workload, seed);
  const auto tensors = interpret(module, inputs);
  if (!tensors) return {tensors.error().message(), false};
  const auto report = compare(*module.workload, inputs, tensors->back());
  if (!report) return {report.error().message(), false};
  if (report->ok) return {"", false};
  const bool nothing_known = report->mismatches == 0 && report->unbounded == report->checked;
  return {nothing_known ? "" : report->text(module.workload->tensors.back().name), nothing_known};
}

std::string mistakes_of(const LoweredModule& module, uint64_t seed) {
  const Verdict verdict = judge(module, seed);
  return verdict.inconclusive ? "the data tell nothing: every element may overflow"
                              : verdict.mistakes;
}

}  // namespace pimjit::test
