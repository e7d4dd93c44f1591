#ifndef PIMJIT_SEARCH_MEASURE_OUTCOME_H_
#define PIMJIT_SEARCH_MEASURE_OUTCOME_H_

#include <functional>
#include <memory>
#include <vector>

#include "pimjit/core/lower/lowered_module.h"
#include "pimjit/search/database/record.h"

namespace pimjit {

// What measuring one schedule gave, and where the time of measuring went.
struct Outcome : Measurement {
  Outcome() { verdict = Verdict::build_error; }  // until it has been built
  explicit Outcome(Measurement measurement) : Measurement(std::move(measurement)) {}

  double build_s = 0, run_s = 0, gate_s = 0;  // seconds of this machine
};

// A schedule as code for the target.
struct Built {
  std::shared_ptr<const LoweredModule> module;
  std::vector<std::vector<std::byte>> images;
};

// Traces -> code. Safe from several threads.
class Builder {
 public:
  virtual ~Builder() = default;
  // Errors: of origin user: the target refuses it; others: it could not be built.
  virtual Result<Built> build(const Trace& trace) const = 0;
};

// Code -> times and a verdict. One thread at a time; each job has its own.
class Runner {
 public:
  virtual ~Runner() = default;
  virtual Outcome run(const Built& built) = 0;
};

// Measures batches of schedules. One owner.
class Measurer {
 public:
  virtual ~Measurer() = default;
  // One outcome per trace, in the same order whatever finished first. When `stop` becomes true
  // nothing new is begun; what was not finished is left out at the end of the list.
  virtual std::vector<Outcome> measure(const std::vector<Trace>& traces,
                                       const std::function<bool()>& stop,
                                       const std::function<void(size_t, const Outcome&)>& done) = 0;
  virtual int jobs() const { return 1; }  // at most so many at the same time
};

}  // namespace pimjit

#endif  // PIMJIT_SEARCH_MEASURE_OUTCOME_H_
