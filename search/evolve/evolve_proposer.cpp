#include "pimjit/search/evolve/evolve_proposer.h"

#include <algorithm>
#include <cmath>
#include <future>
#include <iterator>
#include <map>
#include <numeric>

namespace pimjit {
namespace {

constexpr double kCrossover = 0.2;      // share of children with two parents
constexpr int kTournament = 4;          // members that compete to be a parent
constexpr double kMeasuredShare = 0.5;  // of the first population
constexpr int kFirstDraws = 8;          // populations drawn for the first round
constexpr int kAlikeShare = 8;          // of a round, at most a part of so many is dealt out alike
constexpr double kFailure = 8;          // failures count as so many times their prediction

// How work is dealt out over all levels. Schedules that are alike in it have much of their time in
// common, so that many of them teach little.
std::vector<int64_t> dealing_of(const Candidate& candidate) {
  std::vector<int64_t> parts;
  if (!candidate.point) return parts;
  for (const StagePoint& stage : candidate.point->stages) {
    for (const AxisTiling& axis : stage.axes) {
      parts.insert(parts.end(), axis.parts.begin(), axis.parts.end());
    }
  }
  return parts;
}

bool fitter(const Candidate& a, const Candidate& b) {
  return a.expected_ns != b.expected_ns ? a.expected_ns < b.expected_ns : a.hash < b.hash;
}

}  // namespace

EvolveProposer::EvolveProposer(uint64_t seed, const EvolveRoles& roles,
                               std::unique_ptr<CostModel> model)
    : roles_(roles),
      model_(std::move(model)),
      draws_(seed, "evolve draws"),
      changes_(seed, "evolve changes"),
      choices_(seed, "evolve choices") {}

Status EvolveProposer::learn(const SearchState& state) {
  std::vector<CostSample> samples;
  for (size_t i = 0; i < state.results.size(); ++i) {
    const CandidateFeatures& f = state.candidates[i].features;
    const TrialResult& result = state.results[i];
    samples.push_back({&f, result.ok ? result.ns : kFailure * f.predicted.total()});
  }
  return model_->fit(samples);
}

Status EvolveProposer::rate(std::vector<Candidate>& candidates) const {
  std::vector<const CandidateFeatures*> features;
  for (const Candidate& candidate : candidates) features.push_back(&candidate.features);
  const Result<std::vector<double>> expected = model_->predict(features);
  if (!expected) return fail(expected.error());
  for (size_t i = 0; i < candidates.size(); ++i) candidates[i].expected_ns = (*expected)[i];
  return {};
}

bool EvolveProposer::balancing(const SearchState& state) const {
  return static_cast<double>(state.results.size()) <
         roles_.balanced_share * static_cast<double>(state.options.trials);
}

// The best measured points; while balancing, of each family in turn.
std::vector<Candidate> EvolveProposer::parents(const SearchState& state, int count) const {
  std::vector<size_t> order;
  for (size_t i = 0; i < state.results.size(); ++i) {
    if (state.results[i].ok && state.candidates[i].point) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&state](size_t a, size_t b) {
    return state.results[a].ns < state.results[b].ns;
  });
  if (balancing(state)) {
    std::vector<size_t> rank(state.space->families().size(), 0);
    std::vector<std::pair<size_t, size_t>> keyed;
    for (const size_t i : order) keyed.emplace_back(rank[state.candidates[i].family]++, i);
    std::stable_sort(keyed.begin(), keyed.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (size_t k = 0; k < keyed.size(); ++k) order[k] = keyed[k].second;
  }
  std::vector<Candidate> chosen;
  for (const size_t i : order) {
    if (static_cast<int>(chosen.size()) == count) break;
    chosen.push_back(state.candidates[i]);
  }
  return chosen;
}

Point EvolveProposer::breed(const SearchState& state, const std::vector<Candidate>& pool,
                            const std::vector<size_t>& population) {
  const auto pick = [&]() -> const Candidate& {
    const Candidate* best = nullptr;
    for (int t = 0; t < kTournament; ++t) {
      const Candidate& one = pool[population[static_cast<size_t>(
          choices_.between(0, static_cast<int64_t>(population.size()) - 1))]];
      if (best == nullptr || fitter(one, *best)) best = &one;
    }
    return *best;
  };
  const Point& parent = *pick().point;
  return changes_.chance(kCrossover) ? state.space->cross(parent, *pick().point, changes_)
                                     : state.space->mutate(parent, changes_);
}

Status EvolveProposer::evolve(const SearchState& state, CandidateMaker& maker,
                              std::vector<Candidate>& pool) {
  std::set<uint64_t> known;
  for (const Candidate& candidate : pool) known.insert(candidate.hash);
  const auto size = static_cast<size_t>(state.options.population);
  std::vector<size_t> population(pool.size());  // positions in the pool
  std::iota(population.begin(), population.end(), size_t{0});
  for (int g = 0; g < state.options.generations && !population.empty(); ++g) {
    std::sort(population.begin(), population.end(),
              [&pool](size_t a, size_t b) { return fitter(pool[a], pool[b]); });
    population.resize(std::min(population.size(), size / 2));
    std::vector<Point> points;
    for (size_t c = 0; c < size; ++c) points.push_back(breed(state, pool, population));
    std::vector<Candidate> children;
    for (std::optional<Candidate>& child : maker.from_points(std::move(points))) {
      if (child && known.insert(child->hash).second) children.push_back(std::move(*child));
    }
    if (Status rated = rate(children); !rated) return rated;
    for (size_t c = 0; c < children.size(); ++c) population.push_back(pool.size() + c);
    pool.insert(pool.end(), std::make_move_iterator(children.begin()),
                std::make_move_iterator(children.end()));
  }
  return {};
}

// While balancing, half of the places go to the families in turn. The fittest come first.
std::vector<Candidate> EvolveProposer::fittest(std::vector<Candidate> pool,
                                               const SearchState& state, int count) const {
  std::sort(pool.begin(), pool.end(), fitter);
  std::vector<Candidate> chosen;
  std::set<uint64_t> taken;
  const auto take = [&](const Candidate& candidate) {
    if (static_cast<int>(chosen.size()) == count || state.seen.count(candidate.hash) > 0) return;
    if (taken.insert(candidate.hash).second) chosen.push_back(candidate);
  };
  const size_t families = state.space->families().size();
  if (balancing(state) && families > 1) {
    const size_t each = static_cast<size_t>(count) / (2 * families);
    for (size_t f = 0; f < families; ++f) {
      const size_t limit = chosen.size() + each;
      for (const Candidate& candidate : pool) {
        if (chosen.size() >= limit) break;
        if (candidate.family == f) take(candidate);
      }
    }
  }
  std::map<std::vector<int64_t>, int> alike;
  for (const Candidate& candidate : pool) {
    if (static_cast<int>(chosen.size()) == count) break;
    int& dealt = alike[dealing_of(candidate)];
    const size_t before = chosen.size();
    if (dealt < std::max(1, count / kAlikeShare)) take(candidate);
    dealt += static_cast<int>(chosen.size() - before);
  }
  for (const Candidate& candidate : pool) take(candidate);
  std::sort(chosen.begin(), chosen.end(), fitter);
  return chosen;
}

Result<std::vector<Candidate>> EvolveProposer::propose(const SearchState& state,
                                                       CandidateMaker& maker, int count) {
  const double progress = static_cast<double>(state.results.size()) /
                          (roles_.falling_share * static_cast<double>(state.options.trials));
  epsilon_ = std::max(roles_.last_epsilon,
                      roles_.first_epsilon +
                          (roles_.last_epsilon - roles_.first_epsilon) * std::min(progress, 1.0));
  // What is drawn does not depend on what is learnt.
  const auto policy = state.options.jobs > 1 ? std::launch::async : std::launch::deferred;
  std::future<Status> learning = std::async(policy, [this, &state] { return learn(state); });
  const int size = state.options.population;
  std::vector<Candidate> pool = parents(state, static_cast<int>(kMeasuredShare * size));
  const int draws = state.results.empty() ? kFirstDraws * size : size;
  Result<std::vector<Candidate>> drawn =
      draw_candidates(state, maker, draws, 4 * draws + kDrawsPerCandidate, draws_);
  if (Status learnt = learning.get(); !learnt) return fail(learnt.error());
  if (!drawn) return drawn;
  std::vector<Candidate> at_random;
  const int random_count = static_cast<int>(std::lround(epsilon_ * count));
  for (int r = 0; r < random_count && r < static_cast<int>(drawn->size()); ++r) {
    at_random.push_back((*drawn)[static_cast<size_t>(r)]);
  }
  pool.insert(pool.end(), drawn->begin(), drawn->end());
  if (Status rated = rate(pool); !rated) return fail(rated.error());
  if (Status rated = rate(at_random); !rated) return fail(rated.error());
  if (Status evolved = evolve(state, maker, pool); !evolved) return fail(evolved.error());
  std::set<uint64_t> random_hashes;
  for (const Candidate& candidate : at_random) random_hashes.insert(candidate.hash);
  std::erase_if(pool,
                [&random_hashes](const Candidate& c) { return random_hashes.count(c.hash) > 0; });
  std::vector<Candidate> chosen =
      fittest(std::move(pool), state, count - static_cast<int>(at_random.size()));
  chosen.insert(chosen.end(), at_random.begin(), at_random.end());
  return chosen;
}

}  // namespace pimjit
