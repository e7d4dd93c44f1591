#ifndef PIMJIT_TESTS_UPMEM_ARITHMETIC_MACHINE_H_
#define PIMJIT_TESTS_UPMEM_ARITHMETIC_MACHINE_H_

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <random>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include "pimjit/plugins/upmem/arithmetic/arithmetic.h"
#include "pimjit/plugins/upmem/arithmetic/multiply.h"
#include "pimjit/plugins/upmem/executor/executor.h"

namespace pimjit::upmem::testing {

// Where inlined code finds operands and leaves results: outside of the default workspace.
inline constexpr D kX{12}, kY{14}, kOut{16};
inline constexpr MultiplyTemps kTemps{R{18}, R{19}, R{20}, R{21}};

// One DPU with a few instructions to run on operands.
class Machine {
 public:
  explicit Machine(const std::function<void(Arithmetic&)>& emit)
      : Machine(program(emit), kX, kY, kOut) {}
  static Machine called(Routine routine) {
    return {program([&](Arithmetic& math) { math.call(routine); }), D{0}, D{2}, D{0}};
  }
  static Machine inlined(Routine routine, R out = kOut.high(), R x = kX.high(), R y = kY.high()) {
    return {program([&](Arithmetic& math) { math.inlined(routine, out, x, y); }), D{x.code},
            D{y.code}, D{out.code}};
  }

  // 32-bit operands: the called form has them in r0 and r1.
  std::uint32_t run(std::uint32_t x, std::uint32_t y) {
    dpu_.set_register(0, x_.even, x);
    dpu_.set_register(0, x_.even == 0 ? 1 : y_.even, y);
    issue();
    return dpu_.register_value(0, out_.even);
  }
  std::uint64_t run_wide(std::uint64_t x, std::uint64_t y) {
    set(x_, x);
    set(y_, y);
    issue();
    return value(out_);
  }
  std::uint64_t value(D pair) const {
    return std::uint64_t{dpu_.register_value(0, pair.even)} << 32 |
           dpu_.register_value(0, pair.even + 1);
  }
  void set(D pair, std::uint64_t value) {
    dpu_.set_register(0, pair.even, static_cast<std::uint32_t>(value >> 32));
    dpu_.set_register(0, pair.even + 1, static_cast<std::uint32_t>(value));
  }
  // Slots of the last run, without the final stop; calls and returns count.
  std::uint64_t slots() const { return slots_; }
  void issue() {
    const RunReport report = dpu_.run();
    if (report.outcome != Outcome::finished) throw std::runtime_error(report.what);
    slots_ = report.issued - 1;
  }
  std::uint32_t code_size() const { return dpu_.program().size(); }
  Executor& dpu() { return dpu_; }

 private:
  Machine(Executor dpu, D x, D y, D out) : dpu_(std::move(dpu)), x_(x), y_(y), out_(out) {}
  static Executor program(const std::function<void(Arithmetic&)>& emit) {
    Builder b;
    Arithmetic math(b);
    emit(math);
    const Label end = b.here();
    b.emit(Op::stop, {Condition::always, end});
    math.finish();
    const auto elf = b.finish(1);
    if (!elf) throw std::runtime_error(elf.error().message());
    return *Executor::from_elf(*elf);
  }

  Executor dpu_;
  D x_, y_, out_;
  std::uint64_t slots_ = 0;
};

// Mean and maximum of slots.
struct Slots {
  std::uint64_t total = 0, runs = 0, worst = 0;
  void add(std::uint64_t slots) {
    total += slots;
    ++runs;
    worst = std::max(worst, slots);
  }
  double mean() const { return static_cast<double>(total) / static_cast<double>(runs); }
};

// Random operands per operation; PIMJIT_ARITHMETIC_PAIRS asks for another number.
inline std::uint64_t random_pairs() {
  const char* text = std::getenv("PIMJIT_ARITHMETIC_PAIRS");
  return text != nullptr ? std::strtoull(text, nullptr, 10) : 100'000;
}

inline const std::vector<std::uint32_t>& edges32() {
  static const std::vector<std::uint32_t> values = [] {
    std::vector<std::uint32_t> v;
    for (int bit = 0; bit < 32; ++bit)
      for (const std::uint32_t delta : {0u, 1u, ~0u}) {
        v.push_back((1u << bit) + delta);
        v.push_back(0u - ((1u << bit) + delta));
      }
    std::sort(v.begin(), v.end());
    v.erase(std::unique(v.begin(), v.end()), v.end());
    return v;
  }();
  return values;
}

}  // namespace pimjit::upmem::testing

#endif  // PIMJIT_TESTS_UPMEM_ARITHMETIC_MACHINE_H_
