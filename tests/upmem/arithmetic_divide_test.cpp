// Integer division against the host, with its slots.
#include "arithmetic_machine.h"

namespace pimjit::upmem {
namespace {

using namespace testing;
using U32 = std::uint32_t;
using U64 = std::uint64_t;

template <typename U>
U quotient(U x, U y) {
  using S = std::make_signed_t<U>;
  if (y == 0) return 0;
  if (y == static_cast<U>(-1)) return U{0} - x;
  return static_cast<U>(static_cast<S>(x) / static_cast<S>(y));
}
template <typename U>
U remainder(U x, U y) {
  return static_cast<U>(x - quotient(x, y) * y);
}

U64 any_word(std::mt19937_64& random, int bits) {
  const auto& edges = edges32();
  const U64 shift = static_cast<U64>(64 - bits) + random() % static_cast<U64>(bits);
  const U64 value = static_cast<U64>(static_cast<std::int64_t>(random()) >> shift);
  if (random() % 4 != 0) return value;
  const U64 edge = edges[random() % edges.size()];
  return bits == 32 ? edge : random() & 1 ? edge << 32 | edges[random() % edges.size()] : edge;
}

TEST(Divide, WordsAreExactOnEdgesAndRandomPairs) {
  Machine div = Machine::called(Routine::div_i32), rem = Machine::called(Routine::rem_i32);
  Machine moved = Machine::inlined(Routine::rem_i32);
  const auto check = [&](U32 x, U32 y) {
    ASSERT_EQ(div.run(x, y), quotient(x, y)) << x << " / " << y;
    ASSERT_EQ(rem.run(x, y), remainder(x, y)) << x << " % " << y;
    ASSERT_EQ(moved.run(x, y), remainder(x, y)) << x << " % " << y;
    ASSERT_LE(div.slots(), 48u);
  };
  for (const U32 x : edges32())
    for (const U32 y : edges32()) check(x, y);
  std::mt19937_64 random(21);
  for (U64 i = 0; i < random_pairs(); ++i) {
    check(static_cast<U32>(any_word(random, 32)), static_cast<U32>(any_word(random, 32)));
    if (HasFatalFailure()) return;
  }
}

TEST(Divide, PairsAreExactOnEdgesAndRandomPairs) {
  Machine div = Machine::called(Routine::div_i64), rem = Machine::called(Routine::rem_i64);
  Machine moved = Machine::inlined(Routine::div_i64);
  const auto check = [&](U64 x, U64 y) {
    ASSERT_EQ(div.run_wide(x, y), quotient(x, y)) << x << " / " << y;
    ASSERT_EQ(rem.run_wide(x, y), remainder(x, y)) << x << " % " << y;
    ASSERT_EQ(moved.run_wide(x, y), quotient(x, y)) << x << " / " << y;
  };
  std::vector<U64> edges;
  for (const U64 bit : {0, 1, 8, 16, 24, 31, 32, 33, 40, 48, 56, 62, 63})
    for (const U64 delta : {U64{0}, U64{1}, ~U64{0}}) {
      edges.push_back((U64{1} << bit) + delta);
      edges.push_back(U64{0} - ((U64{1} << bit) + delta));
    }
  for (const U64 x : edges)
    for (const U64 y : edges) check(x, y);
  std::mt19937_64 random(22);
  for (U64 i = 0; i < random_pairs(); ++i) {
    check(any_word(random, 64), any_word(random, 64));
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace pimjit::upmem
