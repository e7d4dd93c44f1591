#ifndef PIMJIT_TESTS_SUPPORT_TRACE_COVERAGE_H_
#define PIMJIT_TESTS_SUPPORT_TRACE_COVERAGE_H_

#include <array>
#include <map>
#include <string>

#include "pimjit/core/schedule/trace.h"

namespace pimjit {

// What random cases have exercised: counts over primitives x levels x types, and the shares the
// generator promises. Place of an instruction: what its (first) loop is bound to in the end.
class TraceCoverage {
 public:
  void add(const Workload& workload, const TargetDesc& target, const Trace& trace);

  int64_t cases() const { return cases_; }
  double share_not_dividing() const;  // of the splits of loops with more than one iteration
  double share_factored() const;      // of the cases
  int64_t count(PrimitiveKind kind) const;
  int64_t count(DType dtype) const;
  // One line per primitive and place, one column per type.
  std::string table() const;

 private:
  struct Row {
    PrimitiveKind kind;
    std::string place;
    auto operator<=>(const Row&) const = default;
  };
  std::map<Row, std::array<int64_t, 6>> rows_;
  int64_t cases_ = 0, splits_ = 0, not_dividing_ = 0, factored_ = 0;
};

}  // namespace pimjit

#endif  // PIMJIT_TESTS_SUPPORT_TRACE_COVERAGE_H_
