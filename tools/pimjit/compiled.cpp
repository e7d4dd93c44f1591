#include "pimjit/tools/pimjit/compiled.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "pimjit/core/schedule/default_schedule.h"
#include "pimjit/core/support/text.h"
#include "pimjit/search/database/lookup.h"
#include "pimjit/tools/pimjit/database_option.h"
#include "pimjit/tools/pimjit/terminal.h"

namespace pimjit::cli {
namespace {

struct Planned {
  Trace trace;
  Schedule schedule;
  std::vector<std::string> repairs;
};

constexpr size_t kLargestTrace = size_t{1} << 20;  // bytes; thousands of times what a trace needs

Result<std::string> read_schedule_file(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
    std::ifstream file(path, std::ios::binary);
    std::string text(kLargestTrace + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<size_t>(file.gcount()));
    if (text.size() > kLargestTrace) {
      return fail(user_error("unreadable_file",
                             cat("a schedule file has at most ", kLargestTrace, " bytes"), path,
                             "--schedule takes default, best, or the path of a trace"));
    }
    if (file.eof()) return text;
  }
  return fail(user_error("unreadable_file", cat("cannot read the schedule file '", path, "'"), path,
                         "--schedule takes default, best, or the path of a trace"));
}

std::string repair_line(const Repair& repair) {
  const std::string where = cat("instruction ", repair.instruction);
  if (repair.decision < 0) return cat(where, " left out (", to_string(repair.reason), ")");
  return cat(where, ": ", repair.from, " became ", repair.to, " (", to_string(repair.reason), ")");
}

Result<Planned> plan_by_default(const Workload& workload, const TargetDesc& target) {
  Legal<Trace> trace = default_schedule(workload, target);
  if (!trace) return fail(render(trace.error(), workload, target, nullptr, nullptr));
  Legal<Schedule> schedule = replay(workload, target, *trace);
  if (!schedule) return fail(render(schedule.error(), workload, target, nullptr, &*trace));
  return Planned{std::move(*trace), std::move(*schedule), {}};
}

Result<Planned> plan_from_file(const std::string& path, const Workload& workload,
                               const TargetDesc& target) {
  const Result<std::string> text = read_schedule_file(path);
  if (!text) return fail(text.error());
  const Result<Trace> trace = parse_trace(*text, workload, target);
  if (!trace) {
    Error error = trace.error();
    error.where = error.where.empty() ? path : cat(path, ": ", error.where);
    return fail(std::move(error));
  }
  Legal<Repaired> repaired = replay_with_repair(workload, target, *trace);
  if (!repaired) return fail(render(repaired.error(), workload, target, nullptr, &*trace));
  Planned planned{std::move(repaired->trace), std::move(repaired->schedule), {}};
  for (const Repair& repair : repaired->repairs) planned.repairs.push_back(repair_line(repair));
  return planned;
}

// The best recorded schedule, else the default one.
Result<Planned> plan_from_records(const std::string& given, const std::string& plugin_build,
                                  const Workload& workload, const TargetDesc& target) {
  const Result<Database> database = open_database(given, true);
  if (!database) return fail(database.error());
  Result<std::optional<FoundSchedule>> found =
      find_schedule(*database, workload, target, plugin_build);
  if (!found) return fail(found.error());
  if (!*found) {
    print_note("no record fits: the default schedule is used; `pimjit db explain` says why");
    return plan_by_default(workload, target);
  }
  FoundSchedule& schedule = **found;
  if (schedule.match != RecordMatch::exact) {
    print_note(cat("the schedule was found under ", to_string(schedule.match), ": ",
                   schedule.record.sizes, " on ", schedule.record.target));
  }
  const Legal<Schedule> legal = replay(workload, target, schedule.trace);
  if (!legal) return fail(render(legal.error(), workload, target, nullptr, &schedule.trace));
  Planned planned{std::move(schedule.trace), *legal, {}};
  for (const Repair& repair : schedule.repairs) planned.repairs.push_back(repair_line(repair));
  return planned;
}

Result<Planned> plan(const std::string& schedule, const std::string& database,
                     const std::string& plugin_build, const Workload& workload,
                     const TargetDesc& target) {
  if (schedule == "default") return plan_by_default(workload, target);
  if (schedule == "best") {
    return plan_from_records(database, plugin_build, workload, target);
  }
  return plan_from_file(schedule, workload, target);
}

std::string tensor_name(const Workload& workload, const Stage& stage, int access) {
  const int tensor =
      access == kOutputAccess ? stage.output : stage.accesses[static_cast<size_t>(access)].tensor;
  return workload.tensors[static_cast<size_t>(tensor)].name;
}

// "{A,B,C in scratch}": the caches inside loop `at`, by scope.
std::vector<std::string> caches_at(const Workload& workload, const TargetDesc& target,
                                   const Stage& stage, const StageSchedule& s, LoopId at) {
  std::vector<std::string> parts;
  for (size_t scope = 0; scope < target.scopes.size(); ++scope) {
    std::vector<std::string> names;
    for (const std::vector<Cache>* list : {&s.reads, &s.writes}) {
      for (const Cache& cache : *list) {
        if (cache.at != at || cache.scope != static_cast<int>(scope)) continue;
        names.push_back(tensor_name(workload, stage, cache.access));
      }
    }
    if (!names.empty())
      parts.push_back(cat("{", join(names, ","), " in ", target.scopes[scope].name, "}"));
  }
  return parts;
}

std::string nest_of_stage(const Workload& workload, const TargetDesc& target,
                          const Schedule& schedule, int number) {
  const StageSchedule& s = schedule.stages[static_cast<size_t>(number)];
  const Stage& stage = workload.stages[static_cast<size_t>(number)];
  std::vector<std::string> parts = caches_at(workload, target, stage, s, kRoot);
  for (const LoopId id : s.nest) {
    const Loop& loop = s.loops[static_cast<size_t>(id)];
    const std::string name =
        cat(loop_name(workload, schedule, number, id), loop.rfactored ? " partial" : "");
    if (loop.level >= 0) {
      parts.push_back(cat(target.levels[static_cast<size_t>(loop.level)].name, "*", loop.extent,
                          "(", name, ")"));
    } else if (loop.extent > 1) {
      parts.push_back(cat(name, "*", loop.extent));
    }
    for (std::string& part : caches_at(workload, target, stage, s, id)) {
      parts.push_back(std::move(part));
    }
  }
  return cat(s.on_device() ? "" : "host: ", join(parts, " "));
}

}  // namespace

Result<Compiled> compile(Workload workload, const ComputationOptions& options, OpenTarget target,
                         LowerOptions lowering) {
  if (Status known = check_pass_names(options.without_passes); !known) return fail(known.error());
  lowering.disabled.insert(lowering.disabled.end(), options.without_passes.begin(),
                           options.without_passes.end());
  auto shared = std::make_shared<const Workload>(std::move(workload));
  Result<Planned> planned =
      plan(options.schedule, options.database, target.plugin.build(), *shared, *target.description);
  if (!planned) return fail(planned.error());
  Result<LoweredModule> module = lower(shared, target.description, planned->schedule, lowering);
  if (!module) return fail(module.error());
  return Compiled{std::move(shared),           std::move(target),
                  std::move(planned->trace),   std::move(planned->schedule),
                  std::move(planned->repairs), std::move(*module)};
}

std::string nest_line(const Compiled& compiled) {
  std::vector<std::string> stages;
  for (size_t s = 0; s < compiled.schedule.stages.size(); ++s) {
    stages.push_back(nest_of_stage(*compiled.workload, *compiled.target.description,
                                   compiled.schedule, static_cast<int>(s)));
  }
  return join(stages, "; ");
}

}  // namespace pimjit::cli
