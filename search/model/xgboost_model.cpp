#include "pimjit/search/model/xgboost_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <xgboost/c_api.h>

namespace pimjit {
namespace {

constexpr size_t kFewestSamples = 8;  // below, the analytic prediction stands alone
constexpr int kTrees = 40;
constexpr std::pair<const char*, const char*> kParameters[] = {
    {"objective", "reg:squarederror"},
    {"tree_method", "hist"},
    {"max_bin", "32"},  // of some hundred samples; finer ones take time and tell no more
    {"max_depth", "5"},
    {"eta", "0.22"},
    {"lambda", "1"},
    {"min_child_weight", "1"},
    {"base_score", "0"},
    {"nthread", "1"},
    {"seed", "1"},
    {"verbosity", "0"},
};

Error model_error() {
  return internal_error("cost_model", XGBGetLastError());
}

class Matrix {
 public:
  ~Matrix() {
    if (handle_ != nullptr) XGDMatrixFree(handle_);
  }
  Matrix() = default;
  Matrix(const Matrix&) = delete;
  Matrix& operator=(const Matrix&) = delete;

  bool make(const std::vector<const CandidateFeatures*>& rows) {
    const size_t columns = rows.front()->values.size();
    std::vector<float> values;
    values.reserve(rows.size() * columns);
    for (const CandidateFeatures* row : rows) {
      const size_t end = values.size() + columns;
      values.insert(values.end(), row->values.begin(), row->values.end());
      values.resize(end, 0.0F);
    }
    return XGDMatrixCreateFromMat_omp(values.data(), rows.size(), columns,
                                      std::numeric_limits<float>::quiet_NaN(), &handle_, 1) == 0;
  }
  DMatrixHandle handle() const { return handle_; }

 private:
  DMatrixHandle handle_ = nullptr;
};

class XgboostModel : public CostModel {
 public:
  ~XgboostModel() override { drop(); }

  Status fit(const std::vector<CostSample>& samples) override {
    drop();
    if (samples.size() < kFewestSamples) return {};
    std::vector<const CandidateFeatures*> rows;
    std::vector<float> labels;
    for (const CostSample& sample : samples) {
      rows.push_back(sample.features);
      labels.push_back(static_cast<float>(
          std::log(sample.measured_ns / std::max(sample.features->predicted.total(), 1.0))));
    }
    Matrix matrix;
    if (!matrix.make(rows) ||
        XGDMatrixSetFloatInfo(matrix.handle(), "label", labels.data(), labels.size()) != 0) {
      return fail(model_error());
    }
    const DMatrixHandle handles[] = {matrix.handle()};
    if (XGBoosterCreate(handles, 1, &booster_) != 0) return fail(model_error());
    for (const auto& [name, value] : kParameters) {
      if (XGBoosterSetParam(booster_, name, value) != 0) return fail(model_error());
    }
    for (int tree = 0; tree < kTrees; ++tree) {
      if (XGBoosterUpdateOneIter(booster_, tree, matrix.handle()) != 0) return fail(model_error());
    }
    return {};
  }

  Result<std::vector<double>> predict(
      const std::vector<const CandidateFeatures*>& candidates) const override {
    std::vector<double> ns;
    for (const CandidateFeatures* f : candidates) ns.push_back(f->predicted.total());
    if (booster_ == nullptr || candidates.empty()) return ns;
    Matrix matrix;
    bst_ulong count = 0;
    const float* corrections = nullptr;
    if (!matrix.make(candidates) ||
        XGBoosterPredict(booster_, matrix.handle(), 0, 0, 0, &count, &corrections) != 0 ||
        count != candidates.size()) {
      return fail(model_error());
    }
    for (size_t i = 0; i < ns.size(); ++i) ns[i] *= std::exp(static_cast<double>(corrections[i]));
    return ns;
  }

 private:
  void drop() {
    if (booster_ != nullptr) XGBoosterFree(std::exchange(booster_, nullptr));
  }

  BoosterHandle booster_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<CostModel>> make_xgboost_model() {
  return std::unique_ptr<CostModel>(std::make_unique<XgboostModel>());
}

}  // namespace pimjit
