#include "pimjit/search/tune/tune.h"

#include <algorithm>
#include <atomic>
#include <ctime>
#include <map>

#include "pimjit/core/support/hash.h"
#include "pimjit/core/support/text.h"
#include "pimjit/search/measure/clock.h"

namespace pimjit {
namespace {

class Session {
 public:
  Session(std::shared_ptr<const Problem> problem, Measurer& measurer, const Database* database,
          const TuneOptions& options, std::shared_ptr<const DesignSpace> space, Search search)
      : problem_(std::move(problem)),
        measurer_(measurer),
        database_(database),
        options_(options),
        space_(std::move(space)),
        search_(std::move(search)) {}

  Result<TuneResult> run() {
    begin_ = Clock::now();
    out_.jobs = measurer_.jobs();
    out_.bound_ns = bound_ns(*problem_->workload, *problem_->target.description, options_.resident);
    const std::string description = session_text(*problem_, *space_, options_.search);
    out_.session = hex64(hash_text(description));
    open_session(description);
    while (!stopped()) {
      const Clock::time_point begin = Clock::now();
      const Result<std::vector<Candidate>> batch = search_.next();
      out_.search_s += seconds_since(begin);
      if (!batch) return fail(batch.error());
      if (batch->empty()) {
        out_.finished = true;
        break;
      }
      if (!measure(*batch)) break;
    }
    return finish();
  }

 private:
  bool stopped() const {
    return out_.database_problem.has_value() || gone_ || (options_.stop && options_.stop()) ||
           (options_.seconds > 0 && seconds_since(begin_) >= options_.seconds);
  }

  void open_session(const std::string& description) {
    if (database_ == nullptr) return;
    row_ = {out_.session, description,        SessionState::running, 0,
            "",           std::time(nullptr), std::time(nullptr)};
    if (options_.resume) {
      Result<std::vector<Record>> records = database_->session_records(out_.session);
      if (!records) return note(records.error());
      for (Record& record : *records) earlier_.emplace(record.trial, std::move(record));
    }
    if (Status put = database_->put_session(row_); !put) note(put.error());
  }

  void note(const Error& error) {
    if (!out_.database_problem) out_.database_problem = error;
  }

  // The result of this candidate in an earlier part of the session.
  const Record* known(int64_t trial, const Trace& trace) const {
    const auto at = earlier_.find(trial);
    if (at == earlier_.end()) return nullptr;
    const std::string text =
        canonical_trace(trace, *problem_->workload, *problem_->target.description);
    return at->second.trace == text ? &at->second : nullptr;
  }

  // What takes long on the machine takes long to simulate, and a long trial at the end of a round
  // leaves the other jobs without work. The first half stays in front, all others in their order:
  // the best are to be measured when time runs out.
  static void start_long_ones_early(const std::vector<Candidate>& batch,
                                    std::vector<size_t>& positions) {
    constexpr double kLong = 2;  // times the median
    if (positions.empty()) return;
    const auto length = [&batch](size_t i) { return batch[i].features.predicted.total(); };
    std::vector<double> lengths;
    for (const size_t i : positions) lengths.push_back(length(i));
    const auto middle = lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2);
    std::nth_element(lengths.begin(), middle, lengths.end());
    const double longest = kLong * *middle;
    const auto half = positions.begin() + static_cast<std::ptrdiff_t>(positions.size() / 2);
    const auto rest =
        std::stable_partition(half, positions.end(), [&](size_t i) { return length(i) > longest; });
    std::stable_sort(half, rest, [&](size_t a, size_t b) { return length(a) > length(b); });
  }

  // False when it was stopped before all of the batch had a result.
  bool measure(const std::vector<Candidate>& batch) {
    const auto first = static_cast<int64_t>(search_.state().results.size());
    std::vector<std::optional<Outcome>> outcomes(batch.size());
    std::vector<Trace> traces;
    std::vector<size_t> positions;
    for (size_t i = 0; i < batch.size(); ++i) {
      const Record* record = known(first + static_cast<int64_t>(i), batch[i].trace);
      if (record != nullptr) {
        outcomes[i] = Outcome(*record);
        ++out_.resumed;
        account(batch[i].trace, *outcomes[i]);
        continue;
      }
      positions.push_back(i);
    }
    if (measurer_.jobs() > 1) start_long_ones_early(batch, positions);
    for (const size_t i : positions) traces.push_back(batch[i].trace);
    measurer_.measure(
        traces, [this] { return stopped(); },
        [&](size_t n, const Outcome& outcome) {
          if (is_gone(outcome)) return lose_device(outcome);
          outcomes[positions[n]] = outcome;
          store(first + static_cast<int64_t>(positions[n]), traces[n], outcome);
          account(traces[n], outcome);
        });
    std::vector<TrialResult> results;
    for (const auto& outcome : outcomes) {
      if (!outcome) break;
      results.push_back({outcome->ok(), outcome->total_ns});
    }
    search_.feed(results);
    return results.size() == batch.size();
  }

  // What a schedule did on a device that is not there says nothing of the schedule: it is neither
  // recorded nor learnt from, and measured when the session goes on.
  static bool is_gone(const Outcome& outcome) {
    return outcome.verdict == Verdict::device_error && outcome.detail.rfind("unavailable:", 0) == 0;
  }
  void lose_device(const Outcome& outcome) {
    if (gone_.exchange(true)) return;
    out_.device_problem = target_error(
        "device_gone", cat("the device is gone after ", out_.trials, " trials: ", outcome.detail),
        problem_->target.name, "the same command goes on when it is back");
  }

  void store(int64_t trial, const Trace& trace, const Outcome& outcome) {
    if (database_ == nullptr || out_.database_problem) return;
    Record record = record_of(*problem_, trace, outcome);
    record.session = out_.session;
    record.trial = trial;
    if (const Result<bool> added = database_->add(record); !added) note(added.error());
  }

  void account(const Trace& trace, const Outcome& outcome) {
    ++out_.trials;
    ++out_.verdicts[static_cast<size_t>(outcome.verdict)];
    std::string& example = out_.examples[static_cast<size_t>(outcome.verdict)];
    if (example.empty()) example = outcome.detail;
    out_.build_s += outcome.build_s;
    out_.run_s += outcome.run_s;
    out_.gate_s += outcome.gate_s;
    const auto& given = options_.search.first;
    if (!given.empty() && trace == given.front()) out_.first = TunedSchedule{trace, outcome};
    // Of equal times the schedule that comes first in the text, whatever finished first.
    const bool better =
        outcome.ok() && (!out_.best || outcome.total_ns < out_.best->outcome.total_ns ||
                         (outcome.total_ns == out_.best->outcome.total_ns &&
                          trace_hash(trace) < trace_hash(out_.best->trace)));
    if (better) {
      out_.best = TunedSchedule{trace, outcome};
      out_.curve.push_back(
          {seconds_since(begin_), static_cast<double>(out_.trials), outcome.total_ns});
    }
    if (!options_.progress) return;
    TuneProgress progress;
    progress.trials = out_.trials;
    progress.of = options_.search.trials;
    progress.failed = out_.trials - out_.verdicts[static_cast<size_t>(Verdict::ok)];
    progress.best_ns = out_.best ? out_.best->outcome.total_ns : 0;
    progress.bound_ns = out_.bound_ns;
    progress.elapsed_s = seconds_since(begin_);
    progress.limit_s = options_.seconds;
    options_.progress(progress);
  }

  TuneResult finish() {
    out_.tried = search_.tried();
    out_.rejected = search_.rejected();
    out_.rounds = search_.rounds();
    out_.candidates = search_.candidates_hash(search_.state().results.size());
    out_.wall_s = seconds_since(begin_);
    if (database_ != nullptr && !out_.database_problem) {
      row_.state = out_.finished ? SessionState::done : SessionState::paused;
      row_.trials = out_.trials;
      row_.candidates = out_.candidates;
      row_.changed = std::time(nullptr);
      if (Status put = database_->put_session(row_); !put) note(put.error());
    }
    return std::move(out_);
  }

  std::shared_ptr<const Problem> problem_;
  Measurer& measurer_;
  const Database* database_;
  const TuneOptions& options_;
  std::shared_ptr<const DesignSpace> space_;
  Search search_;
  std::map<int64_t, Record> earlier_;
  SessionRow row_;
  TuneResult out_;
  std::atomic<bool> gone_{false};
  Clock::time_point begin_;
};

}  // namespace

double TuneResult::outside_share() const {
  const double all = wall_s * jobs;
  return all > 0 ? std::max(0.0, 1 - (build_s + run_s + gate_s) / all) : 0;
}

std::string session_text(const Problem& problem, const DesignSpace& space,
                         const SearchOptions& options) {
  return cat(to_text(*problem.workload), " ", sizes_text(*problem.workload), " on ",
             problem.target.name, ", model ",
             model_key(*problem.target.description, problem.target.plugin.build()), ", space ",
             space.id(), ", ", options.text(), ", data ", problem.seed);
}

Record record_of(const Problem& problem, const Trace& trace, const Outcome& outcome) {
  Record r = problem.stem;
  r.trace = canonical_trace(trace, *problem.workload, *problem.target.description);
  r.time = std::time(nullptr);
  r.verdict = outcome.verdict;
  r.detail = outcome.detail;
  if (outcome.ok()) {
    static_cast<Measurement&>(r) = outcome;
  } else {
    r.data.clear();  // there is no time
  }
  return r;
}

Result<TuneResult> tune(const std::shared_ptr<const Problem>& problem, Measurer& measurer,
                        const Database* database, const TuneOptions& options) {
  const auto space = std::make_shared<const DesignSpace>(
      problem->workload, problem->target.description, SpaceOptions{options.resident, true});
  SearchOptions choosing = options.search;
  choosing.jobs = measurer.jobs();
  Result<Search> search = Search::make(space, std::move(choosing));
  if (!search) return fail(search.error());
  return Session(problem, measurer, database, options, space, std::move(*search)).run();
}

}  // namespace pimjit
