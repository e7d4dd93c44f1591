// Strategies without a population, and the choice among all.
#include <algorithm>

#include "pimjit/core/support/text.h"
#include "pimjit/search/evolve/evolve_proposer.h"
#include "pimjit/search/space/tiling.h"

namespace pimjit {
namespace {

class RandomProposer : public Proposer {
 public:
  explicit RandomProposer(uint64_t seed) : random_(seed, "random schedules") {}

  Result<std::vector<Candidate>> propose(const SearchState& state, CandidateMaker& maker,
                                         int count) override {
    return draw_candidates(state, maker, count, count * kDrawsPerCandidate, random_);
  }

 private:
  RandomStream random_;
};

// Every combination of coarse decisions, in a fixed order: instances per level and inner tiles in
// powers of two, caches where a row of tiles begins.
class GridProposer : public Proposer {
 public:
  Result<std::vector<Candidate>> propose(const SearchState& state, CandidateMaker& maker,
                                         int count) override {
    if (digits_.empty()) lay_out(*state.space);
    std::vector<Candidate> found;
    std::set<uint64_t> fresh;
    while (!finished_ && static_cast<int>(found.size()) < count) {
      std::optional<Candidate> candidate = maker.from_point(point_of(*state.space));
      advance();
      if (!candidate || state.seen.count(candidate->hash) > 0) continue;
      if (!fresh.insert(candidate->hash).second) continue;
      candidate->expected_ns = candidate->features.predicted.total();
      found.push_back(std::move(*candidate));
    }
    return found;
  }

 private:
  struct Digit {
    size_t stage, axis;
    size_t level;  // beyond the levels: the inner tile
    int64_t count, at = 0;
  };

  void lay_out(const DesignSpace& space) {
    const auto& levels = space.machine().levels;
    RandomStream random(0, "grid");
    base_ = space.sample(space.families().back(), random);
    for (size_t s = 0; s < base_.stages.size(); ++s) {
      const Stage& stage = space.workload().stages[s];
      StagePoint& point = base_.stages[s];
      if (!point.on_device) continue;
      std::fill(point.read_at.begin(), point.read_at.end(), 3);
      point.write_at = 2;
      point.unroll = 1;
      point.vectorized = false;
      for (size_t a = 0; a < stage.axes.size(); ++a) {
        point.axes[a] = {
            std::vector<int64_t>(levels.size(), 1), {1, 1}, space.machine().only_padding};
        for (size_t l = 0; l <= levels.size(); ++l) {
          const int64_t most = l < levels.size() ? levels[l].count : 256;
          int64_t count = 1;
          while ((int64_t{1} << count) <= std::min(most, stage.axes[a].extent)) ++count;
          digits_.push_back({s, a, l, count});
        }
      }
    }
    finished_ = digits_.empty();
  }

  Point point_of(const DesignSpace& space) const {
    Point point = base_;
    const size_t levels = space.machine().levels.size();
    for (const Digit& digit : digits_) {
      AxisTiling& axis = point.stages[digit.stage].axes[digit.axis];
      const int64_t value = int64_t{1} << digit.at;
      (digit.level < levels ? axis.parts[digit.level] : axis.tiles[1]) = value;
    }
    return point;
  }

  void advance() {
    for (Digit& digit : digits_) {
      if (++digit.at < digit.count) return;
      digit.at = 0;
    }
    finished_ = true;
  }

  Point base_;
  std::vector<Digit> digits_;
  bool finished_ = false;
};

}  // namespace

Result<std::vector<Candidate>> draw_candidates(const SearchState& state, CandidateMaker& maker,
                                               int count, int draws, RandomStream& random) {
  std::vector<Candidate> found;
  std::set<uint64_t> fresh;
  const auto& families = state.space->families();
  for (int d = 0; d < draws && static_cast<int>(found.size()) < count;) {
    // As many as are wanted at least, so that no draw is in vain.
    std::vector<Point> points;
    const int wanted = std::min(draws - d, count - static_cast<int>(found.size()));
    for (int n = 0; n < wanted; ++n, ++d) {
      points.push_back(
          state.space->sample(families[static_cast<size_t>(d) % families.size()], random));
    }
    for (std::optional<Candidate>& candidate : maker.from_points(std::move(points))) {
      if (!candidate || state.seen.count(candidate->hash) > 0) continue;
      if (!fresh.insert(candidate->hash).second) continue;
      candidate->expected_ns = candidate->features.predicted.total();
      found.push_back(std::move(*candidate));
    }
  }
  return found;
}

Result<std::unique_ptr<Proposer>> make_proposer(const SearchOptions& options) {
  Result<std::unique_ptr<CostModel>> model = make_cost_model(options.model);
  if (!model) return fail(model.error());
  if (options.strategy == "random") {
    return std::unique_ptr<Proposer>(std::make_unique<RandomProposer>(options.seed));
  }
  if (options.strategy == "grid")
    return std::unique_ptr<Proposer>(std::make_unique<GridProposer>());
  EvolveRoles roles;
  if (options.strategy == "default-evolve") {
    roles.balanced_share = 0;
    roles.first_epsilon = roles.last_epsilon;
  } else if (options.strategy != "evolve") {
    return fail(user_error("unknown_strategy", cat("there is no strategy '", options.strategy, "'"),
                           {}, "strategies: evolve default-evolve random grid"));
  }
  return std::unique_ptr<Proposer>(
      std::make_unique<EvolveProposer>(options.seed, roles, std::move(*model)));
}

}  // namespace pimjit
