#include "pimjit/core/interp/lockstep.h"

namespace pimjit {

LockstepLog::LockstepLog(const std::vector<KernelLevel>& levels, const InstanceTree* tree)
    : tree_(tree) {
  for (size_t l = 0; l < levels.size(); ++l) {
    if (levels[l].kind == LevelKind::lockstep && levels[l].count > 1) {
      levels_.push_back(static_cast<int>(l));
    }
  }
}

int64_t LockstepLog::class_of(int64_t instance) const {
  int64_t result = instance;
  for (const int level : levels_) result -= tree_->index(instance, level) * tree_->inside(level);
  return result;
}

std::optional<LockstepLog::Difference> LockstepLog::add(int64_t instance, int64_t value) {
  if (instance != last_instance_) {
    last_instance_ = instance;
    last_ = &readers_[instance];
    if (last_->stream == nullptr) {
      const auto [it, added] = streams_.try_emplace(class_of(instance), Stream{instance, {}});
      last_->stream = &it->second;
    }
  }
  Stream& stream = *last_->stream;
  if (stream.recorder == instance) {
    stream.values.push_back(value);
    return std::nullopt;
  }
  // An instance that took the same course so far cannot be ahead of the recorder.
  const size_t at = last_->next++;
  if (at >= stream.values.size()) return Difference{stream.recorder, 0};
  if (stream.values[at] != value) return Difference{stream.recorder, stream.values[at]};
  return std::nullopt;
}

void LockstepLog::clear() {
  streams_.clear();
  readers_.clear();
  last_instance_ = -1;
  last_ = nullptr;
}

}  // namespace pimjit
