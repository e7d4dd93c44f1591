#include "pimjit/search/space/design_space.h"

#include <algorithm>

#include "pimjit/core/schedule/stored_type.h"
#include "pimjit/core/support/hash.h"
#include "pimjit/core/support/text.h"
#include "pimjit/search/space/tiling.h"

namespace pimjit {
namespace {

// Version of what a space contains and how it is drawn from; part of its id.
constexpr int kSpaceVersion = 2;

// Contractions go to the device; what follows them element by element stays with the host.
bool belongs_on_device(const Workload& w, size_t stage) {
  for (const Axis& axis : w.stages[stage].axes) {
    if (axis.extent == 0) return false;
  }
  return w.stages.size() == 1 || w.stages[stage].reducer != Reducer::none;
}

// Kernels convert each element that they read or write.
bool can_be_narrow(const Workload& w, int number, const TargetDesc& target) {
  const std::optional<DType> type = narrow_type(w, number);
  if (!type) return false;
  const Tensor& tensor = w.tensors[static_cast<size_t>(number)];
  const bool is_input = tensor.role == TensorRole::input;
  const DType to = is_input ? tensor.dtype : *type;
  const NumericOp access = is_input ? NumericOp::load : NumericOp::store;
  return target.scopes[static_cast<size_t>(target.home_scope())].host != HostAccess::direct &&
         target.numeric(*type, access).support != Support::absent &&
         target.numeric(to, NumericOp::convert).support != Support::absent;
}

}  // namespace

std::string DesignFamily::text() const {
  if (by_host) return by_device ? "combined by host and device" : "combined by the host";
  return by_device ? "combined on the device" : "whole reductions";
}

DesignSpace::DesignSpace(std::shared_ptr<const Workload> workload,
                         std::shared_ptr<const TargetDesc> target, SpaceOptions options)
    : workload_(std::move(workload)),
      target_(std::move(target)),
      options_(std::move(options)),
      machine_(view_of(*target_)) {
  bool reduces = false;
  for (size_t s = 0; s < workload_->stages.size(); ++s) {
    on_device_.push_back(belongs_on_device(*workload_, s));
    for (const Axis& axis : workload_->stages[s].axes) {
      reduces = reduces || (on_device_[s] && axis.kind == AxisKind::reduction && axis.extent > 1);
    }
  }
  for (size_t t = 0; t < workload_->tensors.size(); ++t) {
    const auto number = static_cast<int>(t);
    if (can_be_narrow(*workload_, number, *target_)) narrowable_.push_back(number);
  }
  bool host = false, device = false;
  for (const ParallelLevel& level : machine_.levels) {
    if (level.count > 1) (level.combines ? device : host) = true;
  }
  host = host && machine_.host_reduces && options_.split_reductions;
  device = device && !machine_.cache_scopes.empty();
  for (const bool by_host : {false, true}) {
    for (const bool by_device : {false, true}) {
      if ((by_host && !(reduces && host)) || (by_device && !(reduces && device))) continue;
      families_.push_back({by_host, by_device});
    }
  }
}

DesignFamily DesignSpace::family_of(const Point& point) const {
  DesignFamily family;
  for (size_t s = 0; s < point.stages.size(); ++s) {
    const Stage& stage = workload_->stages[s];
    if (!point.stages[s].on_device) continue;
    for (size_t a = static_cast<size_t>(stage.rank); a < stage.axes.size(); ++a) {
      for (size_t l = 0; l < machine_.levels.size(); ++l) {
        if (point.stages[s].axes[a].parts[l] < 2) continue;
        (machine_.levels[l].combines ? family.by_device : family.by_host) = true;
      }
    }
  }
  return family;
}

std::string DesignSpace::id() const {
  std::string text = cat("space ", kSpaceVersion, " ", workload_key(*workload_), " ",
                         structure_key(*target_), options_.split_reductions ? "" : " whole");
  for (const int tensor : options_.resident) text += cat(" resident ", tensor);
  return hex64(hash_text(text));
}

}  // namespace pimjit
