#ifndef PIMJIT_SEARCH_EVOLVE_EVOLVE_PROPOSER_H_
#define PIMJIT_SEARCH_EVOLVE_EVOLVE_PROPOSER_H_

#include "pimjit/search/evolve/search.h"

namespace pimjit {

// How an evolutionary search divides its attention. Epsilon is the share of a round that is drawn
// at random; it falls linearly over the first part of the trials, as in arXiv 2412.19630.
struct EvolveRoles {
  double first_epsilon = 0.3, last_epsilon = 0.05;
  double falling_share = 0.4;   // of the trials, over which epsilon falls
  double balanced_share = 0.4;  // of the trials, during which families get equal shares
};

// Legal candidates that were not seen, drawn from all families in turn; at most `count`, from at
// most `draws` drawn points.
inline constexpr int kDrawsPerCandidate = 60;
Result<std::vector<Candidate>> draw_candidates(const SearchState& state, CandidateMaker& maker,
                                               int count, int draws, RandomStream& random);

// Evolves a population, whose fitness is the model's, from the best measured schedules and random
// ones, and proposes the fittest of all that were never measured.
class EvolveProposer : public Proposer {
 public:
  EvolveProposer(uint64_t seed, const EvolveRoles& roles, std::unique_ptr<CostModel> model);

  Result<std::vector<Candidate>> propose(const SearchState& state, CandidateMaker& maker,
                                         int count) override;
  double epsilon() const override { return epsilon_; }

 private:
  Status learn(const SearchState& state);
  Status rate(std::vector<Candidate>& candidates) const;
  std::vector<Candidate> parents(const SearchState& state, int count) const;
  Status evolve(const SearchState& state, CandidateMaker& maker, std::vector<Candidate>& pool);
  Point breed(const SearchState& state, const std::vector<Candidate>& pool,
              const std::vector<size_t>& population);
  std::vector<Candidate> fittest(std::vector<Candidate> pool, const SearchState& state,
                                 int count) const;
  bool balancing(const SearchState& state) const;

  EvolveRoles roles_;
  std::unique_ptr<CostModel> model_;
  RandomStream draws_, changes_, choices_;
  double epsilon_ = 1;
};

}  // namespace pimjit

#endif  // PIMJIT_SEARCH_EVOLVE_EVOLVE_PROPOSER_H_
