#ifndef PIMJIT_PLUGINS_UPMEM_COMPILER_LOWER_H_
#define PIMJIT_PLUGINS_UPMEM_COMPILER_LOWER_H_

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pimjit/core/plugin_kit/kernel.h"
#include "pimjit/plugins/upmem/compiler/affine.h"
#include "pimjit/plugins/upmem/compiler/code.h"
#include "pimjit/plugins/upmem/compiler/compiler.h"
#include "pimjit/plugins/upmem/compiler/layout.h"

namespace pimjit::upmem {

// Turns the tree of a kernel into code over virtual registers. Indices, addresses and bounds are
// kept as affine sums; a sum becomes a register only where it is needed, in the preheader of the
// outermost loop in which it does not change, or as a pointer that the loop steps. Frugal code does
// so in loops without inner loops only; elsewhere it computes sums where they are used, from one
// register per loop, so that few values are live across the innermost ones. Bare code does nowhere.
class Lowering {
 public:
  enum class Sums : std::uint8_t { kept, frugal, bare };
  Lowering(const kit::Kernel& kernel, const Layout& layout, CodeStyle style = CodeStyle::tuned,
           Sums sums = Sums::kept);
  // The whole program, boot of the tasklets and end included.
  Expected<Code> run();

 private:
  using Item = CodeItem;
  using Operand = CodeOperand;

  // A register that holds a sum's terms plus `constant`.
  struct Held {
    VReg reg;
    std::int64_t constant = 0;
  };
  // A pointer that is known to be `end` when its loop ends. Loops branch on it in place of a
  // counter.
  struct Ending {
    VReg reg;
    std::int64_t end = 0;
  };
  // A loop whose body is being emitted.
  struct Loop {
    int induction = -1;  // atom
    bool innermost = false;
    Affine start;
    std::int64_t step = 1;  // of the induction variable per iteration
    std::vector<Item> preheader, latch;
    std::map<Affine, Held> pointers;  // by terms
    std::map<Affine, VReg> invariants;
    std::optional<std::int64_t> rounds;  // where the number is known
    std::vector<Ending> endings;
  };
  // What a variable stands for: a sum, or a value in a register.
  struct Binding {
    std::optional<Affine> sum;
    Operand value;
  };
  // A buffer element kept in a register across a loop.
  struct Promoted {
    int buffer;
    Affine index;
    VReg reg;
  };
  struct LoopPlan {
    std::vector<int> guards;     // conditions that do not change in the loop
    std::vector<Affine> limits;  // least numbers of iterations, taken together
    std::vector<int> kept;       // conditions that stay in the body
    int body = kit::kNone;
    int induction = -1;  // atom with the range of the variable
  };

  // statements.cpp
  void statement(int stmt);
  void translate(int stmt);
  void store(const kit::Stmt& s);
  void let(const kit::Stmt& s);
  void branch_statement(const kit::Stmt& s);
  void copy(const kit::Stmt& s);
  bool store_promoted(const kit::Stmt& s, VReg target);
  void write(int buffer, const Affine& index, Operand value);
  Operand read(int buffer, const Affine& index, std::optional<VReg> into);

  // meetings.cpp
  void barrier();
  void combine_statement(const kit::Stmt& s);
  Affine small_quotient(const Affine& x, std::int64_t divisor);
  void set_handshake(std::int64_t address, int value);
  void notify(VReg slice, std::int64_t distance);
  VReg wait_for(std::int64_t distance);
  void combine_slices(const kit::Stmt& s, VReg own, VReg other);

  // loops.cpp
  void for_statement(const kit::Stmt& s);
  LoopPlan plan_loop(const kit::Stmt& s, int induction, const Affine& start);
  bool clip(int condition, int induction, const Affine& start, LoopPlan& plan);
  void body_once(const kit::Stmt& s, const LoopPlan& plan, const Affine& value);
  void counted_loop(const kit::Stmt& s, const LoopPlan& plan, Affine start, std::int64_t copies,
                    Operand trips);
  void counted(const kit::Stmt& s, const LoopPlan& plan, const Affine& start, const Affine& trips);
  void repeated(const kit::Stmt& s, const LoopPlan& plan, const Affine& start, Operand trips,
                std::int64_t copies);
  bool has_loop(int stmt) const;
  void latch(Loop& loop, std::optional<VReg> counter, int top);
  std::vector<Promoted> promotable(int body);
  bool collect(int stmt, bool always, std::vector<Promoted>& stores, std::vector<int>& blocked,
               std::vector<std::pair<int, int>>& accesses);
  void collect_loads(int expr, std::vector<std::pair<int, int>>& accesses);

  // sums.cpp: affine sums.
  std::optional<Affine> sum_of(int expr);        // without effects on the code
  std::optional<Affine> exact_sum_of(int expr);  // whose range fits a word
  Affine index_of(int expr);                     // emits what is not affine
  Affine exact_index_of(int expr);               // not modulo 2^32, too
  Affine held(Operand word, Range range);        // as an atom; copied
  Affine value_atom(VReg reg, Range range);
  Affine address_of(int buffer, const Affine& index);
  Operand materialise(const Affine& a);  // in a register or fixed source
  Operand materialise_at(const Affine& a, int depth);
  Operand compute(const Affine& a, int depth);  // in place
  Operand leaf(int atom, int depth);
  Operand divided(const Atom& atom, int depth);
  bool steps(const Affine& a) const;
  bool in_place(int depth) const;
  Held pointer(const Affine& a, bool exactly);
  std::optional<Held> known(const Affine& a, int depth) const;
  Operand hoisted(const Affine& a, int needed);
  Operand free_source(const Affine& a) const;
  void add_multiple(Operand& sum, Operand x, std::int64_t factor);
  struct Base {
    Operand reg;
    std::int64_t offset;
  };
  Base base_of(const Affine& address);

  // values.cpp
  Operand value(int expr, bool loose = false, std::optional<VReg> into = {});
  Operand word_binary(const kit::Expr& e, bool loose, std::optional<VReg> into);
  Operand pair_binary(const kit::Expr& e, std::optional<VReg> into);
  Operand pair_of(kit::BinaryOp op, Operand x, Operand y, std::optional<VReg> into);
  Operand float_binary(kit::BinaryOp op, Operand x, Operand y, std::optional<VReg> into);
  Operand extreme(const kit::Expr& e, std::optional<VReg> into);
  Operand extreme_of(kit::Type type, bool smaller, Operand x, Operand y, std::optional<VReg> into);
  Operand combined(kit::BinaryOp op, kit::Type type, Operand x, Operand y);
  Operand select(const kit::Expr& e, std::optional<VReg> into);
  Operand cast(const kit::Expr& e, bool loose, std::optional<VReg> into);
  Operand load(const kit::Expr& e, std::optional<VReg> into);
  Operand pair_constant(std::int64_t number, std::optional<VReg> into);
  Operand truth(int expr, std::optional<VReg> into);
  Operand narrowed(kit::Type type, Operand x, std::optional<VReg> into);
  Operand routine(Routine routine, bool pair, Operand x, Operand y, std::optional<VReg> into);
  void multiply(Group group, VReg out, Operand x, Operand y, ValueRange rx, ValueRange ry);
  void move_to(kit::Type type, VReg to, Operand from);

  // ranges.cpp
  Range range_of(int expr);
  Range range_within(int expr);
  Range range_of_binary(const kit::Expr& e);

  // conditions.cpp
  void branch(int condition, bool when, int target);
  void compare(const kit::Expr& e, bool when, int target);
  void compare_words(Operand a, Operand b, Condition condition, int target);
  static bool is_compared_directly(std::int64_t number);  // as an immediate
  bool compare_sums(const kit::Expr& e, bool when, int target);

  // Emission.
  void push(Item item);
  Item& emit(Op op, std::initializer_list<Operand> operands, bool defines);
  VReg define(Op op, std::initializer_list<Operand> sources, std::optional<VReg> into = {});
  void bind(int label);
  int make_label() { return code_.labels++; }
  void jump(int label);
  VReg make(kit::Type type) { return code_.make(type == kit::Type::i64); }
  Operand constant(std::int64_t number);
  Operand in_general(Operand x);  // a virtual register, not a fixed source
  void give_up(std::string what);
  int depth() const { return static_cast<int>(loops_.size()); }

  const kit::Expr& expr(int e) const { return kernel_.exprs[static_cast<std::size_t>(e)]; }
  const kit::Buffer& buffer(int b) const { return kernel_.buffers[static_cast<std::size_t>(b)]; }
  void infer_ranges();

  const kit::Kernel& kernel_;
  const Layout& layout_;
  Code code_;
  std::vector<Item>* out_;
  Atoms atoms_;
  std::vector<Loop> loops_;
  std::vector<Binding> bindings_;
  std::vector<Promoted> promoted_;
  std::vector<std::optional<ValueRange>> ranges_;  // by buffer
  std::vector<int> param_atoms_;
  int instance_atom_ = -1, unit_atom_ = -1;
  const bool plain_;  // CodeStyle::plain
  const Sums sums_;
  int statement_ = -1;  // being compiled
  std::size_t emitted_ = 0;
  std::optional<Error> error_;
};

// The numbers of a type; of i64 those that sums deal with.
Range range_of_type(kit::Type type);
Op load_of(kit::Type type);
Op store_of(kit::Type type);
// As the planning of products takes it: any word where the range goes beyond.
ValueRange word_range(const Range& range);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_COMPILER_LOWER_H_
