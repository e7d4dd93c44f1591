#include <algorithm>
#include <numeric>

#include "pimjit/core/ir/verify_context.h"
#include "pimjit/core/ir/visitor.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

// Whether the value is never a multiple of n.
bool never_multiple(const ValueFacts& value, int64_t n) {
  const Congruence& c = value.congruence;
  const int64_t common = std::gcd(c.modulus, n);  // n when the value is known
  return common > 1 && c.remainder % common != 0;
}

ValueFacts bytes_facts(const Expr& elements, DType t, const Facts& facts) {
  return combine_facts(BinaryOp::mul, DType::i64, facts.of(elements), one_value(bytes_of(t)));
}

void check_copy_size(VerifyContext& v, const Copy& n, const Facts& facts) {
  const LinkRules& link = v.rules.links[static_cast<size_t>(n.link)];
  const ValueFacts bytes = bytes_facts(n.elements, v.buffer(n.dst).dtype, facts);
  const int64_t least = std::max<int64_t>(link.min_bytes, 1);
  const std::string name = v.kernel.links[static_cast<size_t>(n.link)].name;
  if (bytes.range.high < least) {
    v.report(cat("copies at most ", bytes.range.high, " bytes, link ", name, " at least ", least),
             n, bytes.range.high, least);
  }
  if (bytes.range.low > link.max_bytes) {
    v.report(cat("copies at least ", bytes.range.low, " bytes, link ", name, " at most ",
                 link.max_bytes),
             n, bytes.range.low, link.max_bytes);
  }
  if (never_multiple(bytes, link.multiple)) {
    v.report(cat("the number of bytes is never a multiple of ", link.multiple,
                 ", the unit of link ", name),
             n, bytes.congruence.remainder, link.multiple);
  }
}

void check_copy_end(VerifyContext& v, const Copy& n, int buffer, const Expr& index,
                    const Facts& facts) {
  const int64_t alignment = v.rules.links[static_cast<size_t>(n.link)].alignment;
  const KernelBuffer& b = v.buffer(buffer);
  const std::string link = v.kernel.links[static_cast<size_t>(n.link)].name;
  if (b.align % alignment != 0) {
    v.report(cat("buffer ", b.name, " is aligned to ", b.align, " bytes, link ", link, " needs ",
                 alignment),
             n, b.align, alignment);
  } else if (never_multiple(bytes_facts(index, b.dtype, facts), alignment)) {
    v.report(cat("the address in ", b.name, " is never a multiple of ", alignment, ", as link ",
                 link, " needs"),
             n, 0, alignment);
  }
  const Interval first = facts.range(index);
  const Interval count = facts.range(n.elements);
  const auto end = add(first, {std::max<int64_t>(count.low, 0), std::max<int64_t>(count.high, 0)});
  if (first.high < 0 || (end && end->low > b.elements)) {
    v.report(cat("leaves buffer ", b.name, " of ", b.elements, " elements"), n,
             end ? end->low : first.high, b.elements);
  }
}

void check_copies(VerifyContext& v) {
  walk_with_facts(v.kernel, [&](const StmtNode& s, const Facts& facts) {
    if (s.kind != StmtKind::Copy) return;
    const Copy& n = as<Copy>(s);
    check_copy_size(v, n, facts);
    check_copy_end(v, n, n.dst, n.dst_index, facts);
    check_copy_end(v, n, n.src, n.src_index, facts);
  });
}

void check_bounds(VerifyContext& v) {
  const auto check = [&](int buffer, const Expr& index, int64_t elements, const StmtNode& s,
                         const Facts& facts) {
    const Interval range = facts.range(index);
    const KernelBuffer& b = v.buffer(buffer);
    if (range.high >= 0 && range.low <= b.elements - elements) return;
    v.report(cat("index ", range.low, "..", range.high, " is outside of buffer ", b.name, " of ",
                 b.elements, " elements"),
             s, range.low, b.elements);
  };
  // Loads behind && or in an arm of select may never happen, so only those that must are looked at.
  const std::function<void(const Expr&, const StmtNode&, const Facts&)> loads =
      [&](const Expr& e, const StmtNode& s, const Facts& facts) {
        if (e->kind == ExprKind::Select) return loads(as<Select>(e).condition, s, facts);
        if (e->kind == ExprKind::Binary && (as<Binary>(e).op == BinaryOp::logical_and ||
                                            as<Binary>(e).op == BinaryOp::logical_or)) {
          return loads(as<Binary>(e).a, s, facts);
        }
        if (e->kind == ExprKind::Load) check(as<Load>(e).buffer, as<Load>(e).index, 1, s, facts);
        for_each_operand(*e, [&](const Expr& operand) { loads(operand, s, facts); });
      };
  walk_with_facts(v.kernel, [&](const StmtNode& s, const Facts& facts) {
    if (s.kind == StmtKind::Store) check(as<Store>(s).buffer, as<Store>(s).index, 1, s, facts);
    if (s.kind == StmtKind::Combine)
      check(as<Combine>(s).buffer, as<Combine>(s).index, as<Combine>(s).elements, s, facts);
    for_each_operand(s, [&](const Expr& operand) { loads(operand, s, facts); });
  });
}

void check_capacity(VerifyContext& v) {
  for (size_t scope = 0; scope < v.kernel.scopes.size(); ++scope) {
    const ScopeRules& rules = v.rules.scopes[scope];
    int64_t used = 0;
    for (const KernelBuffer& b : v.kernel.buffers) {
      if (b.scope != static_cast<int>(scope)) continue;
      if (b.align % rules.alignment != 0) {
        v.report(cat("aligned to ", b.align, " bytes, scope ", v.kernel.scopes[scope].name,
                     " needs ", rules.alignment),
                 cat("buffer ", b.name), b.align, rules.alignment);
      }
      if (b.kind != BufferKind::local) continue;
      const int64_t unit = std::max(b.align, rules.alignment);
      const int64_t padded = (b.bytes() + unit - 1) / unit * unit;
      if (__builtin_add_overflow(used, padded, &used)) used = INT64_MAX;
    }
    if (used > rules.capacity) {
      v.report(cat("local buffers need ", used, " bytes, there are ", rules.capacity),
               cat("scope ", v.kernel.scopes[scope].name), used, rules.capacity);
    }
  }
}

void check_control_flow(VerifyContext& v) {
  if (v.rules.control_flow) return;
  walk(v.kernel.body, [&](const StmtNode& s, const Enclosing&) {
    if (s.kind == StmtKind::If) v.report("a condition where the target has none", s);
    if (s.kind == StmtKind::For && as_int_constant(as<For>(s).extent) == nullptr) {
      v.report("a count that is no constant where the target has no conditions", s);
    }
  });
}

bool has_load(const Expr& e) {
  bool found = false;
  for_each_expr(e, [&](const ExprNode& node) { found = found || node.kind == ExprKind::Load; });
  return found;
}

// What a lockstep level may not depend on: its own index, and loaded values.
class LockstepCheck {
 public:
  LockstepCheck(VerifyContext& v, int level, const StmtNode& s, const Enclosing& enclosing)
      : v_(v), level_(level), s_(s), enclosing_(enclosing) {}

  void run() {
    visit(s_, Overloaded{[](const Seq&) {},
                         [&](const For& n) {
                           uniform(n.min, "the first value"), uniform(n.extent, "the count");
                         },
                         [&](const If& n) { uniform(n.condition, "the condition"); },
                         [](const Let&) {}, [&](const Store& n) { uniform(n.index, "the index"); },
                         [&](const Copy& n) {
                           uniform(n.dst_index, "the index of the destination"),
                               uniform(n.src_index, "the index of the source");
                           uniform(n.elements, "the count");
                         },
                         [](const Barrier&) {},
                         [&](const Combine& n) { uniform(n.index, "the index"); }});
    for_each_operand(s_, [&](const Expr& operand) { inside(operand); });
  }

 private:
  // Addresses and guards inside an expression.
  void inside(const Expr& e) {
    if (e->kind == ExprKind::Load) uniform(as<Load>(e).index, "the index");
    if (e->kind == ExprKind::Select) {
      const Select& n = as<Select>(e);
      if (has_load(n.if_true) || has_load(n.if_false))
        uniform(n.condition, "the condition before a load");
    }
    if (e->kind == ExprKind::Binary) {
      const Binary& n = as<Binary>(e);
      const bool logic = n.op == BinaryOp::logical_and || n.op == BinaryOp::logical_or;
      if (logic && has_load(n.b)) uniform(n.a, "the condition before a load");
    }
    for_each_operand(*e, [&](const Expr& operand) { inside(operand); });
  }
  bool depends(const Expr& e) const {
    if (e->kind == ExprKind::Load) return true;
    if (e->kind == ExprKind::LevelIndex) return as<LevelIndex>(e).level == level_;
    if (e->kind == ExprKind::Var) {
      for (const StmtNode* s : enclosing_) {
        if (s->kind == StmtKind::Let && as<Let>(*s).var == as<Var>(e).id)
          return depends(as<Let>(*s).value);
      }
      return false;  // loops are uniform, or reported themselves
    }
    bool found = false;
    for_each_operand(*e, [&](const Expr& operand) { found = found || depends(operand); });
    return found;
  }
  void uniform(const Expr& e, const char* what) {
    if (!depends(e)) return;
    v_.report(cat(what, " depends on the instance of level ",
                  v_.kernel.levels[static_cast<size_t>(level_)].name,
                  " or on data; its instances run in lockstep"),
              s_);
  }

  VerifyContext& v_;
  int level_;
  const StmtNode& s_;
  const Enclosing& enclosing_;
};

void check_lockstep(VerifyContext& v) {
  for (size_t level = 0; level < v.kernel.levels.size(); ++level) {
    if (v.kernel.levels[level].kind != LevelKind::lockstep) continue;
    walk(v.kernel.body, [&](const StmtNode& s, const Enclosing& enclosing) {
      LockstepCheck(v, static_cast<int>(level), s, enclosing).run();
    });
  }
}

constexpr VerifyCheck kChecks[] = {{"copies", KernelStage::complete, check_copies},
                                   {"bounds", KernelStage::complete, check_bounds},
                                   {"capacity", KernelStage::complete, check_capacity},
                                   {"control_flow", KernelStage::complete, check_control_flow},
                                   {"lockstep", KernelStage::complete, check_lockstep}};

}  // namespace

std::span<const VerifyCheck> target_checks() {
  return kChecks;
}

}  // namespace pimjit
