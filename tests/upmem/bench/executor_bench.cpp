// Speed of the executor in DPU instructions per second, on one core.
#include <benchmark/benchmark.h>

#include "pimjit/plugins/upmem/assembler/builder.h"
#include "pimjit/plugins/upmem/executor/executor.h"

namespace pimjit::upmem {
namespace {

constexpr int kTasklets = 16;

// Boots the tasklets, runs `body` between the two and ends.
template <typename Body>
Executor make(const Body& body) {
  Builder b;
  const Label booted = b.label();
  b.emit("jeq", {reg(28), kTasklets - 1, booted});
  b.emit(Op::boot, {reg(28), 1});
  b.bind(booted);
  body(b);
  const Label end = b.here();
  b.emit(Op::stop, {Condition::always, end});
  return *Executor::from_elf(*b.finish(kTasklets));
}

void run(benchmark::State& state, Executor dpu) {
  std::uint64_t issued = 0;
  for (auto _ : state) {
    const RunReport report = dpu.run();
    if (report.outcome != Outcome::finished) state.SkipWithError(report.what.c_str());
    issued += report.issued;
  }
  state.counters["instructions"] =
      benchmark::Counter(static_cast<double>(issued), benchmark::Counter::kIsRate);
}

// Load, load, 8x8 multiply, add, pointers, fused branch: a dot product of bytes.
void dot_product(benchmark::State& state) {
  run(state, make([](Builder& b) {
        b.emit("move", {reg(4), 2000});
        const Label outer = b.here();
        b.emit("move", {reg(0), 1024});
        b.emit("move", {reg(1), 2048});
        b.emit("move", {reg(5), 64});
        const Label loop = b.here();
        b.emit(Op::lbs, {reg(2), reg(0), 0});
        b.emit(Op::lbs, {reg(3), reg(1), 0});
        b.emit(Op::mul_sl_sl, {reg(2), reg(2), reg(3)});
        b.emit(Op::add, {reg(6), reg(6), reg(2)});
        b.emit(Op::add, {reg(0), reg(0), 1});
        b.emit(Op::add, {reg(1), reg(1), 1});
        b.emit(Op::add, {reg(5), reg(5), -1, Condition::nz, loop});
        b.emit(Op::add, {reg(4), reg(4), -1, Condition::nz, outer});
      }));
}
BENCHMARK(dot_product)->Unit(benchmark::kMillisecond);

// mul_step with early exit: a branch form at every instruction.
void multiply_steps(benchmark::State& state) {
  run(state, make([](Builder& b) {
        b.emit("move", {reg(4), 20000});
        b.emit("move", {reg(2), 12345});
        const Label outer = b.here();
        b.emit(Op::and_, {reg(0), reg(4), 0xfff});
        b.emit("move", {reg(1), 0});
        const Label done = b.label();
        for (int step = 0; step < 32; ++step)
          b.emit(Op::mul_step, {pair(0), reg(2), pair(0), step, Condition::z, done});
        b.bind(done);
        b.emit(Op::add, {reg(6), reg(6), reg(1)});
        b.emit(Op::add, {reg(4), reg(4), -1, Condition::nz, outer});
      }));
}
BENCHMARK(multiply_steps)->Unit(benchmark::kMillisecond);

// One short transfer every 20 instructions.
void transfers(benchmark::State& state) {
  run(state, make([](Builder& b) {
        b.emit("move", {reg(4), 10000});
        b.emit("move", {reg(0), 4096});
        b.emit(Op::lsl_add, {reg(0), reg(0), reg(28), 8});
        b.emit("move", {reg(1), 0});
        const Label loop = b.here();
        b.emit(Op::ldma, {reg(0), reg(1), 31});
        for (int i = 0; i < 17; ++i) b.emit(Op::xor_, {reg(2), reg(2), reg(4)});
        b.emit(Op::add, {reg(1), reg(1), 256});
        b.emit(Op::add, {reg(4), reg(4), -1, Condition::nz, loop});
      }));
}
BENCHMARK(transfers)->Unit(benchmark::kMillisecond);

void decode_program(benchmark::State& state) {
  Builder b;
  for (int i = 0; i < 1000; ++i) b.emit(Op::add, {reg(i % 24), reg(1), reg(2)});
  const auto elf = *b.finish(1);
  for (auto _ : state) benchmark::DoNotOptimize(Program::from_elf(elf));
}
BENCHMARK(decode_program)->Unit(benchmark::kMicrosecond);

void build_program(benchmark::State& state) {
  for (auto _ : state) {
    Builder b;
    for (int i = 0; i < 1000; ++i) b.emit(Op::add, {reg(i % 24), reg(1), reg(2)});
    benchmark::DoNotOptimize(b.finish(1));
  }
}
BENCHMARK(build_program)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace pimjit::upmem
