// pimjit show: what a computation becomes on a target, without running it.
#include <memory>
#include <span>

#include "pimjit/core/ir/printer.h"
#include "pimjit/core/ir/serialize.h"
#include "pimjit/core/lower/lower.h"
#include "pimjit/core/run/predicted_report.h"
#include "pimjit/core/run/run_report.h"
#include "pimjit/core/schedule/features.h"
#include "pimjit/core/schedule/loop_tree_text.h"
#include "pimjit/core/schedule/rough_time.h"
#include "pimjit/core/support/text.h"
#include "pimjit/tools/pimjit/command.h"
#include "pimjit/tools/pimjit/compiled.h"
#include "pimjit/tools/pimjit/plugins.h"
#include "pimjit/tools/pimjit/terminal.h"

namespace pimjit::cli {
namespace {

struct PassTime {
  const char* name;
  double ns;
  bool changed;
  std::vector<std::string> facts;
};

// What the boundary passes proved, by pass.
std::string facts_text(const std::vector<PassTime>& times) {
  std::string text;
  for (const PassTime& time : times) {
    if (time.facts.empty()) continue;
    text += cat("\n", time.name, "\n");
    for (const std::string& fact : time.facts) text += cat("  ", fact, "\n");
  }
  return text;
}

std::string passes_text(const std::vector<PassTime>& times) {
  std::vector<std::vector<std::string>> rows{{"pass", "time", "changed", "what it does"}};
  double total = 0;
  for (const PassTime& time : times) {
    const char* summary = "";
    for (const PassInfo& info : lowering_passes()) {
      if (std::string_view(info.name) != time.name) continue;
      summary = info.summary;
      break;
    }
    rows.push_back({time.name, readable_ns(time.ns), time.changed ? "yes" : "no", summary});
    total += time.ns;
  }
  rows.push_back({"total", readable_ns(total)});
  return table(rows, "lrll", "") + facts_text(times);
}

std::string kernels_text(const LoweredModule& module) {
  std::string text;
  for (size_t k = 0; k < module.kernels.size(); ++k) {
    text += cat("// kernel ", k, ", on ", module.kernel_units[k], " units\n",
                to_text(module.kernels[k]), "\n");
  }
  for (const HostKernel& host : module.host_kernels) {
    text += cat("// on the host\n", to_text(host.kernel), "\n");
  }
  return text;
}

// What the plugin makes of each kernel: size of the image, its figures and its log.
Result<std::string> images_text(const Compiled& compiled) {
  std::string text;
  for (const Kernel& kernel : compiled.module.kernels) {
    const auto bytes = serialize(kernel);
    if (!bytes) return fail(bytes.error());
    const Result<Image> image =
        compiled.target.plugin.build_kernel(std::as_bytes(std::span(*bytes)));
    if (!image) return fail(image.error());
    text += cat("kernel ", kernel.name, ": ", bytes->size(), " B serialised, ");
    if (!image->accepted()) {
      text += "refused by the plugin\n";
      for (const PluginReason& reason : image->reasons) {
        text += cat("  ", reason.code, " at ", reason.place.empty() ? "the kernel" : reason.place,
                    ": ", reason.message, " (", reason.have, ", limit ", reason.limit, ")\n");
      }
      continue;
    }
    text += cat(image->bytes.size(), " B image\n");
    for (const PluginCounter& counter : image->counters) {
      text += cat("  ", counter.name, " ", shortest(counter.value), " ", counter.unit, "\n");
    }
    if (!image->log.empty()) text += image->log + "\n";
  }
  return text;
}

// Each kernel as its plugin compiles it: the build's log when asked for by the option "dump".
Result<std::string> code_text(const Compiled& compiled, const std::string& form) {
  const Plugin& plugin = compiled.target.plugin;
  std::string text;
  for (const Kernel& kernel : compiled.module.kernels) {
    const auto bytes = serialize(kernel, static_cast<int>(plugin.kernel_version()));
    if (!bytes) return fail(bytes.error());
    const Result<Image> image =
        plugin.build_kernel(std::as_bytes(std::span(*bytes)), {{"dump", form}});
    if (!image) return fail(image.error());
    if (!image->accepted()) {
      return fail(user_error("rejected_by_target",
                             cat("plugin ", plugin.name(), " refuses kernel ", kernel.name),
                             image->reasons.front().message, "try another schedule"));
    }
    if (image->log.empty()) {
      return fail(user_error("no_such_dump",
                             cat("--dump=", form, ": plugin ", plugin.name(), " does not show it"),
                             cat("target ", compiled.target.name),
                             "--dump=ir shows the kernels, --dump=kernel what the plugin says of "
                             "their images"));
    }
    text += cat("// kernel ", kernel.name, "\n", image->log);
  }
  return text;
}

const char* phase_note(const HostOp& op) {
  if (op.in_place.possible) return op.in_place.staged.empty() ? "in place" : "mostly in place";
  if (op.kind == OpKind::broadcast) return "the same for all";
  return "";
}

// Every operation of the host program: what it occupies, how many bytes, when, for how long.
std::string operations_text(const LoweredModule& m, const RunReport& predicted) {
  std::vector<std::vector<std::string>> rows{
      {"operation", "phase", "over", "units", "bytes each", "bytes in all", "starts", "takes", ""}};
  for (const OperationTime& time : predicted.operations) {
    const HostOp& op = m.ops[static_cast<size_t>(time.op)];
    const std::string over =
        op.link >= 0 ? m.target->links[static_cast<size_t>(op.link)].name : to_string(op.resource);
    const int64_t units = std::max<int64_t>(op.units, 1);
    rows.push_back({op.name, to_string(time.phase), over, op.units > 0 ? cat(op.units) : "",
                    op.units > 0 && op.bytes > 0 ? cat(op.bytes) : "",
                    op.bytes > 0 ? cat(op.bytes * units) : "", readable_ns(time.start_ns),
                    readable_ns(time.duration_ns), phase_note(op)});
  }
  return table(rows, "lllrrrrrl", "");
}

std::string phases_text(const RunReport& predicted) {
  std::vector<std::vector<std::string>> rows{{"phase", "predicted"}};
  for (int p = 0; p < kRunPhases; ++p) {
    const auto phase = static_cast<RunPhase>(p);
    rows.push_back({to_string(phase), readable_ns(predicted.phase(phase).ns)});
  }
  rows.push_back({"total", readable_ns(predicted.total_ns)});
  return table(rows, "lr", "");
}

// Bytes that copies inside each unit move over the links of the device.
std::string device_links_text(const Compiled& compiled) {
  const TargetDesc& target = *compiled.target.description;
  std::vector<std::vector<std::string>> rows{{"link", "copies per unit", "bytes per unit"}};
  for (size_t s = 0; s < compiled.schedule.stages.size(); ++s) {
    if (!compiled.schedule.stages[s].on_device()) continue;
    const int stage = static_cast<int>(s);
    const auto layout = layout_stage(*compiled.workload, target, compiled.schedule, stage);
    if (!layout) continue;
    const StageFeatures f =
        features_of(*compiled.workload, target, compiled.schedule, stage, *layout);
    for (size_t l = 0; l < target.links.size(); ++l) {
      const Link& link = target.links[l];
      if (link.from == kHost || link.to == kHost || f.link_copies[l] <= 0) continue;
      rows.push_back({link.name, shortest(f.link_copies[l]), shortest(f.link_bytes[l])});
    }
  }
  return rows.size() > 1 ? table(rows, "lrr", "") + "\n" : "";
}

std::string overview(const Compiled& compiled, const std::vector<PassTime>& passes) {
  const Workload& w = *compiled.workload;
  const TargetDesc& target = *compiled.target.description;
  std::string text =
      cat(bold(to_text(w)), "   ", sizes_text(w), "   on ", compiled.target.name, "\n\n");
  for (size_t s = 0; s < compiled.schedule.stages.size(); ++s) {
    text += loop_tree_text(w, target, compiled.schedule, static_cast<int>(s)) + "\n";
  }
  std::vector<double> kernel_ns;
  if (const auto rough = rough_time(w, target, compiled.schedule)) {
    for (int stage : compiled.module.kernel_stages)
      kernel_ns.push_back(rough->kernels[static_cast<size_t>(stage)]);
  }
  const RunReport predicted = predicted_report(compiled.module, kernel_ns);
  text += operations_text(compiled.module, predicted) + "\n" + device_links_text(compiled) +
          phases_text(predicted) +
          "by the numbers of the target description; `pimjit run` tells what it takes\n\n";
  text += cat("schedule\n", to_text(compiled.trace, w, target), "\n");
  return text + facts_text(passes);
}

Status show(const ComputationOptions& options, const std::string& dump) {
  Result<Workload> workload = options.workload();
  if (!workload) return fail(workload.error());
  Result<OpenTarget> target = open_chosen_target(options.target, options.plugins);
  if (!target) return fail(target.error());
  std::vector<PassTime> times;
  LowerOptions lowering;
  lowering.verify = true;
  lowering.observer = [&times](const PassEvent& event) {
    times.push_back({event.pass, event.ns, event.changed, event.facts});
  };
  const Result<Compiled> compiled =
      compile(std::move(*workload), options, std::move(*target), lowering);
  if (!compiled) return fail(compiled.error());
  for (const std::string& repair : compiled->repairs) print_note(cat("repaired ", repair));

  if (dump == "schedule") {
    print(to_text(compiled->trace, *compiled->workload, *compiled->target.description) + "\n");
  } else if (dump == "ir") {
    print(kernels_text(compiled->module));
  } else if (dump == "host") {
    print(host_program_text(compiled->module));
  } else if (dump == "passes") {
    print(passes_text(times));
  } else if (dump == "llvm" || dump == "asm") {
    const Result<std::string> text = code_text(*compiled, dump);
    if (!text) return fail(text.error());
    print(*text);
  } else if (dump == "kernel") {
    const Result<std::string> text = images_text(*compiled);
    if (!text) return fail(text.error());
    print(*text);
  } else {
    print(overview(*compiled, times));
  }
  return {};
}

const std::vector<std::string>& dumps() {
  static const std::vector<std::string> kDumps{"ir",  "host",   "kernel",  "llvm",
                                               "asm", "passes", "schedule"};
  return kDumps;
}

Status check_dump(const std::string& dump) {
  if (dump.empty()) return {};
  for (const std::string& known : dumps()) {
    if (dump == known) return {};
  }
  const std::string nearest = nearest_name(dump, dumps());
  return fail(user_error("unknown_dump", cat("--dump: there is nothing called '", dump, "'"),
                         cat("known: ", join(dumps(), ", ")),
                         nearest.empty() ? "" : cat("did you mean '", nearest, "'?")));
}

}  // namespace

void add_show(CLI::App& app, Chosen& chosen) {
  CLI::App* command =
      app.add_subcommand("show", "Show the loop nest, kernels and host program of a computation");
  auto options = std::make_shared<ComputationOptions>();
  auto dump = std::make_shared<std::string>();
  options->add_to(command);
  command
      ->add_option(
          "--dump", *dump,
          "instead of the loop nest: kernels as text (ir), the host program, what the "
          "plugin builds (kernel), its LLVM IR or machine code where it can show them (llvm, "
          "asm), the passes with their times, or the schedule as a file")
      ->type_name("ir|host|kernel|llvm|asm|passes|schedule");
  command->callback([&chosen, options, dump] {
    chosen.action = [options, dump]() -> Status {
      if (Status known = check_dump(*dump); !known) return known;
      return show(*options, *dump);
    };
  });
}

}  // namespace pimjit::cli
