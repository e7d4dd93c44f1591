#include "pimjit/search/evolve/search.h"

#include <algorithm>

#include "pimjit/core/support/hash.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

// Version of the search; a change of the candidates it finds raises it.
constexpr int kSearchVersion = 5;

}  // namespace

std::string SearchOptions::text() const {
  uint64_t given = 0;
  for (const Trace& trace : first) given = given * 31 + trace_hash(trace);
  return cat("search ", kSearchVersion, " ", strategy, " ", model, " seed=", seed,
             " trials=", trials, " batch=", batch, " population=", population,
             " generations=", generations, " first=", hex64(given));
}

Search::Search(std::shared_ptr<const DesignSpace> space, SearchOptions options,
               std::unique_ptr<Proposer> proposer)
    : maker_(space, options.jobs), proposer_(std::move(proposer)) {
  state_.space = std::move(space);
  state_.options = std::move(options);
}

Result<Search> Search::make(std::shared_ptr<const DesignSpace> space, SearchOptions options) {
  Result<std::unique_ptr<Proposer>> proposer = make_proposer(options);
  if (!proposer) return fail(proposer.error());
  return Search(std::move(space), std::move(options), std::move(*proposer));
}

Result<std::vector<Candidate>> Search::next() {
  const auto done = static_cast<int64_t>(state_.candidates.size());
  const auto left = std::min<int64_t>(state_.options.batch, state_.options.trials - done);
  std::vector<Candidate> batch;
  if (left <= 0) return batch;
  if (done == 0) {
    for (const Trace& trace : state_.options.first) {
      std::optional<Candidate> candidate = maker_.from_trace(trace);
      if (!candidate || !state_.seen.insert(candidate->hash).second) continue;
      if (static_cast<int64_t>(batch.size()) < left) batch.push_back(std::move(*candidate));
    }
  }
  const int wanted = static_cast<int>(left - static_cast<int64_t>(batch.size()));
  Result<std::vector<Candidate>> proposed = proposer_->propose(state_, maker_, wanted);
  if (!proposed) return proposed;
  for (Candidate& candidate : *proposed) {
    if (state_.seen.insert(candidate.hash).second) batch.push_back(std::move(candidate));
  }
  if (done == 0 && batch.empty()) return fail(maker_.nothing_legal());
  RoundLog log;
  log.trials = done;
  log.epsilon = proposer_->epsilon();
  rounds_.push_back(log);
  state_.candidates.insert(state_.candidates.end(), batch.begin(), batch.end());
  return batch;
}

void Search::feed(const std::vector<TrialResult>& results) {
  std::vector<double> expected, measured;
  for (const TrialResult& result : results) {
    const size_t index = state_.results.size();
    if (index >= state_.candidates.size()) break;
    state_.results.push_back(result);
    if (!result.ok) continue;
    expected.push_back(state_.candidates[index].expected_ns);
    measured.push_back(result.ns);
    if (!state_.best || result.ns < state_.results[*state_.best].ns) state_.best = index;
  }
  if (rounds_.empty()) return;
  rounds_.back().rank_correlation = rank_correlation(expected, measured);
  if (state_.best) rounds_.back().best_ns = state_.results[*state_.best].ns;
}

std::string Search::candidates_hash(size_t count) const {
  uint64_t hash = 0;
  for (size_t i = 0; i < std::min(count, state_.candidates.size()); ++i) {
    const uint64_t pair[] = {hash, state_.candidates[i].hash};
    hash = hash_bytes(pair, sizeof pair);
  }
  return hex64(hash);
}

}  // namespace pimjit
