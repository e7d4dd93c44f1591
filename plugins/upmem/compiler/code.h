#ifndef PIMJIT_PLUGINS_UPMEM_COMPILER_CODE_H_
#define PIMJIT_PLUGINS_UPMEM_COMPILER_CODE_H_

#include <array>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "pimjit/plugins/upmem/arithmetic/multiply.h"
#include "pimjit/plugins/upmem/isa/form.h"

namespace pimjit::upmem {

// A program over virtual registers: machine instructions whose register operands are numbers of
// virtual registers, plus a few groups that expand when registers are known.

// A virtual register: one word, or a pair of words.
struct VReg {
  int id = -1;
  friend bool operator==(VReg, VReg) = default;
};

// The read-only sources that need no register.
inline constexpr int kCodeZero = 24, kCodeId = 28;  // id, id2, id4, id8 follow each other

struct CodeOperand {
  enum class Kind : std::uint8_t { reg, high, low, fixed, imm, cond, label };
  Kind kind = Kind::imm;
  std::int64_t value = 0;

  CodeOperand() = default;
  CodeOperand(VReg r) : kind(Kind::reg), value(r.id) {}
  CodeOperand(std::int64_t v) : value(v) {}
  CodeOperand(int v) : value(v) {}
  CodeOperand(Condition c) : kind(Kind::cond), value(static_cast<std::int64_t>(c)) {}
  CodeOperand(Kind k, std::int64_t v) : kind(k), value(v) {}

  bool is_virtual() const { return kind <= Kind::low; }
  bool is_fixed() const { return kind == Kind::fixed; }
  VReg vreg() const { return {static_cast<int>(value)}; }
  friend bool operator==(const CodeOperand&, const CodeOperand&) = default;
};

inline CodeOperand fixed(int code) {
  return {CodeOperand::Kind::fixed, code};
}
// The words of a pair.
inline CodeOperand high_of(const CodeOperand& pair) {
  return {CodeOperand::Kind::high, pair.value};
}
inline CodeOperand low_of(const CodeOperand& pair) {
  return {CodeOperand::Kind::low, pair.value};
}
inline CodeOperand label_of(int label) {
  return {CodeOperand::Kind::label, label};
}

enum class Group : std::uint8_t {
  none,                 // one instruction
  bind,                 // the label operands[0]
  multiply,             // out, x, y, temporaries (ProductTemps)
  multiply_accumulate,  // sum, x, y, temporaries (ProductTemps)
  dot_bytes,            // sum, four packed bytes twice, 3 temporaries
  multiply_pair,        // out, x, y (pairs), 8 temporaries
  routine,  // out, x, y, words or pairs; overwrites the registers set aside for routines
};

struct CodeItem {
  Op op = Op::tell;
  Extend extend = Extend::none;
  Group group = Group::none;
  std::uint8_t count = 0;
  std::uint8_t temps = 0;    // the last operands, overwritten
  bool defines = false;      // operand 0 is written
  bool reads_first = false;  // and read
  bool early = false;        // operand 0 is written before the others are read
  bool keeps_rest = false;   // operand 0 is one word of a pair whose other word is live
  int memory = -1;           // loads and stores: the buffer; -1 unknown
  std::int64_t divisor = 1;  // loads and stores: divides the address; 0 for address 0
  bool unchanging = false;   // a load of what the host wrote
  bool call = false;         // a routine: not inlined
  int statement = -1;        // of the kernel, that it was compiled from; -1: none
  bool ends = false;         // never continues with the next item
  Routine routine = Routine::count;
  MultiplyPlan plan;
  bool dynamic = false;  // chosen by the size of the operands at run time
  std::array<CodeOperand, 12> operands;
};

// Which temporaries a product takes, in this order.
struct ProductTemps {
  bool upper_x, upper_y, partial, sum;
  int count() const { return upper_x + upper_y + partial + sum; }
};
inline ProductTemps temps_of(const CodeItem& product) {
  const MultiplyPlan& plan = product.plan;
  const bool adds = product.group == Group::multiply_accumulate;
  const bool several = plan.x_bytes * plan.y_bytes > 1;
  return {plan.x_bytes == 4, plan.y_bytes == 4, adds || several, !adds && several};
}

struct Code {
  std::vector<CodeItem> items;
  std::vector<bool> is_pair;    // by virtual register
  std::vector<bool> is_reload;  // made by spilling; must not be spilled again
  int labels = 0;

  VReg make(bool pair, bool reload = false) {
    is_pair.push_back(pair);
    is_reload.push_back(reload);
    return {static_cast<int>(is_pair.size()) - 1};
  }
};

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_COMPILER_CODE_H_
