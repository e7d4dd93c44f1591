#include "pimjit/core/plugin/conformance_kernels.h"

#include <algorithm>
#include <utility>

namespace pimjit::conformance {
namespace {

constexpr int64_t kMostInstances = 64;

const Link* device_link(const TargetDesc& target, int from, int to) {
  const int link = target.find_link(from, to);
  return link < 0 ? nullptr : &target.links[static_cast<size_t>(link)];
}

// Position of a device link in Kernel::links.
int kernel_link(const TargetDesc& target, int from, int to) {
  int position = 0;
  for (const Link& link : target.links) {
    if (link.from == kHost || link.to == kHost) continue;
    if (link.from == from && link.to == to) return position;
    ++position;
  }
  return -1;
}

bool computes_in(const Scope& scope) {
  return scope.element_access && scope.element_writes;
}

Expr i32(int64_t value) {
  return make_int(DType::i32, value);
}
Expr add(Expr a, Expr b) {
  return make_binary(BinaryOp::add, std::move(a), std::move(b));
}
Expr mul(Expr a, Expr b) {
  return make_binary(BinaryOp::mul, std::move(a), std::move(b));
}

}  // namespace

std::optional<KernelMaker> KernelMaker::create(const TargetDesc& target, DType dtype) {
  KernelMaker maker(target, dtype);
  maker.home_ = target.home_scope();
  if (!maker.choose_scopes()) return std::nullopt;
  if (!maker.choose_sizes(kMostInstances) && !maker.choose_sizes(1)) return std::nullopt;
  return maker;
}

bool KernelMaker::choose_scopes() {
  work_ = home_;
  if (computes_in(target_->scopes[static_cast<size_t>(home_)])) return true;
  for (size_t s = 0; s < target_->scopes.size(); ++s) {
    const int scope = static_cast<int>(s);
    const bool inside = target_->scopes[s].level >= target_->unit_level();
    if (!inside || !computes_in(target_->scopes[s])) continue;
    load_ = kernel_link(*target_, home_, scope);
    store_ = kernel_link(*target_, scope, home_);
    work_ = scope;
    if (load_ >= 0 && store_ >= 0) return true;
  }
  return false;
}

// The smallest tile that every copy and granule allows, and as many instances as have room for two.
bool KernelMaker::choose_sizes(int64_t most_instances) {
  const Scope& home = target_->scopes[static_cast<size_t>(home_)];
  const Scope& work = target_->scopes[static_cast<size_t>(work_)];
  int64_t step =
      std::max({home.granule, home.alignment, work.granule, work.alignment, int64_t{16}});
  int64_t least = step;
  int64_t most = INT64_MAX;
  if (work_ != home_) {
    for (const Link* link :
         {device_link(*target_, home_, work_), device_link(*target_, work_, home_)}) {
      step = std::max({step, link->multiple, link->alignment});
      least = std::max(least, link->min_bytes);
      most = std::min(most, link->max_bytes);
    }
  }
  const int64_t tile = (least + step - 1) / step * step;
  if (tile > most) return false;
  elements_ = tile / bytes_of(dtype_);
  counts_.clear();
  instances_ = 1;
  int64_t sharing = 1;
  for (size_t l = 0; l < target_->levels.size(); ++l) {
    const Level& level = target_->levels[l];
    const bool inner = static_cast<int>(l) > target_->unit_level();
    const bool own = level.kind == LevelKind::independent || level.kind == LevelKind::time;
    const int64_t count = !inner ? level.count
                          : own  ? std::min(level.count, most_instances / instances_)
                                 : 1;
    counts_.push_back(count);
    if (inner) instances_ *= count;
    if (static_cast<int>(l) > work.level) sharing *= count;
  }
  const int64_t room = work.capacity - work.reserved - work.reserved_per_instance * instances_;
  return 4 * tile * sharing <= room;
}

int64_t KernelMaker::count_inside(int level) const {
  int64_t count = 1;
  for (size_t l = static_cast<size_t>(level + 1); l < counts_.size(); ++l) count *= counts_[l];
  return count;
}

Expr KernelMaker::linear(int level) const {
  Expr number;
  for (int l = level + 1; l < static_cast<int>(counts_.size()); ++l) {
    if (counts_[static_cast<size_t>(l)] == 1) continue;
    Expr part = make_level_index(DType::i32, l);
    if (count_inside(l) > 1) part = mul(std::move(part), i32(count_inside(l)));
    number = number ? add(std::move(number), std::move(part)) : std::move(part);
  }
  return number ? number : i32(0);
}

Kernel KernelMaker::tables(const char* name, int extra) const {
  Kernel kernel;
  kernel.name = name;
  for (size_t l = 0; l < counts_.size(); ++l) {
    kernel.levels.push_back({target_->levels[l].name, target_->levels[l].kind, counts_[l]});
  }
  for (const Scope& scope : target_->scopes) kernel.scopes.push_back({scope.name, scope.level});
  for (const Link& link : target_->links) {
    if (link.from != kHost && link.to != kHost)
      kernel.links.push_back({link.name, link.from, link.to});
  }
  kernel.params = {{"A_base", DType::i64}, {"B_base", DType::i64}};
  for (int i = 0; i < extra; ++i) kernel.params.push_back({"n", DType::i32});
  const auto align = [&](int scope) {
    const Scope& s = target_->scopes[static_cast<size_t>(scope)];
    return std::max({s.granule, s.alignment, int64_t{8}});
  };
  const auto device = [&](const char* buffer, int param) {
    KernelBuffer b{buffer,       dtype_,     home_, unit_elements(), BufferKind::device, param,
                   align(home_), param == 1, {}};
    kernel.buffers.push_back(std::move(b));
  };
  device("A", 0);
  device("B", 1);
  if (work_ == home_) return kernel;
  const int64_t elements =
      elements_ * count_inside(target_->scopes[static_cast<size_t>(work_)].level);
  for (const char* buffer : {"a", "b"}) {
    kernel.buffers.push_back(
        {buffer, dtype_, work_, elements, BufferKind::local, -1, align(work_), true, {}});
  }
  return kernel;
}

Kernel KernelMaker::make(const char* name, int extra, bool keep,
                         const std::function<Stmt(const Tile&)>& body) const {
  Kernel kernel = tables(name, extra);
  const int unit = target_->unit_level();
  const bool staged = work_ != home_;
  const Expr home_start = mul(linear(unit), i32(elements_));
  const Expr work_start =
      staged ? mul(linear(target_->scopes[static_cast<size_t>(work_)].level), i32(elements_))
             : home_start;
  const int in = staged ? 2 : 0;
  const int out = staged ? 3 : 1;
  const auto at = [work_start](Expr index) { return add(work_start, std::move(index)); };
  Tile tile;
  tile.kernel = &kernel;
  tile.input = [=, this](Expr index) { return make_load(dtype_, in, at(std::move(index))); };
  tile.output = [=, this](Expr index) { return make_load(dtype_, out, at(std::move(index))); };
  tile.store_output = [=](Expr index, Expr value) {
    return make_store(out, at(std::move(index)), std::move(value));
  };
  tile.instance = linear(unit);
  tile.unit_level = unit;
  std::vector<Stmt> statements;
  const Expr count = i32(elements_);
  if (staged) statements.push_back(make_copy(load_, in, work_start, 0, home_start, count));
  if (staged && keep) statements.push_back(make_copy(load_, out, work_start, 1, home_start, count));
  statements.push_back(body(tile));
  if (staged) statements.push_back(make_copy(store_, 1, home_start, out, work_start, count));
  kernel.body = make_seq(std::move(statements));
  return kernel;
}

}  // namespace pimjit::conformance
