// Integer multiplication: every plan on the ends of its ranges and on random operands, with its
// slots.
#include "arithmetic_machine.h"

#include "pimjit/plugins/upmem/arithmetic/multiply.h"

namespace pimjit::upmem {
namespace {

using namespace testing;
using U32 = std::uint32_t;
using U64 = std::uint64_t;

std::vector<U32> samples(ValueRange range, std::mt19937_64& random) {
  std::vector<U32> values;
  for (const std::int64_t edge : {range.low, range.low + 1, range.high - 1, range.high,
                                  std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}})
    if (edge >= range.low && edge <= range.high) values.push_back(static_cast<U32>(edge));
  for (int i = 0; i < 40; ++i) {
    const auto width = static_cast<U64>(range.high - range.low) + 1;
    values.push_back(static_cast<U32>(range.low + static_cast<std::int64_t>(random() % width)));
  }
  return values;
}

const ValueRange kRanges[] = {
    {0, 49},    {-128, 127}, {0, 255},    {-1000, 1000}, {-32768, 32767},
    {0, 65535}, {0, 1},      {-200, 200}, {0, 100000},   {INT32_MIN, INT32_MAX}};

TEST(Multiply, PlansAreExactOnTheirRangesAtTheirSlots) {
  std::mt19937_64 random(1);
  for (const ValueRange& x : kRanges)
    for (const ValueRange& y : kRanges) {
      const MultiplyPlan plan = plan_multiply(x, y);
      Machine product([&](Arithmetic& math) {
        emit_multiply(math.b, plan, kOut.high(), kX.high(), kY.high(), kTemps);
      });
      Machine in_place([&](Arithmetic& math) {
        emit_multiply(math.b, plan, kX.high(), kX.high(), kY.high(), kTemps);
        emit_move(math.b, kOut.high(), kX.high());
      });
      Machine sum([&](Arithmetic& math) {
        emit_multiply_accumulate(math.b, plan, kOut.high(), kX.high(), kY.high(), kTemps);
      });
      for (const U32 a : samples(x, random))
        for (const U32 c : samples(y, random)) {
          ASSERT_EQ(product.run(a, c), a * c) << a << " * " << c;
          ASSERT_EQ(in_place.run(a, c), a * c) << a << " * " << c;
          sum.dpu().set_register(0, kOut.even, 0x89abcdef);
          ASSERT_EQ(sum.run(a, c), 0x89abcdefu + a * c) << a << " * " << c;
          ASSERT_EQ(product.slots(), static_cast<U64>(plan.slots()));
          ASSERT_EQ(sum.slots(), static_cast<U64>(plan.accumulate_slots()));
        }
    }
}

TEST(Multiply, NarrowResultsTakeFewerProducts) {
  std::mt19937_64 random(6);
  const ValueRange byte{-128, 127}, half{-32768, 32767};
  EXPECT_EQ(plan_multiply(half, half, 2).slots(), 5);
  EXPECT_EQ(plan_multiply(byte, half, 2).slots(), 3);
  EXPECT_EQ(plan_multiply({}, {}, 2).slots(), 5);
  EXPECT_EQ(plan_multiply(half, half, 1).slots(), 1);
  for (const int bytes : {1, 2})
    for (const ValueRange& x : kRanges)
      for (const ValueRange& y : kRanges) {
        const MultiplyPlan plan = plan_multiply(x, y, bytes);
        Machine product([&](Arithmetic& math) {
          emit_multiply(math.b, plan, kOut.high(), kX.high(), kY.high(), kTemps);
        });
        const U32 mask = bytes == 1 ? 0xff : 0xffff;
        for (const U32 a : samples(x, random))
          for (const U32 c : samples(y, random)) {
            ASSERT_EQ(product.run(a, c) & mask, a * c & mask) << a << " * " << c;
            ASSERT_EQ(product.slots(), static_cast<U64>(plan.slots()));
          }
      }
}

TEST(Multiply, SlotsByRange) {
  const ValueRange byte{-128, 127}, half{-32768, 32767}, word;
  EXPECT_EQ(plan_multiply(byte, byte).slots(), 1);
  EXPECT_EQ(plan_multiply(byte, {0, 255}).slots(), 1);
  EXPECT_EQ(plan_multiply(byte, half).slots(), 3);
  EXPECT_EQ(plan_multiply(half, half).slots(), 7);
  EXPECT_EQ(plan_multiply(byte, word).slots(), 8);
  EXPECT_EQ(plan_multiply(half, word).slots(), 14);
  EXPECT_EQ(plan_multiply(word, word).slots(), 21);
  EXPECT_EQ(plan_multiply_accumulate({0, 49}, word).accumulate_slots(), 6);
  EXPECT_TRUE(plan_multiply_accumulate(word, {0, 1023}).y_is_multiplier);
  EXPECT_FALSE(plan_multiply_accumulate({0, 49}, {0, 49}).by_steps);
}

// The sum of products of elements of `bits` bits packed in words.
U32 dot(U32 x, U32 y, int bits, bool x_signed, bool y_signed) {
  const auto element = [&](U32 word, int at, bool sign) {
    const U32 raised = word << (32 - bits - at);
    return sign ? static_cast<U32>(static_cast<std::int32_t>(raised) >> (32 - bits))
                : raised >> (32 - bits);
  };
  U32 sum = 0;
  for (int at = 0; at < 32; at += bits) sum += element(x, at, x_signed) * element(y, at, y_signed);
  return sum;
}

TEST(Multiply, PackedElements) {
  for (const int bits : {8, 16})
    for (const bool x_signed : {false, true})
      for (const bool y_signed : {false, true}) {
        Machine machine([&](Arithmetic& math) {
          const auto emit = bits == 8 ? emit_dot_bytes : emit_dot_halves;
          emit(math.b, kOut.high(), kX.high(), kY.high(), x_signed, y_signed, kTemps);
        });
        for (const U32 x : edges32())
          for (const U32 y : edges32()) {
            machine.dpu().set_register(0, kOut.even, 5);
            ASSERT_EQ(machine.run(x, y), 5 + dot(x, y, bits, x_signed, y_signed)) << x << " " << y;
            ASSERT_EQ(machine.slots(), bits == 8 ? 10u : 18u);
          }
      }
}

TEST(Multiply, StepsAccumulateAndLeaveAtTheHighestBit) {
  std::mt19937_64 random(2);
  for (int bits = 1; bits <= 32; ++bits) {
    Machine steps([&](Arithmetic& math) { emit_step_accumulate(math.b, kOut, kX.high(), bits); });
    for (int i = 0; i < 60; ++i) {
      const U32 x = static_cast<U32>(random()), sum = static_cast<U32>(random());
      const U32 m = static_cast<U32>(random()) >> (32 - bits) >> (i % bits);
      steps.set(kOut, U64{m} << 32 | sum);
      steps.run(x, 0);
      ASSERT_EQ(static_cast<U32>(steps.value(kOut)), sum + m * x);
      ASSERT_EQ(steps.slots(), static_cast<U64>(std::max(1, static_cast<int>(std::bit_width(m)))));
    }
  }
}

TEST(Multiply, DynamicFormIsExactOnEdges) {
  Machine product([](Arithmetic& math) {
    emit_dynamic_multiply(math, kOut.high(), kX.high(), kY.high(), kTemps);
  });
  Machine sum([](Arithmetic& math) {
    emit_dynamic_accumulate(math, kOut.high(), kX.high(), kY.high(), kTemps);
  });
  Machine routine = Machine::called(Routine::mul_i32);
  for (const U32 x : edges32())
    for (const U32 y : edges32()) {
      ASSERT_EQ(product.run(x, y), x * y) << x << " * " << y;
      ASSERT_EQ(routine.run(x, y), x * y) << x << " * " << y;
      sum.dpu().set_register(0, kOut.even, 77);
      ASSERT_EQ(sum.run(x, y), 77 + x * y) << x << " * " << y;
    }
}

TEST(Multiply, DynamicSlotsPerAccumulateMeetTheTargets) {
  Machine sum([](Arithmetic& math) {
    emit_dynamic_accumulate(math, kOut.high(), kX.high(), kY.high(), kTemps);
  });
  std::mt19937_64 random(3);
  Slots small, byte, thousand, negative, full;
  for (int i = 0; i < 20000; ++i) {
    const U32 a = static_cast<U32>(random()), c = static_cast<U32>(random());
    const auto run = [&](Slots& slots, U32 x, U32 y) {
      sum.run(x, y);
      slots.add(sum.slots());
    };
    run(small, a % 50, c % 50);
    run(byte, a % 256 - 128, c % 256 - 128);
    run(thousand, a % 2001 - 1000, c % 2001 - 1000);
    run(negative, a | 0x80000000, c | 0x80000000);
    run(full, a, c);
  }
  EXPECT_EQ(small.worst, 4u);
  EXPECT_EQ(byte.worst, 8u);
  EXPECT_LE(thousand.mean(), 16.0);
  // Two loads come on top: 30 slots in all.
  EXPECT_LE(full.mean(), 28.0);
  EXPECT_LE(negative.mean(), 28.0);
  EXPECT_LE(full.worst, 30u);
}

U64 edgy64(std::mt19937_64& random) {
  const auto& edges = edges32();
  const auto pick = [&] { return U64{edges[random() % edges.size()]}; };
  switch (random() % 4) {
    case 0:
      return random();
    case 1:
      return pick() << 32 | pick();
    case 2:
      return static_cast<U64>(static_cast<std::int64_t>(static_cast<std::int32_t>(pick())));
    default:
      return random() >> random() % 64;
  }
}

TEST(Multiply, WideProductsAreExact) {
  std::mt19937_64 random(4);
  for (const bool with_sign : {false, true}) {
    Machine wide(
        [&](Arithmetic& math) { emit_wide_multiply(math, kOut, kX.high(), kY.high(), with_sign); });
    const auto check = [&](U32 x, U32 y) {
      const U64 expected = with_sign ? static_cast<U64>(std::int64_t{static_cast<std::int32_t>(x)} *
                                                        static_cast<std::int32_t>(y))
                                     : U64{x} * y;
      wide.run(x, y);
      ASSERT_EQ(wide.value(kOut), expected) << x << " * " << y;
      ASSERT_EQ(wide.slots(), 35u);
    };
    for (const U32 x : edges32())
      for (const U32 y : edges32()) check(x, y);
    for (U64 i = 0; i < random_pairs() / 4; ++i)
      check(static_cast<U32>(random()), static_cast<U32>(random()));
  }
}

TEST(Multiply, PairsAreExact) {
  std::mt19937_64 random(5);
  Machine inlined = Machine::inlined(Routine::mul_i64);
  Machine called = Machine::called(Routine::mul_i64);
  Machine general = Machine::called(Routine::mul_i64_general);
  for (U64 i = 0; i < random_pairs(); ++i) {
    const U64 x = edgy64(random), y = edgy64(random);
    ASSERT_EQ(inlined.run_wide(x, y), x * y) << x << " * " << y;
    ASSERT_EQ(called.run_wide(x, y), x * y) << x << " * " << y;
    ASSERT_EQ(general.run_wide(x, y), x * y) << x << " * " << y;
    ASSERT_EQ(inlined.slots(), 77u);
  }
}

}  // namespace
}  // namespace pimjit::upmem
