#ifndef PIMJIT_SEARCH_MODEL_COST_MODEL_H_
#define PIMJIT_SEARCH_MODEL_COST_MODEL_H_

#include <memory>
#include <string>
#include <vector>

#include "pimjit/search/model/candidate_features.h"

namespace pimjit {

// A schedule that was measured: log(measured ns / predicted ns) is what models learn.
struct CostSample {
  const CandidateFeatures* features;
  double measured_ns;  // of failures: what they count as
};

// Ranks schedules by features. One owner. The same samples give the same model on every run.
class CostModel {
 public:
  virtual ~CostModel() = default;
  // Learns from all samples so far, anew each time.
  virtual Status fit(const std::vector<CostSample>& samples) = 0;
  // Expected ns, one per candidate; only their order matters.
  virtual Result<std::vector<double>> predict(
      const std::vector<const CandidateFeatures*>& candidates) const = 0;
};

// "xgboost": boosted trees over the features, which correct the analytic prediction; "analytic":
// that prediction alone; "none": all are equal. Error (user): "unknown_model".
Result<std::unique_ptr<CostModel>> make_cost_model(const std::string& name);

// Spearman's rank correlation of two lists of equal length, ties sharing their mean rank; 0 when
// one of them is constant.
double rank_correlation(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace pimjit

#endif  // PIMJIT_SEARCH_MODEL_COST_MODEL_H_
