// pimjit tune: searches a schedule, with a progress bar and a table of what it gained.
#include "pimjit/search/tune/tune.h"

#include <csignal>
#include <cstdio>
#include <memory>

#include "pimjit/core/run/run_report.h"
#include "pimjit/core/schedule/default_schedule.h"
#include "pimjit/core/schedule/instructions.h"
#include "pimjit/core/support/text.h"
#include "pimjit/search/measure/local_measurer.h"
#include "pimjit/search/space/row_tiling.h"
#include "pimjit/tools/pimjit/command.h"
#include "pimjit/tools/pimjit/computation_options.h"
#include "pimjit/tools/pimjit/database_option.h"
#include "pimjit/tools/pimjit/interrupt.h"
#include "pimjit/tools/pimjit/json.h"
#include "pimjit/tools/pimjit/measuring_options.h"
#include "pimjit/tools/pimjit/number_checks.h"
#include "pimjit/tools/pimjit/plugins.h"
#include "pimjit/tools/pimjit/progress_bar.h"
#include "pimjit/tools/pimjit/terminal.h"

namespace pimjit::cli {
namespace {

struct TuneCommand {
  ComputationOptions computation;
  std::vector<std::string> residents;
  std::optional<double> seconds;
  int64_t trials = -1;
  std::string strategy = "evolve", model;
  MeasuringOptions measuring;
  int64_t seed = 1;
  bool fresh = false, no_database = false, no_baselines = false;

  bool no_budget() const { return trials == 0 || seconds == 0.0; }
};

struct Row {
  std::string name;
  Outcome outcome;
};

struct Tuned {
  std::shared_ptr<const Problem> problem;
  TuneResult result;
  std::vector<Row> rows;
  std::string database;
  std::optional<Verification> verified;
  std::optional<Trace> unmeasured;  // the default schedule, where there is no budget
};

Result<std::vector<int>> tensors_named(const Workload& w, const std::vector<std::string>& names) {
  std::vector<int> tensors;
  for (const std::string& name : names) {
    const int tensor = w.find_tensor(name);
    if (tensor < 0 || w.tensors[static_cast<size_t>(tensor)].role != TensorRole::input) {
      return fail(user_error("unknown_tensor",
                             cat("--resident: '", name, "' is no input of ", to_text(w))));
    }
    tensors.push_back(tensor);
  }
  return tensors;
}

Result<std::optional<Database>> database_of(const TuneCommand& command) {
  if (command.no_database) return std::optional<Database>();
  Result<Database> database =
      open_database(command.computation.database, false, "name a file with --db, or use --no-db");
  if (!database) return fail(database.error());
  return std::optional<Database>(std::move(*database));
}

// The default schedule, with the same tensors resident as in the search.
std::optional<Trace> default_with(const Problem& problem, const std::vector<int>& resident) {
  const TargetDesc& target = *problem.target.description;
  Legal<Trace> trace = default_schedule(*problem.workload, target);
  if (!trace) return std::nullopt;
  for (const int tensor : resident) {
    trace->instructions.insert(trace->instructions.begin(),
                               make_place(tensor, target.home_scope(), Residency::resident));
  }
  return std::move(*trace);
}

SearchOptions search_options(const TuneCommand& command, const Problem& problem,
                             const std::vector<int>& resident) {
  SearchOptions options;
  options.seed = static_cast<uint64_t>(command.seed);
  options.strategy = command.strategy;
  if (!command.model.empty()) options.model = command.model;
  options.trials = command.no_budget()   ? 0
                   : command.trials >= 0 ? command.trials
                   : command.seconds     ? 1 << 20
                                         : 1000;
  if (auto first = default_with(problem, resident)) options.first.push_back(std::move(*first));
  return options;
}

// The best of the schedules that people write by hand.
std::optional<Outcome> best_conventional(const Problem& problem, const std::vector<int>& resident,
                                         Measurer& measurer) {
  const DesignSpace space(problem.workload, problem.target.description, {resident, true});
  std::optional<Outcome> best;
  for (Outcome& outcome :
       measurer.measure(conventional_schedules(space), [] { return interrupted(); }, {})) {
    if (outcome.ok() && (!best || outcome.total_ns < best->total_ns)) best = std::move(outcome);
  }
  return best;
}

Result<Tuned> run_session(const TuneCommand& command) {
  Result<Workload> workload = command.computation.workload();
  if (!workload) return fail(workload.error());
  const Result<std::vector<int>> resident = tensors_named(*workload, command.residents);
  if (!resident) return fail(resident.error());
  Result<OpenTarget> target =
      open_chosen_target(command.computation.target, command.computation.plugins);
  if (!target) return fail(target.error());
  Tuned tuned;
  const Result<std::optional<Database>> database = database_of(command);
  if (!database) return fail(database.error());
  if (*database) tuned.database = (*database)->path();
  const auto problem = make_problem(std::make_shared<const Workload>(std::move(*workload)),
                                    std::move(*target), static_cast<uint64_t>(command.seed));
  if (!problem) return fail(problem.error());
  tuned.problem = *problem;
  auto measurer = command.measuring.measurer(*problem);
  if (!measurer) return fail(measurer.error());

  TuneOptions options;
  options.search = search_options(command, **problem, *resident);
  options.seconds = command.seconds.value_or(0);
  options.resident = *resident;
  options.resume = !command.fresh;
  options.stop = [] { return interrupted(); };
  ProgressBar bar;
  options.progress = [&bar](const TuneProgress& progress) { bar.show(progress); };
  const InterruptGuard guard;
  Result<TuneResult> result =
      tune(*problem, **measurer, *database ? &**database : nullptr, options);
  bar.finish();
  if (!result) return fail(result.error());
  tuned.result = std::move(*result);
  const TuneResult& r = tuned.result;
  if (r.first) tuned.rows.push_back({"default", r.first->outcome});
  if (command.no_budget()) {
    tuned.unmeasured = default_with(**problem, *resident);
    return tuned;
  }
  if (!command.no_baselines && !interrupted() && !r.device_problem) {
    if (auto outcome = best_conventional(**problem, *resident, **measurer)) {
      tuned.rows.push_back({"PrIM-style", std::move(*outcome)});
    }
  }
  if (r.best) tuned.rows.push_back({"tuned", r.best->outcome});
  if (r.best && !interrupted() && !r.device_problem) {
    Result<Verification> verified = verify_whole(**problem, r.best->trace);
    if (!verified) return fail(verified.error());
    tuned.verified = std::move(*verified);
  }
  return tuned;
}

void print_table(const Tuned& tuned) {
  std::vector<std::vector<std::string>> rows = {
      {"", "upload", "h2d", "launch", "kernel", "d2h", "host", "total", "speed-up"}};
  const double slowest = tuned.rows.empty() ? 0 : tuned.rows.front().outcome.total_ns;
  for (const Row& row : tuned.rows) {
    std::vector<std::string> cells = {row.name};
    for (const double ns : row.outcome.phase_ns) cells.push_back(readable_ns(ns));
    cells.push_back(readable_ns(row.outcome.total_ns));
    char speedup[32];
    std::snprintf(speedup, sizeof speedup, "%.2fx", slowest / row.outcome.total_ns);
    cells.emplace_back(row.outcome.ok() ? speedup : to_string(row.outcome.verdict));
    rows.push_back(std::move(cells));
  }
  print(table(rows, "lrrrrrrrr"));
}

void print_effort(const TuneResult& r) {
  char line[240];
  std::snprintf(line, sizeof line,
                "\n  %lld trials in %.1f s, %lld of them resumed; %.0f %% of the time outside of "
                "building, running and checking (choosing %.1f s)\n",
                static_cast<long long>(r.trials), r.wall_s, static_cast<long long>(r.resumed),
                100 * r.outside_share(), r.search_s);
  print(line);
  for (size_t v = 1; v < r.verdicts.size(); ++v) {
    if (r.verdicts[v] == 0) continue;
    print(cat("  ", r.verdicts[v], " ", to_string(static_cast<Verdict>(v)),
              ", such as: ", r.examples[v], "\n"));
  }
}

void print_tuned(const Tuned& tuned) {
  const TuneResult& r = tuned.result;
  const Workload& w = *tuned.problem->workload;
  const TargetDesc& target = *tuned.problem->target.description;
  print(cat(bold(to_text(w)), "   ", sizes_text(w), "\non ", bold(tuned.problem->target.name), ", ",
            target.summary, "\n\n"));
  if (tuned.unmeasured) {
    print(cat("  schedule  ", to_line(*tuned.unmeasured, w, target), "\n"));
    return;
  }
  print_table(tuned);
  print_effort(r);
  const std::string histogram = histogram_text(r.rejected, r.tried, w, target);
  if (!histogram.empty()) print(cat("  of ", r.tried, " schedules drawn, not legal:\n"));
  size_t begin = 0;
  while (begin < histogram.size()) {
    const size_t end = histogram.find('\n', begin);
    print(cat("    ", histogram.substr(begin, end - begin), "\n"));
    begin = end + 1;
  }
  if (r.best) {
    char line[160];
    std::snprintf(line, sizeof line, "  the analytic bound is %s: the winner is at %.0f %% of it\n",
                  readable_ns(r.bound_ns).c_str(), 100 * r.bound_ns / r.best->outcome.total_ns);
    print(line);
    print(cat("  schedule  ", to_line(r.best->trace, w, target), "\n"));
  }
  if (tuned.verified) {
    print(cat("  verified  ", green("yes"), ": ", tuned.verified->elements, " elements, ",
              tuned.verified->method, "\n"));
  }
  if (!tuned.database.empty()) print(cat("  recorded  ", tuned.database, "\n"));
}

std::string json_of_outcome(const Outcome& outcome) {
  JsonObject object;
  object.add("verdict", to_string(outcome.verdict)).add("total_ns", outcome.total_ns);
  constexpr const char* kPhases[] = {"upload_ns", "h2d_ns", "launch_ns",
                                     "kernel_ns", "d2h_ns", "host_ns"};
  for (size_t p = 0; p < outcome.phase_ns.size(); ++p) object.add(kPhases[p], outcome.phase_ns[p]);
  return object.text();
}

std::string json_of_tuned(const Tuned& tuned) {
  const TuneResult& r = tuned.result;
  const Workload& w = *tuned.problem->workload;
  const TargetDesc& target = *tuned.problem->target.description;
  JsonObject rejected, verdicts, rows;
  for (const auto& [code, count] : r.rejected) rejected.add(to_string(code), count.count);
  for (size_t v = 0; v < r.verdicts.size(); ++v) {
    verdicts.add(to_string(static_cast<Verdict>(v)), r.verdicts[v]);
  }
  for (const Row& row : tuned.rows) rows.add_text(row.name, json_of_outcome(row.outcome));
  std::vector<std::string> curve, rounds;
  for (const auto& point : r.curve) {
    curve.push_back(
        json_array({json(point[0]), json(static_cast<int64_t>(point[1])), json(point[2])}));
  }
  for (const RoundLog& round : r.rounds) {
    rounds.push_back(JsonObject()
                         .add("trials", round.trials)
                         .add("epsilon", round.epsilon)
                         .add("rank_correlation", round.rank_correlation)
                         .add("best_ns", round.best_ns)
                         .text());
  }
  const std::string phases = r.best ? json_of_outcome(r.best->outcome) : "null";
  JsonObject object;
  object.add("computation", to_text(w))
      .add("sizes", sizes_text(w))
      .add("target", tuned.problem->target.name)
      .add_text("schedule", r.best             ? json(to_line(r.best->trace, w, target))
                            : tuned.unmeasured ? json(to_line(*tuned.unmeasured, w, target))
                                               : "null")
      .add_text("verified", tuned.verified ? json(true) : "null")
      .add_text("timing", phases)
      .add("trials", r.trials)
      .add("resumed", r.resumed)
      .add("finished", r.finished)
      .add_text("verdicts", verdicts.text())
      .add_text("rejected", rejected.text())
      .add("drawn", r.tried)
      .add("wall_s", r.wall_s)
      .add("search_s", r.search_s)
      .add("jobs", static_cast<int64_t>(r.jobs))
      .add("outside_share", r.outside_share())
      .add("build_s", r.build_s)
      .add("run_s", r.run_s)
      .add("gate_s", r.gate_s)
      .add_text("default_ns", r.first ? json(r.first->outcome.total_ns) : "null")
      .add_text("best_ns", r.best ? json(r.best->outcome.total_ns) : "null")
      .add("bound_ns", r.bound_ns)
      .add_text("rows", rows.text())
      .add_text("curve", json_array(curve))
      .add_text("rounds", json_array(rounds))
      .add("session", r.session)
      .add("candidates", r.candidates)
      .add("seed", static_cast<int64_t>(tuned.problem->seed));
  return object.text();
}

Status check_options(const TuneCommand& command) {
  const auto contradiction = [](const char* what) {
    return fail(user_error("contradictory_options", what));
  };
  if (command.no_database && !command.computation.database.empty()) {
    return contradiction("--db names a database and --no-db asks for none");
  }
  if (command.no_database && command.fresh) {
    return contradiction("--fresh measures again what a database has, and --no-db asks for none");
  }
  const bool models = command.strategy != "random" && command.strategy != "grid";
  if (!models && !command.model.empty()) {
    return contradiction("--model orders candidates, and --strategy random and grid do not");
  }
  return {};
}

Status tune_and_print(const TuneCommand& command, Chosen& chosen) {
  if (Status sound = check_options(command); !sound) return sound;
  // A file that may not grow is an error of the database rather than the end of the process.
  std::signal(SIGXFSZ, SIG_IGN);
  if (command.no_budget()) print_note("nothing is searched: the default schedule is used");
  Result<Tuned> tuned = run_session(command);
  if (!tuned) return fail(tuned.error());
  if (interrupted()) print_note("interrupted; the same command goes on from here");
  if (chosen.json) {
    print(json_of_tuned(*tuned) + "\n");
    chosen.answered = true;
  } else {
    print_tuned(*tuned);
  }
  if (tuned->result.device_problem) return fail(*tuned->result.device_problem);
  if (tuned->result.database_problem) return fail(*tuned->result.database_problem);
  if (!tuned->result.best && tuned->result.trials > 0) {
    return fail(user_error("no_working_schedule",
                           cat("none of ", tuned->result.trials, " measured schedules works"), {},
                           "the verdicts above say why"));
  }
  return {};
}

}  // namespace

void add_tune(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("tune", "Search the best schedule and remember it");
  auto options = std::make_shared<TuneCommand>();
  options->computation.add_to(command);
  command
      ->add_option("--resident", options->residents, "inputs that stay on the device between calls")
      ->type_name("TENSOR")
      ->allow_extra_args(false)
      ->delimiter(',');
  command->add_option("--seconds", options->seconds, "stop after so long")
      ->type_name("S")
      ->check(at_least_zero());
  command
      ->add_option("--trials", options->trials,
                   "schedules to measure (1000; without a bound with --seconds)")
      ->type_name("N")
      ->check(at_least_zero());
  command->add_option("--strategy", options->strategy, "evolve, default-evolve, random or grid")
      ->type_name("NAME");
  command->add_option("--model", options->model, "xgboost, analytic or none")->type_name("NAME");

  command->add_flag("--no-db", options->no_database, "record nothing");
  command->add_flag("--fresh", options->fresh,
                    "measure again what an interrupted session has measured");
  command->add_flag("--no-baselines", options->no_baselines,
                    "leave hand-written schedules out of the table");
  options->measuring.add_to(command);
  command->add_option("--seed", options->seed, "of search and data (1)")->type_name("N");
  command->add_flag("--json", chosen.json, "print one JSON object");
  command->callback([&chosen, options] {
    chosen.action = [&chosen, options] { return tune_and_print(*options, chosen); };
  });
}

}  // namespace pimjit::cli
