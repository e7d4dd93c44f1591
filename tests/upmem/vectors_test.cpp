// Known words: the assembler must produce them, the disassembler must lead back to them.
#include <random>

#include <gtest/gtest.h>

#include "pimjit/plugins/upmem/assembler/assembler.h"
#include "pimjit/plugins/upmem/isa/print.h"

namespace pimjit::upmem {
namespace {

struct Vector {
  const char* text;
  std::uint64_t word;
};

constexpr Vector kVectors[] = {
    {"nop", 0x7c6300000000},
    {"move r0, 5", 0x606300500000},
    {"move r3, 0x12345678", 0x61e312876345},
    {"move r1, r2", 0x808bb0000000},
    {"add r0, r1, r2", 0x0c0400c40000},
    {"add r22, r22, 16", 0x0b5b00010000},
    {"add r4, r4, -1, pl, 10", 0x0e1308ff000a},
    {"addc r6, r8, r10", 0x0f2120c40000},
    {"sub r5, r6, r7", 0x0e9880ce0000},
    {"sub r5, 0, r6", 0x229b00000000},
    {"sub r2, r3, r4, ltu", 0x0d0cd4c80000},
    {"jltu r1, r2, 0x20", 0x3c0494c40020},
    {"jneq r1, -3, 7", 0x3f8783df0007},
    {"jump r23", 0x8c5f00000000},
    {"jump 0x40", 0x8c6300040000},
    {"call r23, 0x123", 0x8be300328000},
    {"and r1, r2, 0xff", 0x508b00ff0000},
    {"xor r1, r2, r3", 0x8088c0860000},
    {"lsl r1, r2, 20", 0x808b50440000},
    {"asr r1, r2, r3", 0x8088d0860000},
    {"lsl_add r1, r2, r3, 2", 0x808c40240000},
    {"extsb r1, r2", 0x808b30500000},
    {"clz r3, r1, max, 9", 0x818738300009},
    {"mul_sl_sl r1, r2, r3", 0x0c8800460000},
    {"mul_ul_ul r1, r2, r3", 0x0c8800060000},
    {"mul_step d0, r2, d0, 17, z, 42", 0x80085211002a},
    {"div_step d0, r4, d0, 31", 0x801070f10000},
    {"lw r3, r22, -8", 0x71db448fffff},
    {"lbs r3, r5, 1", 0x719741100000},
    {"ld d4, r5, 8", 0x721746800000},
    {"sw r22, 4, r7", 0x7c58444e0000},
    {"sd r22, 8, d22", 0x7c5a468d0000},
    {"sw zero, 64, -1", 0x7e63440f0fff},
    {"sb r1, 3, 0x7f", 0x7c07403f0007},
    {"ldma r2, r0, 255", 0x7008ff000000},
    {"sdma r2, r0, 0", 0x700800000002},
    {"acquire zero, 200, nz, 5", 0x7c63838c0005},
    {"release zero, 200, nz, 6", 0x7c63808c0006},
    {"boot id, 1", 0x7df320100000},
    {"resume r1, 0, nz, 3", 0x7d0723000003},
    {"stop true, 0", 0x7ef321000000},
    {"stop", 0x7ef320000000},
    {"fault 2", 0x7e6320200000},
    {"time r1", 0x0ce020800000},
    {"time_cfg r1, r2", 0x0ce420840000},
    {"move.s d0, r0", 0x9083b0000000},
    {"movd d2, d0", 0x816020010000},
    {"jeq id, 23, 4", 0x3c7382710004},
    {"jnz id, 6", 0x3c7383000006},
    {"ld d22, id8, 0x120", 0x7b7f46028000},
    // Aliases and forms that share their text with another one.
    {"bkp", 0x7e6320000000},
    {"boot r0, 0", 0x7d8320000000},  // what the host injects to start a launch
};

std::uint64_t assembled(const std::string& text) {
  const auto instruction = parse_instruction(text);
  if (!instruction) {
    ADD_FAILURE() << text << ": " << instruction.error().message();
    return 0;
  }
  const auto word = encode(*instruction);
  EXPECT_TRUE(word) << text << ": " << word.error().message();
  return word.value_or(0);
}

TEST(Vectors, AssembleToTheKnownWords) {
  for (const Vector& vector : kVectors)
    EXPECT_EQ(assembled(vector.text), vector.word) << vector.text << std::hex;
}

TEST(Vectors, DisassembleAndAssembleAgain) {
  for (const Vector& vector : kVectors) {
    const auto instruction = decode(vector.word);
    ASSERT_TRUE(instruction) << vector.text;
    EXPECT_EQ(assembled(print(*instruction)), vector.word)
        << vector.text << " printed as " << print(*instruction);
  }
}

TEST(Vectors, PrintedTextIsTheCanonicalOne) {
  const std::pair<std::uint64_t, const char*> known[] = {
      {0x7c6300000000, "nop"},
      {0x606300500000, "move r0, 5"},
      {0x808bb0000000, "move r1, r2"},
      {0x229b00000000, "neg r5, r6"},
      {0x3c0494c40020, "jltu r1, r2, 32"},
      {0x3f8783df0007, "jneq r1, -3, 7"},
      {0x8c5f00000000, "jump r23"},
      {0x8be300328000, "call r23, 291"},
      {0x9083b0000000, "move.s d0, r0"},
      {0x7c63838c0005, "acquire zero, 200, nz, 5"},
      {0x3c7383000006, "jnz id, 6"},
      {0x80085211002a, "mul_step d0, r2, d0, 17, z, 42"},
  };
  for (const auto& [word, text] : known) EXPECT_EQ(print(*decode(word)), text);
}

// A 24-bit immediate where the assembler would choose the 32-bit form is marked.
TEST(Vectors, NarrowFormsAreMarkedFalse) {
  const auto wide = parse_instruction("add r0, r1, 5"),
             narrow = parse_instruction("add r0, r1, 5, false");
  ASSERT_TRUE(wide && narrow);
  EXPECT_NE(*encode(*wide), *encode(*narrow));
  EXPECT_EQ(print(*wide), "add r0, r1, 5");
  EXPECT_EQ(print(*narrow), "add r0, r1, 5, false");
  EXPECT_EQ(print(*parse_instruction("sub r0, r1, 5")), "sub r0, r1, 5");
}

TEST(Vectors, AStopWithFalseIsThePlainStop) {
  EXPECT_EQ(assembled("stop false, 0"), 0x7ef320000000u);
  EXPECT_EQ(assembled("boot id, 1, false, 0"), assembled("boot id, 1"));
}

// encode -> decode -> print -> parse -> encode on every form with random operands.
TEST(Vectors, PrintAndParseAreInverseOnEveryForm) {
  std::mt19937_64 random(3);
  for (const Form& form : forms()) {
    for (int round = 0; round < 60; ++round) {
      const std::uint64_t word = form.fixed | (random() & ~form.mask & ((1ull << 48) - 1));
      const auto instruction = decode(word);
      if (!instruction) continue;
      const std::string text = print(*instruction);
      const auto again = parse_instruction(text);
      ASSERT_TRUE(again) << text << ": " << again.error().message();
      EXPECT_EQ(*encode(*again), word) << text << std::hex << " " << word;
    }
  }
}

}  // namespace
}  // namespace pimjit::upmem
