#include <algorithm>

#include "pimjit/core/interp/machine.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

// r = r (op) b. Defined 32-bit sums and products, most of what kernels compute, go the short way.
inline void apply(const Op& op, Value& r, const Value& b) {
  if (op.type == DType::i32 && r.poison == Poison::none && b.poison == Poison::none) {
    if (op.binary == BinaryOp::add) {
      r.integer = static_cast<int32_t>(r.integer + b.integer);
      return;
    }
    if (op.binary == BinaryOp::mul) {
      r.integer = static_cast<int32_t>(r.integer * b.integer);
      return;
    }
  }
  r = binary(op.binary, op.type, r, b);
}

}  // namespace

std::string Machine::instance_name(int64_t instance) const {
  std::vector<std::string> parts;
  for (int l = 0; l < tree_.levels(); ++l) {
    parts.push_back(
        cat(kernel_.levels[static_cast<size_t>(l)].name, " ", tree_.index(instance, l)));
  }
  return parts.empty() ? "the only instance" : join(parts, ", ");
}

bool Machine::fail_at(const StmtCode& s, const char* code, std::string what, std::string hint) {
  error_ = internal_error(
      code, std::move(what),
      cat("kernel ", kernel_.name, ", ", describe(kernel_, s), ", ", instance_name(current_)),
      std::move(hint));
  return false;
}

void Machine::become(int64_t instance) {
  if (instance == current_) return;
  current_ = instance;
  for (int l = 0; l < tree_.levels(); ++l) {
    level_indices_[static_cast<size_t>(l)] = tree_.index(instance, l);
  }
  for (size_t s = 0; s < kernel_.scopes.size(); ++s) {
    scope_instances_[s] = tree_.ancestor(instance, kernel_.scopes[s].level);
  }
}

bool Machine::run_instance(int stmt, int64_t instance) {
  become(instance);
  return run(stmt);
}

bool Machine::run(int stmt) {
  const StmtCode& s = code_.stmts[static_cast<size_t>(stmt)];
  if (options_.max_statements > 0 && ++statements_ > options_.max_statements) {
    return fail_at(s, "too_many_statements",
                   cat("more than ", options_.max_statements, " statements have run"));
  }
  switch (s.kind) {
    case StmtKind::Seq:
      for (const int child : s.body) {
        if (!run(child)) return false;
      }
      return true;
    case StmtKind::For:
      return run_for(s);
    case StmtKind::If: {
      int64_t taken = 0;
      if (!decide(s, s.e[0], "the condition", taken)) return false;
      if (taken != 0) return run(s.body[0]);
      return s.body.size() < 2 || run(s.body[1]);
    }
    case StmtKind::Let: {
      Value value;
      if (!evaluate(s, s.e[0], value)) return false;
      vars()[s.var] = value;
      return run(s.body[0]);
    }
    case StmtKind::Store:
      return store(s);
    case StmtKind::Copy:
      return copy(s);
    default:
      return true;  // synchronised statements are walked, never run
  }
}

bool Machine::run_for(const StmtCode& s) {
  int64_t min = 0, extent = 0;
  if (!decide(s, s.e[0], "the first value", min)) return false;
  if (!decide(s, s.e[1], "the trip count", extent)) return false;
  const DType t = kernel_.vars[static_cast<size_t>(s.var)].dtype;
  if (extent > 0 && min > max_value(t) - (extent - 1)) {
    return fail_at(s, "loop_overflow", cat("min ", min, " + extent ", extent, " overflows"));
  }
  const bool backwards = s.reverse && order_ == InstanceOrder::descending;
  for (int64_t i = 0; i < extent; ++i) {
    vars()[s.var] = Value{backwards ? min + extent - 1 - i : min + i, 0, Poison::none};
    if (!run(s.body[0])) return false;
  }
  return true;
}

bool Machine::decide(const StmtCode& s, const ExprCode& e, const char* role, int64_t& value) {
  Value v;
  if (!evaluate(s, e, v) || !decided(s, role, v)) return false;
  value = v.integer;
  return true;
}

bool Machine::decided(const StmtCode& s, const char* role, const Value& v) {
  if (v.poison != Poison::none) {
    return fail_at(s, "poison_used", cat(role, " is ", to_string(v.poison)),
                   "conditions, trip counts and addresses need values that something wrote");
  }
  if (!lockstep_.active()) return true;
  const auto difference = lockstep_.add(current_, v.integer);
  if (!difference) return true;
  return fail_at(s, "lockstep_divergence",
                 cat(role, " is ", v.integer, " here and ", difference->value, " in ",
                     instance_name(difference->instance), ", which share one command stream"),
                 "nothing that decides a command may depend on the index of a lockstep level or on "
                 "loaded values");
}

// --- expressions

bool Machine::evaluate(const StmtCode& s, const ExprCode& e, Value& out) {
  if (e.is_constant) {
    out = e.constant;
    return true;
  }
  for (size_t next = static_cast<size_t>(e.begin); next < static_cast<size_t>(e.end);) {
    const Op& op = code_.ops[next++];
    if (!execute(s, op, next)) return false;
  }
  out = registers_[0];
  return true;
}

bool Machine::execute(const StmtCode& s, const Op& op, size_t& next) {
  Value& r = registers_[static_cast<size_t>(op.dst)];
  const auto jump = [&] { next = static_cast<size_t>(op.target); };
  switch (op.code) {
    case OpCode::constant:
      r = code_.constants[static_cast<size_t>(op.a)];
      return true;
    case OpCode::variable:
      r = vars()[op.a];
      return true;
    case OpCode::level:
      r = Value{level_indices_[static_cast<size_t>(op.a)], 0, Poison::none};
      return true;
    case OpCode::param:
      r = Value{wrap_to(op.type, arguments_[static_cast<size_t>(op.a)]), 0, Poison::none};
      return true;
    case OpCode::binary:
      apply(op, r, (&r)[1]);
      return true;
    case OpCode::binary_constant:
      apply(op, r, code_.constants[static_cast<size_t>(op.a)]);
      return true;
    case OpCode::binary_variable:
      apply(op, r, vars()[op.a]);
      return true;
    case OpCode::logical_not:
      r.integer = r.integer == 0;
      return true;
    case OpCode::cast:
      r = cast(op.type, op.from, r);
      return true;
    case OpCode::load:
      return load(s, op);
    case OpCode::select:
      if (op.guards_load && !same_course(s, r)) return false;
      if (r.poison == Poison::none && r.integer == 0) jump();
      return true;
    case OpCode::short_and:
    case OpCode::short_or:
      if (op.guards_load && !same_course(s, r)) return false;
      if (r.poison == Poison::none && (r.integer == 0) == (op.code == OpCode::short_and)) jump();
      return true;
    case OpCode::jump:
      // The end of the first arm of a select. Under an undefined condition the second arm is
      // evaluated too: either must be harmless, and the result is undefined.
      if (r.poison == Poison::none) jump();
      return true;
    case OpCode::select_end: {
      const Poison condition = r.poison;
      r = (&r)[1];
      if (condition != Poison::none) r.poison = Poison::derived;
      return true;
    }
  }
  return true;
}

// Lockstep instances must agree on what is loaded.
bool Machine::same_course(const StmtCode& s, const Value& condition) {
  constexpr int64_t kUndefined = 2;
  const int64_t course = condition.poison == Poison::none ? condition.integer : kUndefined;
  return decided(s, "a condition that guards a load", Value{course, 0, Poison::none});
}

bool Machine::load(const StmtCode& s, const Op& op) {
  Buffer& b = buffers_[static_cast<size_t>(op.a)];
  Value& r = registers_[static_cast<size_t>(op.dst)];
  if (!b.loads) {
    return fail_at(s, "element_access",
                   cat("it loads an element of ", b.decl->name, ", which only copies can reach"));
  }
  if (!decided(s, "the index of a load", r)) return false;
  const int64_t index = r.integer;
  if (!in_bounds(s, b, index, 1, "loads") || !note_read(s, b, index, 1)) return false;
  r = load_value(data(b, index), shadow(b, index), b.decl->dtype);
  if (r.poison == Poison::uninitialised && b.decl->kind == BufferKind::local && !s.moves) {
    return fail_at(s, "uninitialised_read",
                   cat("it loads ", b.decl->name, "[", index, "], which nothing wrote"));
  }
  const auto& range = b.decl->range;
  if (options_.ranges && range && r.poison == Poison::none &&
      (r.integer < range->first || r.integer > range->second)) {
    return fail_at(s, "value_out_of_range",
                   cat(b.decl->name, "[", index, "] is ", r.integer, ", declared ", range->first,
                       "..", range->second));
  }
  return true;
}

// --- memory

std::byte* Machine::data(Buffer& b, int64_t index) {
  return b.memory->data(scope_instance(b) - b.first) + index * b.element_bytes;
}
uint8_t* Machine::shadow(Buffer& b, int64_t index) {
  return b.memory->shadow(scope_instance(b) - b.first) + index * b.element_bytes;
}

bool Machine::in_bounds(const StmtCode& s, const Buffer& b, int64_t index, int64_t count,
                        const char* access) {
  const int64_t n = b.decl->elements;
  if (index >= 0 && index <= n && count <= n - index) return true;
  const std::string last = count == 1 ? "" : cat(" to ", index, " + ", count, " - 1");
  return fail_at(
      s, "index_out_of_bounds",
      cat("it ", access, " ", b.decl->name, "[", index, "]", last, ", which has ", n, " elements"));
}

AccessTracker* Machine::tracker(Buffer& b) {
  if (!b.shared || !options_.races) return nullptr;
  auto& slot = b.trackers[static_cast<size_t>(scope_instance(b) - b.first)];
  if (!slot) {
    slot = std::make_unique<AccessTracker>(b.base, b.decl->elements, b.element_bytes, b.granule);
  }
  return slot.get();
}

bool Machine::conflict(const StmtCode& s, const Buffer& b, const AccessTracker::Conflict& c,
                       bool write) {
  const char* mine = write ? "writes" : "reads";
  const char* theirs = c.wrote ? "wrote" : "read";
  const std::string granule =
      write && c.wrote && b.granule > 1 ? cat(" the same granule of ", b.granule, " B") : " it";
  return fail_at(
      s, "race",
      cat("it ", mine, " ", b.decl->name, "[", c.element, "] and ", instance_name(c.instance), " ",
          theirs, granule, ", without a barrier between"),
      "separate them by a barrier, or give each instance granules of its own");
}

bool Machine::note_read(const StmtCode& s, Buffer& b, int64_t index, int64_t count) {
  AccessTracker* const t = tracker(b);
  if (t == nullptr) return true;
  const auto found = t->read(clock_, current_, index, count);
  return !found || conflict(s, b, *found, false);
}
bool Machine::note_write(const StmtCode& s, Buffer& b, int64_t index, int64_t count) {
  if (!b.decl->written) {
    return fail_at(s, "not_written_buffer",
                   cat("it writes ", b.decl->name, ", which is declared as not written"));
  }
  AccessTracker* const t = tracker(b);
  if (t == nullptr) return true;
  const auto found = t->write(clock_, current_, index, count);
  return !found || conflict(s, b, *found, true);
}

// --- statements that write

bool Machine::store(const StmtCode& s) {
  Buffer& b = buffers_[static_cast<size_t>(s.buffer)];
  if (!b.stores) {
    return fail_at(s, "element_access",
                   cat("it stores an element of ", b.decl->name, ", which only copies can write"));
  }
  int64_t index = 0;
  Value value;
  if (!decide(s, s.e[0], "the index", index) || !evaluate(s, s.e[1], value)) return false;
  if (!in_bounds(s, b, index, 1, "stores") || !note_write(s, b, index, 1)) return false;
  store_value(data(b, index), shadow(b, index), b.decl->dtype, value);
  return true;
}

bool Machine::copy(const StmtCode& s) {
  Buffer& to = buffers_[static_cast<size_t>(s.buffer)];
  Buffer& from = buffers_[static_cast<size_t>(s.source)];
  int64_t dst = 0, src = 0, n = 0;
  if (!decide(s, s.e[0], "the destination", dst) || !decide(s, s.e[1], "the source", src) ||
      !decide(s, s.e[2], "the number of elements", n)) {
    return false;
  }
  if (n <= 0) {
    return fail_at(s, "copy_size", cat("it copies ", n, " elements"),
                   "put what may be empty into an if");
  }
  if (!in_bounds(s, to, dst, n, "writes") || !in_bounds(s, from, src, n, "reads")) return false;
  const Link* const link = links_[static_cast<size_t>(s.link)];
  if (link != nullptr && !check_copy(s, *link, dst, src, n)) return false;
  if (!check_overlap(s, dst, src, n)) return false;
  if (!note_read(s, from, src, n) || !note_write(s, to, dst, n)) return false;
  uint8_t* const marks = shadow(to, dst);
  copy_shadowed(data(to, dst), marks, data(from, src), shadow(from, src), n * to.element_bytes);
  // A copy writes, so that what it leaves undefined is not "nothing wrote it".
  for (int64_t i = 0; i < n * to.element_bytes; ++i) {
    if (marks[i] == static_cast<uint8_t>(Poison::uninitialised)) {
      marks[i] = static_cast<uint8_t>(Poison::derived);
    }
  }
  return true;
}

bool Machine::check_copy(const StmtCode& s, const Link& link, int64_t dst, int64_t src,
                         int64_t elements) {
  const Buffer& to = buffers_[static_cast<size_t>(s.buffer)];
  const Buffer& from = buffers_[static_cast<size_t>(s.source)];
  const int64_t bytes = elements * to.element_bytes;
  if (bytes < link.min_bytes || bytes > link.max_bytes || bytes % link.multiple != 0) {
    const std::string high = link.max_bytes == INT64_MAX ? "" : cat(" to ", link.max_bytes);
    return fail_at(s, "copy_size",
                   cat("it moves ", bytes, " B over link ", link.name, ", which moves ",
                       link.min_bytes, high, " B in multiples of ", link.multiple));
  }
  const auto aligned = [&](const Buffer& b, int64_t index) {
    const int64_t address = b.base + index * b.element_bytes;
    if (address % link.alignment == 0) return true;
    return fail_at(s, "copy_alignment",
                   cat(b.decl->name, "[", index, "] is at byte ", index * b.element_bytes,
                       " of a buffer aligned to ", b.decl->align, "; link ", link.name,
                       " needs multiples of ", link.alignment));
  };
  return aligned(to, dst) && aligned(from, src);
}

bool Machine::check_overlap(const StmtCode& s, int64_t dst, int64_t src, int64_t elements) {
  if (s.buffer != s.source || dst >= src + elements || src >= dst + elements) return true;
  return fail_at(s, "copy_overlap",
                 cat("elements ", src, " and ", dst, " of one buffer are closer than the ",
                     elements, " that it moves"));
}

}  // namespace pimjit
