#ifndef PIMJIT_SEARCH_TUNE_TUNE_H_
#define PIMJIT_SEARCH_TUNE_TUNE_H_

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pimjit/search/database/database.h"
#include "pimjit/search/evolve/search.h"
#include "pimjit/search/measure/outcome.h"
#include "pimjit/search/measure/problem.h"

namespace pimjit {

// How far a tuning session has come.
struct TuneProgress {
  int64_t trials = 0;   // with a result
  int64_t of = 0;       // at most
  int64_t failed = 0;   // with a verdict other than ok
  double best_ns = 0;   // 0: none yet
  double bound_ns = 0;  // no schedule is faster
  double elapsed_s = 0;
  double limit_s = 0;  // 0: no limit
};

struct TuneOptions {
  SearchOptions search;
  double seconds = 0;          // stop after; 0: no limit
  std::vector<int> resident;   // tensors that stay on the device
  bool resume = true;          // take results of the same session from the database
  std::function<bool()> stop;  // asked between measurements
  std::function<void(const TuneProgress&)> progress;  // from any job, one at a time
};

struct TunedSchedule {
  Trace trace;
  Outcome outcome;
};

struct TuneResult {
  std::optional<TunedSchedule> first;  // the default schedule
  std::optional<TunedSchedule> best;
  int64_t trials = 0, resumed = 0;  // resumed: taken from the database
  std::array<int64_t, kVerdicts> verdicts{};
  std::array<std::string, kVerdicts> examples;  // the detail of one each
  int64_t tried = 0;                            // schedules drawn, legal or not
  RejectionHistogram rejected;
  std::vector<std::array<double, 3>> curve;  // seconds, trials, best ns
  std::vector<RoundLog> rounds;
  std::string session;     // id
  std::string candidates;  // hash over the candidates, in order
  bool finished = false;   // all trials done; else stopped before
  double wall_s = 0;
  double build_s = 0, run_s = 0, gate_s = 0;  // summed over jobs
  double search_s = 0;                        // choosing candidates
  int jobs = 1;                               // that measured at the same time
  double bound_ns = 0;
  // The session stopped with one of these; the results so far are here and recorded.
  std::optional<Error> database_problem;
  std::optional<Error> device_problem;  // target: "device_gone"

  // Share of the time of all jobs that went into neither building nor running nor checking:
  // choosing candidates, recording, jobs without work.
  double outside_share() const;
};

// Searches, measures and records. Deterministic under a trials budget on a modelled machine: equal
// arguments give equal candidates and results, also across an interruption. `database` may be
// null. Errors (user): "no_legal_schedule", unknown names; target: opening the device.
Result<TuneResult> tune(const std::shared_ptr<const Problem>& problem, Measurer& measurer,
                        const Database* database, const TuneOptions& options);

// What a session's id is made of, as text.
std::string session_text(const Problem& problem, const DesignSpace& space,
                         const SearchOptions& options);

// A record of one measurement of the problem.
Record record_of(const Problem& problem, const Trace& trace, const Outcome& outcome);

}  // namespace pimjit

#endif  // PIMJIT_SEARCH_TUNE_TUNE_H_
