// Multiplication, division and 64-bit arithmetic from the machine's building blocks, with their
// cost in issued instructions.
#include <bit>
#include <cstring>
#include <random>
#include <stdexcept>

#include "runtime_source.h"
#include <gtest/gtest.h>

#include "pimjit/plugins/upmem/assembler/assembler.h"
#include "pimjit/plugins/upmem/executor/executor.h"

namespace pimjit::upmem {
namespace {

using namespace testing;
using U32 = std::uint32_t;
using U64 = std::uint64_t;

Executor load(const std::string& source) {
  const auto elf = assemble_elf(source, "test.s");
  if (!elf) throw std::runtime_error(elf.error().message());
  return *Executor::from_elf(*elf);
}

U32 edgy(std::mt19937_64& random) {
  constexpr U32 kEdges[] = {0,          1,          2,          3,     0x7fffffff, 0x80000000,
                            0x80000001, 0xffffffff, 0xfffffffe, 65535, 65536};
  const U64 pick = random();
  if (pick % 4 == 0) return kEdges[pick / 4 % std::size(kEdges)];
  return static_cast<U32>(random()) >> (pick / 4 % 32);
}

// Runs `call r23, routine` with r0, r1 (and r2, r3) set and returns the issued instructions without
// the call.
U64 call(Executor& dpu, std::initializer_list<U32> arguments) {
  int code = 0;
  for (U32 value : arguments) dpu.set_register(0, code++, value);
  const RunReport report = dpu.run();
  EXPECT_EQ(report.outcome, Outcome::finished) << report.what;
  return report.issued - 2;
}

std::string caller(const char* routine) {
  return std::string(".text\n call r23, ") + routine + "\nend: stop true, end\n";
}

TEST(Arithmetic, MulStepMultiplyIsExactAndCostsItsSignificantBits) {
  Executor dpu = load(caller("mulsi3") + multiply_routine());
  std::mt19937_64 random(1);
  for (int i = 0; i < 3000; ++i) {
    const U32 a = edgy(random), b = edgy(random);
    const U64 cost = call(dpu, {a, b});
    EXPECT_EQ(dpu.register_value(0, 0), a * b) << a << " * " << b;
    const int bits = std::max(1, static_cast<int>(std::bit_width(std::min(a, b))));
    EXPECT_EQ(cost, static_cast<U64>(bits) + 6) << a << " * " << b;
  }
}

TEST(Arithmetic, DivStepDivideIsExact) {
  Executor dpu = load(caller("udiv32") + divide_routine());
  std::mt19937_64 random(2);
  for (int i = 0; i < 3000; ++i) {
    const U32 a = edgy(random), b = edgy(random);
    if (b == 0) continue;
    const U64 cost = call(dpu, {a, b});
    EXPECT_EQ(dpu.register_value(0, 0), a / b) << a << " / " << b;
    EXPECT_EQ(dpu.register_value(0, 1), a % b) << a << " % " << b;
    if (a < b) continue;
    EXPECT_EQ(cost, static_cast<U64>(6 + std::countl_zero(b) - std::countl_zero(a) + 1 + 1));
  }
}

TEST(Arithmetic, DivisionByZeroIsFaultTwo) {
  Executor dpu = load(caller("udiv32") + divide_routine());
  dpu.set_register(0, 0, 1);
  dpu.set_register(0, 1, 0);
  const RunReport report = dpu.run();
  ASSERT_EQ(report.outcome, Outcome::fault);
  EXPECT_EQ(report.fault.cause, FaultCause::breakpoint);
  EXPECT_EQ(report.fault.code, 2u);
  EXPECT_NE(report.what.find("the program stopped itself with fault 2 (fault 2)"),
            std::string::npos)
      << report.what;
}

// d0 and d2 in, d4 out.
U64 pair_result(const std::string& body, U64 a, U64 b) {
  Executor dpu = load(".text\n" + body + "end: stop true, end\n");
  dpu.set_register(0, 0, static_cast<U32>(a >> 32));
  dpu.set_register(0, 1, static_cast<U32>(a));
  dpu.set_register(0, 2, static_cast<U32>(b >> 32));
  dpu.set_register(0, 3, static_cast<U32>(b));
  const RunReport report = dpu.run();
  EXPECT_EQ(report.outcome, Outcome::finished) << report.what;
  return U64{dpu.register_value(0, 4)} << 32 | dpu.register_value(0, 5);
}

U64 edgy64(std::mt19937_64& random) {
  constexpr U64 kEdges[] = {0,         1, ~U64{0}, U64{1} << 63, (U64{1} << 63) - 1, U64{1} << 32,
                            0xffffffff};
  const U64 pick = random();
  return pick % 3 == 0 ? kEdges[pick / 3 % std::size(kEdges)] : random() >> (pick / 3 % 64);
}

TEST(Arithmetic, AddAndSubtractPairs) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 300; ++i) {
    const U64 a = edgy64(random), b = edgy64(random);
    EXPECT_EQ(pair_result(" add r5, r1, r3\n addc r4, r0, r2\n", a, b), a + b);
    EXPECT_EQ(pair_result(" sub r5, r1, r3\n subc r4, r0, r2\n", a, b), a - b);
    EXPECT_EQ(pair_result(" sub r5, 0, r1\n subc r4, 0, r0\n", a, b), U64{0} - a);
  }
}

TEST(Arithmetic, ComparePairs) {
  struct Case {
    const char* condition;
    bool (*holds)(U64, U64);
  };
  const Case cases[] = {
      {"ltu", [](U64 a, U64 b) { return a < b; }},
      {"geu", [](U64 a, U64 b) { return a >= b; }},
      {"xleu", [](U64 a, U64 b) { return a <= b; }},
      {"xgtu", [](U64 a, U64 b) { return a > b; }},
      {"lts",
       [](U64 a, U64 b) { return static_cast<std::int64_t>(a) < static_cast<std::int64_t>(b); }},
      {"ges",
       [](U64 a, U64 b) { return static_cast<std::int64_t>(a) >= static_cast<std::int64_t>(b); }},
      {"xles",
       [](U64 a, U64 b) { return static_cast<std::int64_t>(a) <= static_cast<std::int64_t>(b); }},
      {"xgts",
       [](U64 a, U64 b) { return static_cast<std::int64_t>(a) > static_cast<std::int64_t>(b); }},
      {"xz", [](U64 a, U64 b) { return a == b; }},
      {"xnz", [](U64 a, U64 b) { return a != b; }},
  };
  std::mt19937_64 random(4);
  for (const Case& one : cases) {
    for (int i = 0; i < 200; ++i) {
      const U64 a = edgy64(random), b = i % 4 == 0 ? a : edgy64(random);
      const std::string body = " sub zero, r1, r3\n subc zero, r0, r2, " +
                               std::string(one.condition) +
                               ", yes\n move.u d4, 0\n jump end\nyes: move.u d4, 1\n";
      EXPECT_EQ(pair_result(body, a, b), one.holds(a, b) ? 1u : 0u) << a << one.condition << b;
    }
  }
}

TEST(Arithmetic, ShiftPairs) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 300; ++i) {
    const U64 a = edgy64(random), n = random() % 64;
    EXPECT_EQ(pair_result(R"(
        lslx    r4, r1, r3, sh32, big
        lsl     r6, r0, r3
        or      r4, r4, r6
        lsl     r5, r1, r3, true, end
big:    lsl     r4, r1, r3
        move    r5, 0
)",
                          a, n),
              a << n)
        << a << " << " << n;
    EXPECT_EQ(pair_result(R"(
        lsrx    r5, r0, r3, sh32, big
        lsr     r6, r1, r3
        or      r5, r5, r6
        lsr     r4, r0, r3, true, end
big:    lsr     r5, r0, r3
        move    r4, 0
)",
                          a, n),
              a >> n)
        << a << " >> " << n;
  }
}

TEST(Arithmetic, PairsMoveAndSwapAndLoadInOrder) {
  EXPECT_EQ(pair_result(" movd d4, d0\n", 0x0123456789abcdef, 0), 0x0123456789abcdefu);
  EXPECT_EQ(pair_result(" swapd d4, d0\n", 0x0123456789abcdef, 0), 0x89abcdef01234567u);
  EXPECT_EQ(
      pair_result(" sd zero, 64, d0\n lw r5, zero, 64\n lw r4, zero, 68\n", 0x0123456789abcdef, 0),
      0x0123456789abcdefu);
  EXPECT_EQ(pair_result(" sd zero, 64, d0\n ld.be d4, zero, 64\n", 0x0123456789abcdef, 0),
            0xefcdab8967452301u);
  EXPECT_EQ(pair_result(" sd zero, 64, -2\n ld d4, zero, 64\n", 0, 0), ~U64{1});
  EXPECT_EQ(pair_result(" sw.be zero, 64, r1\n lw.u d4, zero, 64\n", 0x89abcdef, 0), 0xefcdab89u);
  EXPECT_EQ(pair_result(" sh zero, 64, 0x8001\n lhs.s d4, zero, 64\n", 0, 0), 0xffffffffffff8001u);
  EXPECT_EQ(pair_result(" sb zero, 65, 0x80\n lbs r5, zero, 65\n move r4, 0\n", 0, 0), 0xffffff80u);
}

}  // namespace
}  // namespace pimjit::upmem
