// The contract of emitted arithmetic on registers: which are read, written and kept, in the default
// workspace and in another one.
#include "arithmetic_machine.h"

namespace pimjit::upmem {
namespace {

using namespace testing;
using U32 = std::uint32_t;
using U64 = std::uint64_t;

Workspace other_workspace() {
  Workspace w;
  for (int i = 0; i < 12; ++i) w.t[static_cast<std::size_t>(i)] = R{12 + i};
  w.link = R{11};
  return w;
}

// Operands that take common and rare paths of every routine.
std::vector<U64> operands() {
  std::vector<U64> values;
  for (const U32 high :
       {0u, 1u, 0x80000000u, 0x7f800000u, 0xff800000u, 0x7fc00000u, 0x3f800000u, 0xbf800001u,
        0x00000007u, 0x7f7fffffu, 0x00800000u, 0xffffffffu, 0x4b000001u})
    for (const U32 low : {0u, 3u, 0x80000001u}) values.push_back(U64{high} << 32 | low);
  return values;
}

struct Program {
  Executor dpu;
  D x, y, out;
  Workspace w;
};

Program program(Routine routine, bool inlined, const Workspace& w, D x, D y, D out) {
  Builder b;
  Arithmetic math(b, w);
  if (inlined)
    math.inlined(routine, out.high(), x.high(), y.high());
  else
    math.called(routine, out.high(), x.high(), y.high());
  const Label end = b.here();
  b.emit(Op::stop, {Condition::always, end});
  math.finish();
  const auto elf = b.finish(1);
  if (!elf) throw std::runtime_error(elf.error().message());
  return {*Executor::from_elf(*elf), x, y, out, w};
}

bool gives_pair(Routine r) {
  return r == Routine::mul_i64 || r == Routine::mul_i64_general || r == Routine::div_i64 ||
         r == Routine::rem_i64 || r == Routine::i64_of_f32;
}

// Runs and checks that nothing but the result, the workspace and the link changed.
U64 run(Program& p, U64 x, U64 y, bool pair) {
  for (int code = 0; code < 24; ++code)
    p.dpu.set_register(0, code, 0xc0de0000u + static_cast<U32>(code));
  for (const auto& [at, value] : {std::pair{p.x, x}, std::pair{p.y, y}}) {
    p.dpu.set_register(0, at.even, static_cast<U32>(value >> 32));
    p.dpu.set_register(0, at.even + 1, static_cast<U32>(value));
  }
  U32 before[24];
  for (int code = 0; code < 24; ++code) before[code] = p.dpu.register_value(0, code);
  const RunReport report = p.dpu.run();
  EXPECT_EQ(report.outcome, Outcome::finished) << report.what;
  for (int code = 0; code < 24; ++code) {
    const bool scratch =
        code == p.w.link.code || std::find(p.w.t.begin(), p.w.t.end(), R{code}) != p.w.t.end();
    const bool result = code == p.out.even || (pair && code == p.out.even + 1);
    if (!scratch && !result) {
      EXPECT_EQ(p.dpu.register_value(0, code), before[code]) << "r" << code;
    }
  }
  const U32 high = p.dpu.register_value(0, p.out.even);
  return U64{high} << 32 | (pair ? p.dpu.register_value(0, p.out.even + 1) : 0);
}

TEST(Workspace, OnlyResultAndWorkspaceChange) {
  for (int i = 0; i < static_cast<int>(Routine::count); ++i) {
    const Routine routine = static_cast<Routine>(i);
    SCOPED_TRACE(to_string(routine));
    const bool pair = gives_pair(routine);
    Program programs[] = {
        program(routine, true, {}, D{12}, D{14}, D{16}),
        program(routine, false, {}, D{12}, D{14}, D{16}),
        program(routine, true, other_workspace(), D{0}, D{2}, D{4}),
        program(routine, false, other_workspace(), D{0}, D{2}, D{4}),
    };
    for (const U64 x : operands())
      for (const U64 y : operands()) {
        const U64 expected = run(programs[0], x, y, pair);
        for (std::size_t form = 1; form < std::size(programs); ++form)
          ASSERT_EQ(run(programs[form], x, y, pair), expected)
              << x << ", " << y << " form " << form;
        if (HasFailure()) return;
      }
  }
}

TEST(Workspace, SitesShareOneRoutineAndItsRareCases) {
  const auto size = [](int sites) {
    Builder b;
    Arithmetic math(b);
    for (int i = 0; i < sites; ++i) math.called(Routine::mul_f32, R{12}, R{12}, R{13});
    math.finish();
    return b.position();
  };
  EXPECT_EQ(size(3) - size(2), 4u);
}

}  // namespace
}  // namespace pimjit::upmem
