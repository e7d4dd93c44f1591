// Published entries as computations and as points of our space.
#include <algorithm>

#include "pimjit/core/support/text.h"
#include "pimjit/core/workload/notation.h"
#include "pimjit/examples/experiments/published.h"

namespace pimjit::experiments {
namespace {

constexpr const char* kAxes[] = {"i", "j", "k"};

bool reads_nothing_of_axes(const Access& access) {
  for (const AffineIndex& index : access.index) {
    for (const int64_t coefficient : index.coefficients) {
      if (coefficient != 0) return false;
    }
  }
  return true;
}

// Loops outside of a cache, less those bound to DPUs and tasklets, as a position of ours: 2 is
// inside S2, which is our S0; then R0, S3, R1, S4, R2.
int position_of(int loops, size_t axes, bool factored, bool reduces) {
  int left = loops - (factored ? 1 : 0) - 2 * static_cast<int>(axes);
  int position = 1;
  bool spatial = true;
  while (left > 0) {
    left -= spatial ? static_cast<int>(axes) : 1;
    position += reduces ? 1 : 2;
    spatial = !reduces || !spatial;
  }
  return position;
}

class ScheduleReader {
 public:
  ScheduleReader(const DesignSpace& space, const PublishedSchedule& schedule)
      : stage_(space.workload().stages.front()), schedule_(schedule) {}

  std::vector<Point> run() {
    tile();
    base_.cache_scope = 0;
    base_.units_reduce_first = true;
    base_.unroll = std::max<int64_t>(1, schedule_.unroll);
    base_.shared_place.assign(stage_.accesses.size(), false);
    std::vector<Point> points;
    if (schedule_.spatial.empty()) {
      for (const int read : {3, 5}) points.push_back(with_caches(read, 1));
      return points;
    }
    const bool reduces = !schedule_.reduction.empty();
    const bool factored = schedule_.host_parts > 1;
    const size_t axes = schedule_.spatial.size();
    const int read = position_of(schedule_.read_loops, axes, factored, reduces);
    const int write = position_of(schedule_.write_loops, axes, factored, reduces);
    points.push_back(with_caches(read, write));
    if (reduces && write > 2) points.push_back(with_caches(read, 2));
    return points;
  }

 private:
  void tile() {
    for (const auto& parts : schedule_.spatial) {
      base_.axes.push_back({{parts[0], parts[1]}, {parts[3], parts[4]}, false});
    }
    const auto& reduction = schedule_.reduction;
    if (reduction.empty()) return;
    base_.axes.push_back(
        {{schedule_.host_parts, schedule_.tasklet_parts}, {reduction[1], reduction[2]}, false});
  }

  // Scalars are loaded once.
  Point with_caches(int read, int write) const {
    StagePoint stage = base_;
    for (const Access& access : stage_.accesses) {
      stage.read_at.push_back(reads_nothing_of_axes(access) ? 1 : read);
    }
    stage.write_at = write;
    return {{stage}};
  }

  const Stage& stage_;
  const PublishedSchedule& schedule_;
  StagePoint base_;
};

}  // namespace

std::string PublishedEntry::name() const {
  std::vector<std::string> extents;
  for (const int64_t extent : shape) extents.push_back(cat(extent));
  return cat(op, " ", join(extents, "x"));
}

bool PublishedEntry::is_mtv_like() const {
  return op == "mtv" || op == "gemv" || op == "ttv" || op == "mmtv";
}

std::shared_ptr<const Workload> workload_of(const PublishedEntry& entry,
                                            const std::vector<int64_t>& shape) {
  NotationOptions options;
  const bool matrix = entry.op == "mtv" || entry.op == "gemv";
  for (size_t a = 0; a < shape.size(); ++a) {
    options.sizes[matrix && a == 1 ? "k" : kAxes[a]] = shape[a];
  }
  if (entry.op == "red") options.dtype = DType::i64;
  Result<Workload> workload = make_workload(entry.op, options);
  if (!workload) return nullptr;
  for (Tensor& tensor : workload->tensors) {
    if (tensor.role == TensorRole::input) options.ranges[tensor.name] = {0, 49};
  }
  workload = make_workload(entry.op, options);
  return workload ? std::make_shared<const Workload>(std::move(*workload)) : nullptr;
}

std::shared_ptr<const Workload> workload_of(const PublishedEntry& entry) {
  return workload_of(entry, entry.shape);
}

std::vector<int> resident_inputs(const Workload& workload, const std::string& op) {
  std::vector<int> tensors;
  const bool product = op == "mtv" || op == "gemv" || op == "ttv" || op == "mmtv";
  for (size_t t = 0; t < workload.tensors.size(); ++t) {
    const Tensor& tensor = workload.tensors[t];
    if (tensor.role != TensorRole::input) continue;
    if (!product || tensor.name == "A") tensors.push_back(static_cast<int>(t));
  }
  return tensors;
}

std::vector<Point> points_of(const DesignSpace& space, const PublishedSchedule& schedule) {
  return ScheduleReader(space, schedule).run();
}

}  // namespace pimjit::experiments
