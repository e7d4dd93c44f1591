// pimjit db: the record database from outside.
#include <fstream>
#include <iostream>
#include <memory>

#include "pimjit/core/support/text.h"
#include "pimjit/search/database/exchange.h"
#include "pimjit/tools/pimjit/command.h"
#include "pimjit/tools/pimjit/computation_options.h"
#include "pimjit/tools/pimjit/database_option.h"
#include "pimjit/tools/pimjit/json.h"
#include "pimjit/tools/pimjit/plugins.h"
#include "pimjit/tools/pimjit/terminal.h"

namespace pimjit::cli {
namespace {

struct DbCommand {
  std::string file;
  ComputationOptions computation;
};

Status export_to(const DbCommand& command, Chosen& chosen) {
  const Result<Database> database = open_database(command.computation.database, true);
  if (!database) return fail(database.error());
  Result<int64_t> written = 0;
  if (command.file.empty() || command.file == "-") {
    written = export_records(*database, std::cout);
    chosen.answered = true;
  } else {
    std::ofstream out(command.file, std::ios::binary | std::ios::trunc);
    if (!out) {
      return fail(
          user_error("unwritable_output", cat("cannot write '", command.file, "'"), command.file));
    }
    written = export_records(*database, out);
  }
  if (!written) return fail(written.error());
  if (!command.file.empty() && command.file != "-") {
    print(cat(*written, " records written to ", command.file, "\n"));
  }
  return {};
}

Status import_from(const DbCommand& command, Chosen& chosen) {
  const Result<Database> database = open_database(command.computation.database, false);
  if (!database) return fail(database.error());
  std::ifstream in(command.file, std::ios::binary);
  if (!in) {
    return fail(
        user_error("unreadable_file", cat("cannot read '", command.file, "'"), command.file));
  }
  const Result<Imported> imported = import_records(*database, in);
  if (!imported) return fail(imported.error());
  for (const std::string& skipped : imported->skipped) print_note(cat("skipped ", skipped));
  if (chosen.json) {
    print(JsonObject()
              .add("read", imported->read)
              .add("added", imported->added)
              .add("skipped", imported->skipped_count)
              .text() +
          "\n");
    chosen.answered = true;
  } else {
    print(cat(imported->read, " records read, ", imported->added, " new, ", imported->skipped_count,
              " skipped\n"));
  }
  return {};
}

Status merge_from(const DbCommand& command, Chosen& chosen) {
  const Result<Database> database = open_database(command.computation.database, false);
  if (!database) return fail(database.error());
  const Result<Database> from = Database::open(command.file, {.read_only = true});
  if (!from) return fail(from.error());
  const Result<int64_t> added = merge_records(*database, *from);
  if (!added) return fail(added.error());
  if (chosen.json) {
    print(JsonObject().add("added", *added).text() + "\n");
    chosen.answered = true;
  } else {
    print(cat(*added, " new records\n"));
  }
  return {};
}

Status show_stats(const DbCommand& command, Chosen& chosen) {
  const Result<Database> database = open_database(command.computation.database, true);
  if (!database) return fail(database.error());
  const Result<DatabaseStats> stats = database->stats();
  if (!stats) return fail(stats.error());
  if (chosen.json) {
    print(JsonObject()
              .add("path", database->path())
              .add("schema", static_cast<int64_t>(stats->schema))
              .add("records", stats->records)
              .add("ok", stats->ok)
              .add("workloads", stats->workloads)
              .add("targets", stats->targets)
              .add("sessions", stats->sessions)
              .add("bytes", stats->bytes)
              .text() +
          "\n");
    chosen.answered = true;
  } else {
    print(cat(database->path(), ", schema ", stats->schema, ", ", readable_bytes(stats->bytes),
              "\n  ", stats->records, " records, ", stats->ok, " of them ok\n  ", stats->workloads,
              " workloads, ", stats->targets, " targets, ", stats->sessions, " sessions\n"));
  }
  return {};
}

Status explain(const DbCommand& command, Chosen& chosen) {
  const Result<Workload> workload = command.computation.workload();
  if (!workload) return fail(workload.error());
  const Result<OpenTarget> target =
      open_chosen_target(command.computation.target, command.computation.plugins);
  if (!target) return fail(target.error());
  const Result<Database> database = open_database(command.computation.database, true);
  if (!database) return fail(database.error());
  const std::string build = target->plugin.build();
  const RecordKey key = key_of(*workload, *target->description, build);
  const Result<std::optional<Record>> best = database->best(key);
  if (!best) return fail(best.error());
  const auto findings = database->explain(key, structure_text(*target->description), build);
  if (!findings) return fail(findings.error());
  if (chosen.json) {
    std::vector<std::string> texts;
    for (const std::string& finding : *findings) texts.push_back(json(finding));
    print(JsonObject()
              .add("workload", key.workload)
              .add("structure", key.structure)
              .add("model", key.model)
              .add("hit", best->has_value())
              .add_text("findings", json_array(texts))
              .text() +
          "\n");
    chosen.answered = true;
    return {};
  }
  print(cat("workload   ", key.workload, "\nstructure  ", key.structure, "\nmodel      ", key.model,
            "\n", *best ? green("hit") : red("miss"), "\n"));
  for (const std::string& finding : *findings) print(cat("  ", finding, "\n"));
  return {};
}

using Action = Status (*)(const DbCommand&, Chosen&);

CLI::App* add_action(CLI::App* parent, Chosen& chosen, const char* name, const char* help,
                     Action action, const char* file) {
  CLI::App* command = parent->add_subcommand(name, help);
  auto options = std::make_shared<DbCommand>();
  if (action == explain) {
    options->computation.add_to(command);
  } else {
    command->add_option("--db", options->computation.database, "the record database (PIMJIT_DB)")
        ->type_name("FILE");
  }
  if (file != nullptr) {
    auto* option = command->add_option("file", options->file, file)->type_name("FILE");
    if (std::string(name) != "export") option->required();
  }
  command->add_flag("--json", chosen.json, "print one JSON object");
  command->callback([&chosen, options, action] {
    chosen.action = [&chosen, options, action] { return action(*options, chosen); };
  });
  return command;
}

}  // namespace

void add_db(CLI::App& app, Chosen& chosen) {
  CLI::App* command =
      app.add_subcommand("db", "Look into, exchange and merge records of schedules");
  command->require_subcommand(1);
  add_action(command, chosen, "export", "Write all records as JSON Lines", export_to,
             "the file; standard output without it");
  add_action(command, chosen, "import", "Add records from JSON Lines", import_from, "the file");
  add_action(command, chosen, "merge", "Add the records of another database", merge_from,
             "the other database");
  add_action(command, chosen, "stats", "How much is in it", show_stats, nullptr);
  add_action(command, chosen, "explain", "Why a computation finds a record, or none", explain,
             nullptr);
}

}  // namespace pimjit::cli
