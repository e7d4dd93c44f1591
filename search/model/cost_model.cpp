#include "pimjit/search/model/cost_model.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "pimjit/core/support/text.h"
#include "pimjit/search/model/xgboost_model.h"

namespace pimjit {
namespace {

class AnalyticModel : public CostModel {
 public:
  Status fit(const std::vector<CostSample>&) override { return {}; }
  Result<std::vector<double>> predict(
      const std::vector<const CandidateFeatures*>& candidates) const override {
    std::vector<double> ns;
    for (const CandidateFeatures* f : candidates) ns.push_back(f->predicted.total());
    return ns;
  }
};

class NoModel : public CostModel {
 public:
  Status fit(const std::vector<CostSample>&) override { return {}; }
  Result<std::vector<double>> predict(
      const std::vector<const CandidateFeatures*>& candidates) const override {
    return std::vector<double>(candidates.size(), 1);
  }
};

std::vector<double> ranks_of(const std::vector<double>& values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (size_t i = 0; i < order.size();) {
    size_t end = i;
    while (end < order.size() && values[order[end]] == values[order[i]]) ++end;
    for (size_t k = i; k < end; ++k) ranks[order[k]] = static_cast<double>(i + end - 1) / 2;
    i = end;
  }
  return ranks;
}

}  // namespace

Result<std::unique_ptr<CostModel>> make_cost_model(const std::string& name) {
  if (name == "xgboost") return make_xgboost_model();
  if (name == "analytic") return std::unique_ptr<CostModel>(std::make_unique<AnalyticModel>());
  if (name == "none") return std::unique_ptr<CostModel>(std::make_unique<NoModel>());
  return fail(user_error("unknown_model", cat("there is no cost model '", name, "'"), {},
                         "models: xgboost analytic none"));
}

double rank_correlation(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() < 2) return 0;
  const std::vector<double> x = ranks_of(a), y = ranks_of(b);
  const double mean = static_cast<double>(a.size() - 1) / 2;
  double xy = 0, xx = 0, yy = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - mean) * (y[i] - mean);
    xx += (x[i] - mean) * (x[i] - mean);
    yy += (y[i] - mean) * (y[i] - mean);
  }
  return xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : 0;
}

}  // namespace pimjit
