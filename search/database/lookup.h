#ifndef PIMJIT_SEARCH_DATABASE_LOOKUP_H_
#define PIMJIT_SEARCH_DATABASE_LOOKUP_H_

#include <optional>
#include <string>

#include "pimjit/search/database/database.h"

namespace pimjit {

// Where a schedule out of the database comes from, the best source first.
enum class RecordMatch : uint8_t {
  exact,        // measured on this workload under this model: its time counts
  other_model,  // on this workload and structure, under other costs: only the schedule counts
  other_sizes,  // on this computation at other sizes, repaired to fit
};
const char* to_string(RecordMatch match);

struct FoundSchedule {
  RecordMatch match = RecordMatch::exact;
  Record record;
  Trace trace;                  // legal here
  std::vector<Repair> repairs;  // that made it so
};

// The best known schedule for the workload on the target, replayed and, where sizes differ,
// rewritten relative to its own and repaired. Nothing when there is no record that can be made
// legal. Among other sizes the nearest by the logarithms of the extents is taken. Errors (user):
// those of the database.
Result<std::optional<FoundSchedule>> find_schedule(const Database& database,
                                                   const Workload& workload,
                                                   const TargetDesc& target,
                                                   const std::string& plugin_build);

}  // namespace pimjit

#endif  // PIMJIT_SEARCH_DATABASE_LOOKUP_H_
