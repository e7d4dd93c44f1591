#include "pimjit/core/verify/gate.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "pimjit/core/support/random.h"
#include "pimjit/core/support/text.h"
#include "pimjit/core/verify/direct_eval.h"

namespace pimjit {
namespace {

int64_t elements_of(const std::vector<int64_t>& shape) {
  int64_t n = 1;
  for (const int64_t extent : shape) n *= extent;
  return n;
}

class Comparison {
 public:
  // `given` takes the place of the reference's values; null: there is none.
  Comparison(Reference& reference, const HostTensor& output, const HostTensor* given)
      : reference_(reference), output_(output), given_(given) {
    report_.elements = output.elements();
  }

  void check(int64_t element) {
    ++report_.checked;
    if (is_float(output_.dtype())) {
      check_real(element);
    } else {
      check_integer(element);
    }
  }

  GateReport finish() {
    const bool vacuous = report_.checked > 0 && report_.unbounded == report_.checked;
    report_.ok = report_.mismatches == 0 && !vacuous;
    report_.method = is_float(output_.dtype()) ? "error bound" : "exact";
    if (report_.checked < report_.elements) report_.method += ", sampled";
    return std::move(report_);
  }

 private:
  void check_integer(int64_t element) {
    const int64_t expected =
        given_ != nullptr ? given_->integer(element) : reference_.integer(element);
    const int64_t actual = output_.integer(element);
    if (expected == actual) return;
    const double error = std::fabs(static_cast<double>(actual) - static_cast<double>(expected));
    report_.max_error = std::max(report_.max_error, error);
    mismatch(element, std::to_string(expected), std::to_string(actual), "0");
  }

  void check_real(int64_t element) {
    RealReference expected = reference_.real(element);
    if (given_ != nullptr) expected = {given_->real(element), 2 * expected.allowed};
    const double actual = output_.real(element);
    if (std::isinf(expected.allowed)) {
      ++report_.unbounded;
      return;
    }
    const bool equal =
        expected.value == actual || (std::isnan(expected.value) && std::isnan(actual));
    if (equal) return;
    const double error = std::fabs(actual - expected.value);
    if (std::isfinite(error)) report_.max_error = std::max(report_.max_error, error);
    if (expected.allowed > 0 && std::isfinite(error)) {
      report_.max_ratio = std::max(report_.max_ratio, error / expected.allowed);
    }
    // A NaN error fails this comparison too.
    if (error <= expected.allowed) return;
    mismatch(element, shortest(expected.value), shortest(actual), shortest(expected.allowed));
  }

  void mismatch(int64_t element, std::string expected, std::string actual, std::string allowed) {
    if (report_.mismatches++ > 0) return;
    report_.first_mismatch = element;
    report_.index = index_text(output_.shape(), element);
    report_.expected = std::move(expected);
    report_.actual = std::move(actual);
    report_.allowed = std::move(allowed);
  }

  Reference& reference_;
  const HostTensor& output_;
  const HostTensor* given_;
  GateReport report_;
};

}  // namespace

std::string index_text(const std::vector<int64_t>& shape, int64_t element) {
  std::vector<std::string> parts(shape.size());
  for (size_t d = shape.size(); d-- > 0;) {
    parts[d] = std::to_string(shape[d] > 0 ? element % shape[d] : 0);
    if (shape[d] > 0) element /= shape[d];
  }
  return cat("[", join(parts, ","), "]");
}

std::string GateReport::text(const std::string& output_name) const {
  const std::string of =
      checked < elements ? cat(checked, " sampled elements") : cat(checked, " elements");
  if (mismatches > 0) {
    return cat(mismatches, " of ", of, " differ; first ", output_name, index, ": expected ",
               expected, ", found ", actual,
               allowed == "0" ? std::string(" (exact)") : cat(" (allowed error ", allowed, ")"));
  }
  if (!ok)
    return cat("none of ", of, " has a bound: they may overflow, or are sums of too many terms");
  const std::string bounds = unbounded > 0 ? cat(", ", unbounded, " of them without a bound") : "";
  return cat(of, method.starts_with("exact") ? " equal" : " within the error bound", bounds);
}

std::vector<int64_t> sample_elements(const std::vector<int64_t>& shape,
                                     const GateOptions& options) {
  const int64_t elements = elements_of(shape);
  std::set<int64_t> chosen;
  if (elements == 0) return {};
  const auto wanted = static_cast<size_t>(std::min(options.sample, elements));
  // Corners: boundary tiles are where schedules go wrong. At most 64 of them.
  const size_t dimensions = std::min<size_t>(shape.size(), 6);
  for (size_t corner = 0; corner < (size_t{1} << dimensions) && chosen.size() < wanted; ++corner) {
    int64_t element = 0;
    for (size_t d = 0; d < shape.size(); ++d) {
      const bool last = d < dimensions && ((corner >> d) & 1) != 0;
      element = element * shape[d] + (last ? shape[d] - 1 : 0);
    }
    chosen.insert(element);
  }
  RandomStream random(options.seed, "gate sample");
  // Dense samples end by taking neighbours, so that the loop is bounded.
  while (chosen.size() < wanted) {
    int64_t element = random.between(0, elements - 1);
    while (!chosen.insert(element).second) element = (element + 1) % elements;
  }
  return {chosen.begin(), chosen.end()};
}

namespace {

Status check_result(const Workload& workload, const HostTensor& result, const char* what) {
  const Tensor& tensor = workload.tensors[static_cast<size_t>(workload.output())];
  if (result.dtype() == tensor.dtype && result.shape() == tensor.shape) return {};
  return fail(user_error("wrong_output",
                         cat("the ", what, " ", tensor.name, " has ", to_string(result.dtype()),
                             " and ", result.elements(), " elements, not ", to_string(tensor.dtype),
                             " and ", tensor.elements(), " in the shape of the computation")));
}

Result<GateReport> compare_to(const Workload& workload, const std::vector<HostTensor>& inputs,
                              const HostTensor& output, const HostTensor* given,
                              const GateOptions& options) {
  Result<std::unique_ptr<Reference>> reference =
      Reference::make(workload, inputs, options.longest_sums);
  if (!reference) return fail(reference.error());
  if (Status s = check_result(workload, output, "result"); !s) return fail(s.error());
  Comparison comparison(**reference, output, given);
  if (options.sample > 0 && options.sample < output.elements()) {
    for (const int64_t element : sample_elements(output.shape(), options))
      comparison.check(element);
    return comparison.finish();
  }
  // Integers that are given need no evaluation.
  if (given == nullptr || is_float(output.dtype())) {
    if (Status s = (*reference)->evaluate_all(); !s) return fail(s.error());
  }
  for (int64_t element = 0; element < output.elements(); ++element) comparison.check(element);
  return comparison.finish();
}

}  // namespace

Result<GateReport> compare(const Workload& workload, const std::vector<HostTensor>& inputs,
                           const HostTensor& output, const GateOptions& options) {
  return compare_to(workload, inputs, output, nullptr, options);
}

Result<GateReport> compare_with(const Workload& workload, const std::vector<HostTensor>& inputs,
                                const HostTensor& output, const HostTensor& expected,
                                const GateOptions& options) {
  if (Status s = check_result(workload, expected, "expected result"); !s) return fail(s.error());
  return compare_to(workload, inputs, output, &expected, options);
}

}  // namespace pimjit
