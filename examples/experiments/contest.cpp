#include "pimjit/examples/experiments/contest.h"

#include <algorithm>
#include <thread>

#include "pimjit/core/schedule/default_schedule.h"
#include "pimjit/core/schedule/instructions.h"
#include "pimjit/core/support/text.h"
#include "pimjit/examples/experiments/baselines/hand_written.h"
#include "pimjit/search/measure/local_measurer.h"
#include "pimjit/search/tune/tune.h"

namespace pimjit::experiments {
namespace {

constexpr double kNsPerMs = 1e6;

double ms_of(const std::optional<Outcome>& outcome) {
  return outcome ? outcome->total_ns / kNsPerMs : 0;
}

// The part of an entry's contest that runs on one target.
class Ring {
 public:
  static Result<Ring> open(const PublishedEntry& entry, const std::string& target) {
    Result<OpenTarget> opened = open_target(target);
    if (!opened) return fail(opened.error());
    auto problem = make_problem(workload_of(entry), std::move(*opened), 1);
    if (!problem) return fail(problem.error());
    const int jobs = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    auto measurer = make_local_measurer(*problem, jobs);
    if (!measurer) return fail(measurer.error());
    return Ring(entry, std::move(*problem), std::move(*measurer));
  }

  const DesignSpace& space() const { return *space_; }
  Measurer& measurer() { return *measurer_; }

  Result<double> tuned(int seed, const ContestOptions& contest) {
    TuneOptions options;
    options.search.seed = static_cast<uint64_t>(seed);
    options.search.trials = contest.trials;
    options.resident = resident_;
    options.stop = contest.stop;
    if (auto first = default_schedule(*problem_->workload, *problem_->target.description)) {
      for (const int tensor : resident_) {
        first->instructions.insert(
            first->instructions.begin(),
            make_place(tensor, problem_->target.description->home_scope(), Residency::resident));
      }
      options.search.first.push_back(std::move(*first));
    }
    const Result<TuneResult> result = tune(problem_, *measurer_, nullptr, options);
    if (!result) return fail(result.error());
    return result->best ? result->best->outcome.total_ns / kNsPerMs : 0;
  }

 private:
  Ring(const PublishedEntry& entry, std::shared_ptr<const Problem> problem,
       std::unique_ptr<Measurer> measurer)
      : resident_(resident_inputs(*problem->workload, entry.op)),
        problem_(std::move(problem)),
        measurer_(std::move(measurer)),
        space_(std::make_unique<DesignSpace>(problem_->workload, problem_->target.description,
                                             SpaceOptions{resident_, true})) {}

  std::vector<int> resident_;
  std::shared_ptr<const Problem> problem_;
  std::unique_ptr<Measurer> measurer_;
  std::unique_ptr<DesignSpace> space_;
};

Status plain_code(const PublishedEntry& entry, const std::string& target, Standing& standing) {
  Result<Ring> ring = Ring::open(entry, target + ",code=plain");
  if (!ring) return fail(ring.error());
  const auto at_published =
      fastest(ring->measurer(), {prim_style_on(ring->space(), entry.prim_dpus)});
  if (at_published) {
    const auto& ns = at_published->phase_ns;  // upload, h2d, launch, kernel, d2h, host
    standing.plain =
        PublishedPhases{ns[1] / kNsPerMs, (ns[2] + ns[3]) / kNsPerMs, (ns[4] + ns[5]) / kNsPerMs};
  }
  standing.plain_best = ms_of(fastest(ring->measurer(), prim_style(ring->space())));
  return {};
}

}  // namespace

double Standing::worst_tuned() const {
  return tuned.empty() ? 0 : *std::max_element(tuned.begin(), tuned.end());
}

double Standing::median_tuned() const {
  if (tuned.empty()) return 0;
  std::vector<double> sorted = tuned;
  std::sort(sorted.begin(), sorted.end());
  return sorted[sorted.size() / 2];
}

double Standing::best_rival() const {
  double best = 0;
  for (const double ms : {replayed, prim_search, expert}) {
    if (ms > 0 && (best == 0 || ms < best)) best = ms;
  }
  return best;
}

std::optional<Outcome> fastest(Measurer& measurer, const std::vector<Trace>& traces) {
  std::optional<Outcome> best;
  for (Outcome& outcome : measurer.measure(traces, [] { return false; }, {})) {
    if (outcome.ok() && (!best || outcome.total_ns < best->total_ns)) best = std::move(outcome);
  }
  return best;
}

std::optional<Outcome> replayed(Measurer& measurer, const DesignSpace& space,
                                const PublishedSchedule& schedule) {
  std::optional<Outcome> best;
  for (Point point : points_of(space, schedule)) {
    int64_t& copies = point.stages.front().unroll;
    for (;; copies /= 2) {
      std::optional<Outcome> outcome = fastest(measurer, {space.emit(point)});
      if (outcome && (!best || outcome->total_ns < best->total_ns)) best = outcome;
      if (outcome || copies <= 1) break;
    }
  }
  return best;
}

Result<Standing> compete(const PublishedEntry& entry, const ContestOptions& options) {
  Standing standing;
  standing.entry = &entry;
  {
    Result<Ring> ring = Ring::open(entry, options.target);
    if (!ring) return fail(ring.error());
    standing.replayed = ms_of(replayed(ring->measurer(), ring->space(), entry.schedule));
    if (options.baselines) {
      standing.prim = ms_of(fastest(ring->measurer(), prim_style(ring->space())));
      standing.prim_search = ms_of(fastest(ring->measurer(), prim_search(ring->space())));
      standing.expert = ms_of(fastest(ring->measurer(), expert_2d(ring->space())));
    }
    for (int seed = 1; seed <= options.seeds && !options.stop(); ++seed) {
      const Result<double> tuned = ring->tuned(seed, options);
      if (!tuned) return fail(tuned.error());
      standing.tuned.push_back(*tuned);
    }
  }
  if (!options.plain || options.stop()) return standing;
  if (Status done = plain_code(entry, options.target, standing); !done) return fail(done.error());
  return standing;
}

}  // namespace pimjit::experiments
