#include "pimjit/search/database/lookup.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

namespace pimjit {
namespace {

constexpr int kCandidates = 64;  // records looked at when there is no exact one

// "i=4096,k=70" by name.
std::map<std::string, int64_t> sizes_of(const std::string& text) {
  std::map<std::string, int64_t> sizes;
  size_t begin = 0;
  while (begin < text.size()) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const size_t equals = text.find('=', begin);
    if (equals < end) {
      int64_t value = 0;
      std::from_chars(text.data() + equals + 1, text.data() + end, value);
      sizes[text.substr(begin, equals - begin)] = value;
    }
    begin = end + 1;
  }
  return sizes;
}

// The workload at the record's sizes. Records may use other names than `workload`: their sizes
// stand in order of first appearance, as those of any workload of the same computation.
std::optional<Workload> at_sizes_of(const Record& record, const Workload& workload) {
  Workload other = workload;
  std::vector<std::string> names;
  for (const Stage& stage : workload.stages) {
    for (const Axis& axis : stage.axes) {
      if (std::find(names.begin(), names.end(), axis.name) == names.end()) {
        names.push_back(axis.name);
      }
    }
  }
  const std::map<std::string, int64_t> sizes = sizes_of(record.sizes);
  if (sizes.size() != names.size()) return std::nullopt;
  for (Stage& stage : other.stages) {
    for (Axis& axis : stage.axes) {
      const auto size = sizes.find(axis.name);
      if (size == sizes.end()) return std::nullopt;
      axis.extent = size->second;
    }
  }
  return other;
}

double distance(const Workload& a, const Workload& b) {
  double sum = 0;
  for (size_t s = 0; s < a.stages.size(); ++s) {
    for (size_t x = 0; x < a.stages[s].axes.size(); ++x) {
      const auto size = [](int64_t n) { return std::log2(1 + static_cast<double>(n)); };
      sum += std::fabs(size(a.stages[s].axes[x].extent) - size(b.stages[s].axes[x].extent));
    }
  }
  return sum;
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
  Result<std::vector<Record>> related = database.related(key, kCandidates);
  if (!related) return fail(related.error());
  std::vector<std::pair<double, const Record*>> others;
  for (const Record& record : *related) {
    if (record.key.workload == key.workload) {
      if (auto found = exact(record, RecordMatch::other_model, workload, target)) return found;
      continue;
    }
    if (const auto theirs = at_sizes_of(record, workload)) {
      others.emplace_back(distance(workload, *theirs), &record);
    }
  }
  std::stable_sort(others.begin(), others.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& other : others) {
    if (auto found = carried_over(*other.second, workload, target)) return found;
  }
  return std::optional<FoundSchedule>();
}

}  // namespace pimjit
