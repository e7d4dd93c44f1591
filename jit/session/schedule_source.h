#ifndef PIMJIT_JIT_SESSION_SCHEDULE_SOURCE_H_
#define PIMJIT_JIT_SESSION_SCHEDULE_SOURCE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pimjit/core/run/open_target.h"
#include "pimjit/core/schedule/trace.h"

namespace pimjit {

// A schedule for one workload on one machine, and where it comes from.
struct ChosenSchedule {
  Trace trace;
  Schedule schedule;
  std::string origin;
  std::vector<std::string> repairs;
};

// Where a session takes schedules from. Implementations are immutable, or see to themselves: find()
// is called from any thread, several at once.
class ScheduleSource {
 public:
  virtual ~ScheduleSource() = default;
  // Nothing when the source knows none: the default schedule is used then.
  virtual Result<std::optional<ChosenSchedule>> find(const Workload& workload,
                                                     const OpenTarget& target) const = 0;
  // Part of what tells compiled kernels apart: sources of equal keys find equal schedules.
  virtual std::string key() const = 0;
};

// default_schedule.
std::shared_ptr<const ScheduleSource> default_schedules();
// One trace as text (docs/schedule.md), repaired where it does not fit. Errors of find(), user:
// bad_trace, and the rejection when there is no legal repair.
std::shared_ptr<const ScheduleSource> given_schedule(std::string trace);
// The best schedule of a record database, else the one of the nearest recorded sizes; "":
// default_database_path(). A missing database has no records. Errors of find(): those of Database.
std::shared_ptr<const ScheduleSource> recorded_schedules(std::string database = {});

// What `source` finds, else the default schedule. Errors, user: the rejection that remains.
Result<ChosenSchedule> choose_schedule(const ScheduleSource& source, const Workload& workload,
                                       const OpenTarget& target);

}  // namespace pimjit

#endif  // PIMJIT_JIT_SESSION_SCHEDULE_SOURCE_H_
