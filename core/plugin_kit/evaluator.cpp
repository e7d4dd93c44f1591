#include "pimjit/core/plugin_kit/evaluator.h"

#include <algorithm>
#include <climits>
#include <numeric>

#include "pimjit/core/plugin_kit/arithmetic.h"
#include "pimjit/core/plugin_kit/unit_run.h"

namespace pimjit::kit {
namespace {

constexpr int64_t kMaxInstances = 1 << 20;

}  // namespace

uint64_t Counters::operations() const {
  uint64_t sum = conversions + selects + loads + stores + iterations + branches;
  for (uint64_t n : integer_operations) sum += n;
  for (uint64_t n : real_operations) sum += n;
  return sum;
}

void Counters::add(const Counters& other) {
  for (size_t i = 0; i < integer_operations.size(); ++i) {
    integer_operations[i] += other.integer_operations[i];
    real_operations[i] += other.real_operations[i];
  }
  conversions += other.conversions;
  selects += other.selects;
  loads += other.loads;
  stores += other.stores;
  iterations += other.iterations;
  branches += other.branches;
  barriers += other.barriers;
  combines += other.combines;
  links.resize(std::max(links.size(), other.links.size()));
  for (size_t i = 0; i < other.links.size(); ++i) {
    links[i].copies += other.links[i].copies;
    links[i].bytes += other.links[i].bytes;
  }
}

Evaluator::Evaluator(Kernel kernel, int unit_level, const std::vector<uint64_t>& first_free)
    : kernel_(std::move(kernel)), unit_level_(unit_level) {
  const int levels = static_cast<int>(kernel_.levels.size());
  if (unit_level_ < -1 || unit_level_ >= levels) {
    problem_ = "the kernel has no level " + std::to_string(unit_level_) + " for its units";
    return;
  }
  below_.assign(kernel_.levels.size(), 1);
  for (int l = levels - 1; l > unit_level_ && problem_.empty(); --l) {
    below_[static_cast<size_t>(l)] = instances_;
    const int64_t count = kernel_.levels[static_cast<size_t>(l)].count;
    if (count > kMaxInstances / instances_) {
      problem_ = "a unit with more than " + std::to_string(kMaxInstances) + " instances";
    } else {
      instances_ *= count;
    }
  }
  place_locals(first_free);
  find_barriers();
}

void Evaluator::place_locals(const std::vector<uint64_t>& first_free) {
  local_end_.assign(kernel_.scopes.size(), 0);
  std::copy_n(first_free.begin(), std::min(first_free.size(), local_end_.size()),
              local_end_.begin());
  for (const Buffer& buffer : kernel_.buffers) {
    uint64_t offset = 0;
    if (buffer.is_local()) {
      const auto align = static_cast<uint64_t>(buffer.align);
      uint64_t& end = local_end_[static_cast<size_t>(buffer.scope)];
      offset = (end + align - 1) / align * align;
      // Sizes are at most 2^60 each; a sum beyond that is as good as infinite.
      end = std::min(offset + static_cast<uint64_t>(buffer.bytes()), uint64_t{1} << 61);
    }
    local_offset_.push_back(offset);
  }
}

void Evaluator::check_stmt(const Stmt& s) {
  const auto buffer = [&](int b) -> const Buffer& {
    return kernel_.buffers[static_cast<size_t>(b)];
  };
  const bool writes =
      s.kind == StmtKind::Store || s.kind == StmtKind::Copy || s.kind == StmtKind::Combine;
  if (writes && !buffer(s.dst).written)
    problem_ = "it writes the read-only buffer '" + buffer(s.dst).name + "'";
  if (s.kind == StmtKind::Copy) {
    const Link& link = kernel_.links[static_cast<size_t>(s.link)];
    if (buffer(s.dst).type != buffer(s.src).type) {
      problem_ = "it copies between '" + buffer(s.src).name + "' and '" + buffer(s.dst).name +
                 "', which differ in type";
    }
    if (link.from != buffer(s.src).scope || link.to != buffer(s.dst).scope) {
      problem_ = "it copies from '" + buffer(s.src).name + "' to '" + buffer(s.dst).name +
                 "' over link '" + link.name + "', which joins other scopes";
    }
  }
  if (s.kind == StmtKind::Barrier || s.kind == StmtKind::Combine) {
    const Level& level = kernel_.levels[static_cast<size_t>(s.level)];
    if (s.level <= unit_level_)
      problem_ = "units meet at level '" + level.name + "', but run one by one";
    if (s.kind == StmtKind::Combine && (s.group > level.count || s.stride > level.count / s.group ||
                                        level.count % (s.stride * s.group) != 0)) {
      problem_ = "combine groups of " + std::to_string(s.group) + " with stride " +
                 std::to_string(s.stride) + " do not divide the " + std::to_string(level.count) +
                 " instances of '" + level.name + "'";
    }
  }
}

// Children stand before their parents, so that one pass is enough.
void Evaluator::find_barriers() {
  for (const Stmt& s : kernel_.stmts) {
    check_stmt(s);
    int level = s.kind == StmtKind::Barrier || s.kind == StmtKind::Combine ? s.level : INT_MAX;
    const auto include = [&](int child) {
      if (child != kNone) level = std::min(level, meets_[static_cast<size_t>(child)]);
    };
    include(s.body);
    include(s.else_body);
    for (int i = 0; i < s.count; ++i) include(kernel_.children[static_cast<size_t>(s.first + i)]);
    meets_.push_back(level);
  }
}

std::string Evaluator::check_arguments(const std::vector<int64_t>& arguments) const {
  if (arguments.size() != kernel_.params.size()) {
    return std::to_string(arguments.size()) + " launch arguments for a kernel with " +
           std::to_string(kernel_.params.size());
  }
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (wrap(kernel_.params[i].type, arguments[i]) != arguments[i]) {
      return "launch argument '" + kernel_.params[i].name + "' is " + std::to_string(arguments[i]) +
             ", beyond its 32 bits";
    }
  }
  for (const Buffer& buffer : kernel_.buffers) {
    if (buffer.is_local()) continue;
    const int64_t argument = arguments[static_cast<size_t>(buffer.param)];
    if (argument < 0 || argument % buffer.align != 0) {
      return "buffer '" + buffer.name + "' at byte " + std::to_string(argument) +
             ", which is no multiple of " + std::to_string(buffer.align);
    }
  }
  return {};
}

uint64_t Evaluator::units() const {
  uint64_t units = 1;
  for (int l = 0; l <= unit_level_; ++l) {
    const auto count = static_cast<uint64_t>(kernel_.levels[static_cast<size_t>(l)].count);
    units = count > UINT64_MAX / units ? UINT64_MAX : units * count;
  }
  return units;
}

std::vector<int64_t> Evaluator::position_of(uint64_t unit) const {
  std::vector<int64_t> position(static_cast<size_t>(unit_level_ + 1), 0);
  for (size_t l = position.size(); l > 1; --l) {
    const auto count = static_cast<uint64_t>(kernel_.levels[l - 1].count);
    position[l - 1] = static_cast<int64_t>(unit % count);
    unit /= count;
  }
  if (!position.empty()) position[0] = static_cast<int64_t>(unit);
  return position;
}

Outcome Evaluator::run(UnitMemory& memory, const RunOptions& options, Counters& counters) const {
  if (!problem_.empty()) return {PJ_INVALID_ARGUMENT, problem_};
  counters.links.resize(std::max(counters.links.size(), kernel_.links.size()));
  return UnitRun(*this, memory, options, counters).run();
}

}  // namespace pimjit::kit
