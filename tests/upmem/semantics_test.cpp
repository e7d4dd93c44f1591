// Every operation and every condition against a second formulation in wide arithmetic.
#include <algorithm>
#include <functional>
#include <random>

#include <gtest/gtest.h>

#include "pimjit/plugins/upmem/assembler/assembler.h"
#include "pimjit/plugins/upmem/assembler/builder.h"
#include "pimjit/plugins/upmem/executor/executor.h"
#include "pimjit/plugins/upmem/isa/print.h"

namespace pimjit::upmem {
namespace {

using U32 = std::uint32_t;
using I64 = std::int64_t;

I64 signed_of(U32 value) {
  return value >= 0x80000000u ? I64{value} - (I64{1} << 32) : I64{value};
}
U32 low(I64 value) {
  return static_cast<U32>(static_cast<std::uint64_t>(value));
}

U32 repeat_shift(U32 value, U32 count, const std::function<U32(U32)>& once) {
  for (U32 i = 0; i < count; ++i) value = once(value);
  return value;
}

U32 byte_of(U32 value, char part, char sign) {
  const U32 byte = part == 'h' ? value / 256 % 256 : value % 256;
  return sign == 's' && byte > 127 ? byte - 256 : byte;
}

// The result of a flag-free operation; `s` is the shift of the shift-and-add forms.
U32 model(Op op, U32 a, U32 b, U32 s) {
  const U32 n = b % 32;
  const auto left = [](U32 v) { return v * 2; };
  const auto right = [](U32 v) { return v / 2; };
  const auto bits = [](U32 v, bool wanted, bool leading) {
    U32 count = 0;
    for (int i = 31; i >= 0; --i) {
      const bool bit = v >> i & 1;
      if (bit == wanted)
        ++count;
      else if (leading)
        break;
    }
    return count;
  };
  switch (op) {
    case Op::and_:
      return a & b;
    case Op::or_:
      return a | b;
    case Op::xor_:
      return (a | b) - (a & b);
    case Op::nxor:
      return 0xffffffff - ((a | b) - (a & b));
    case Op::andn:
      return b - (a & b);
    case Op::orn:
      return (0xffffffff - a) | b;
    case Op::nor:
      return 0xffffffff - (a | b);
    case Op::nand:
      return 0xffffffff - (a & b);
    case Op::lsl:
      return repeat_shift(a, n, left);
    case Op::lsr:
      return repeat_shift(a, n, right);
    case Op::asr:
      return repeat_shift(a, n, [](U32 v) { return v / 2 + (v & 0x80000000u); });
    case Op::rol:
      return repeat_shift(a, n, [](U32 v) { return v * 2 + v / 0x80000000u; });
    case Op::ror:
      return repeat_shift(a, n, [](U32 v) { return v / 2 + v % 2 * 0x80000000u; });
    case Op::lsl1:
      return repeat_shift(a, n, [](U32 v) { return v * 2 + 1; });
    case Op::lsr1:
      return repeat_shift(a, n, [](U32 v) { return v / 2 + 0x80000000u; });
    case Op::lslx:
      return static_cast<U32>((std::uint64_t{a} << n) >> 32);
    case Op::lsrx:
      return static_cast<U32>((std::uint64_t{a} << 32) >> n);
    case Op::lsl_add:
      return b + repeat_shift(a, s, left);
    case Op::lsl_sub:
      return b - repeat_shift(a, s, left);
    case Op::lsr_add:
      return b + repeat_shift(a, s, right);
    case Op::rol_add:
      return b + model(Op::rol, a, s, 0);
    case Op::cao:
      return bits(a, true, false);
    case Op::clo:
      return bits(a, true, true);
    case Op::clz:
      return bits(a, false, true);
    case Op::cls:
      return bits(a, a >= 0x80000000u, true);
    case Op::extub:
      return a % 256;
    case Op::extuh:
      return a % 65536;
    case Op::extsb:
      return byte_of(a, 'l', 's');
    case Op::extsh:
      return a % 65536 - (a % 65536 > 32767 ? 65536 : 0);
    case Op::cmpb4: {
      U32 result = 0;
      for (U32 unit = 1; unit != 0; unit <<= 8)
        result += a / unit % 256 == b / unit % 256 ? unit : 0;
      return result;
    }
    default: {
      const std::string name = to_string(op);  // mul_sl_uh
      return byte_of(a, name[5], name[4]) * byte_of(b, name[8], name[7]);
    }
  }
}

struct Effect {
  U32 result = 0;
  bool carry = false;  // carry out or borrow
  bool has_carry = false;
  I64 exact = 0;  // signed value before wrapping (sums and differences)
  U32 low_left = 0, low_right = 0, carry_in = 0;
};

Effect effect_of(Op op, U32 a, U32 b, U32 s, bool carry_in) {
  Effect e;
  const bool with_carry = op == Op::addc || op == Op::subc || op == Op::rsubc;
  e.carry_in = with_carry && carry_in;
  const I64 c = e.carry_in;
  if (op == Op::add || op == Op::addc) {
    e.result = low(I64{a} + I64{b} + c);
    e.carry = I64{a} + I64{b} + c > 0xffffffffLL;
    e.exact = signed_of(a) + signed_of(b) + c;
    e.has_carry = true;
    e.low_left = a, e.low_right = b;
  } else if (op == Op::sub || op == Op::subc || op == Op::rsub || op == Op::rsubc) {
    const bool reversed = op == Op::rsub || op == Op::rsubc;
    const U32 x = reversed ? b : a, y = reversed ? a : b;
    e.result = low(I64{x} - I64{y} - c);
    e.carry = I64{x} - I64{y} - c < 0;
    e.exact = signed_of(x) - signed_of(y) - c;
    e.has_carry = true;
  } else {
    e.result = model(op, a, b, s);
  }
  return e;
}

bool expected(Condition condition, const Effect& e, U32 a, U32 b, bool zero_before) {
  const std::string name = to_string(condition);
  const bool zero = e.result == 0, both = zero && zero_before;
  const bool fits = e.exact >= -(I64{1} << 31) && e.exact < I64{1} << 31;
  if (name == "true") return true;
  if (name == "z") return zero;
  if (name == "nz") return !zero;
  if (name == "xz") return both;
  if (name == "xnz") return !both;
  if (name == "pl") return e.result < 0x80000000u;
  if (name == "mi") return e.result >= 0x80000000u;
  if (name == "max") return e.result == 32;
  if (name == "nmax") return e.result != 32;
  if (name == "sz") return a == 0;
  if (name == "snz") return a != 0;
  if (name == "spl") return signed_of(a) >= 0;
  if (name == "smi") return signed_of(a) < 0;
  if (name == "ov") return !fits;
  if (name == "nov") return fits;
  if (name == "c" || name == "ltu") return e.carry;
  if (name == "nc" || name == "geu") return !e.carry;
  if (name == "lts") return e.exact < 0;
  if (name == "ges") return e.exact >= 0;
  if (name == "les") return e.exact < 0 || zero;
  if (name == "gts") return e.exact >= 0 && !zero;
  if (name == "leu") return e.carry || zero;
  if (name == "gtu") return !e.carry && !zero;
  if (name == "xles") return e.exact < 0 || both;
  if (name == "xgts") return e.exact >= 0 && !both;
  if (name == "xleu") return e.carry || both;
  if (name == "xgtu") return !e.carry && !both;
  if (name == "e") return e.result % 2 == 0;
  if (name == "o") return e.result % 2 == 1;
  if (name == "se") return a % 2 == 0;
  if (name == "so") return a % 2 == 1;
  if (name == "sh32") return b / 32 % 2 == 1;
  if (name == "nsh32") return b / 32 % 2 == 0;
  if (name == "small") return a < 256 && b < 256;
  if (name == "large") return !(a < 256 && b < 256);
  const I64 unit = I64{1} << std::stoi(name.substr(2));  // nc5 .. nc14
  return e.low_left % unit + e.low_right % unit + e.carry_in < unit;
}

// Sets ZF and the carry through the machine's own instructions.
const char* kFlagSetters[2][2] = {{"add zero, one, 0", "add zero, lneg, 2"},
                                  {"add zero, zero, 0", "add zero, lneg, 1"}};
const char* kBorrowSetters[2][2] = {{"sub zero, one, 0", "sub zero, zero, 1"},
                                    {"sub zero, one, 1", nullptr}};

U32 interesting(std::mt19937_64& random) {
  constexpr U32 kEdges[] = {0,       1,          2,          31,         32,         127,
                            128,     255,        256,        0x7fff,     0x8000,     0xffff,
                            0x10000, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff};
  const auto pick = random();
  if (pick % 3 == 0) return kEdges[pick / 3 % std::size(kEdges)];
  return static_cast<U32>(random()) >> (pick / 3 % 32);
}

bool has_model(const Form& form) {
  if (form.refused) return false;
  const OpKind kind = kind_of(form.action);
  if (kind == OpKind::multiply) return true;
  return kind == OpKind::alu && form.action != Op::movd && form.action != Op::swapd;
}

struct Operands {
  U32 a = 0, b = 0, shift = 0;
  int dest = -1;
};

// Chooses registers and values so that no two operands coincide by accident, in r2.. for sources.
Instruction choose(const Form& form, std::mt19937_64& random, Condition wanted, Operands& values) {
  Instruction instruction;
  instruction.form = form_id(form);
  bool a_taken = false;
  values.a = interesting(random);
  values.b = interesting(random);
  for (int i = 0; i < form.operand_count; ++i) {
    const Field field = form.operands[i];
    auto& value = instruction.values[i];
    switch (field_info(field).kind) {
      case FieldKind::zero:
        value = 24;
        break;
      case FieldKind::destination:
        value = values.dest = 4;
        break;
      case FieldKind::pair_destination:
        value = values.dest = 6;
        break;
      case FieldKind::source:
        if (field == Field::a_constant) {
          value = 25, values.a = 1;
        } else if (field == Field::b && (form.operand_count > 2) && !a_taken &&
                   std::find(form.operands.begin(), form.operands.end(), Field::a) !=
                       form.operands.end()) {
          value = 3;  // the addend of shift-and-add comes first
        } else {
          value = a_taken ? 3 : 2;
          a_taken = true;
        }
        if (field == Field::a && value == 3) value = 2;
        break;
      case FieldKind::immediate: {
        const FieldInfo& info = field_info(field);
        const bool amount = field == Field::shift;
        I64 number = signed_of(interesting(random));
        if (number < info.low || number > info.high)
          number = info.low + static_cast<I64>(
                                  random() % static_cast<std::uint64_t>(info.high - info.low + 1));
        value = number;
        const bool adds =
            kind_of(form.op) == OpKind::alu && form.operand_count >= 4 && amount &&
            std::find(form.operands.begin(), form.operands.end(), Field::b) != form.operands.end();
        (adds ? values.shift : values.b) = low(number);
        break;
      }
      case FieldKind::target:
        value = 3;
        break;
      case FieldKind::condition:
        value = *condition_code(form.condition_class, wanted);
        break;
      default:
        ADD_FAILURE() << "unexpected operand";
        break;
    }
  }
  return instruction;
}

std::vector<Condition> conditions_of(const Form& form) {
  if (form.style == Style::plain) return {Condition::never};
  std::vector<Condition> list;
  for (int c = 1; c <= static_cast<int>(Condition::large); ++c)
    if (condition_code(form.condition_class, static_cast<Condition>(c)))
      list.push_back(static_cast<Condition>(c));
  return list;
}

struct Trial {
  Instruction instruction;
  Operands values;
  bool zero_before = false, carry_in = false;
};

// Many trials in one program: the flags, the instruction, and where a branch falls through to. A
// branch goes to the trial that follows.
class Batch {
 public:
  bool full() const { return builder_.position() + 8 > kIramInstructions; }

  void add(Trial trial) {
    const bool subtracts = trial.instruction.shape().action == Op::subc ||
                           trial.instruction.shape().action == Op::rsubc;
    const char* setter =
        (subtracts ? kBorrowSetters : kFlagSetters)[trial.zero_before][trial.carry_in];
    if (!setter) {
      trial.carry_in = false;
      setter = kBorrowSetters[trial.zero_before][0];
    }
    builder_.emit(*parse_instruction(setter));
    const int target = trial.instruction.shape().operand_of_kind(FieldKind::target);
    if (target >= 0) trial.instruction.values[target] = builder_.position() + 2;
    builder_.emit(trial.instruction);
    builder_.emit("nop", {});
    trials_.push_back(trial);
  }

  void run() {
    builder_.emit("nop", {});
    Executor dpu(*Program::from_elf(*builder_.finish(1)));
    dpu.boot();
    for (const Trial& trial : trials_) {
      check(dpu, trial);
      if (testing::Test::HasFatalFailure()) return;
    }
    *this = Batch();
  }

 private:
  static void check(Executor& dpu, const Trial& trial) {
    const Form& form = trial.instruction.shape();
    const Operands& values = trial.values;
    dpu.set_register(0, 2, values.a);
    dpu.set_register(0, 3, values.b);
    for (int code : {4, 6, 7}) dpu.set_register(0, code, 0x5a5a5a5a);
    dpu.step(0);
    const int at = dpu.pc(0);
    dpu.step(0);
    const std::string text = print(trial.instruction) + " a=" + std::to_string(values.a) +
                             " b=" + std::to_string(values.b) +
                             " zf=" + std::to_string(trial.zero_before) +
                             " c=" + std::to_string(trial.carry_in);
    ASSERT_FALSE(dpu.fault()) << text << ": " << dpu.fault().what;

    const Effect e = effect_of(form.action, values.a, values.b, values.shift, trial.carry_in);
    const Condition condition = trial.instruction.condition();
    const bool holding = condition != Condition::never &&
                         expected(condition, e, values.a, values.b, trial.zero_before);
    const U32 result = form.style == Style::set ? (holding ? 1 : 0) : e.result;
    if (form.extend != Extend::none) {
      ASSERT_EQ(dpu.register_value(0, 7), result) << text;
      ASSERT_EQ(dpu.register_value(0, 6),
                form.extend == Extend::sign && result >= 0x80000000u ? 0xffffffffu : 0u)
          << text;
    } else if (values.dest >= 0) {
      ASSERT_EQ(dpu.register_value(0, values.dest), result) << text;
    }
    ASSERT_EQ(dpu.pc(0), at + (form.style == Style::branch && holding ? 2 : 1)) << text;
    ASSERT_EQ(dpu.register_value(0, 24), 0u) << text;
    if (dpu.pc(0) == at + 1) dpu.step(0);
  }

  Builder builder_;
  std::vector<Trial> trials_;
};

void add_trials(Batch& batch, const Form& form, Condition condition, std::mt19937_64& random) {
  const bool sized = condition == Condition::small || condition == Condition::large;
  if (sized && form.op != Op::mul_ul_ul) return;  // refused by name
  for (int round = 0; round < 25; ++round) {
    Trial trial;
    trial.instruction = choose(form, random, condition, trial.values);
    if (sized) trial.values.a &= 0xffff, trial.values.b &= 0xffff;
    trial.zero_before = random() % 2;
    trial.carry_in = random() % 2;
    batch.add(trial);
    if (batch.full()) batch.run();
  }
}

TEST(Semantics, EveryFormAndConditionOfTheAlu) {
  std::mt19937_64 random(5);
  Batch batch;
  int checked = 0;
  for (const Form& form : forms()) {
    if (!has_model(form)) continue;
    for (Condition condition : conditions_of(form)) {
      add_trials(batch, form, condition, random);
      if (HasFatalFailure()) return;
      ++checked;
    }
  }
  batch.run();
  EXPECT_GT(checked, 3000);
}

// Flags left behind, seen through the next instruction.
TEST(Semantics, LogicKeepsTheCarryAndSetsZero) {
  const auto run = [](std::vector<const char*> lines) {
    std::string source = ".text\n";
    for (const char* line : lines) source += std::string(line) + "\n";
    Executor dpu = *Executor::from_elf(*assemble_elf(source + " stop true, 0\n", "flags.s"));
    EXPECT_EQ(dpu.run().outcome, Outcome::finished);
    return dpu.register_value(0, 0);
  };
  // Reads carry in bit 0 and zero in bit 1.
  EXPECT_EQ(
      run({"add zero, lneg, 1", "or r0, zero, 0, xnz, . + 2", "or r0, r0, 2", "addc r0, r0, 0"}),
      3u);
  EXPECT_EQ(
      run({"add zero, lneg, 2", "or r0, zero, 0, xnz, . + 2", "or r0, r0, 2", "addc r0, r0, 0"}),
      1u);
  EXPECT_EQ(
      run({"add zero, one, 2", "or r0, zero, 0, xnz, . + 2", "or r0, r0, 2", "addc r0, r0, 0"}),
      0u);
  // Loads, stores and stop leave both alone.
  EXPECT_EQ(run({"add zero, lneg, 1", "lw r5, zero, 0", "sw zero, 8, r5",
                 "or r0, zero, 0, xnz, . + 2", "or r0, r0, 2", "addc r0, r0, 0"}),
            3u);
}

}  // namespace
}  // namespace pimjit::upmem
