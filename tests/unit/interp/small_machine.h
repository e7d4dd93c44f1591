#ifndef PIMJIT_TESTS_UNIT_INTERP_SMALL_MACHINE_H_
#define PIMJIT_TESTS_UNIT_INTERP_SMALL_MACHINE_H_

#include <cstring>
#include <string>
#include <vector>

#include "pimjit/core/interp/kernel_interpreter.h"
#include "pimjit/core/ir/parser.h"

// A machine of units with threads, a bank reached by copies and a scratchpad that the threads of a
// unit share; and kernels over it with the tables already written.
namespace pimjit::small_machine {

inline TargetDesc target(LevelKind unit_kind = LevelKind::independent) {
  TargetDesc t;
  t.id = "small";
  t.levels.resize(2);
  t.levels[0].name = "unit";
  t.levels[0].kind = unit_kind;
  t.levels[0].count = 4;
  t.levels[1].name = "thread";
  t.levels[1].kind = LevelKind::independent;
  t.levels[1].count = 8;
  t.levels[1].barrier = true;
  Scope bank{};
  bank.name = "bank";
  bank.level = 0;
  bank.capacity = 1 << 20;
  bank.granule = bank.alignment = 8;
  bank.element_access = false;
  bank.host = HostAccess::copy;
  Scope scratch{};
  scratch.name = "scratch";
  scratch.level = 0;
  scratch.capacity = 1 << 16;
  scratch.granule = 4;
  scratch.alignment = 8;
  t.scopes = {bank, scratch};
  Link read{};
  read.name = "read";
  read.from = 0;
  read.to = 1;
  read.min_bytes = 8;
  read.max_bytes = 64;
  read.multiple = read.alignment = 8;
  Link write = read;
  write.name = "write";
  write.from = 1;
  write.to = 0;
  Link to_bank = read, from_bank = read;
  to_bank.name = "to_bank";
  to_bank.from = kHost;
  to_bank.to = 0;
  to_bank.max_bytes = 1 << 20;
  to_bank.broadcast = true;
  from_bank = to_bank;
  from_bank.name = "from_bank";
  from_bank.from = 0;
  from_bank.to = kHost;
  t.links = {read, write, to_bank, from_bank};
  return t;
}

// A[64], C[64] of i32 in the bank, t[64] of i32 in the scratchpad; variables i, x (i32).
inline std::string kernel_text(const std::string& body, int units = 2, int threads = 4,
                               const std::string& unit_kind = "independent",
                               const std::string& a_range = "") {
  return "kernel k { level unit " + unit_kind + " " + std::to_string(units) +
         " level thread independent " + std::to_string(threads) +
         " scope bank at unit scope scratch at unit link read bank -> scratch link write scratch "
         "-> bank param A_base i64 param C_base i64 buffer A i32 device bank elements 64 align 8 "
         "base A_base readonly " +
         a_range +
         " buffer C i32 device bank elements 64 align 8 base C_base buffer t i32 local scratch "
         "elements 64 align 8 var i i32 var x i32 body {" +
         body + "} }";
}

struct Outcome {
  Status status;
  ShadowMemory a, c;
  int32_t result(int64_t unit, int64_t element) const {
    int32_t value;
    std::memcpy(&value, c.data(unit) + 4 * element, 4);
    return value;
  }
};

// A[u][e] = 100 * u + e, C undefined.
inline Outcome run(const std::string& text, const TargetDesc& machine,
                   const InterpreterOptions& options = {}) {
  const auto kernel = parse_kernel(text);
  if (!kernel) return {fail(kernel.error()), {}, {}};
  Outcome outcome{{}, ShadowMemory(4, 256), ShadowMemory(4, 256)};
  for (int32_t u = 0; u < 4; ++u) {
    for (int32_t e = 0; e < 64; ++e) {
      const int32_t value = 100 * u + e;
      std::memcpy(outcome.a.data(u) + 4 * e, &value, 4);
    }
    std::memset(outcome.a.shadow(u), 0, 256);
  }
  outcome.status = interpret_kernel(*kernel, &machine, {8, 264},
                                    {{&outcome.a}, {&outcome.c}, {nullptr}}, options);
  return outcome;
}

// What goes wrong: "code: what".
inline std::string problem(const std::string& body, const TargetDesc& machine = target(),
                           const InterpreterOptions& options = {}) {
  const Outcome outcome = run(kernel_text(body), machine, options);
  return outcome.status ? "" : outcome.status.error().code + ": " + outcome.status.error().what;
}

}  // namespace pimjit::small_machine

#endif  // PIMJIT_TESTS_UNIT_INTERP_SMALL_MACHINE_H_
