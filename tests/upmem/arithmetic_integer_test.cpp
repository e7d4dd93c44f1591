// Integer operations that stand inline.
#include "arithmetic_machine.h"

#include "pimjit/plugins/upmem/arithmetic/integer.h"

namespace pimjit::upmem {
namespace {

using namespace testing;
using U32 = std::uint32_t;
using U64 = std::uint64_t;
using I64 = std::int64_t;

const std::vector<U64>& operands() {
  static const std::vector<U64> values = [] {
    std::vector<U64> v;
    for (const U64 bit : {0, 1, 15, 31, 32, 33, 47, 62, 63})
      for (const U64 delta : {U64{0}, U64{1}, ~U64{0}}) {
        v.push_back((U64{1} << bit) + delta);
        v.push_back(U64{0} - v.back());
      }
    std::mt19937_64 random(31);
    for (int i = 0; i < 40; ++i) v.push_back(random() >> random() % 64);
    return v;
  }();
  return values;
}

// Runs an operation into a third pair and into either operand, on all pairs of operands.
void check_binary(const std::function<void(Arithmetic&, D, D, D)>& emit,
                  const std::function<U64(U64, U64)>& expected, U64 most_slots) {
  for (const D out : {kOut, kX, kY}) {
    Machine machine([&](Arithmetic& math) { emit(math, out, kX, kY); });
    for (const U64 x : operands())
      for (const U64 y : operands()) {
        machine.run_wide(x, y);
        ASSERT_EQ(machine.value(out), expected(x, y)) << x << ", " << y << " into " << out.even;
        ASSERT_LE(machine.slots(), most_slots);
      }
  }
}

TEST(InlineInteger, SumsAndDifferences) {
  check_binary([](Arithmetic& m, D out, D x, D y) { emit_add_i64(m.b, out, x, y); },
               [](U64 x, U64 y) { return x + y; }, 2);
  check_binary([](Arithmetic& m, D out, D x, D y) { emit_subtract_i64(m.b, out, x, y); },
               [](U64 x, U64 y) { return x - y; }, 2);
  check_binary([](Arithmetic& m, D out, D x, D) { emit_negate_i64(m.b, out, x); },
               [](U64 x, U64) { return U64{0} - x; }, 2);
}

TEST(InlineInteger, Extremes) {
  for (const bool maximum : {false, true}) {
    check_binary([&](Arithmetic& m, D out, D x, D y) { emit_extreme_i64(m.b, maximum, out, x, y); },
                 [&](U64 x, U64 y) {
                   const I64 a = static_cast<I64>(x), b = static_cast<I64>(y);
                   return static_cast<U64>(maximum ? std::max(a, b) : std::min(a, b));
                 },
                 4);
    Machine words([&](Arithmetic& math) {
      emit_extreme_i32(math.b, maximum, kOut.high(), kX.high(), kY.high());
    });
    for (const U32 x : edges32())
      for (const U32 y : edges32()) {
        const auto a = static_cast<std::int32_t>(x), b = static_cast<std::int32_t>(y);
        ASSERT_EQ(words.run(x, y), static_cast<U32>(maximum ? std::max(a, b) : std::min(a, b)));
        ASSERT_LE(words.slots(), 3u);
      }
  }
}

TEST(InlineInteger, Comparisons) {
  struct Case {
    Condition relation;
    bool (*holds)(U64, U64);
  };
  const Case cases[] = {
      {Condition::z, [](U64 x, U64 y) { return x == y; }},
      {Condition::nz, [](U64 x, U64 y) { return x != y; }},
      {Condition::lts, [](U64 x, U64 y) { return static_cast<I64>(x) < static_cast<I64>(y); }},
      {Condition::les, [](U64 x, U64 y) { return static_cast<I64>(x) <= static_cast<I64>(y); }},
      {Condition::gts, [](U64 x, U64 y) { return static_cast<I64>(x) > static_cast<I64>(y); }},
      {Condition::ges, [](U64 x, U64 y) { return static_cast<I64>(x) >= static_cast<I64>(y); }},
      {Condition::ltu, [](U64 x, U64 y) { return x < y; }},
      {Condition::leu, [](U64 x, U64 y) { return x <= y; }},
      {Condition::gtu, [](U64 x, U64 y) { return x > y; }},
      {Condition::geu, [](U64 x, U64 y) { return x >= y; }},
  };
  for (const Case& c : cases) {
    Machine set(
        [&](Arithmetic& math) { emit_compare_i64(math.b, c.relation, kOut.high(), kX, kY); });
    Machine branch([&](Arithmetic& math) {
      const Label end = math.b.label();
      math.b.emit(Op::or_, {kOut.high(), kZero, 1});
      emit_branch_i64(math.b, c.relation, kX, kY, end);
      math.b.emit(Op::or_, {kOut.high(), kZero, 0});
      math.b.bind(end);
    });
    for (const U64 x : operands())
      for (const U64 y : operands()) {
        ASSERT_EQ(set.run_wide(x, y) >> 32, U64{c.holds(x, y)}) << x << ", " << y;
        ASSERT_EQ(branch.run_wide(x, y) >> 32, U64{c.holds(x, y)}) << x << ", " << y;
        ASSERT_EQ(set.slots(), 2u);
      }
  }
}

TEST(InlineInteger, Shifts) {
  const auto expected = [](Shift shift, U64 x, int n) {
    return shift == Shift::left    ? x << n
           : shift == Shift::right ? x >> n
                                   : static_cast<U64>(static_cast<I64>(x) >> n);
  };
  for (const Shift shift : {Shift::left, Shift::right, Shift::right_signed})
    for (const D out : {kOut, kX}) {
      Machine variable(
          [&](Arithmetic& math) { emit_shift_i64(math.b, shift, out, kX, kY.high(), R{20}); });
      for (int n = 0; n < 64; ++n) {
        Machine constant(
            [&](Arithmetic& math) { emit_shift_i64(math.b, shift, out, kX, n, R{20}); });
        for (const U64 x : operands()) {
          constant.run_wide(x, 0);
          ASSERT_EQ(constant.value(out), expected(shift, x, n)) << x << " by " << n;
          ASSERT_LE(constant.slots(), n < 32 ? 3u : 2u);
          variable.run_wide(x, static_cast<U64>(n) << 32);
          ASSERT_EQ(variable.value(out), expected(shift, x, n)) << x << " by " << n;
          ASSERT_EQ(variable.slots(), n < 32 ? 4u : 3u);
        }
      }
    }
}

TEST(InlineInteger, Saturation) {
  for (const int bits : {8, 16})
    for (const R out : {kOut.high(), kX.high()}) {
      Machine machine([&](Arithmetic& math) {
        emit_saturate_i32(math.b, bits, out, kX.high(), R{20});
        emit_move(math.b, kOut.high(), out);
      });
      const std::int32_t limit = 1 << (bits - 1);
      for (const U32 x : edges32()) {
        const auto value = static_cast<std::int32_t>(x);
        ASSERT_EQ(machine.run(x, 0), static_cast<U32>(std::clamp(value, -limit, limit - 1))) << x;
        const bool inside = value >= -limit && value < limit;
        ASSERT_LE(machine.slots(), inside ? 3u : 5u);
      }
    }
}

TEST(InlineInteger, DivisionByPowersOfTwo) {
  for (int power = 1; power <= 30; ++power)
    for (const R out : {kOut.high(), kX.high()}) {
      Machine quotient(
          [&](Arithmetic& math) { emit_divide_by_power(math.b, out, kX.high(), power, R{20}); });
      Machine remainder(
          [&](Arithmetic& math) { emit_remainder_by_power(math.b, out, kX.high(), power, R{20}); });
      for (const U32 x : edges32()) {
        const auto value = static_cast<std::int32_t>(x);
        quotient.run(x, 0);
        ASSERT_EQ(quotient.value(D{out.code}) >> 32, static_cast<U32>(value / (1 << power))) << x;
        ASSERT_EQ(quotient.slots(), 3u);
        remainder.run(x, 0);
        ASSERT_EQ(remainder.value(D{out.code}) >> 32, static_cast<U32>(value % (1 << power))) << x;
        ASSERT_EQ(remainder.slots(), 4u);
      }
    }
}

}  // namespace
}  // namespace pimjit::upmem
