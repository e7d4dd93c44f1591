#include "pimjit/jit/session/schedule_source.h"

#include <utility>

#include "pimjit/core/schedule/default_schedule.h"
#include "pimjit/core/support/hash.h"
#include "pimjit/core/support/text.h"
#include "pimjit/search/database/lookup.h"

namespace pimjit {
namespace {

using Found = Result<std::optional<ChosenSchedule>>;

std::vector<std::string> lines_of(const std::vector<Repair>& repairs) {
  std::vector<std::string> lines;
  for (const Repair& r : repairs) {
    const std::string where = cat("instruction ", r.instruction);
    lines.push_back(r.decision < 0 ? cat(where, " left out (", to_string(r.reason), ")")
                                   : cat(where, ": ", r.from, " became ", r.to, " (",
                                         to_string(r.reason), ")"));
  }
  return lines;
}

Result<ChosenSchedule> replayed(Trace trace, const Workload& w, const TargetDesc& target,
                                std::string origin) {
  Legal<Schedule> schedule = replay(w, target, trace);
  if (!schedule) return fail(render(schedule.error(), w, target, nullptr, &trace));
  return ChosenSchedule{std::move(trace), std::move(*schedule), std::move(origin), {}};
}

class DefaultSchedules : public ScheduleSource {
 public:
  Found find(const Workload&, const OpenTarget&) const override { return std::nullopt; }
  std::string key() const override { return "default"; }
};

class GivenSchedule : public ScheduleSource {
 public:
  explicit GivenSchedule(std::string text) : text_(std::move(text)) {}
  Found find(const Workload& w, const OpenTarget& target) const override {
    const TargetDesc& machine = *target.description;
    const Result<Trace> trace = parse_trace(text_, w, machine);
    if (!trace) return fail(trace.error());
    Legal<Repaired> fitted = replay_with_repair(w, machine, *trace);
    if (!fitted) return fail(render(fitted.error(), w, machine, nullptr, &*trace));
    return ChosenSchedule{std::move(fitted->trace), std::move(fitted->schedule), "given schedule",
                          lines_of(fitted->repairs)};
  }
  std::string key() const override { return cat("given ", text_); }

 private:
  std::string text_;
};

class RecordedSchedules : public ScheduleSource {
 public:
  explicit RecordedSchedules(std::string path)
      : path_(path.empty() ? default_database_path() : std::move(path)) {}
  Found find(const Workload& w, const OpenTarget& target) const override {
    const Result<Database> database = Database::open(path_, {.read_only = true});
    if (!database && database.error().code == "database_missing") return std::nullopt;
    if (!database) return fail(database.error());
    Result<std::optional<FoundSchedule>> found =
        find_schedule(*database, w, *target.description, target.plugin.build());
    if (!found) return fail(found.error());
    if (!*found) return std::nullopt;
    FoundSchedule& best = **found;
    const std::string origin = best.match == RecordMatch::exact
                                   ? std::string("record")
                                   : cat("record of ", to_string(best.match), ": ",
                                         best.record.sizes, " on ", best.record.target);
    auto chosen = replayed(std::move(best.trace), w, *target.description, origin);
    if (!chosen) return fail(chosen.error());
    chosen->repairs = lines_of(best.repairs);
    return std::optional(std::move(*chosen));
  }
  std::string key() const override { return cat("recorded ", path_); }

 private:
  std::string path_;
};

}  // namespace

std::shared_ptr<const ScheduleSource> default_schedules() {
  return std::make_shared<DefaultSchedules>();
}
std::shared_ptr<const ScheduleSource> given_schedule(std::string trace) {
  return std::make_shared<GivenSchedule>(std::move(trace));
}
std::shared_ptr<const ScheduleSource> recorded_schedules(std::string database) {
  return std::make_shared<RecordedSchedules>(std::move(database));
}

Result<ChosenSchedule> choose_schedule(const ScheduleSource& source, const Workload& workload,
                                       const OpenTarget& target) {
  Found found = source.find(workload, target);
  if (!found) return fail(found.error());
  if (*found) return std::move(**found);
  const TargetDesc& machine = *target.description;
  Legal<Trace> trace = default_schedule(workload, machine);
  if (!trace) return fail(render(trace.error(), workload, machine, nullptr, nullptr));
  return replayed(std::move(*trace), workload, machine, "default schedule");
}

}  // namespace pimjit
