// Every form with random operands: encode -> decode -> print -> select -> encode, and the table
// itself.
#include <random>

#include <gtest/gtest.h>

#include "pimjit/plugins/upmem/isa/form.h"
#include "pimjit/plugins/upmem/isa/instruction.h"

namespace pimjit::upmem {
namespace {

std::int64_t random_value(const Form& form, Field field, std::mt19937_64& random) {
  const FieldInfo& info = field_info(field);
  for (;;) {
    std::int64_t value = 0;
    if (info.kind == FieldKind::condition) {
      value = static_cast<std::int64_t>(random() % 64);
      if (!field_accepts(field, value) ||
          !condition_of_code(form.condition_class, static_cast<std::uint8_t>(value)))
        continue;
      return value;
    }
    switch (random() % 4) {
      case 0:
        value = info.low;
        break;
      case 1:
        value = info.high;
        break;
      default:
        value = info.low + static_cast<std::int64_t>(random() % (info.high - info.low + 1));
    }
    if (field_accepts(field, value)) return value;
  }
}

TEST(Forms, AllOperationsHaveForms) {
  EXPECT_GT(forms().size(), 900u);
  for (int op = 0; op < static_cast<int>(Op::count); ++op)
    EXPECT_FALSE(forms_of(static_cast<Op>(op)).empty()) << to_string(static_cast<Op>(op));
}

TEST(Forms, FixedBitsLieOutsideTheFieldsAndFieldsDoNotOverlap) {
  for (const Form& form : forms()) {
    EXPECT_EQ(form.fixed & ~form.mask, 0u) << to_string(form.op);
    std::uint64_t covered = 0;
    for (int i = 0; i < form.operand_count; ++i) {
      const std::uint64_t mask = field_info(form.operands[i]).mask;
      EXPECT_EQ(covered & mask, 0u) << to_string(form.op) << " operand " << i;
      covered |= mask;
    }
  }
}

TEST(Forms, EncodeDecodeIsTheIdentityOnEveryForm) {
  std::mt19937_64 random(7);
  for (const Form& form : forms()) {
    for (int round = 0; round < 200; ++round) {
      Instruction instruction;
      instruction.form = form_id(form);
      for (int i = 0; i < form.operand_count; ++i)
        instruction.values[i] = random_value(form, form.operands[i], random);
      const auto word = encode(instruction);
      ASSERT_TRUE(word) << word.error().message();
      const auto back = decode(*word);
      ASSERT_TRUE(back) << to_string(form.op) << " " << std::hex << *word;
      const auto again = encode(*back);
      ASSERT_TRUE(again);
      EXPECT_EQ(*again, *word) << to_string(form.op) << " as " << to_string(back->shape().op);
      // `x, false, pc` with pc 0 is the plain form; everything else must come back as itself.
      if (instruction.condition() != Condition::never || form.style == Style::plain) {
        EXPECT_EQ(back->form, instruction.form)
            << to_string(form.op) << " came back as " << to_string(back->shape().op) << std::hex
            << " " << *word;
      }
    }
  }
}

TEST(Forms, EveryWordIsAtMostOneForm) {
  std::mt19937_64 random(11);
  for (const Form& form : forms()) {
    for (int round = 0; round < 20; ++round) {
      const std::uint64_t word = form.fixed | (random() & ~form.mask & ((1ull << 48) - 1));
      if (!decode(word)) continue;
      int count = 0;
      std::string names;
      for (const Form& other : forms()) {
        if ((word & other.mask) != other.fixed) continue;
        bool accepted = true;
        for (int i = 0; i < other.operand_count; ++i) {
          const auto value = field_extract(other.operands[i], word);
          accepted &= field_accepts(other.operands[i], value);
          if (field_info(other.operands[i]).kind == FieldKind::condition)
            accepted &= condition_of_code(other.condition_class, static_cast<std::uint8_t>(value))
                            .has_value();
        }
        if (!accepted) continue;
        ++count;
        names += std::string(" ") + to_string(other.op);
      }
      const auto decoded = decode(word);
      const bool may_be_plain = decoded->condition() == Condition::never;
      EXPECT_LE(count, may_be_plain ? 2 : 1) << std::hex << word << names;
    }
  }
}

}  // namespace
}  // namespace pimjit::upmem
