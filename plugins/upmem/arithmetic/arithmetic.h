#ifndef PIMJIT_PLUGINS_UPMEM_ARITHMETIC_ARITHMETIC_H_
#define PIMJIT_PLUGINS_UPMEM_ARITHMETIC_ARITHMETIC_H_

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "pimjit/plugins/upmem/assembler/builder.h"

namespace pimjit::upmem {

// A register as an operand of emitted code: r0..r23, or one of the read-only sources.
struct R {
  int code = 0;
  operator BuilderOperand() const { return reg(code); }
  friend bool operator==(R, R) = default;
};
// The pair that starts at an even register: high word there, low word in the next one.
struct D {
  int even = 0;
  R high() const { return {even}; }
  R low() const { return {even + 1}; }
  operator BuilderOperand() const { return pair(even); }
  friend bool operator==(D, D) = default;
};
inline constexpr R kZero{24}, kOne{25}, kMinusOne{26}, kTopBit{27};

// Registers that the emitted arithmetic overwrites: t[2 n], t[2 n + 1] are pairs. Routines take
// their arguments in t[0], t[1] (64 bits: t[0..1], t[2..3]), return in t[0] (t[0..1]) and are
// called through `link`. Inlined code takes operands and results anywhere outside of `t` and uses
// `link` on rare paths only.
struct Workspace {
  std::array<R, 12> t{R{0}, R{1}, R{2}, R{3}, R{4}, R{5}, R{6}, R{7}, R{8}, R{9}, R{10}, R{11}};
  R link{23};
  D pair(int n) const { return {t[static_cast<std::size_t>(n)].code}; }
};

// The routines that can be called.
enum class Routine : std::uint8_t {
  mul_i32,  // low 32 bits; dynamic test of the operands
  mul_i64,  // low 64 bits
  div_i32,  // x / 0 = 0, MIN / -1 = MIN
  rem_i32,  // x % 0 = x
  div_i64,
  rem_i64,
  add_f32,
  sub_f32,
  mul_f32,
  div_f32,
  min_f32,  // NaN when an operand is
  max_f32,
  lt_f32,  // 0 or 1
  le_f32,
  eq_f32,
  f32_of_i32,
  f32_of_i64,
  i32_of_f32,  // truncates, saturates, 0 for a NaN
  i64_of_f32,
  // The rare cases of the f32 operations: subnormals, infinities, NaNs, zeros, overflow. Complete,
  // but slower.
  add_f32_rare,
  mul_f32_rare,
  div_f32_rare,
  // As a general compiler's library has it: low 32 bits by steps over the smaller operand, n + 6
  // slots for its n significant bits.
  mul_i32_steps,
  // The same for what a general compiler's library makes of that product: 64 bits from four
  // products of halves and two of words; f32 with one of 64 bits.
  mul_i64_general,
  add_f32_general,
  mul_f32_general,
  count,
};
const char* to_string(Routine routine);

// Emits arithmetic into one program. Common paths go where they are asked for; rare paths and
// routines are placed by finish(), once each, behind code that does not fall through.
//   Arithmetic math(builder);
//   math.inlined(Routine::add_f32, sum, sum, x);   // or math.called(...)
//   ... stop ...
//   math.finish();
class Arithmetic {
 public:
  explicit Arithmetic(Builder& builder, const Workspace& workspace = {})
      : b(builder), w(workspace) {}
  Arithmetic(const Arithmetic&) = delete;
  Arithmetic& operator=(const Arithmetic&) = delete;

  // out := x op y; conversions ignore y. 64-bit operands and results are named by the even register
  // of their pair. Inlined: x and y are not in the workspace and keep their values; out may be one
  // of them. Integer divisions and rare cases are called in either case.
  void inlined(Routine routine, R out, R x, R y = kZero);
  // Moves the operands into place, calls, moves the result. Same contract.
  void called(Routine routine, R out, R x, R y = kZero);
  // With operands in place already; the result is in t[0].
  void call(Routine routine);
  Label routine(Routine routine);

  // A block placed by finish(); returns its label. It belongs to `owner` as it is now; routines,
  // which all may call, to nobody.
  Label later(std::function<void()> emit);
  // `begins` is told the owner of each block before its first instruction.
  void finish(const std::function<void(int owner)>& begins = {});

  static constexpr int kNobody = -1;
  int owner = kNobody;
  Builder& b;
  const Workspace w;

 private:
  struct Block {
    Label label;
    int owner = kNobody;
    std::function<void()> emit;
  };
  std::vector<Block> blocks_;
  std::array<Label, static_cast<std::size_t>(Routine::count)> routines_;
};

// Emits a move unless source and destination agree.
void emit_move(Builder& b, R to, R from);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_ARITHMETIC_ARITHMETIC_H_
