#include "pimjit/core/lower/kernel_builder.h"

#include <algorithm>

#include "pimjit/core/schedule/guards.h"
#include "pimjit/core/schedule/nest.h"
#include "pimjit/core/schedule/neutral_padding.h"
#include "pimjit/core/support/text.h"

namespace pimjit {

KernelBuilder::KernelBuilder(const Workload& w, const TargetDesc& target,
                             const StageSchedule& schedule, const Stage& stage,
                             const StageLayout& layout)
    : w_(w), target_(target), s_(schedule), stage_(stage), layout_(layout) {}

Kernel KernelBuilder::build(const std::string& name) {
  kernel_.name = name;
  const auto note_native = [this](const OperandLayout& operand) {
    any_native_ = any_native_ || operand.home.native;
    if (operand.home.elements > INT32_MAX) index_type_ = DType::i64;
  };
  for (const OperandLayout& operand : layout_.reads) note_native(operand);
  note_native(layout_.result);
  // A home that is reached granule by granule has no cheaper place to start than the first visit
  // itself.
  starts_apart_ = s_.has_init_at && !layout_.result.staged;
  declare_target();
  for (const OperandLayout& operand : layout_.reads) {
    declare_operand(operand, w_.tensors[static_cast<size_t>(operand.tensor)].name, false);
  }
  declare_operand(layout_.result, w_.tensors[static_cast<size_t>(layout_.result.tensor)].name,
                  true);
  declare_loops();
  kernel_.body = bind_levels(nest_from(0));
  return std::move(kernel_);
}

void KernelBuilder::declare_target() {
  for (size_t l = 0; l < target_.levels.size(); ++l) {
    kernel_.levels.push_back(
        {target_.levels[l].name, target_.levels[l].kind, layout_.level_counts[l]});
  }
  for (const Scope& scope : target_.scopes) kernel_.scopes.push_back({scope.name, scope.level});
  for (const Link& link : target_.links) {
    const bool on_device = link.from != kHost && link.to != kHost;
    kernel_link_.push_back(on_device ? static_cast<int>(kernel_.links.size()) : -1);
    if (on_device) kernel_.links.push_back({link.name, link.from, link.to});
  }
}

Stmt KernelBuilder::copy(int link, int dst, Expr dst_index, int src, Expr src_index,
                         int64_t elements) const {
  return make_copy(kernel_link_[static_cast<size_t>(link)], dst, std::move(dst_index), src,
                   std::move(src_index), constant(elements));
}

int KernelBuilder::declare_buffer(const std::string& name, DType t, int scope, int64_t elements,
                                  BufferKind kind, bool written) {
  KernelBuffer buffer;
  buffer.name = name;
  buffer.dtype = t;
  buffer.scope = scope;
  buffer.elements = elements;
  buffer.kind = kind;
  buffer.align =
      std::max<int64_t>(target_.scopes[static_cast<size_t>(scope)].alignment, bytes_of(t));
  buffer.written = written;
  if (kind == BufferKind::device) {
    const bool wide = target_.scopes[static_cast<size_t>(scope)].host == HostAccess::direct;
    buffer.param = static_cast<int>(kernel_.params.size());
    kernel_.params.push_back({cat(name, ".base"), wide ? DType::i64 : DType::i32});
  }
  kernel_.buffers.push_back(std::move(buffer));
  traits_.emplace_back();
  return static_cast<int>(kernel_.buffers.size()) - 1;
}

// Declared bounds, widened by the padding value where the kernel reads padding. Kernels know bounds
// of integers only.
std::optional<std::pair<int64_t, int64_t>> KernelBuilder::range_of(
    const OperandLayout& operand) const {
  const Tensor& tensor = w_.tensors[static_cast<size_t>(operand.tensor)];
  if (!tensor.range || is_float(operand.type) || operand.access == kOutputAccess) {
    return std::nullopt;
  }
  std::pair<int64_t, int64_t> range{tensor.range->low, tensor.range->high};
  const LoopMask padded = padded_axes(stage_, s_, pads_are_guards(layout_));
  const auto padding = neutral_padding(w_, static_cast<int>(&stage_ - w_.stages.data()), padded);
  if (!padding) return std::nullopt;
  const PaddingValue& pad = (*padding)[static_cast<size_t>(operand.access)];
  if (!pad.needed) return range;
  return std::pair{std::min(range.first, pad.integer), std::max(range.second, pad.integer)};
}

void KernelBuilder::declare_operand(const OperandLayout& operand, const std::string& name,
                                    bool written) {
  std::vector<Place> places;
  const int home = declare_buffer(name, operand.type, operand.home.scope, operand.home.elements,
                                  BufferKind::device, written);
  kernel_.buffers[static_cast<size_t>(home)].range = range_of(operand);
  places.push_back({&operand.home, home, &operand});
  traits_.back().padded = !operand.home.native;
  for (size_t c = 0; c < operand.caches.size(); ++c) {
    const Storage& cache = operand.caches[c];
    const std::string scope_name = target_.scopes[static_cast<size_t>(cache.scope)].name;
    const std::string cache_name =
        operand.caches.size() > 1 ? cat(name, ".", scope_name, c) : cat(name, ".", scope_name);
    const int buffer = declare_buffer(cache_name, operand.type, cache.scope, cache.elements,
                                      BufferKind::local, true);
    kernel_.buffers[static_cast<size_t>(buffer)].range =
        kernel_.buffers[static_cast<size_t>(home)].range;
    places.push_back({&cache, buffer, &operand});
    traits_.back() = {.padded = !operand.home.native, .owned = !cache.shared};
  }
  int staging = -1;
  if (operand.staged) {
    int64_t slots = 1;
    for (size_t l = 0; l < target_.levels.size(); ++l) {
      if (static_cast<int>(l) > target_.scopes[static_cast<size_t>(operand.staging_scope)].level)
        slots *= layout_.level_counts[l];
    }
    staging = declare_buffer(cat(name, ".granule"), operand.type, operand.staging_scope,
                             slots * operand.staging_elements, BufferKind::local, true);
    traits_.back().owned = true;
  }
  staging_.push_back(staging);
  if (operand.access == kOutputAccess) {
    result_ = std::move(places);
  } else {
    reads_.push_back(std::move(places));
  }
}

bool KernelBuilder::takes_part(const Loop& loop) const {
  return runs_in_parallel(target_, loop);
}

void KernelBuilder::declare_loops() {
  leaf_.assign(s_.loops.size(), Expr());
  for (LoopId id : s_.nest) {
    const Loop& loop = s_.loops[static_cast<size_t>(id)];
    if (loop.extent <= 1) {
      leaf_[static_cast<size_t>(id)] = constant(0);
      continue;
    }
    const int var = kernel_.add_var(cat("l", id), index_type_);
    leaf_[static_cast<size_t>(id)] = make_var(index_type_, var);
  }
}

// Several loops bound to one level share its index as mixed-radix digits, the outermost slowest.
Expr KernelBuilder::level_digit(LoopId id) const {
  const Loop& loop = s_.loops[static_cast<size_t>(id)];
  int64_t stride = 1;
  bool slowest = true, found = false;
  for (LoopId other : s_.nest) {
    const Loop& o = s_.loops[static_cast<size_t>(other)];
    if (other == id) {
      found = true;
    } else if (o.level == loop.level && o.extent > 1) {
      if (found)
        stride *= o.extent;
      else
        slowest = false;
    }
  }
  const Expr quotient = div_of(make_level_index(index_type_, loop.level), stride);
  return slowest ? quotient : mod_of(quotient, loop.extent);
}

// What an instance works on is fixed for the whole launch: the digits of its indices stand in front
// of everything.
Stmt KernelBuilder::bind_levels(Stmt body) {
  for (size_t p = s_.nest.size(); p-- > 0;) {
    const LoopId id = s_.nest[p];
    const Loop& loop = s_.loops[static_cast<size_t>(id)];
    if (!takes_part(loop) || loop.extent <= 1) continue;
    body = make_let(as<Var>(leaf_[static_cast<size_t>(id)]).id, level_digit(id), std::move(body));
  }
  return body;
}

Stmt KernelBuilder::wrap_loop(LoopId id, Stmt body) {
  const Loop& loop = s_.loops[static_cast<size_t>(id)];
  if (loop.extent <= 1) return body;
  if (takes_part(loop)) return body;
  const int var = as<Var>(leaf_[static_cast<size_t>(id)]).id;
  LoopKind kind = loop.kind;
  if (loop.level >= 0 && target_.levels[static_cast<size_t>(loop.level)].kind == LevelKind::lane)
    kind = LoopKind::vectorized;
  return make_for(var, constant(0), constant(loop.extent), kind, loop.unroll, std::move(body));
}

Stmt KernelBuilder::nest_from(int position) {
  std::vector<Stmt> out;
  fill_reads(position, out);
  enter_results(position, out);
  if (position == static_cast<int>(s_.nest.size())) {
    out.push_back(compute());
  } else {
    Stmt inner = nest_from(position + 1);
    out.push_back(wrap_loop(s_.nest[static_cast<size_t>(position)], std::move(inner)));
  }
  flush_results(position, out);
  return make_seq(std::move(out));
}

bool KernelBuilder::serial_loop_between(int from, int to) const {
  for (int p = from; p < to; ++p) {
    const Loop& loop = s_.loops[static_cast<size_t>(s_.nest[static_cast<size_t>(p)])];
    if (!takes_part(loop) && loop.extent > 1) return true;
  }
  return false;
}

// True when no reduction loop outside `position` has moved yet; partial results of factored loops
// start on their own.
Expr KernelBuilder::first_visit(int position) const {
  Expr all;
  for (int p = 0; p < position; ++p) {
    const LoopId id = s_.nest[static_cast<size_t>(p)];
    const Loop& loop = s_.loops[static_cast<size_t>(id)];
    if (loop.axis_kind != AxisKind::reduction || loop.rfactored || takes_part(loop) ||
        loop.extent <= 1)
      continue;
    all = both(all, is_zero(leaf_[static_cast<size_t>(id)]));
  }
  return all;
}

Expr KernelBuilder::leads_group() const {
  Expr all;
  for (LoopId id : s_.nest) {
    const Loop& loop = s_.loops[static_cast<size_t>(id)];
    if (!loop.rfactored || !takes_part(loop) || host_adds_up(target_, loop) || loop.extent <= 1)
      continue;
    all = both(all, is_zero(leaf_[static_cast<size_t>(id)]));
  }
  return all;
}

Expr KernelBuilder::neutral() const {
  const Identity identity = identity_of(stage_.reducer, stage_.compute);
  return is_float(stage_.compute) ? make_float(static_cast<float>(identity.real))
                                  : make_int(stage_.compute, identity.integer);
}

BinaryOp binary_of(Reducer reducer) {
  switch (reducer) {
    case Reducer::prod:
      return BinaryOp::mul;
    case Reducer::min:
      return BinaryOp::min;
    case Reducer::max:
      return BinaryOp::max;
    default:
      return BinaryOp::add;
  }
}
CombineOp combine_of(Reducer reducer) {
  switch (reducer) {
    case Reducer::prod:
      return CombineOp::prod;
    case Reducer::min:
      return CombineOp::min;
    case Reducer::max:
      return CombineOp::max;
    default:
      return CombineOp::sum;
  }
}

}  // namespace pimjit
