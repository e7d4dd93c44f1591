#include "pimjit/core/ir/rewrite.h"

#include <charconv>
#include <optional>

#include "pimjit/core/ir/text_lexer.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

constexpr size_t kNotRules = 0, kSelectRules = 15;

struct Operator {
  BinaryOp op;
  int precedence;
};
constexpr Operator kOperators[] = {
    {BinaryOp::logical_or, 1}, {BinaryOp::logical_and, 2}, {BinaryOp::eq, 3},  {BinaryOp::ne, 3},
    {BinaryOp::le, 4},         {BinaryOp::lt, 4},          {BinaryOp::add, 5}, {BinaryOp::sub, 5},
    {BinaryOp::mul, 6},        {BinaryOp::div, 6},         {BinaryOp::mod, 6}};

bool fits_types(RuleTypes types, DType operands) {
  if (types == RuleTypes::integers) return is_int(operands);
  return types == RuleTypes::all || operands == DType::b1;
}

// The type of the operands of a node: what RuleTypes speaks of.
DType operand_type(const Expr& e) {
  if (e->kind == ExprKind::Binary) return as<Binary>(e).a->dtype;
  return e->dtype;
}

}  // namespace

bool Match::exact(const Expr& e, int levels) const {
  if (e->kind != ExprKind::Binary || levels == 0) return true;
  const Binary& n = as<Binary>(e);
  if (n.op != BinaryOp::add && n.op != BinaryOp::sub && n.op != BinaryOp::mul) return true;
  return facts_.of(e).exact && exact(n.a, levels - 1) && exact(n.b, levels - 1);
}

// Turns the text of one pattern or result into nodes.
class Rules::Compiler {
 public:
  Compiler(std::vector<Pattern>& nodes, const char* text) : nodes_(nodes), lexer_(text, "rule") {}
  // The root, or -1 when the text is not a pattern.
  int compile() {
    const int root = expr(1);
    return ok_ && lexer_.peek().kind == TextToken::Kind::end ? root : -1;
  }

 private:
  int add(Pattern p) {
    nodes_.push_back(p);
    return static_cast<int>(nodes_.size()) - 1;
  }
  void expect(const char* symbol) { ok_ = lexer_.take(symbol) && ok_; }

  int expr(int precedence) {
    int left = primary();
    while (ok_) {
      const Operator* found = nullptr;
      for (const Operator& o : kOperators) {
        if (o.precedence >= precedence && lexer_.at(to_string(o.op))) found = &o;
      }
      if (found == nullptr) break;
      lexer_.next();
      const int right = expr(found->precedence + 1);
      left = add({Pattern::Kind::binary, 0, found->op, 0, {left, right, -1}});
    }
    return left;
  }

  int primary() {
    static constexpr std::string_view kLetters = "xyzcd";
    if (lexer_.take("(")) {
      const int inner = expr(1);
      expect(")");
      return inner;
    }
    if (lexer_.take("!"))
      return add({Pattern::Kind::negation, 0, BinaryOp::add, 0, {primary(), -1, -1}});
    const TextToken token = lexer_.next();
    const std::string& word = token.text;
    if (word == "true" || word == "false")
      return add({Pattern::Kind::condition, 0, BinaryOp::add, word == "true", {}});
    if (token.kind == TextToken::Kind::number) {
      int64_t value = 0;
      std::from_chars(word.data(), word.data() + word.size(), value);
      return add({Pattern::Kind::integer, 0, BinaryOp::add, value, {}});
    }
    if (word == "min" || word == "max" || word == "select") return call(word);
    const size_t slot = word.size() == 1 ? kLetters.find(word[0]) : std::string_view::npos;
    if (slot == std::string_view::npos) {
      ok_ = false;
      return -1;
    }
    const auto kind = slot >= 3 ? Pattern::Kind::constant : Pattern::Kind::letter;
    return add({kind, static_cast<uint8_t>(slot), BinaryOp::add, 0, {}});
  }

  int call(const std::string& word) {
    std::array<int, 3> operands{-1, -1, -1};
    const size_t count = word == "select" ? 3 : 2;
    expect("(");
    for (size_t i = 0; i < count && ok_; ++i) {
      if (i != 0) expect(",");
      operands[i] = expr(1);
    }
    expect(")");
    if (count == 3) return add({Pattern::Kind::select, 0, BinaryOp::add, 0, operands});
    return add(
        {Pattern::Kind::binary, 0, word == "min" ? BinaryOp::min : BinaryOp::max, 0, operands});
  }

  std::vector<Pattern>& nodes_;
  TextLexer lexer_;
  bool ok_ = true;
};

Rules::Rules() {
  for (const auto& family : {arithmetic_rules(), division_rules(), order_rules(), logic_rules()}) {
    for (const Rule& rule : family) {
      const Compiled compiled{&rule, Compiler(nodes_, rule.pattern).compile(),
                              Compiler(nodes_, rule.result).compile()};
      if (compiled.pattern < 0 || compiled.result < 0) {
        mistakes_.push_back(cat(rule.pattern, " -> ", rule.result));
        continue;
      }
      const Pattern& root = nodes_[static_cast<size_t>(compiled.pattern)];
      size_t list = static_cast<size_t>(root.op);
      if (root.kind == Pattern::Kind::negation) list = kNotRules;
      if (root.kind == Pattern::Kind::select) list = kSelectRules;
      by_op_[list].push_back(compiled);
    }
  }
}

const Rules& Rules::all() {
  static const Rules rules;
  return rules;
}

bool Rules::match(int pattern, const Expr& e, Match& m) const {
  const Pattern& p = nodes_[static_cast<size_t>(pattern)];
  switch (p.kind) {
    case Pattern::Kind::constant:
      if (e->kind != ExprKind::IntImm) return false;
      [[fallthrough]];
    case Pattern::Kind::letter: {
      const Expr*& letter = m.letters_[p.slot];
      if (letter != nullptr) return equal(*letter, e);
      letter = &e;
      return true;
    }
    case Pattern::Kind::integer: {
      const int64_t* value = as_int_constant(e);
      return value != nullptr && *value == p.value && e->dtype != DType::b1;
    }
    case Pattern::Kind::condition: {
      const int64_t* value = as_int_constant(e);
      return value != nullptr && *value == p.value && e->dtype == DType::b1;
    }
    case Pattern::Kind::binary: {
      if (e->kind != ExprKind::Binary) return false;
      const Binary& n = as<Binary>(e);
      return n.op == p.op && match(p.operands[0], n.a, m) && match(p.operands[1], n.b, m);
    }
    case Pattern::Kind::negation:
      return e->kind == ExprKind::Not && match(p.operands[0], as<Not>(e).a, m);
    case Pattern::Kind::select: {
      if (e->kind != ExprKind::Select) return false;
      const Select& n = as<Select>(e);
      return match(p.operands[0], n.condition, m) && match(p.operands[1], n.if_true, m) &&
             match(p.operands[2], n.if_false, m);
    }
  }
  return false;
}

// The type of a part of a result, from the letters in it; b1 when it has none.
DType Rules::type_of(int pattern, const Match& m) const {
  const Pattern& p = nodes_[static_cast<size_t>(pattern)];
  if (p.kind == Pattern::Kind::letter || p.kind == Pattern::Kind::constant)
    return (*m.letters_[p.slot])->dtype;
  if (p.kind == Pattern::Kind::select) return type_of(p.operands[1], m);
  if (p.kind != Pattern::Kind::binary) return DType::b1;
  const DType a = type_of(p.operands[0], m);
  const DType operands = a != DType::b1 ? a : type_of(p.operands[1], m);
  return result_type(p.op, operands);
}

Expr Rules::build(int pattern, DType t, const Match& m, const Make& make) const {
  const Pattern& p = nodes_[static_cast<size_t>(pattern)];
  switch (p.kind) {
    case Pattern::Kind::letter:
    case Pattern::Kind::constant:
      return *m.letters_[p.slot];
    case Pattern::Kind::integer:
      return make_int(t, p.value);
    case Pattern::Kind::condition:
      return make_bool(p.value != 0);
    case Pattern::Kind::negation:
      return make(make_not(build(p.operands[0], DType::b1, m, make)));
    case Pattern::Kind::select: {
      Expr c = build(p.operands[0], DType::b1, m, make);
      return make(make_select(std::move(c), build(p.operands[1], t, m, make),
                              build(p.operands[2], t, m, make)));
    }
    case Pattern::Kind::binary:
      break;
  }
  DType operands = t;
  if (result_type(p.op, DType::i32) == DType::b1) {
    operands = type_of(p.operands[0], m);
    if (operands == DType::b1) operands = type_of(p.operands[1], m);
  }
  Expr a = build(p.operands[0], operands, m, make);
  return make(make_binary(p.op, std::move(a), build(p.operands[1], operands, m, make)));
}

Expr Rules::apply(const Compiled& compiled, const Expr& e, const Facts& facts,
                  const Make& make) const {
  Match m(facts, e);
  if (!match(compiled.pattern, e, m)) return {};
  if (compiled.rule->when != nullptr && !compiled.rule->when(m)) return {};
  return build(compiled.result, e->dtype, m, make);
}

Expr Rules::apply(const Expr& e, const Facts& facts, const Make& make) const {
  size_t list = kNotRules;
  if (e->kind == ExprKind::Binary) {
    list = static_cast<size_t>(as<Binary>(e).op);
  } else if (e->kind == ExprKind::Select) {
    list = kSelectRules;
  } else if (e->kind != ExprKind::Not) {
    return {};
  }
  const DType operands = operand_type(e);
  for (const Compiled& compiled : by_op_[list]) {
    if (!fits_types(compiled.rule->types, operands)) continue;
    if (Expr result = apply(compiled, e, facts, make)) return result;
  }
  return {};
}

const Rules::Compiled* Rules::find(const Rule& rule) const {
  for (const auto& list : by_op_) {
    for (const Compiled& compiled : list) {
      if (compiled.rule == &rule) return &compiled;
    }
  }
  return nullptr;
}

Expr Rules::apply(const Rule& rule, const Expr& e, const Facts& facts, const Make& make) const {
  const Compiled* compiled = find(rule);
  if (compiled == nullptr || !fits_types(rule.types, operand_type(e))) return {};
  return apply(*compiled, e, facts, make);
}

std::pair<Expr, Expr> Rules::instantiate(const Rule& rule, const std::array<Expr, 5>& letters,
                                         DType t) const {
  const Compiled* compiled = find(rule);
  if (compiled == nullptr) return {};
  const Expr none;
  const Kernel tables;
  const Facts facts(tables);
  Match m(facts, none);
  for (size_t i = 0; i < letters.size(); ++i) m.letters_[i] = &letters[i];
  const Make keep = [](Expr e) { return e; };
  return {build(compiled->pattern, t, m, keep), build(compiled->result, t, m, keep)};
}

}  // namespace pimjit
