#include "pimjit/core/interp/machine.h"

#include <algorithm>
#include <limits>

#include "pimjit/core/support/hash.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

std::vector<int64_t> counts_of(const Kernel& kernel) {
  std::vector<int64_t> counts;
  for (const KernelLevel& l : kernel.levels) counts.push_back(l.count);
  return counts;
}

}  // namespace

Machine::Machine(const Kernel& kernel, const KernelCode& code, const TargetDesc* target,
                 const std::vector<int64_t>& arguments, const InterpreterOptions& options,
                 InstanceOrder order)
    : kernel_(kernel),
      code_(code),
      target_(target),
      arguments_(arguments),
      options_(options),
      order_(order),
      tree_(counts_of(kernel)),
      clock_(&tree_),
      lockstep_(kernel.levels, &tree_) {
  level_indices_.resize(kernel.levels.size());
  scope_instances_.resize(kernel.scopes.size());
  registers_.resize(static_cast<size_t>(code.registers));
  vars_each_ = static_cast<int64_t>(kernel.vars.size());
  lay_out();
}

void Machine::lay_out() {
  for (const KernelBuffer& decl : kernel_.buffers) {
    const int level = kernel_.scopes[static_cast<size_t>(decl.scope)].level;
    Buffer b{};
    b.decl = &decl;
    b.element_bytes = bytes_of(decl.dtype);
    // A base is only known to be a multiple of `align`; an odd multiple shows who expects more.
    b.base =
        decl.kind == BufferKind::device ? arguments_[static_cast<size_t>(decl.param)] : decl.align;
    b.granule = 1;
    b.loads = b.stores = true;
    b.shared = tree_.inside(level) > 1;
    if (target_ != nullptr) {
      const Scope& scope = target_->scopes[static_cast<size_t>(decl.scope)];
      b.granule = std::max<int64_t>(1, scope.granule);
      b.loads = scope.element_access;
      b.stores = scope.element_access && scope.element_writes;
    }
    buffers_.push_back(std::move(b));
  }
  locals_.resize(buffers_.size());
  links_.assign(kernel_.links.size(), nullptr);
  if (target_ == nullptr) return;
  for (size_t i = 0; i < links_.size(); ++i) {
    for (const Link& link : target_->links) {
      const KernelLink& k = kernel_.links[i];
      if (link.name == k.name && link.from == k.from && link.to == k.to) links_[i] = &link;
    }
  }
}

int Machine::domain_level() const {
  int level = code_.stmts[static_cast<size_t>(code_.root)].sync;
  const int levels = tree_.levels();
  for (int l = 0; l < levels; ++l) {
    const KernelLevel& k = kernel_.levels[static_cast<size_t>(l)];
    if (k.kind == LevelKind::lockstep && k.count > 1) level = std::min(level, l);
  }
  for (const Buffer& b : buffers_) {
    const int scope_level = kernel_.scopes[static_cast<size_t>(b.decl->scope)].level;
    if (scope_level >= 0) level = std::min(level, scope_level + 1);
  }
  return std::min(level, levels);
}

Status Machine::run(const std::vector<KernelMemory>& memory) {
  for (size_t b = 0; b < buffers_.size(); ++b) buffers_[b].memory = memory[b].memory;
  const int level = domain_level();
  const int64_t domains = tree_.instances(level - 1), size = tree_.inside(level - 1);
  local_digests_.assign(static_cast<size_t>(domains) + 1, 0);
  for (int64_t n = 0; n < domains; ++n) {
    const int64_t d = order_ == InstanceOrder::ascending ? n : domains - 1 - n;
    if (!run_domain(Group{d * size, size, level}, d)) return fail(*error_);
  }
  if (options_.second_order) local_digests_.back() = digest_locals(false);
  return {};
}

bool Machine::run_domain(const Group& domain, int64_t number) {
  domain_ = domain;
  vars_.assign(static_cast<size_t>(domain.count * vars_each_), Value{});
  bind_buffers(domain);
  if (!walk(code_.root, domain)) return false;
  if (options_.second_order) local_digests_[static_cast<size_t>(number)] = digest_locals(true);
  release_trackers();
  return true;
}

// Local buffers of scopes inside the domain are made afresh for it; those of outer scopes are made
// once for the launch.
void Machine::bind_buffers(const Group& domain) {
  for (size_t i = 0; i < buffers_.size(); ++i) {
    Buffer& b = buffers_[i];
    const int level = kernel_.scopes[static_cast<size_t>(b.decl->scope)].level;
    const bool inner = inside_domain(b);
    const int64_t here = inner ? domain.count / tree_.inside(level) : tree_.instances(level);
    if (b.shared && (inner || b.trackers.empty())) {
      b.trackers.clear();
      b.trackers.resize(
          static_cast<size_t>(b.decl->kind == BufferKind::device ? tree_.instances(level) : here));
    }
    if (b.decl->kind == BufferKind::device) continue;
    if (inner || locals_[i].instances() == 0) locals_[i] = ShadowMemory(here, b.decl->bytes());
    b.memory = &locals_[i];
    b.first = inner ? domain.first / tree_.inside(level) : 0;
  }
}

void Machine::release_trackers() {
  for (Buffer& b : buffers_) {
    if (inside_domain(b)) b.trackers.clear();
  }
}

bool Machine::inside_domain(const Buffer& b) const {
  return kernel_.scopes[static_cast<size_t>(b.decl->scope)].level >= domain_.level - 1;
}

uint64_t Machine::digest_locals(bool inside) const {
  uint64_t digest = 0;
  for (size_t i = 0; i < buffers_.size(); ++i) {
    if (buffers_[i].decl->kind != BufferKind::local || locals_[i].bytes() == 0) continue;
    if (inside_domain(buffers_[i]) != inside) continue;
    const ShadowMemory& memory = locals_[i];
    const int64_t n = memory.instances() * memory.bytes();
    std::vector<uint8_t> defined(static_cast<size_t>(n));
    for (int64_t b = 0; b < n; ++b) {
      const bool poisoned = memory.shadow(0)[b] != 0;
      defined[static_cast<size_t>(b)] =
          poisoned ? uint8_t{0xA5} : static_cast<uint8_t>(memory.data(0)[b]);
    }
    digest = hash_bytes(defined.data(), defined.size(), digest + i);
  }
  return digest;
}

bool Machine::walk(int stmt, const Group& group) {
  const StmtCode& s = code_.stmts[static_cast<size_t>(stmt)];
  bool ok = true;
  if (s.sync == kNoSync) {
    for (int64_t n = 0; ok && n < group.count; ++n) {
      const int64_t k = order_ == InstanceOrder::ascending ? n : group.count - 1 - n;
      ok = run_instance(stmt, group.first + k);
    }
  } else if (s.sync > group.level) {
    ok = walk_split(stmt, group, s.sync);
  } else {
    switch (s.kind) {
      case StmtKind::For:
        return walk_for(s, group);
      case StmtKind::If:
        return walk_if(s, group);
      case StmtKind::Let:
        return walk_let(s, group);
      case StmtKind::Barrier:
        return barrier(group);
      case StmtKind::Combine:
        return combine(s, group);
      default:
        for (size_t i = 0; ok && i < s.body.size(); ++i) ok = walk(s.body[i], group);
        return ok;
    }
  }
  if (lockstep_.active() && group.count == domain_.count) lockstep_.clear();
  return ok;
}

bool Machine::walk_split(int stmt, const Group& group, int level) {
  const int64_t size = tree_.inside(level - 1), parts = group.count / size;
  for (int64_t n = 0; n < parts; ++n) {
    const int64_t k = order_ == InstanceOrder::ascending ? n : parts - 1 - n;
    if (!walk(stmt, Group{group.first + k * size, size, level})) return false;
  }
  return true;
}

bool Machine::uniform(const StmtCode& s, const ExprCode& e, const Group& group, const char* role,
                      int64_t& value) {
  for (int64_t n = 0; n < group.count; ++n) {
    become(group.first + n);
    int64_t mine = 0;
    if (!decide(s, e, role, mine)) return false;
    if (n == 0) value = mine;
    if (mine == value) continue;
    return fail_at(s, "barrier_not_uniform",
                   cat("a barrier stands inside, but ", role, " is ", mine, " here and ", value,
                       " in ", instance_name(group.first)),
                   "a barrier may stand only where all instances it joins take the same course");
  }
  return true;
}

bool Machine::walk_for(const StmtCode& s, const Group& group) {
  int64_t min = 0, extent = 0;
  if (!uniform(s, s.e[0], group, "the first value", min)) return false;
  if (!uniform(s, s.e[1], group, "the trip count", extent)) return false;
  const DType t = kernel_.vars[static_cast<size_t>(s.var)].dtype;
  if (extent > 0 && min > max_value(t) - (extent - 1)) {
    return fail_at(s, "loop_overflow", cat("min ", min, " + extent ", extent, " overflows"));
  }
  for (int64_t i = 0; i < extent; ++i) {
    for (int64_t n = 0; n < group.count; ++n) {
      become(group.first + n);
      vars()[s.var] = Value{min + i, 0, Poison::none};
    }
    if (!walk(s.body[0], group)) return false;
  }
  return true;
}

bool Machine::walk_if(const StmtCode& s, const Group& group) {
  int64_t taken = 0;
  if (!uniform(s, s.e[0], group, "the condition", taken)) return false;
  if (taken != 0) return walk(s.body[0], group);
  return s.body.size() < 2 || walk(s.body[1], group);
}

bool Machine::walk_let(const StmtCode& s, const Group& group) {
  for (int64_t n = 0; n < group.count; ++n) {
    const int64_t k = order_ == InstanceOrder::ascending ? n : group.count - 1 - n;
    become(group.first + k);
    Value value;
    if (!evaluate(s, s.e[0], value)) return false;
    vars()[s.var] = value;
  }
  return walk(s.body[0], group);
}

bool Machine::barrier(const Group& group) {
  clock_.meet(group.level - 1, group.first / tree_.inside(group.level - 1));
  return true;
}

// The group is one instance of the level's parent. Instances that differ in the digit only are
// combined, whatever their positions at inner levels.
bool Machine::combine(const StmtCode& s, const Group& group) {
  barrier(group);
  if (s.count > 1) {
    std::vector<int64_t> index(static_cast<size_t>(group.count));
    for (int64_t n = 0; n < group.count; ++n) {
      become(group.first + n);
      if (!decide(s, s.e[0], "the index", index[static_cast<size_t>(n)])) return false;
      const Buffer& b = buffers_[static_cast<size_t>(s.buffer)];
      if (!in_bounds(s, b, index[static_cast<size_t>(n)], s.elements, "combines")) return false;
    }
    for (int64_t n = 0; n < group.count; ++n) {
      const int64_t id = tree_.index(group.first + n, s.level);
      if (id / s.stride % s.count != 0) continue;
      if (!combine_group(s, group.first + n, index, group)) return false;
    }
  }
  return barrier(group);
}

bool Machine::combine_group(const StmtCode& s, int64_t leader, const std::vector<int64_t>& index,
                            const Group& group) {
  Buffer& b = buffers_[static_cast<size_t>(s.buffer)];
  const DType t = b.decl->dtype;
  const auto member = [&](int64_t m) { return leader + m * s.stride * tree_.inside(s.level); };
  const auto slice = [&](int64_t m) { return index[static_cast<size_t>(member(m) - group.first)]; };
  for (int64_t m = 0; m < s.count; ++m) {
    become(member(m));
    if (!note_write(s, b, slice(m), s.elements)) return false;
  }
  for (int64_t e = 0; e < s.elements; ++e) {
    Value result;
    for (int64_t m = 0; m < s.count; ++m) {
      become(member(m));
      const int64_t at = slice(m) + e;
      const Value mine = load_value(data(b, at), shadow(b, at), t);
      result = m == 0 ? mine : pimjit::combine(s.op, t, result, mine);
      const Value unspecified{0, 0, Poison::derived};
      store_value(data(b, at), shadow(b, at), t, unspecified);
    }
    become(member(0));
    store_value(data(b, slice(0) + e), shadow(b, slice(0) + e), t, result);
  }
  return true;
}

}  // namespace pimjit
