#include "pimjit/search/database/lookup.h"

#include <map>

#include "pimjit/search/database/sizes.h"

namespace pimjit {
namespace {

constexpr int kCandidates = 64;  // records looked at when there is no exact one

// The workload at the record's sizes.
std::optional<Workload> at_sizes_of(const Record& record, const Workload& workload) {
  const std::vector<int64_t> sizes = sizes_of(record.sizes);
  Workload other = workload;
  std::map<std::string, size_t> number;  // of an axis, in order of first appearance
  for (Stage& stage : other.stages) {
    for (Axis& axis : stage.axes) {
      const size_t at = number.emplace(axis.name, number.size()).first->second;
      if (at >= sizes.size()) return std::nullopt;
      axis.extent = sizes[at];
    }
  }
  if (number.size() != sizes.size()) return std::nullopt;
  return other;
}

std::optional<FoundSchedule> exact(const Record& record, RecordMatch match,
                                   const Workload& workload, const TargetDesc& target) {
  Result<Trace> trace = read_canonical_trace(record.trace, workload, target);
  if (!trace || !replay(workload, target, *trace)) return std::nullopt;
  return FoundSchedule{match, record, std::move(*trace), {}};
}

std::optional<FoundSchedule> carried_over(const Record& record, const Workload& workload,
                                          const TargetDesc& target) {
  const std::optional<Workload> theirs = at_sizes_of(record, workload);
  if (!theirs) return std::nullopt;
  const Result<Trace> trace = read_canonical_trace(record.trace, *theirs, target);
  if (!trace) return std::nullopt;
  auto repaired = replay_with_repair(workload, target, relative(*trace, *theirs, target));
  if (!repaired) return std::nullopt;
  return FoundSchedule{RecordMatch::other_sizes, record, std::move(repaired->trace),
                       std::move(repaired->repairs)};
}

}  // namespace

const char* to_string(RecordMatch match) {
  switch (match) {
    case RecordMatch::exact:
      return "exact";
    case RecordMatch::other_model:
      return "other model";
    case RecordMatch::other_sizes:
      return "other sizes";
  }
  return "exact";
}

Result<std::optional<FoundSchedule>> find_schedule(const Database& database,
                                                   const Workload& workload,
                                                   const TargetDesc& target,
                                                   const std::string& plugin_build) {
  const RecordKey key = key_of(workload, target, plugin_build);
  const Result<std::optional<Record>> best = database.best(key);
  if (!best) return fail(best.error());
  if (*best) {
    if (auto found = exact(**best, RecordMatch::exact, workload, target)) return found;
  }
  const Result<std::vector<Record>> related =
      database.related(key, sizes_text(workload), kCandidates);
  if (!related) return fail(related.error());
  for (const Record& record : *related) {
    auto found = record.key.workload == key.workload
                     ? exact(record, RecordMatch::other_model, workload, target)
                     : carried_over(record, workload, target);
    if (found) return found;
  }
  return std::optional<FoundSchedule>();
}

}  // namespace pimjit
