// pimjit replay: takes a recorded schedule, measures it again and verifies it in full.
#include <cstdio>
#include <memory>

#include "pimjit/core/run/run_report.h"
#include "pimjit/core/support/text.h"
#include "pimjit/search/database/lookup.h"
#include "pimjit/search/measure/local_measurer.h"
#include "pimjit/tools/pimjit/command.h"
#include "pimjit/tools/pimjit/computation_options.h"
#include "pimjit/tools/pimjit/database_option.h"
#include "pimjit/tools/pimjit/json.h"
#include "pimjit/tools/pimjit/plugins.h"
#include "pimjit/tools/pimjit/terminal.h"

namespace pimjit::cli {
namespace {

struct Replayed {
  FoundSchedule found;
  Outcome outcome;
  Verification verified;
  std::string schedule;
};

Result<Replayed> replay_best(const ComputationOptions& options) {
  Result<Workload> parsed = options.workload();
  if (!parsed) return fail(parsed.error());
  Result<OpenTarget> target = open_chosen_target(options.target, options.plugins);
  if (!target) return fail(target.error());
  const Result<Database> database = open_database(options.database, true);
  if (!database) return fail(database.error());
  const auto workload = std::make_shared<const Workload>(std::move(*parsed));
  Result<std::optional<FoundSchedule>> found =
      find_schedule(*database, *workload, *target->description, target->plugin.build());
  if (!found) return fail(found.error());
  if (!*found) {
    return fail(user_error("no_record", "no record fits this computation on this target",
                           database->path(),
                           "`pimjit db explain` says what differs, `pimjit tune` makes one"));
  }
  const auto problem = make_problem(workload, std::move(*target), 1);
  if (!problem) return fail(problem.error());
  const auto runner = make_runner_of(*problem);
  if (!runner) return fail(runner.error());
  Replayed replayed{std::move(**found), {}, {}, {}};
  replayed.outcome = measure_one(*make_builder(*problem), **runner, replayed.found.trace);
  if (!replayed.outcome.ok()) {
    return fail(internal_error(to_string(replayed.outcome.verdict), replayed.outcome.detail));
  }
  Result<Verification> verified = verify_whole(**problem, replayed.found.trace);
  if (!verified) return fail(verified.error());
  replayed.verified = std::move(*verified);
  replayed.schedule = to_line(replayed.found.trace, *workload, *(*problem)->target.description);
  return replayed;
}

void print_replayed(const Replayed& r) {
  const bool comparable = r.found.match == RecordMatch::exact;
  print(cat("record    ", record_id(r.found.record), ", ", to_string(r.found.match), ": ",
            r.found.record.notation, " ", r.found.record.sizes, " on ", r.found.record.target,
            "\n"));
  print(cat("recorded  ", readable_ns(r.found.record.total_ns), " (",
            to_string(r.found.record.origin), ")\n"));
  print(cat("now       ", readable_ns(r.outcome.total_ns), " (", to_string(r.outcome.origin), ")",
            comparable ? "" : ", not comparable", "\n"));
  print(cat("verified  ", green("yes"), ": ", r.verified.elements, " elements, ", r.verified.method,
            "\nschedule  ", r.schedule, "\n"));
}

}  // namespace

void add_replay(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand(
      "replay", "Measure the best recorded schedule again and verify it in full");
  auto options = std::make_shared<ComputationOptions>();
  options->add_to(command);
  command->add_flag("--json", chosen.json, "print one JSON object");
  command->callback([&chosen, options] {
    chosen.action = [&chosen, options]() -> Status {
      const Result<Replayed> replayed = replay_best(*options);
      if (!replayed) return fail(replayed.error());
      if (!chosen.json) {
        print_replayed(*replayed);
        return {};
      }
      print(JsonObject()
                .add("record", record_id(replayed->found.record))
                .add("match", to_string(replayed->found.match))
                .add("recorded_ns", replayed->found.record.total_ns)
                .add("total_ns", replayed->outcome.total_ns)
                .add("origin", to_string(replayed->outcome.origin))
                .add("verified", true)
                .add("elements", replayed->verified.elements)
                .add("schedule", replayed->schedule)
                .text() +
            "\n");
      chosen.answered = true;
      return {};
    };
  });
}

}  // namespace pimjit::cli
