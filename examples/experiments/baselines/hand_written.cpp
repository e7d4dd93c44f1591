#include "pimjit/examples/experiments/baselines/hand_written.h"

#include <set>

namespace pimjit::experiments {
namespace {

constexpr int64_t kDpus[] = {256, 512, 1024, 2048};

class LegalOnes {
 public:
  explicit LegalOnes(const DesignSpace& space) : space_(space) {}

  void add(const RowTiling& tiling) {
    if (tiling.units * tiling.column_units > space_.machine().unit_count) return;
    Trace trace = space_.emit(row_tiled(space_, tiling));
    if (!known_.insert(trace_hash(trace)).second) return;
    if (replay(space_.workload(), space_.target(), trace)) traces_.push_back(std::move(trace));
  }
  std::vector<Trace> take() { return std::move(traces_); }

 private:
  const DesignSpace& space_;
  std::set<uint64_t> known_;
  std::vector<Trace> traces_;
};

// A batch of products: every operand has the outermost axis.
bool is_batch(const Stage& stage) {
  if (stage.rank != 2 || stage.axes.size() != 3) return false;
  for (const Access& access : stage.accesses) {
    if (access.index.empty() || access.index.front().coefficients[0] == 0) return false;
  }
  return true;
}

}  // namespace

Trace prim_style_on(const DesignSpace& space, int64_t dpus) {
  return space.emit(row_tiled(space, {dpus, 16, 256, 1}));
}

std::vector<Trace> prim_style(const DesignSpace& space) {
  LegalOnes traces(space);
  if (is_batch(space.workload().stages.front())) {
    for (const int64_t dpus : {32, 64, 128}) traces.add({dpus, 16, 256, 1});
  }
  for (const int64_t dpus : kDpus) traces.add({dpus, 16, 256, 1});
  return traces.take();
}

std::vector<Trace> prim_search(const DesignSpace& space) {
  LegalOnes traces(space);
  if (is_batch(space.workload().stages.front())) {
    for (const int64_t dpus : {32, 64, 128, 256, 512, 1024, 2048}) {
      for (const int64_t tasklets : {1, 2, 4, 8, 16}) {
        for (const int64_t cache : {16, 32, 64, 128, 256}) traces.add({dpus, tasklets, cache, 1});
      }
    }
    return traces.take();
  }
  for (const int64_t dpus : kDpus) {
    for (const int64_t tasklets : {8, 16, 24}) {
      for (const int64_t cache : {8, 16, 32, 64, 128, 256}) traces.add({dpus, tasklets, cache, 1});
    }
  }
  return traces.take();
}

std::vector<Trace> expert_2d(const DesignSpace& space) {
  LegalOnes traces(space);
  const int64_t most = space.machine().unit_count;
  for (int64_t rows = 1; rows <= most; rows *= 2) {
    for (int64_t columns = 1; columns <= 256; columns *= 2) {
      if (rows * columns < most / 16) continue;
      for (const int64_t tasklets : {8, 16, 24}) {
        for (const int64_t cache : {16, 32, 64, 128, 256}) {
          traces.add({rows, tasklets, cache, columns});
        }
      }
    }
  }
  return traces.take();
}

}  // namespace pimjit::experiments
