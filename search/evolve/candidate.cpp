#include "pimjit/search/evolve/candidate.h"

#include <algorithm>
#include <vector>

#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

using Entry = std::pair<RejectionCode, const RejectionCount*>;

std::vector<Entry> by_count(const RejectionHistogram& rejected) {
  std::vector<Entry> entries;
  for (const auto& [code, count] : rejected) entries.emplace_back(code, &count);
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return a.second->count > b.second->count;
  });
  return entries;
}

}  // namespace

std::optional<Candidate> CandidateMaker::from_trace(Trace trace) {
  ++tried_;
  const auto schedule = replay(space_->workload(), space_->target(), trace);
  if (!schedule) {
    RejectionCount& count = rejected_[schedule.error().code];
    if (count.count++ == 0) {
      count.example = schedule.error();
      count.trace = std::move(trace);
    }
    return std::nullopt;
  }
  Candidate candidate;
  candidate.hash = trace_hash(trace);
  candidate.features = candidate_features(space_->workload(), space_->target(), *schedule);
  candidate.trace = std::move(trace);
  return candidate;
}

std::optional<Candidate> CandidateMaker::from_point(Point point) {
  std::optional<Candidate> candidate = from_trace(space_->emit(point));
  if (!candidate) return candidate;
  const DesignFamily family = space_->family_of(point);
  const auto& families = space_->families();
  const auto at = std::find(families.begin(), families.end(), family);
  candidate->family = at == families.end() ? 0 : static_cast<size_t>(at - families.begin());
  candidate->point = std::move(point);
  return candidate;
}

Error CandidateMaker::nothing_legal() const {
  const std::vector<Entry> entries = by_count(rejected_);
  if (entries.empty()) {
    return user_error("no_legal_schedule", "the search space of this computation is empty");
  }
  const RejectionCount& most = *entries.front().second;
  const Workload& w = space_->workload();
  const TargetDesc& target = space_->target();
  const Error why = render(most.example, w, target, nullptr, &most.trace);
  std::string hint = why.hint;
  if (const auto repaired = replay_with_repair(w, target, most.trace); repaired) {
    std::vector<std::string> changes;
    for (const Repair& repair : repaired->repairs) {
      if (repair.decision < 0) continue;
      changes.push_back(cat(repair.from, " as ", repair.to, " in `",
                            instruction_text(most.trace, repair.instruction, w, target), "`"));
    }
    if (!changes.empty()) hint = cat("nearest legal decision: ", join(changes, ", "));
  }
  return user_error(
      "no_legal_schedule",
      cat("none of ", tried_, " schedules is legal; ", most.count, " fail because ", why.what),
      why.where, hint);
}

std::string histogram_text(const RejectionHistogram& rejected, int64_t tried,
                           const Workload& workload, const TargetDesc& target) {
  std::string text;
  for (const auto& [code, count] : by_count(rejected)) {
    const Error why = render(count->example, workload, target, nullptr, &count->trace);
    text += cat(to_string(code), " ", 100 * count->count / std::max<int64_t>(tried, 1), " % (",
                why.what, ")\n");
  }
  return text;
}

}  // namespace pimjit
