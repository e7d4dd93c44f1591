#include <gtest/gtest.h>

#include "pimjit/plugins/upmem/assembler/assembler.h"

namespace pimjit::upmem {
namespace {

constexpr std::uint32_t bits(std::initializer_list<int> registers) {
  std::uint32_t mask = 0;
  for (int code : registers) mask |= 1u << code;
  return mask;
}

TEST(RegisterUse, CountsPairsAndSkipsConstants) {
  struct Case {
    const char* text;
    std::uint32_t reads, writes;
  };
  const Case cases[] = {
      {"add r1, r2, r3", bits({2, 3}), bits({1})},
      {"add zero, id, r3", bits({3}), 0},
      {"sub zero, r4, 5, ltu, 3", bits({4}), 0},
      {"mul_step d0, r2, d0, 3", bits({0, 1, 2}), bits({0, 1})},
      {"ld d4, r5, 8", bits({5}), bits({4, 5})},
      {"sd r22, 8, d22", bits({22, 23}), 0},
      {"sw r1, 3, 5", bits({1}), 0},
      {"ldma r2, r0, 1", bits({0, 2}), 0},
      {"call r23, 5", 0, bits({23})},
      {"jump r23", bits({23}), 0},
      {"lw.s d6, r7, 0", bits({7}), bits({6, 7})},
      {"lsl_add r1, r2, r3, 4", bits({2, 3}), bits({1})},
      {"nop", 0, 0},
  };
  for (const Case& one : cases) {
    const auto instruction = parse_instruction(one.text);
    ASSERT_TRUE(instruction) << one.text;
    const RegisterUse use = register_use(*instruction);
    EXPECT_EQ(use.reads, one.reads) << one.text;
    EXPECT_EQ(use.writes, one.writes) << one.text;
  }
}

TEST(RegisterUse, OperationsHaveKinds) {
  const std::pair<Op, OpKind> kinds[] = {
      {Op::add, OpKind::alu},       {Op::mul_sl_sl, OpKind::multiply},
      {Op::mul_step, OpKind::step}, {Op::call, OpKind::control},
      {Op::lw, OpKind::load},       {Op::sd, OpKind::store},
      {Op::ldma, OpKind::dma},      {Op::acquire, OpKind::atomic},
      {Op::stop, OpKind::run},      {Op::time, OpKind::time},
      {Op::fault, OpKind::other},
  };
  for (const auto& [op, kind] : kinds) EXPECT_EQ(kind_of(op), kind) << to_string(op);
}

}  // namespace
}  // namespace pimjit::upmem
