#include "pimjit/core/ir/printer.h"

#include <bit>
#include <charconv>
#include <cmath>

#include "pimjit/core/ir/limits.h"
#include "pimjit/core/ir/text_names.h"
#include "pimjit/core/ir/visitor.h"
#include "pimjit/core/support/hash.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

// How tightly an operator binds; higher is tighter. Functions (min, max) and leaves need no
// parentheses.
int precedence(BinaryOp op) {
  switch (op) {
    case BinaryOp::logical_or:
      return 1;
    case BinaryOp::logical_and:
      return 2;
    case BinaryOp::eq:
    case BinaryOp::ne:
      return 3;
    case BinaryOp::lt:
    case BinaryOp::le:
      return 4;
    case BinaryOp::add:
    case BinaryOp::sub:
      return 5;
    case BinaryOp::mul:
    case BinaryOp::div:
    case BinaryOp::mod:
      return 6;
    case BinaryOp::min:
    case BinaryOp::max:
      return 8;
  }
  return 8;
}
constexpr int kUnary = 7;

std::string float_text(float value) {
  if (!std::isfinite(value)) return "f32#" + hex64(std::bit_cast<uint32_t>(value)).substr(8);
  char buffer[32];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, value);
  return std::string(buffer, result.ptr) + 'f';
}

class Printer {
 public:
  explicit Printer(const Kernel& kernel)
      : levels_(reference_texts(names_of(kernel.levels))),
        scopes_(reference_texts(names_of(kernel.scopes))),
        links_(reference_texts(names_of(kernel.links))),
        params_(reference_texts(names_of(kernel.params))),
        buffers_(reference_texts(names_of(kernel.buffers))),
        vars_(reference_texts(names_of(kernel.vars))) {}

  void tables(const Kernel& kernel);
  void expr(const Expr& e, int outer = 0, int depth = 1);
  void stmt(const Stmt& s, int indent, int depth = 1);
  void block(const Stmt& s, int indent, int depth);
  std::string take() { return std::exchange(out_, {}); }

 private:
  static std::string entry(const std::vector<std::string>& table, int index) {
    if (index < 0 || static_cast<size_t>(index) >= table.size()) return cat('?', index);
    return table[static_cast<size_t>(index)];
  }
  template <typename... Parts>
  void add(const Parts&... parts) {
    out_ += cat(parts...);
  }
  void line(int indent) { out_.append(static_cast<size_t>(indent) * 2, ' '); }
  void element(int buffer, const Expr& index) {
    add(entry(buffers_, buffer), '[');
    expr(index);
    out_ += ']';
  }
  void binary(const Binary& n, int outer, int depth);
  void buffer(const KernelBuffer& b);
  void loop(const For& n, int indent, int depth);
  void simple(const StmtNode& s);

  std::string out_;
  std::vector<std::string> levels_, scopes_, links_, params_, buffers_, vars_;
};

void Printer::binary(const Binary& n, int outer, int depth) {
  if (n.op == BinaryOp::min || n.op == BinaryOp::max) {
    add(to_string(n.op), '(');
    expr(n.a, 0, depth + 1);
    out_ += ", ";
    expr(n.b, 0, depth + 1);
    out_ += ')';
    return;
  }
  const int own = precedence(n.op);
  if (own < outer) out_ += '(';
  expr(n.a, own, depth + 1);
  add(' ', to_string(n.op), ' ');
  expr(n.b, own + 1,
       depth + 1);  // left-associative: an equal operator on the right needs parentheses
  if (own < outer) out_ += ')';
}

void Printer::expr(const Expr& e, int outer, int depth) {
  if (!e) return add('?');
  if (depth > kMaxTreeDepth) return add("...");
  const auto call = [&](const auto&... operands) {
    const char* separator = "(";
    ((out_ += separator, separator = ", ", expr(operands, 0, depth + 1)), ...);
    out_ += ')';
  };
  visit(*e, Overloaded{[&](const IntImm& n) {
                         if (n.dtype == DType::b1) return add(n.value != 0);
                         add(n.value);
                         if (n.dtype != DType::i32) add(':', to_string(n.dtype));
                       },
                       [&](const FloatImm& n) { add(float_text(n.value)); },
                       [&](const Var& n) { add(entry(vars_, n.id)); },
                       [&](const LevelIndex& n) {
                         add('@', entry(levels_, n.level));
                         if (n.dtype != DType::i32) add(':', to_string(n.dtype));
                       },
                       [&](const Param& n) { add('$', entry(params_, n.index)); },
                       [&](const Binary& n) { binary(n, outer, depth); },
                       [&](const Not& n) {
                         out_ += '!';
                         expr(n.a, kUnary, depth + 1);
                       },
                       [&](const Select& n) {
                         out_ += "select";
                         call(n.condition, n.if_true, n.if_false);
                       },
                       [&](const Cast& n) {
                         add(to_string(n.dtype));
                         call(n.a);
                       },
                       [&](const Load& n) {
                         add(entry(buffers_, n.buffer), '[');
                         expr(n.index, 0, depth + 1);
                         out_ += ']';
                       }});
}

// "{ ... }" with the statements of a sequence, or the one statement.
void Printer::block(const Stmt& s, int indent, int depth) {
  out_ += "{\n";
  stmt(s, indent + 1, depth);
  line(indent);
  out_ += '}';
}

void Printer::loop(const For& n, int indent, int depth) {
  add("for ", entry(vars_, n.var), " = ");
  expr(n.min);
  out_ += " count ";
  expr(n.extent);
  if (n.loop != LoopKind::serial) add(' ', to_string(n.loop));
  if (n.loop == LoopKind::unrolled && n.unroll != 0) add('(', n.unroll, ')');
  out_ += ' ';
  block(n.body, indent, depth + 1);
}

// Statements without statements inside.
void Printer::simple(const StmtNode& s) {
  visit(s, Overloaded{[](const Seq&) {}, [](const For&) {}, [](const If&) {}, [](const Let&) {},
                      [&](const Store& n) {
                        element(n.buffer, n.index);
                        out_ += " = ";
                        expr(n.value);
                      },
                      [&](const Copy& n) {
                        add("copy ", entry(links_, n.link), ' ');
                        element(n.dst, n.dst_index);
                        out_ += " <- ";
                        element(n.src, n.src_index);
                        out_ += " count ";
                        expr(n.elements);
                      },
                      [&](const Barrier& n) { add("barrier ", entry(levels_, n.level)); },
                      [&](const Combine& n) {
                        add("combine ", entry(levels_, n.level), ' ', to_string(n.op), ' ');
                        element(n.buffer, n.index);
                        add(" elements ", n.elements, " stride ", n.stride, " count ", n.count);
                      }});
}

void Printer::stmt(const Stmt& s, int indent, int depth) {
  if (s && s->kind == StmtKind::Seq && depth <= kMaxTreeDepth) {
    for (const Stmt& inner : as<Seq>(s).body) stmt(inner, indent, depth + 1);
    return;
  }
  line(indent);
  if (!s) {
    out_ += '?';
  } else if (depth > kMaxTreeDepth) {
    out_ += "...";
  } else if (s->kind == StmtKind::For) {
    loop(as<For>(s), indent, depth);
  } else if (s->kind == StmtKind::If) {
    const If& n = as<If>(s);
    out_ += "if ";
    expr(n.condition);
    out_ += ' ';
    block(n.then_body, indent, depth + 1);
    if (n.else_body) {
      out_ += " else ";
      block(n.else_body, indent, depth + 1);
    }
  } else if (s->kind == StmtKind::Let) {
    const Let& n = as<Let>(s);
    add("let ", entry(vars_, n.var), " = ");
    expr(n.value);
    out_ += ' ';
    block(n.body, indent, depth + 1);
  } else {
    simple(*s);
  }
  out_ += '\n';
}

void Printer::buffer(const KernelBuffer& b) {
  const bool device = b.kind == BufferKind::device;
  add("  buffer ", quoted_name(b.name), ' ', to_string(b.dtype), device ? " device " : " local ",
      entry(scopes_, b.scope), " elements ", b.elements, " align ", b.align);
  if (device) add(" base ", entry(params_, b.param));
  if (!b.written) add(" readonly");
  if (b.range) add(" range ", b.range->first, "..", b.range->second);
  add('\n');
}

void Printer::tables(const Kernel& kernel) {
  for (const KernelLevel& l : kernel.levels) {
    add("  level ", quoted_name(l.name), ' ', level_kind_text(l.kind), ' ', l.count, '\n');
  }
  for (const KernelScope& s : kernel.scopes) {
    add("  scope ", quoted_name(s.name), " at ", s.level == -1 ? "device" : entry(levels_, s.level),
        '\n');
  }
  for (const KernelLink& l : kernel.links) {
    add("  link ", quoted_name(l.name), ' ', entry(scopes_, l.from), " -> ", entry(scopes_, l.to),
        '\n');
  }
  for (const KernelParam& p : kernel.params) {
    add("  param ", quoted_name(p.name), ' ', to_string(p.dtype), '\n');
  }
  for (const KernelBuffer& b : kernel.buffers) buffer(b);
  for (const KernelVar& v : kernel.vars) {
    add("  var ", quoted_name(v.name), ' ', to_string(v.dtype), '\n');
  }
}

}  // namespace

std::string to_text(const Kernel& kernel) {
  Printer printer(kernel);
  printer.tables(kernel);
  std::string text = "kernel " + quoted_name(kernel.name) + " {\n" + printer.take() + "  body ";
  printer.block(kernel.body, 1, 1);
  return text + printer.take() + "\n}\n";
}

std::string to_text(const Expr& e, const Kernel& names) {
  Printer printer(names);
  printer.expr(e);
  return printer.take();
}

std::string to_text(const Stmt& s, const Kernel& names, int indent) {
  Printer printer(names);
  printer.stmt(s, indent);
  return printer.take();
}

}  // namespace pimjit
