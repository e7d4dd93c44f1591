#ifndef PIMJIT_SEARCH_EVOLVE_CANDIDATE_H_
#define PIMJIT_SEARCH_EVOLVE_CANDIDATE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "pimjit/search/model/candidate_features.h"
#include "pimjit/search/space/design_space.h"

namespace pimjit {

// A legal schedule that may be measured.
struct Candidate {
  Trace trace;
  uint64_t hash = 0;           // trace_hash
  std::optional<Point> point;  // where it lies in the space; none for schedules from elsewhere
  size_t family = 0;           // of DesignSpace::families
  CandidateFeatures features;
  double expected_ns = 0;  // by the model that chose it
};

// Rejections by code, with the numbers of one example each.
struct RejectionCount {
  int64_t count = 0;
  Rejection example{};
  Trace trace;  // of the example
};
using RejectionHistogram = std::map<RejectionCode, RejectionCount>;

// Turns points and traces into candidates and counts what is not legal. Changes of one decision
// lead to the same schedules again and again: what was found of a legal one is kept, for the first
// 65,536 of them. One owner.
class CandidateMaker {
 public:
  // `threads` examine the points given together; what comes out does not depend on their number.
  explicit CandidateMaker(std::shared_ptr<const DesignSpace> space, int threads = 1)
      : space_(std::move(space)), threads_(threads) {}

  std::optional<Candidate> from_point(Point point);
  // In the order of the points.
  std::vector<std::optional<Candidate>> from_points(std::vector<Point> points);
  std::optional<Candidate> from_trace(Trace trace);

  int64_t tried() const { return tried_; }
  const RejectionHistogram& rejected() const { return rejected_; }
  // Error (user): why nothing is legal, from the commonest rejection, and the nearest legal
  // decision.
  Error nothing_legal() const;

 private:
  struct Examined;
  Examined examine(Trace trace) const;
  std::optional<Candidate> count(Examined examined);
  void remember(const Candidate& candidate);
  void locate(Point point, Candidate& candidate) const;

  std::shared_ptr<const DesignSpace> space_;
  int threads_;
  std::unordered_map<uint64_t, CandidateFeatures> legal_;  // by trace_hash
  int64_t tried_ = 0;
  RejectionHistogram rejected_;
};

// "scope_overflow 61 % (scope scratch needs 71680 B and has 65536 B)", one line per code, most
// frequent first.
std::string histogram_text(const RejectionHistogram& rejected, int64_t tried,
                           const Workload& workload, const TargetDesc& target);

}  // namespace pimjit

#endif  // PIMJIT_SEARCH_EVOLVE_CANDIDATE_H_
