#ifndef PIMJIT_EXAMPLES_EXPERIMENTS_CONTEST_H_
#define PIMJIT_EXAMPLES_EXPERIMENTS_CONTEST_H_

#include <functional>
#include <optional>
#include <vector>

#include "pimjit/examples/experiments/published.h"
#include "pimjit/search/measure/outcome.h"

namespace pimjit::experiments {

// What one entry gave, in ms of modelled time; 0: nothing worked.
struct Standing {
  const PublishedEntry* entry = nullptr;
  std::vector<double> tuned;  // per seed
  double replayed = 0, prim = 0, prim_search = 0, expert = 0;
  // PrIM-style on the published number of DPUs, compiled as a general compiler does.
  std::optional<PublishedPhases> plain;
  double plain_best = 0;  // the same on the best number of DPUs

  double worst_tuned() const;
  double median_tuned() const;
  double best_rival() const;  // the fastest of replayed, PrIM + search and expert
};

struct ContestOptions {
  std::string target = "sim:dpus=2048";
  int64_t trials = 1000;
  int seeds = 3;
  bool plain = true;
  bool baselines = true;
  std::function<bool()> stop = [] { return false; };
};

// Tunes the entry with a cold database and nothing seeded but the default schedule, and measures
// its rivals on the same machine with the same code generator. Errors: those of opening and tuning.
Result<Standing> compete(const PublishedEntry& entry, const ContestOptions& options);

// The fastest of the schedules, each checked by the gate. Nothing when none works.
std::optional<Outcome> fastest(Measurer& measurer, const std::vector<Trace>& traces);

// A published schedule's readings; of each the first version that works when copies of the
// innermost statement are halved until the program fits.
std::optional<Outcome> replayed(Measurer& measurer, const DesignSpace& space,
                                const PublishedSchedule& schedule);

}  // namespace pimjit::experiments

#endif  // PIMJIT_EXAMPLES_EXPERIMENTS_CONTEST_H_
