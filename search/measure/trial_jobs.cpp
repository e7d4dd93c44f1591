#include "pimjit/search/measure/trial_jobs.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

namespace pimjit {

std::vector<Outcome> run_trials(const std::vector<TrialJob>& jobs, const std::vector<Trace>& traces,
                                const std::function<bool()>& stop,
                                const std::function<void(size_t, const Outcome&)>& done) {
  std::vector<Outcome> outcomes(traces.size());
  std::vector<bool> finished(traces.size(), false);
  std::atomic<size_t> next{0};
  std::mutex reporting;
  const auto work = [&](const TrialJob& job) {
    for (size_t i = next++; i < traces.size() && !stop(); i = next++) {
      std::optional<Outcome> outcome = job(traces[i]);
      if (!outcome) return;
      const std::lock_guard lock(reporting);
      outcomes[i] = std::move(*outcome);
      finished[i] = true;
      if (done) done(i, outcomes[i]);
    }
  };
  std::vector<std::thread> threads;
  for (size_t j = 1; j < jobs.size(); ++j) threads.emplace_back(work, std::cref(jobs[j]));
  work(jobs.front());
  for (std::thread& thread : threads) thread.join();
  const auto end = std::find(finished.begin(), finished.end(), false);
  outcomes.resize(static_cast<size_t>(end - finished.begin()));
  return outcomes;
}

}  // namespace pimjit
