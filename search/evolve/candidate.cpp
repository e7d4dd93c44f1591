#include "pimjit/search/evolve/candidate.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

constexpr size_t kRemembered = 65536;  // some 400 B each

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

// A candidate, or why the trace is not legal.
struct CandidateMaker::Examined {
  std::optional<Candidate> candidate;
  Rejection why{};
  Trace trace;  // of what is not legal
};

CandidateMaker::Examined CandidateMaker::examine(Trace trace) const {
  Candidate candidate;
  candidate.hash = trace_hash(trace);
  if (const auto known = legal_.find(candidate.hash); known != legal_.end()) {
    candidate.features = known->second;
  } else {
    const auto schedule = replay(space_->workload(), space_->target(), trace);
    if (!schedule) return {std::nullopt, schedule.error(), std::move(trace)};
    candidate.features = candidate_features(space_->workload(), space_->target(), *schedule);
  }
  candidate.trace = std::move(trace);
  return {std::move(candidate), {}, {}};
}

void CandidateMaker::remember(const Candidate& candidate) {
  if (legal_.size() < kRemembered) legal_.try_emplace(candidate.hash, candidate.features);
}

std::optional<Candidate> CandidateMaker::count(Examined examined) {
  ++tried_;
  if (examined.candidate) {
    remember(*examined.candidate);
  } else {
    RejectionCount& count = rejected_[examined.why.code];
    if (count.count++ == 0) {
      count.example = std::move(examined.why);
      count.trace = std::move(examined.trace);
    }
  }
  return std::move(examined.candidate);
}

void CandidateMaker::locate(Point point, Candidate& candidate) const {
  const DesignFamily family = space_->family_of(point);
  const auto& families = space_->families();
  const auto at = std::find(families.begin(), families.end(), family);
  candidate.family = at == families.end() ? 0 : static_cast<size_t>(at - families.begin());
  candidate.point = std::move(point);
}

std::optional<Candidate> CandidateMaker::from_trace(Trace trace) {
  return count(examine(std::move(trace)));
}

std::optional<Candidate> CandidateMaker::from_point(Point point) {
  return std::move(from_points({std::move(point)}).front());
}

std::vector<std::optional<Candidate>> CandidateMaker::from_points(std::vector<Point> points) {
  std::vector<Examined> examined(points.size());
  std::atomic<size_t> next{0};
  const auto work = [&] {
    for (size_t i = next++; i < points.size(); i = next++) {
      examined[i] = examine(space_->emit(points[i]));
    }
  };
  std::vector<std::thread> helpers;
  const size_t most = std::min(points.size(), static_cast<size_t>(std::max(threads_, 1)));
  for (size_t t = 1; t < most; ++t) helpers.emplace_back(work);
  work();
  for (std::thread& helper : helpers) helper.join();
  std::vector<std::optional<Candidate>> made;
  for (size_t i = 0; i < points.size(); ++i) {
    made.push_back(count(std::move(examined[i])));
    if (made.back()) locate(std::move(points[i]), *made.back());
  }
  return made;
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
