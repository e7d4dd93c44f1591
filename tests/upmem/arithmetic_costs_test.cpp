// Slots of every routine on defined operands, held against the table the compiler chooses by.
// PIMJIT_WRITE_COSTS=<file> writes that table (plugins/upmem/arithmetic/costs.h) from the
// measurement.
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "arithmetic_machine.h"

#include "pimjit/plugins/upmem/arithmetic/costs.h"

namespace pimjit::upmem {
namespace {

using namespace testing;
using U32 = std::uint32_t;
using U64 = std::uint64_t;

constexpr int kRoutines = static_cast<int>(Routine::add_f32_rare);

bool is_division(Routine r) {
  return r >= Routine::div_i32 && r <= Routine::rem_i64;
}
bool is_f32(Routine r) {
  return r >= Routine::add_f32 && r != Routine::f32_of_i32 && r != Routine::f32_of_i64;
}
bool is_wide(Routine r) {
  return r == Routine::mul_i64 || r == Routine::div_i64 || r == Routine::rem_i64 ||
         r == Routine::f32_of_i64;
}

// Typical operands: f32 of magnitude 2^-8 .. 2^8 with either sign; i32 products of any words;
// dividends of any size by divisors of half the bits; conversions from numbers of at most 20 bits.
U64 typical(Routine routine, bool second, std::mt19937_64& random) {
  const U64 r = random();
  if (is_f32(routine)) return (r & 0x807fffff) | (119 + (r >> 32) % 17) << 23;
  switch (routine) {
    case Routine::div_i32:
    case Routine::rem_i32:
      return static_cast<U32>(static_cast<std::int32_t>(r) >> (second ? 16 : 0));
    case Routine::div_i64:
    case Routine::rem_i64:
      return static_cast<U64>(static_cast<std::int64_t>(r) >> (second ? 32 : 0));
    case Routine::f32_of_i32:
      return static_cast<U32>(static_cast<std::int32_t>(r) >> 12);
    case Routine::f32_of_i64:
      return static_cast<U64>(static_cast<std::int64_t>(r) >> 44);
    case Routine::mul_i64:
      return r;
    default:
      return static_cast<U32>(r);
  }
}

// Operands of every class: edges, random bits, few significant bits, f32 of all exponents.
U64 any(Routine routine, std::mt19937_64& random) {
  const U64 r = random();
  const auto& edges = edges32();
  const auto edge = [&] { return U64{edges[random() % edges.size()]}; };
  if (is_f32(routine)) {
    const U64 bits = r & 1 ? r >> 16 : edge();
    return static_cast<U32>(r & 6 ? bits : bits & 0x807fffff);
  }
  const U64 value = r & 1 ? edge() << 32 | edge() : random() >> random() % 64;
  return is_wide(routine) ? value : static_cast<U32>(value);
}

void run(Machine& machine, Routine routine, U64 x, U64 y, Slots& slots) {
  if (is_wide(routine))
    machine.run_wide(x, y);
  else
    machine.run(static_cast<U32>(x), static_cast<U32>(y));
  slots.add(machine.slots());
}

double tenth(double value) {
  return std::round(value * 10) / 10;
}

// Instructions of a program with so many inlined sites, their rare paths included.
int size_of_sites(Routine routine, int sites) {
  Builder b;
  Arithmetic math(b);
  for (int i = 0; i < sites; ++i) math.inlined(routine, kOut.high(), kX.high(), kY.high());
  math.finish();
  return static_cast<int>(b.position());
}

std::uint32_t overwritten_by(Routine routine, bool inlined) {
  Builder b;
  Arithmetic math(b);
  if (inlined)
    math.inlined(routine, kOut.high(), kX.high(), kY.high());
  else
    math.called(routine, kOut.high(), kX.high(), kY.high());
  math.finish();
  std::uint32_t writes = 0;
  for (const Instruction& instruction : b.code()) writes |= register_use(instruction).writes;
  return writes & ~(3u << kOut.even);
}

RoutineCost measure(Routine routine) {
  RoutineCost cost{};
  Slots inlined_slots, called_slots, any_slots;
  Machine called = Machine::called(routine);
  std::mt19937_64 random(41);
  std::vector<std::pair<U64, U64>> operands;
  for (int i = 0; i < 20000; ++i) {
    const U64 x = typical(routine, false, random);
    operands.emplace_back(x, typical(routine, true, random));
    run(called, routine, operands.back().first, operands.back().second, called_slots);
  }
  for (int i = 0; i < 50000; ++i) {
    const U64 x = any(routine, random);
    run(called, routine, x, any(routine, random), any_slots);
  }
  cost.called_mean = tenth(called_slots.mean());
  cost.called_worst = static_cast<int>(called_slots.worst);
  cost.any_worst = static_cast<int>(std::max(called_slots.worst, any_slots.worst));

  if (!is_division(routine)) {
    Machine inlined = Machine::inlined(routine);
    for (const auto& [x, y] : operands) run(inlined, routine, x, y, inlined_slots);
    cost.inlined_mean = tenth(inlined_slots.mean());
    cost.inlined_worst = static_cast<int>(inlined_slots.worst);
    cost.inlined_size = size_of_sites(routine, 2) - size_of_sites(routine, 1);
  }
  Builder b;
  Arithmetic math(b);
  math.routine(routine);
  math.finish();
  cost.routine_size = static_cast<int>(b.position());
  cost.overwritten = overwritten_by(routine, false) | overwritten_by(routine, true);
  return cost;
}

void write_table(const char* path, const std::vector<RoutineCost>& costs) {
  std::ofstream out(path);
  out << "#ifndef PIMJIT_PLUGINS_UPMEM_ARITHMETIC_COSTS_H_\n"
         "#define PIMJIT_PLUGINS_UPMEM_ARITHMETIC_COSTS_H_\n\n"
         "#include <cstdint>\n\n"
         "#include \"pimjit/plugins/upmem/arithmetic/arithmetic.h\"\n\n"
         "namespace pimjit::upmem {\n\n"
         "// What a routine costs in issued instructions, measured on the executor by\n"
         "// tests/upmem/arithmetic_costs_test.cpp, which writes this file and says what operands "
         "are\n"
         "// typical. Inlined: operands outside of the workspace (zero: there is no inlined "
         "form).\n"
         "// Called: with call and return, operands in place.\n"
         "struct RoutineCost {\n"
         "  double inlined_mean = 0, called_mean = 0;   // typical operands\n"
         "  int inlined_worst = 0, called_worst = 0;    // typical operands\n"
         "  int any_worst = 0;                          // called, operands of every class\n"
         "  // Instructions: of one more inlined site; of the routine with its rare cases.\n"
         "  int inlined_size = 0, routine_size = 0;\n"
         "  // Registers written in either form besides the result, one bit each.\n"
         "  std::uint32_t overwritten = 0;\n"
         "};\n\n"
         "// clang-format off\n"
         "inline constexpr RoutineCost kRoutineCosts[] = {\n";
  for (std::size_t i = 0; i < costs.size(); ++i) {
    const RoutineCost& c = costs[i];
    char line[160];
    std::snprintf(line, sizeof line,
                  "    {%5.1f, %5.1f, %3d, %3d, %3d, %3d, %3d, 0x%06x},  // %s\n", c.inlined_mean,
                  c.called_mean, c.inlined_worst, c.called_worst, c.any_worst, c.inlined_size,
                  c.routine_size, c.overwritten, to_string(static_cast<Routine>(i)));
    out << line;
  }
  out << "};\n"
         "// clang-format on\n\n"
         "constexpr const RoutineCost& cost_of(Routine routine) {\n"
         "  return kRoutineCosts[static_cast<int>(routine)];\n"
         "}\n\n"
         "}  // namespace pimjit::upmem\n\n"
         "#endif  // PIMJIT_PLUGINS_UPMEM_ARITHMETIC_COSTS_H_\n";
}

TEST(ArithmeticCosts, AreThoseOfTheTable) {
  std::vector<RoutineCost> costs;
  std::printf("%-12s %8s %6s %8s %6s %6s %6s %6s\n", "routine", "inlined", "worst", "called",
              "worst", "any", "size", "code");
  for (int i = 0; i < kRoutines; ++i) {
    const Routine routine = static_cast<Routine>(i);
    const RoutineCost c = measure(routine);
    std::printf("%-12s %8.1f %6d %8.1f %6d %6d %6d %6d\n", to_string(routine), c.inlined_mean,
                c.inlined_worst, c.called_mean, c.called_worst, c.any_worst, c.inlined_size,
                c.routine_size);
    costs.push_back(c);
  }
  if (const char* path = std::getenv("PIMJIT_WRITE_COSTS")) {
    write_table(path, costs);
    return;
  }
  ASSERT_EQ(std::size(kRoutineCosts), static_cast<std::size_t>(kRoutines));
  for (int i = 0; i < kRoutines; ++i) {
    const RoutineCost &have = costs[static_cast<std::size_t>(i)], &table = kRoutineCosts[i];
    SCOPED_TRACE(to_string(static_cast<Routine>(i)));
    EXPECT_NEAR(table.inlined_mean, have.inlined_mean, 0.05);
    EXPECT_NEAR(table.called_mean, have.called_mean, 0.05);
    EXPECT_EQ(table.inlined_worst, have.inlined_worst);
    EXPECT_EQ(table.called_worst, have.called_worst);
    EXPECT_EQ(table.any_worst, have.any_worst);
    EXPECT_EQ(table.inlined_size, have.inlined_size);
    EXPECT_EQ(table.routine_size, have.routine_size);
    EXPECT_EQ(table.overwritten, have.overwritten);
  }
}

TEST(ArithmeticCosts, FloatsMeetTheirTargets) {
  EXPECT_LE(measure(Routine::add_f32).inlined_worst, 45);
  EXPECT_LE(measure(Routine::sub_f32).inlined_worst, 45);
  EXPECT_LE(measure(Routine::mul_f32).inlined_worst, 60);
  EXPECT_LE(measure(Routine::add_f32).called_worst, 45);
  EXPECT_LE(measure(Routine::mul_f32).called_worst, 60);
}

TEST(ArithmeticCosts, RoutinesStayInsideTheirWorkspace) {
  for (int i = 0; i < kRoutines; ++i)
    EXPECT_EQ(measure(static_cast<Routine>(i)).overwritten & ~0x800fffu, 0u)
        << to_string(static_cast<Routine>(i));
}

// A loop over two arrays in WRAM, eight elements a turn, pairs loaded at once.
double slots_per_element(const std::function<void(Arithmetic&, R, R, R)>& accumulate,
                         const std::function<U32(std::mt19937_64&)>& value,
                         const std::function<U32(U32, U32)>& product = std::multiplies<U32>()) {
  constexpr U32 kCount = 1024, kA = 8, kB = kA + 4 * kCount;
  Builder b;
  Arithmetic math(b);
  b.emit(Op::or_, {R{12}, kZero, kA});
  b.emit(Op::or_, {R{16}, kZero, 0});
  const Label loop = b.here();
  for (int i = 0; i < 8; i += 2) {
    b.emit(Op::ld, {D{20}, R{12}, 4 * i});
    b.emit(Op::ld, {D{22}, R{12}, static_cast<int>(kB - kA) + 4 * i});
    accumulate(math, R{16}, R{21}, R{23});
    accumulate(math, R{16}, R{20}, R{22});
  }
  b.emit(Op::add, {R{12}, R{12}, 32});
  b.emit(Op::add, {R{13}, R{13}, -1, Condition::nz, loop});
  const Label end = b.here();
  b.emit(Op::stop, {Condition::always, end});
  math.finish();
  auto dpu = Executor::from_elf(*b.finish(1));
  std::mt19937_64 random(42);
  U32 sum = 0;
  for (U32 i = 0; i < kCount; ++i) {
    const U32 x = value(random), y = value(random);
    std::memcpy(dpu->wram().data() + kA + 4 * i, &x, 4);
    std::memcpy(dpu->wram().data() + kB + 4 * i, &y, 4);
    sum += product(x, y);
  }
  dpu->set_register(0, 13, kCount / 8);
  const RunReport report = dpu->run();
  EXPECT_EQ(report.outcome, Outcome::finished) << report.what;
  EXPECT_EQ(dpu->register_value(0, 16), sum);
  return static_cast<double>(report.issued) / kCount;
}

U32 dot_of_bytes(U32 x, U32 y) {
  U32 sum = 0;
  for (int at = 0; at < 32; at += 8)
    sum += static_cast<U32>(static_cast<std::int8_t>(x >> at) * static_cast<std::int8_t>(y >> at));
  return sum;
}

TEST(ArithmeticCosts, MultiplyAccumulateLoops) {
  const MultiplyTemps temps{R{0}, R{1}, R{2}, R{3}};
  const auto dynamic = [&](Arithmetic& m, R sum, R x, R y) {
    emit_dynamic_accumulate(m, sum, x, y, temps);
  };
  const auto planned = [&](ValueRange x, ValueRange y) {
    return [&temps, plan = plan_multiply(x, y)](Arithmetic& m, R sum, R a, R c) {
      emit_multiply_accumulate(m.b, plan, sum, a, c, temps);
    };
  };
  const auto small = [](std::mt19937_64& r) { return static_cast<U32>(r() % 50); };
  const auto byte = [](std::mt19937_64& r) { return static_cast<U32>(r() % 256) - 128; };
  const auto thousand = [](std::mt19937_64& r) { return static_cast<U32>(r() % 2001) - 1000; };
  const auto word = [](std::mt19937_64& r) { return static_cast<U32>(r()); };
  const auto negative = [](std::mt19937_64& r) { return static_cast<U32>(r()) | 0x80000000; };
  const auto packed = [&](Arithmetic& m, R sum, R x, R y) {
    emit_dot_bytes(m.b, sum, x, y, true, true, temps);
  };
  // Words of four elements.
  EXPECT_LE(slots_per_element(packed, word, dot_of_bytes) / 4, 3.0);
  struct Row {
    const char* name;
    double slots, most;
  };
  const Row rows[] = {
      {"dynamic, 0..49", slots_per_element(dynamic, small), 7.0},
      {"dynamic, 8 bits", slots_per_element(dynamic, byte), 9.0},
      {"dynamic, +-1000", slots_per_element(dynamic, thousand), 17.0},
      {"dynamic, random", slots_per_element(dynamic, word), 30.0},
      {"dynamic, all negative", slots_per_element(dynamic, negative), 30.0},
      {"declared 0..49", slots_per_element(planned({0, 49}, {0, 49}), small), 3.4},
      {"declared 8 bits", slots_per_element(planned({-128, 127}, {-128, 127}), byte), 3.4},
      {"declared 16 bits", slots_per_element(planned({-1000, 1000}, {-1000, 1000}), thousand),
       10.0},
      {"fixed, random", slots_per_element(planned({}, {}), word), 24.0},
  };
  for (const Row& row : rows) {
    std::printf("i32 multiply-accumulate, %-22s %5.2f slots per element\n", row.name, row.slots);
    EXPECT_LE(row.slots, row.most) << row.name;
  }
}

}  // namespace
}  // namespace pimjit::upmem
