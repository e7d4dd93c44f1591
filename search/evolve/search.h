#ifndef PIMJIT_SEARCH_EVOLVE_SEARCH_H_
#define PIMJIT_SEARCH_EVOLVE_SEARCH_H_

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pimjit/search/evolve/candidate.h"
#include "pimjit/search/model/cost_model.h"

namespace pimjit {

struct SearchOptions {
  uint64_t seed = 1;
  int64_t trials = 1000;
  std::string strategy = "evolve";  // evolve, default-evolve, random, grid
  std::string model = "xgboost";    // xgboost, analytic, none
  int batch = 32;                   // measured between two updates of the model
  int population = 768;
  int generations = 4;
  int jobs = 1;              // threads that examine drawn schedules; any number draws the same
  std::vector<Trace> first;  // measured before anything else, such as the default schedule

  // All of it that decides which candidates come, as text.
  std::string text() const;
};

// What became of a candidate.
struct TrialResult {
  bool ok = false;
  double ns = 0;  // of the objective, when ok
};

struct RoundLog {
  int64_t trials = 0;  // before the round
  double epsilon = 0;
  double rank_correlation = 0;  // of the model's order with the measured one, within the round
  double best_ns = 0;           // after the round; 0: none yet
};

// What the search knows: all candidates so far with their results, in index order.
struct SearchState {
  std::shared_ptr<const DesignSpace> space;
  SearchOptions options;
  std::vector<Candidate> candidates;
  std::vector<TrialResult> results;  // of the first candidates
  std::set<uint64_t> seen;           // hashes of all candidates
  std::optional<size_t> best;        // index
};

// Where candidates come from. One owner.
class Proposer {
 public:
  virtual ~Proposer() = default;
  // Up to `count` candidates that are not in state.seen; fewer when there are no more.
  virtual Result<std::vector<Candidate>> propose(const SearchState& state, CandidateMaker& maker,
                                                 int count) = 0;
  virtual double epsilon() const { return 1; }  // share of random ones in the last round
};
// By strategy. Error (user): "unknown_strategy".
Result<std::unique_ptr<Proposer>> make_proposer(const SearchOptions& options);

// A search as a pure function: the list of candidates depends on the space, the options and the
// results in index order, on nothing else: no clock, no threads, no files. One owner.
class Search {
 public:
  // Errors (user): unknown_strategy, unknown_model.
  static Result<Search> make(std::shared_ptr<const DesignSpace> space, SearchOptions options);

  // The next candidates; every earlier one has its result. Empty when the trials are used up or the
  // space is. Error (user): "no_legal_schedule".
  Result<std::vector<Candidate>> next();
  // The results of the candidates that next() gave, in their order.
  void feed(const std::vector<TrialResult>& results);

  const SearchState& state() const { return state_; }
  const std::vector<RoundLog>& rounds() const { return rounds_; }
  int64_t tried() const { return maker_.tried(); }
  const RejectionHistogram& rejected() const { return maker_.rejected(); }
  // Over the first `count` candidates, in order.
  std::string candidates_hash(size_t count) const;

 private:
  Search(std::shared_ptr<const DesignSpace> space, SearchOptions options,
         std::unique_ptr<Proposer> proposer);

  SearchState state_;
  CandidateMaker maker_;
  std::unique_ptr<Proposer> proposer_;
  std::vector<RoundLog> rounds_;
};

}  // namespace pimjit

#endif  // PIMJIT_SEARCH_EVOLVE_SEARCH_H_
