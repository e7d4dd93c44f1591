// f32 operations against the host: the grid of all exponents and the significands around which
// rounding changes, and random pairs.
#include <cmath>
#include <cstring>

#include "arithmetic_machine.h"

namespace pimjit::upmem {
namespace {

using namespace testing;
using U32 = std::uint32_t;
using U64 = std::uint64_t;

float as_float(U32 bits) {
  return std::bit_cast<float>(bits);
}
bool is_nan(U32 bits) {
  return (bits << 1) > 0xff000000;
}

struct Case {
  Routine routine;
  U32 (*expected)(float, float);
};

U32 bits_of(float x) {
  return std::bit_cast<U32>(x);
}
const Case kCases[] = {
    {Routine::add_f32, [](float x, float y) { return bits_of(x + y); }},
    {Routine::sub_f32, [](float x, float y) { return bits_of(x - y); }},
    {Routine::mul_f32, [](float x, float y) { return bits_of(x * y); }},
    {Routine::div_f32, [](float x, float y) { return bits_of(x / y); }},
    {Routine::add_f32_general, [](float x, float y) { return bits_of(x + y); }},
    {Routine::mul_f32_general, [](float x, float y) { return bits_of(x * y); }},
    {Routine::lt_f32, [](float x, float y) { return U32{x < y}; }},
    {Routine::le_f32, [](float x, float y) { return U32{x <= y}; }},
    {Routine::eq_f32, [](float x, float y) { return U32{x == y}; }},
    {Routine::min_f32,
     [](float x, float y) {
       return std::isnan(x) || std::isnan(y) ? bits_of(NAN) : bits_of(x < y ? x : y);
     }},
    {Routine::max_f32,
     [](float x, float y) {
       return std::isnan(x) || std::isnan(y) ? bits_of(NAN) : bits_of(x > y ? x : y);
     }},
};

bool agree(Routine routine, U32 got, U32 expected) {
  if (got == expected) return true;
  if (routine == Routine::lt_f32 || routine == Routine::le_f32 || routine == Routine::eq_f32)
    return false;
  if (is_nan(got) && is_nan(expected)) return true;
  // Zeros of either sign are the same to min and max.
  return (routine == Routine::min_f32 || routine == Routine::max_f32) && (got | expected) << 1 == 0;
}

// A random number of any class; every exponent is as likely as any other.
U32 any_float(std::mt19937_64& random) {
  const U64 r = random();
  U32 bits = static_cast<U32>(r);
  switch (r >> 32 & 15) {
    case 0:
      bits &= 0xff800000 | (1u << (r >> 40 & 31));
      break;  // few bits
    case 1:
      bits |= 0x007fffff & ~(1u << (r >> 40 & 31));
      break;  // almost all bits
    case 2:
      bits &= 0x807fffff;
      break;  // subnormal
    case 3:
      bits |= 0x7f800000;
      bits &= r >> 50 & 1 ? 0xff800000 : ~0u;
      break;
    default:
      break;
  }
  return bits;
}

// A second operand that is often near the first in exponent, where additions differ.
U32 near(U32 x, std::mt19937_64& random) {
  const U32 y = any_float(random);
  if (random() & 1) return y;
  const U32 exponent = (x >> 23 & 255) + static_cast<U32>(random() % 60) - 30;
  return (y & 0x807fffff) | (exponent & 255) << 23;
}

class FloatOperation : public ::testing::TestWithParam<Case> {};

void check(Machine& inlined, Machine& called, const Case& c, U32 x, U32 y) {
  const U32 expected = c.expected(as_float(x), as_float(y));
  const U32 first = inlined.run(x, y);
  ASSERT_TRUE(agree(c.routine, first, expected))
      << to_string(c.routine) << std::hex << " " << x << " " << y << ": " << first << ", expected "
      << expected;
  const U32 second = called.run(x, y);
  ASSERT_TRUE(agree(c.routine, second, expected))
      << to_string(c.routine) << " (called)" << std::hex << " " << x << " " << y << ": " << second
      << ", expected " << expected;
}

TEST_P(FloatOperation, IsExactOnRandomPairs) {
  Machine inlined = Machine::inlined(GetParam().routine),
          called = Machine::called(GetParam().routine);
  std::mt19937_64 random(11);
  for (U64 i = 0; i < random_pairs(); ++i) {
    const U32 x = any_float(random), y = near(x, random);
    check(inlined, called, GetParam(), x, y);
    if (HasFatalFailure()) return;
  }
}

// All pairs of exponents, each with significands around which rounding, sticky bits and
// cancellation change. PIMJIT_ARITHMETIC_GRID=1 takes every exponent of both; otherwise the second
// steps.
TEST_P(FloatOperation, IsExactOnTheGridOfExponents) {
  Machine inlined = Machine::inlined(GetParam().routine),
          called = Machine::called(GetParam().routine);
  constexpr U32 kX[] = {0, 1, 0x7fffff, 0x400000, 0x555555};
  constexpr U32 kY[] = {0, 1, 0x7fffff, 0x400000, 0x3fffff, 0x7ffffe};
  const bool all = std::getenv("PIMJIT_ARITHMETIC_GRID") != nullptr;
  for (U32 ex = 0; ex < 256; ++ex)
    for (U32 ey = 0; ey < 256; ++ey) {
      const bool close = ex - ey + 30 <= 60 || ey < 2 || ey > 253 || ex < 2 || ex > 253 ||
                         (ex + ey - 100 <= 54) || (ex + ey > 375 && ex + ey < 390);
      if (!all && !close && (ex + 3 * ey) % 17 != 0) continue;
      for (const U32 mx : kX)
        for (const U32 my : kY) {
          const U32 x = ex << 23 | mx | (mx & 1) << 31, y = ey << 23 | my;
          check(inlined, called, GetParam(), x, y);
          check(inlined, called, GetParam(), x, y | 0x80000000);
          if (HasFatalFailure()) return;
        }
    }
}

TEST_P(FloatOperation, MayReplaceAnOperand) {
  Machine first = Machine::inlined(GetParam().routine, R{12}, R{12}, R{14});
  Machine second = Machine::inlined(GetParam().routine, R{14}, R{12}, R{14});
  std::mt19937_64 random(12);
  for (int i = 0; i < 30000; ++i) {
    const U32 x = any_float(random), y = near(x, random);
    check(first, second, GetParam(), x, y);
    if (HasFatalFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Float, FloatOperation, ::testing::ValuesIn(kCases),
                         [](const auto& test) { return to_string(test.param.routine); });

// Measured on executables of the vendor's compiler: for a product 44 slots and one product of 64
// bits, which takes 123. Numbers of similar size, calls included.
TEST(FloatGeneral, ProductsTakeWhatThoseOfAGeneralCompilerTake) {
  const auto mean = [](Routine routine) {
    Machine machine = Machine::called(routine);
    std::mt19937_64 random(15);
    U64 slots = 0;
    constexpr int kPairs = 20000;
    for (int i = 0; i < kPairs; ++i) {
      const float x = static_cast<float>(static_cast<int>(random() % 20001) - 10000) / 64 + 0.001f;
      const float y = static_cast<float>(static_cast<int>(random() % 20001) - 10000) / 64 + 0.003f;
      machine.run(bits_of(x), bits_of(y));
      slots += machine.slots();
    }
    const double each = static_cast<double>(slots) / kPairs;
    std::printf("%s: %.1f slots\n", to_string(routine), each);
    return each;
  };
  const double sum = mean(Routine::add_f32_general), product = mean(Routine::mul_f32_general);
  EXPECT_GE(sum, 40) << "a sum of its own takes 57 to 61 there, with registers saved on a stack";
  EXPECT_LE(sum, 61);
  EXPECT_GE(product, 0.9 * 167);
  EXPECT_LE(product, 1.1 * 167);
}

TEST(FloatConversion, FromIntegers) {
  Machine narrow = Machine::inlined(Routine::f32_of_i32),
          called = Machine::called(Routine::f32_of_i32);
  Machine wide = Machine::inlined(Routine::f32_of_i64);
  Machine called_wide = Machine::called(Routine::f32_of_i64);
  const auto check32 = [&](U32 x) {
    const U32 expected = bits_of(static_cast<float>(static_cast<std::int32_t>(x)));
    ASSERT_EQ(narrow.run(x, 0), expected) << x;
    ASSERT_EQ(called.run(x, 0), expected) << x;
  };
  const auto check64 = [&](U64 x) {
    const U32 expected = bits_of(static_cast<float>(static_cast<std::int64_t>(x)));
    wide.run_wide(x, 0);
    ASSERT_EQ(wide.value(kOut) >> 32, expected) << x;
    called_wide.run_wide(x, 0);
    ASSERT_EQ(called_wide.value(D{0}) >> 32, expected) << x;
  };
  for (const U32 x : edges32()) {
    check32(x);
    for (const U32 y : edges32()) check64(U64{x} << 32 | y);
  }
  std::mt19937_64 random(13);
  for (U64 i = 0; i < random_pairs(); ++i) {
    const U64 x = random();
    check32(static_cast<U32>(x) >> (x >> 32) % 32);
    check64(static_cast<U64>(static_cast<std::int64_t>(x) >> random() % 64));
    if (HasFatalFailure()) return;
  }
}

template <typename T>
T truncated(float x) {
  if (std::isnan(x)) return 0;
  const double limit = std::ldexp(1.0, 8 * sizeof(T) - 1);
  if (x >= limit) return std::numeric_limits<T>::max();
  if (x < -limit) return std::numeric_limits<T>::min();
  return static_cast<T>(x);
}

TEST(FloatConversion, ToIntegers) {
  Machine narrow = Machine::inlined(Routine::i32_of_f32),
          called = Machine::called(Routine::i32_of_f32);
  Machine wide = Machine::inlined(Routine::i64_of_f32);
  Machine called_wide = Machine::called(Routine::i64_of_f32);
  const auto check_bits = [&](U32 x) {
    const U32 expected = static_cast<U32>(truncated<std::int32_t>(as_float(x)));
    ASSERT_EQ(narrow.run(x, 0), expected) << std::hex << x;
    ASSERT_EQ(called.run(x, 0), expected) << std::hex << x;
    const U64 expected_wide = static_cast<U64>(truncated<std::int64_t>(as_float(x)));
    wide.run(x, 0);
    ASSERT_EQ(wide.value(kOut), expected_wide) << std::hex << x;
    called_wide.run(x, 0);
    ASSERT_EQ(called_wide.value(D{0}), expected_wide) << std::hex << x;
  };
  for (U32 exponent = 0; exponent < 256; ++exponent)
    for (const U32 m : {0u, 1u, 0x400000u, 0x7fffffu, 0x123456u})
      for (const U32 sign : {0u, 1u}) check_bits(sign << 31 | exponent << 23 | m);
  std::mt19937_64 random(14);
  for (U64 i = 0; i < random_pairs(); ++i) {
    const U32 x = any_float(random);
    check_bits(i % 2 ? x : (x & 0x807fffff) | (120 + random() % 75) << 23);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace pimjit::upmem
