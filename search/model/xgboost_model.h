#ifndef PIMJIT_SEARCH_MODEL_XGBOOST_MODEL_H_
#define PIMJIT_SEARCH_MODEL_XGBOOST_MODEL_H_

#include <memory>

#include "pimjit/search/model/cost_model.h"

namespace pimjit {

// Gradient-boosted trees (Chen, Guestrin: "XGBoost", KDD 2016) through XGBoost's C API: histogram
// trees on one thread without subsampling, so that equal samples give equal trees. Errors
// (internal): "cost_model" with what the library says.
Result<std::unique_ptr<CostModel>> make_xgboost_model();

}  // namespace pimjit

#endif  // PIMJIT_SEARCH_MODEL_XGBOOST_MODEL_H_
