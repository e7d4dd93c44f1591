#include <algorithm>
#include <numeric>
#include <optional>

#include "pimjit/core/ir/linear.h"
#include "pimjit/core/ir/map_under_facts.h"
#include "pimjit/core/ir/mutator.h"
#include "pimjit/core/ir/printer.h"
#include "pimjit/core/ir/simplify.h"
#include "pimjit/core/ir/substitute.h"
#include "pimjit/core/lower/boundary.h"
#include "pimjit/core/lower/nest_values.h"
#include "pimjit/core/lower/passes/passes.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

// A statement that moves one contiguous block, as far as it has been understood.
struct Block {
  int link;
  int dst, src;
  Expr dst_index, src_index;
  int64_t elements;
  Expr guard;         // null: always
  int loops = 0;      // folded into it
  bool over = false;  // runs over what a guard left out
};

class Converter {
 public:
  Converter(Kernel& kernel, const KernelRules& rules, const std::vector<BufferTraits>& traits,
            FiringLog& log)
      : kernel_(kernel), rules_(rules), traits_(traits), log_(log), facts_(kernel) {}

  Stmt stmt(const Stmt& s) {
    if (s->kind == StmtKind::For || s->kind == StmtKind::If) {
      if (const auto block = as_block(s)) {
        if (block->loops > 0) {
          if (Stmt copies = emit(*block)) return copies;
        }
      }
    }
    if (s->kind == StmtKind::For) {
      const size_t mark = facts_.mark();
      facts_.bind_loop(as<For>(s));
      Stmt result = inside(s);
      facts_.restore(mark);
      return result;
    }
    if (s->kind == StmtKind::Let) {
      return map_let(s, facts_, [this](const Stmt& inner) { return stmt(inner); });
    }
    return inside(s);
  }

 private:
  Stmt inside(const Stmt& s) {
    return map_children(
        s, [](const Expr& e) { return e; }, [this](const Stmt& inner) { return stmt(inner); });
  }

  std::optional<Block> as_block(const Stmt& s) {
    switch (s->kind) {
      case StmtKind::Copy:
        return copy_block(as<Copy>(s));
      case StmtKind::Store:
        return element_block(as<Store>(s));
      case StmtKind::If:
        return guarded_block(as<If>(s));
      case StmtKind::For:
        return loop_block(as<For>(s));
      default:
        return std::nullopt;
    }
  }

  static std::optional<Block> copy_block(const Copy& c) {
    const int64_t* elements = as_int_constant(c.elements);
    if (elements == nullptr || *elements < 1) return std::nullopt;
    return Block{c.link, c.dst, c.src, c.dst_index, c.src_index, *elements, {}};
  }

  // One element moved by a load and a store, where a link could do it.
  std::optional<Block> element_block(const Store& store) const {
    if (store.value->kind != ExprKind::Load) return std::nullopt;
    const Load& load = as<Load>(store.value);
    const int from = kernel_.buffers[static_cast<size_t>(load.buffer)].scope;
    const int to = kernel_.buffers[static_cast<size_t>(store.buffer)].scope;
    if (load.buffer == store.buffer) return std::nullopt;  // the ranges of a copy must not overlap
    for (size_t l = 0; l < kernel_.links.size(); ++l) {
      if (kernel_.links[l].from != from || kernel_.links[l].to != to) continue;
      return Block{static_cast<int>(l), store.buffer, load.buffer, store.index, load.index, 1, {}};
    }
    return std::nullopt;
  }

  std::optional<Block> guarded_block(const If& n) {
    if (n.else_body || !is_stable(n.condition)) return std::nullopt;
    auto block = as_block(n.then_body);
    if (block) block->guard = both(n.condition, block->guard);
    return block;
  }

  // A loop over a block whose next iteration continues where this one ends, on both sides.
  std::optional<Block> loop_block(const For& n) {
    const int64_t* extent = as_int_constant(n.extent);
    if (extent == nullptr || *extent < 1 || !is_stable(n.min)) return std::nullopt;
    const size_t mark = facts_.mark();
    facts_.bind_loop(n);
    auto block = as_block(n.body);
    const bool continues = block && advances(block->dst_index, n.var, block->elements) &&
                           advances(block->src_index, n.var, block->elements) &&
                           *extent <= elements_of(block->dst) / block->elements;
    std::optional<Expr> guard;
    if (continues) guard = guard_of_all(block->guard, n, *block);
    facts_.restore(mark);
    if (!guard) return std::nullopt;
    const Substitution first(n.var, n.min);
    block->over = block->over || (block->guard && mentions(block->guard, n.var));
    block->guard = *guard;
    block->dst_index = substitute(block->dst_index, first);
    block->src_index = substitute(block->src_index, first);
    block->elements *= *extent;
    block->loops += 1;
    return block;
  }

  bool advances(const Expr& index, int var, int64_t by) const {
    const auto form = linear_form(index, facts_);
    if (!form) return false;
    int64_t step = 0;
    for (const LinearForm::Term& term : form->terms) {
      const bool itself = term.atom->kind == ExprKind::Var && as<Var>(term.atom).id == var;
      if (itself) step = term.coefficient;
      if (!itself && mentions(term.atom, var)) return false;
    }
    return step == by;
  }

  // The condition under which the whole block moves. What does not change in the loop stays. Of the
  // rest, a condition that holds at the first iteration wherever it holds at a later one becomes
  // that of the first; any other is dropped. Both let the block run over the edge, which padding
  // takes in; without it there is no block. A null expression: always.
  std::optional<Expr> guard_of_all(const Expr& guard, const For& loop, const Block& block) {
    std::vector<Expr> kept;
    for (const Expr& e : conjuncts(guard)) {
      if (!mentions(e, loop.var)) {
        kept.push_back(e);
        continue;
      }
      if (!traits_[static_cast<size_t>(block.dst)].padded ||
          !traits_[static_cast<size_t>(block.src)].padded)
        return std::nullopt;
      const Expr at_first = substitute(e, {loop.var, loop.min});
      if (implies(e, at_first, facts_)) kept.push_back(at_first);
    }
    return all_of(kept);
  }

  int64_t elements_of(int buffer) const {
    return kernel_.buffers[static_cast<size_t>(buffer)].elements;
  }

  bool inside_buffer(int buffer, const Expr& index, int64_t elements) const {
    const Interval range = facts_.range(index);
    return range.low >= 0 && range.high <= elements_of(buffer) - elements;
  }

  bool aligned(int buffer, const Expr& index, int64_t alignment) const {
    const KernelBuffer& b = kernel_.buffers[static_cast<size_t>(buffer)];
    const int64_t size = bytes_of(b.dtype);
    if (b.align % alignment != 0) return false;
    return alignment <= size ? size % alignment == 0
                             : facts_.of(index).congruence.multiple_of(alignment / size);
  }

  // The largest piece that leaves no rest too small to be a copy; 0 when there is none.
  int64_t piece_of(const Block& block, const LinkRules& rule) const {
    const int64_t size = bytes_of(kernel_.buffers[static_cast<size_t>(block.dst)].dtype);
    const int64_t step = std::lcm(std::lcm(rule.multiple, rule.alignment), size) / size;
    const int64_t least = (rule.min_bytes + size - 1) / size;
    if (block.elements * size % rule.multiple != 0 || block.elements < least) return 0;
    if (block.elements <= rule.max_bytes / size) return block.elements;
    const int64_t most = rule.max_bytes / size / step * step;
    for (int64_t piece = most; piece >= std::max<int64_t>(least, 1); piece -= step) {
      const int64_t rest = block.elements % piece;
      if (rest == 0 || rest >= least) return piece;
    }
    return 0;
  }

  // The block as copies, or null where the link cannot move it so.
  Stmt emit(const Block& block) {
    const LinkRules& rule = rules_.links[static_cast<size_t>(block.link)];
    const int64_t piece = piece_of(block, rule);
    if (piece == 0 || !aligned(block.dst, block.dst_index, rule.alignment) ||
        !aligned(block.src, block.src_index, rule.alignment))
      return {};
    if (block.over && !(inside_buffer(block.dst, block.dst_index, block.elements) &&
                        inside_buffer(block.src, block.src_index, block.elements)))
      return {};
    const DType t = block.dst_index->dtype;
    const auto part = [&](const Expr& at, int64_t elements) {
      const auto from = [&](const Expr& base) {
        return simplify(add_of(base, make_cast(base->dtype, at)), facts_);
      };
      return make_copy(block.link, block.dst, from(block.dst_index), block.src,
                       from(block.src_index), make_int(t, elements));
    };
    std::vector<Stmt> out;
    const int64_t whole = block.elements / piece, rest = block.elements % piece;
    if (whole == 1) {
      out.push_back(part(make_int(t, 0), piece));
    } else {
      const int var = kernel_.add_var("b", t);
      out.push_back(make_for(var, make_int(t, 0), make_int(t, whole), LoopKind::serial, 1,
                             part(mul_of(make_var(t, var), piece), piece)));
    }
    if (rest != 0) out.push_back(part(make_int(t, block.elements - rest), rest));
    say(block, whole + (rest != 0 ? 1 : 0));
    Stmt all = make_seq(std::move(out));
    return block.guard ? make_if(block.guard, std::move(all)) : all;
  }

  void say(const Block& block, int64_t pieces) {
    if (!log_.on()) return;
    const KernelBuffer& dst = kernel_.buffers[static_cast<size_t>(block.dst)];
    const std::string& src = kernel_.buffers[static_cast<size_t>(block.src)].name;
    log_.note(cat(dst.name, " <- ", src, ": ", block.elements * bytes_of(dst.dtype), " B in ",
                  pieces, pieces == 1 ? " copy" : " copies", "; ", block.loops,
                  block.loops == 1 ? " loop is" : " loops are", " contiguous on both sides",
                  block.over ? "; runs over the edge into padding of both" : "",
                  block.guard ? cat("; if ", to_text(block.guard, kernel_)) : ""));
  }

  Kernel& kernel_;
  const KernelRules& rules_;
  const std::vector<BufferTraits>& traits_;
  FiringLog& log_;
  Facts facts_;
};

}  // namespace

Kernel convert_copies(const Kernel& kernel, const KernelRules& rules,
                      const std::vector<BufferTraits>& traits, FiringLog& log) {
  Kernel result = kernel;
  result.body = Converter(result, rules, traits, log).stmt(kernel.body);
  return result;
}

}  // namespace pimjit
