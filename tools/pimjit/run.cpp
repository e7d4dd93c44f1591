// pimjit run: one computation on one target, from notation to a verified result.
#include <charconv>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>

#include "pimjit/core/run/run_once.h"
#include "pimjit/core/schedule/longest_sums.h"
#include "pimjit/core/support/text.h"
#include "pimjit/core/verify/gate.h"
#include "pimjit/core/verify/npy.h"
#include "pimjit/core/verify/test_data.h"
#include "pimjit/jit/ffi_call/tensor_call.h"
#include "pimjit/jit/host/jit_host_ops.h"
#include "pimjit/tools/pimjit/command.h"
#include "pimjit/tools/pimjit/compiled.h"
#include "pimjit/tools/pimjit/json.h"
#include "pimjit/tools/pimjit/plugins.h"
#include "pimjit/tools/pimjit/profile.h"
#include "pimjit/tools/pimjit/tensor_files.h"
#include "pimjit/tools/pimjit/terminal.h"

namespace pimjit::cli {
namespace {

struct RunCommand {
  ComputationOptions computation;
  std::vector<std::string> inputs, outputs;
  int64_t seed = 1;
  bool verify = false;
  std::string reference;  // "LIBRARY:SYMBOL"; "": the direct evaluation
  bool check_ranges = false;
  bool profile = false;
  bool interpret_host = false;
};

// Beyond so many evaluations of the body a sample of the output is verified.
constexpr double kWholeCheck = 1e9;
constexpr int64_t kSample = 4096;

struct Ran {
  Compiled compiled;
  RunAnswer answer;
  std::optional<GateReport> gate;
  std::string gate_reference;         // LIBRARY:SYMBOL that `gate` was held against; ""
  std::optional<GateReport> meaning;  // against direct evaluation, where that reference differs
};

GateOptions gate_options(const Workload& workload, int64_t seed) {
  double evaluations = 0;
  for (const Stage& stage : workload.stages) {
    double of_stage = 1;
    for (const Axis& axis : stage.axes) of_stage *= static_cast<double>(axis.extent);
    evaluations += of_stage;
  }
  return {.sample = evaluations > kWholeCheck ? kSample : 0, .seed = static_cast<uint64_t>(seed)};
}

const Tensor& output_of(const Workload& workload) {
  return workload.tensors[static_cast<size_t>(workload.output())];
}

std::string input_types(const Workload& workload) {
  std::vector<std::string> types;
  for (const int t : workload.inputs()) {
    const std::string type = to_string(workload.tensors[static_cast<size_t>(t)].dtype);
    if (types.empty() || types.back() != type) types.push_back(type);
  }
  return types.empty() ? to_string(output_of(workload).dtype) : join(types, "*");
}

std::string json_sizes(const Workload& workload) {
  JsonObject sizes;
  std::map<std::string, int64_t> seen;
  for (const Stage& stage : workload.stages) {
    for (const Axis& axis : stage.axes) {
      if (seen.emplace(axis.name, axis.extent).second) sizes.add(axis.name, axis.extent);
    }
  }
  return sizes.text();
}

std::string json_timing(const RunReport& report) {
  JsonObject timing;
  for (const ReportField& field : timing_fields(report)) {
    if (field.is_number) {
      timing.add(field.key, field.number);
    } else {
      timing.add(field.key, field.text);
    }
  }
  return timing.text();
}

std::string json_verification(const Ran& ran) {
  const GateReport& gate = *ran.gate;
  return JsonObject()
      .add("method", gate.method)
      .add("reference", ran.gate_reference.empty() ? "direct evaluation" : ran.gate_reference)
      .add("elements", gate.elements)
      .add("checked", gate.checked)
      .add("mismatches", gate.mismatches)
      .add("max_error", gate.max_error)
      .text();
}

std::string json_counters(const RunReport& report) {
  JsonObject counters;
  for (const PluginCounter& counter : report.counters) counters.add(counter.name, counter.value);
  return counters.text();
}

std::string json_of_run(const Ran& ran, const RunCommand& command) {
  const Workload& w = *ran.compiled.workload;
  std::vector<std::string> repairs;
  for (const std::string& repair : ran.compiled.repairs) repairs.push_back(json(repair));
  JsonObject object;
  object.add("computation", to_text(w))
      .add("operator", w.name)
      .add_text("sizes", json_sizes(w))
      .add("dtype", input_types(w))
      .add("target", ran.compiled.target.name)
      .add("schedule", to_line(ran.compiled.trace, w, *ran.compiled.target.description))
      .add("nest", nest_line(ran.compiled))
      .add_text("repairs", json_array(repairs))
      .add_text("verified", ran.gate ? json(ran.gate->ok) : "null")
      .add_text("verification", ran.gate ? json_verification(ran) : "null")
      .add_text("timing", json_timing(ran.answer.report))
      .add("seed", command.seed);
  if (command.profile) {
    object.add_text("counters", json_counters(ran.answer.report))
        .add_text("statements", profile_json(ran.compiled.module, ran.answer.report));
  }
  return object.text();
}

std::string verdict(const Ran& ran) {
  if (!ran.gate) return "not asked for (--verify)";
  const GateReport& gate = *ran.gate;
  char error[32];
  std::snprintf(error, sizeof error, "%.3g", gate.max_error);
  return cat(gate.ok ? green("yes") : red("NO"), ": ",
             gate.text(output_of(*ran.compiled.workload).name), ", max error ", error,
             ran.gate_reference.empty() ? "" : cat(", against ", ran.gate_reference));
}

void print_run(const Ran& ran) {
  const Workload& w = *ran.compiled.workload;
  const TargetDesc& target = *ran.compiled.target.description;
  print(cat(bold(to_text(w)), "   ", sizes_text(w), "\n"));
  print(cat("on ", bold(ran.compiled.target.name), ", ", target.summary, "\n\n"));
  print(to_text(ran.answer.report));
  print(cat("\n  schedule  ", to_line(ran.compiled.trace, w, target), "\n"));
  print(cat("  verified  ", verdict(ran), "\n"));
}

Status verify(const RunCommand& command, const std::optional<ForeignFunction>& reference,
              const std::vector<HostTensor>& inputs, Ran& ran) {
  const Workload& w = *ran.compiled.workload;
  GateOptions options = gate_options(w, command.seed);
  options.longest_sums = longest_sums(ran.compiled.schedule);
  const HostTensor& output = ran.answer.output;
  const auto keep = [](Result<GateReport> from, std::optional<GateReport>& to) -> Status {
    if (!from) return fail(from.error());
    to = std::move(*from);
    return {};
  };
  if (!reference) return keep(compare(w, inputs, output, options), ran.gate);
  ran.gate_reference = reference->name();
  const Result<HostTensor> expected = call_on_inputs(*reference, w, inputs);
  if (!expected) return fail(expected.error());
  Status held = keep(compare_with(w, inputs, output, *expected, options), ran.gate);
  if (!held || ran.gate->ok) return held;
  return keep(compare(w, inputs, output, options), ran.meaning);
}

// The host's side of the module as machine code, or null for the library's own operations.
Result<std::unique_ptr<HostOps>> host_ops(const RunCommand& command,
                                          const std::shared_ptr<const LoweredModule>& module) {
  if (command.interpret_host) return nullptr;
  const Result<HostCompiler> compiler = HostCompiler::create();
  if (!compiler) return fail(compiler.error());
  return compiler->compile(module);
}

Result<Ran> run(const RunCommand& command, Compiled compiled,
                const std::optional<ForeignFunction>& reference,
                const std::vector<HostTensor>& inputs) {
  for (const std::string& repair : compiled.repairs) print_note(cat("repaired ", repair));
  const auto module = std::make_shared<const LoweredModule>(compiled.module);
  Result<std::unique_ptr<HostOps>> host = host_ops(command, module);
  if (!host) return fail(host.error());
  const Result<ModuleRunner> runner = make_runner(compiled.target, module, std::move(*host));
  if (!runner) return fail(runner.error());
  Result<RunAnswer> answer = call(*runner, inputs, {.counters = command.profile});
  if (!answer) return fail(answer.error());
  Ran ran{std::move(compiled), std::move(*answer), std::nullopt, {}, std::nullopt};
  if (command.verify || reference) {
    if (Status s = verify(command, reference, inputs, ran); !s) return fail(s.error());
  }
  return ran;
}

// What the exit status of a wrong result rests on: when the notation agrees with the result, the
// reference function computes something else.
Error wrong_result(const Ran& ran, bool writes_output) {
  const std::string name = output_of(*ran.compiled.workload).name;
  const std::string where = cat("target ", ran.compiled.target.name);
  if (ran.meaning && ran.meaning->ok) {
    return user_error("reference_differs", cat(ran.gate->text(name), " by ", ran.gate_reference),
                      where,
                      "direct evaluation of the notation agrees with the result: look at the "
                      "reference function");
  }
  return internal_error(
      "wrong_result", ran.gate->text(name), where,
      writes_output ? "no output was written; please report it with what `pimjit doctor` prints"
                    : "please report it with what `pimjit doctor` prints");
}

// The reference with, where the symbol is missing, the function that is looked for.
Result<ForeignFunction> load_reference(const std::string& name, const Workload& workload) {
  Result<ForeignFunction> loaded = ForeignFunction::load(name);
  if (loaded) return loaded;
  Error error = loaded.error();
  error.what = cat("--reference: ", error.what);
  if (error.code == "symbol_missing") {
    error.hint =
        cat("export `", to_text(c_signature(workload, true), name.substr(name.rfind(':') + 1)),
            "`, in C++ as extern \"C\"");
  }
  return fail(std::move(error));
}

Status run_and_print(const RunCommand& command, Chosen& chosen) {
  Result<Workload> workload = command.computation.workload();
  if (!workload) return fail(workload.error());
  const Result<std::string> output = output_path(*workload, command.outputs);
  if (!output) return fail(output.error());
  std::optional<ForeignFunction> reference;
  if (!command.reference.empty()) {
    auto loaded = load_reference(command.reference, *workload);
    if (!loaded) return fail(loaded.error());
    reference = std::move(*loaded);
  }
  Result<OpenTarget> target =
      open_chosen_target(command.computation.target, command.computation.plugins);
  if (!target) return fail(target.error());
  // Before the inputs: sizes that the target cannot hold need no memory here.
  Result<Compiled> compiled =
      compile(std::move(*workload), command.computation, std::move(*target));
  if (!compiled) return fail(compiled.error());
  const Result<std::vector<HostTensor>> inputs =
      make_inputs(*compiled->workload, command.inputs, static_cast<uint64_t>(command.seed));
  if (!inputs) return fail(inputs.error());
  if (command.check_ranges) {
    if (Status inside = check_ranges(*compiled->workload, *inputs); !inside) return inside;
  }
  const Result<Ran> ran = run(command, std::move(*compiled), reference, *inputs);
  if (!ran) return fail(ran.error());
  const bool wrong = ran->gate && !ran->gate->ok;
  if (!output->empty() && !wrong) {
    if (Status written = write_npy(*output, ran->answer.output); !written) return written;
  }
  if (chosen.json) {
    print(json_of_run(*ran, command) + "\n");
    chosen.answered = true;
  } else {
    print_run(*ran);
    if (command.profile) {
      print(cat("  nest      ", nest_line(ran->compiled), "\n",
                profile_text(ran->compiled.module, ran->answer.report)));
    }
  }
  if (!wrong) return {};
  return fail(wrong_result(*ran, !output->empty()));
}

}  // namespace

void add_run(CLI::App& app, Chosen& chosen) {
  CLI::App* command =
      app.add_subcommand("run", "Run a computation on a target and print its times");
  auto options = std::make_shared<RunCommand>();
  options->computation.add_to(command);
  command->add_flag("--profile", options->profile,
                    "also print what the target counted, statement by statement");
  command->add_option("--input", options->inputs, "an input from a .npy file; others are random")
      ->type_name("A=FILE")
      ->allow_extra_args(false);
  command->add_option("--output", options->outputs, "write the result as .npy")
      ->type_name("C=FILE")
      ->allow_extra_args(false);
  const auto read_seed = [options](const CLI::results_t& texts) {
    const std::string& text = texts.back();
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, options->seed);
    return parsed.ec == std::errc() && parsed.ptr == end && options->seed >= 0;
  };
  command->add_option("--seed", read_seed, "of the random inputs (1)")->type_name("N");
  command->add_flag("--verify", options->verify,
                    "compare the result with a direct evaluation of the notation");
  command
      ->add_option("--reference", options->reference,
                   "verify against a C function: pointers to inputs and output, then the sizes")
      ->type_name("LIBRARY:SYMBOL");
  command->add_flag("--check-ranges", options->check_ranges,
                    "refuse inputs with values outside their declared range");
  command->add_flag("--interpret-host", options->interpret_host,
                    "do the host's part of the program without machine code made for it");
  command->add_flag("--json", chosen.json, "print one JSON object");
  command->callback([&chosen, options] {
    chosen.action = [&chosen, options] { return run_and_print(*options, chosen); };
  });
}

}  // namespace pimjit::cli
