#ifndef PIMJIT_EXAMPLES_EXPERIMENTS_PUBLISHED_H_
#define PIMJIT_EXAMPLES_EXPERIMENTS_PUBLISHED_H_

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "pimjit/search/space/design_space.h"

namespace pimjit::experiments {

// Times and schedules that arXiv:2412.19630 (ISCA 2025) measured and found on a UPMEM machine of
// 2048 DPUs with SDK 2021.3, after the authors' artifact (repository yongwonshin/atim, branch
// artifact, evaluation/results). Milliseconds; data 0..49, i32, red in i64.

struct PublishedPhases {
  double h2d, kernel, after;  // after: copy back and the host's sum
  double total() const { return h2d + kernel + after; }
};

// A schedule of the published search: loops (S)pace and (R)eduction in the order
// f S0 S1 S2 R0 S3 R1 S4 R2, where f, if there, is bound to DPUs with S0, and S1 of the last axis
// to tasklets; without a reduction S0 S1 S2 S3 S4; sums of everything f t R0 R1 R2 with t on
// tasklets.
struct PublishedSchedule {
  int64_t host_parts, tasklet_parts;            // of the reduction, apart from R0, R1, R2; 1: none
  std::vector<std::array<int64_t, 5>> spatial;  // S0..S4 per axis
  std::vector<int64_t> reduction;               // R0..R2, or none
  int write_loops, read_loops;                  // loops outside of caches; 0: not recorded
  int64_t unroll;                               // copies of the innermost statement, at most
};

struct PublishedEntry {
  std::string group, op;  // op: a named operator
  std::vector<int64_t> shape;
  // Of the PrIM benchmarks' code (arXiv:2105.03814), of that code with the best of 72 combinations
  // of DPUs, tasklets and cache, and of the schedule.
  PublishedPhases prim, prim_search, searched;
  int64_t prim_dpus;
  std::array<int64_t, 3> prim_search_point;  // DPUs, tasklets, elements of a cache
  PublishedSchedule schedule;

  std::string name() const;  // "mtv 4096x4096"
  bool is_mtv_like() const;  // products; others are bound by the copy back
};
const std::vector<PublishedEntry>& published_entries();

// The computation at the published size, or at a smaller one with as many axes.
std::shared_ptr<const Workload> workload_of(const PublishedEntry& entry);
std::shared_ptr<const Workload> workload_of(const PublishedEntry& entry,
                                            const std::vector<int64_t>& shape);
// Inputs that the published times leave out: all without a vector to multiply by, else the first.
std::vector<int> resident_inputs(const Workload& workload, const std::string& op);

// Readings of a published schedule as points of our space. More than one where the record leaves
// something open: the caches of sums; and whether the running sums of a tile that is written inside
// the loop R0 stay in the cache meanwhile.
std::vector<Point> points_of(const DesignSpace& space, const PublishedSchedule& schedule);

}  // namespace pimjit::experiments

#endif  // PIMJIT_EXAMPLES_EXPERIMENTS_PUBLISHED_H_
