#ifndef PIMJIT_TESTS_UPMEM_COMPILER_HARNESS_H_
#define PIMJIT_TESTS_UPMEM_COMPILER_HARNESS_H_

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <map>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "pimjit/core/plugin_kit/arithmetic.h"
#include "pimjit/core/plugin_kit/evaluator.h"
#include "pimjit/plugins/upmem/compiler/compiler.h"
#include "pimjit/plugins/upmem/executor/executor.h"

// Compiled kernels on the executor against the evaluator of the plugin kit, on random MRAM.
namespace pimjit::upmem::testing {

using Bytes = std::vector<std::uint8_t>;

// Host memory for every scope.
class Memory : public kit::UnitMemory {
 public:
  explicit Memory(const kit::Kernel& kernel) : kernel_(kernel) {}
  Bytes& of(int scope, std::int64_t instance) {
    Bytes& bytes = memories_[{scope, instance}];
    if (bytes.empty()) bytes.resize(1 << 20);
    return bytes;
  }
  bool load(const kit::Place& from, void* to, std::uint64_t bytes) override {
    std::memcpy(to, at(from, bytes), bytes);
    return true;
  }
  bool store(const kit::Place& to, const void* from, std::uint64_t bytes) override {
    std::memcpy(at(to, bytes), from, bytes);
    return true;
  }
  bool copy(int, const kit::Place& to, const kit::Place& from, std::uint64_t bytes) override {
    if (bytes % 8 != 0 || to.offset % 8 != 0 || from.offset % 8 != 0) return refuse("misaligned");
    std::memmove(at(to, bytes), at(from, bytes), bytes);
    return true;
  }

 private:
  std::uint8_t* at(const kit::Place& place, std::uint64_t bytes) {
    Bytes& memory = of(place.scope, place.instance);
    if (place.offset + bytes > memory.size()) memory.resize(place.offset + bytes);
    return memory.data() + place.offset;
  }
  const kit::Kernel& kernel_;
  std::map<std::pair<int, std::int64_t>, Bytes> memories_;
};

struct Input {
  std::vector<std::int64_t> arguments;
  Bytes mram;
};

inline kit::Value random_value(const kit::Buffer& buffer, std::mt19937_64& random) {
  kit::Value value{};
  if (buffer.type == kit::Type::f32) {
    value.real = static_cast<float>(static_cast<std::int64_t>(random() % 2001) - 1000) / 16.0f;
  } else if (buffer.has_range) {
    const auto span = static_cast<std::uint64_t>(buffer.high - buffer.low) + 1;
    value.integer = buffer.low + static_cast<std::int64_t>(random() % span);
  } else {
    // Numbers of all sizes.
    value.integer = kit::wrap(buffer.type, static_cast<std::int64_t>(random()) >> random() % 64);
  }
  return value;
}

inline Input random_input(const kit::Kernel& kernel, std::mt19937_64& random) {
  Input input;
  input.arguments.assign(kernel.params.size(), 7);
  std::int64_t end = 64;
  for (const kit::Buffer& buffer : kernel.buffers) {
    if (buffer.is_local()) continue;
    end = (end + buffer.align + 7) / 8 * 8 / buffer.align * buffer.align;
    input.arguments[static_cast<std::size_t>(buffer.param)] = end;
    input.mram.resize(static_cast<std::size_t>(end + buffer.bytes() + 64));
    for (std::int64_t i = 0; i < buffer.elements; ++i)
      kit::store_element(buffer.type, random_value(buffer, random),
                         input.mram.data() + end + i * kit::bytes_of(buffer.type));
    end += buffer.bytes();
  }
  input.mram.resize((input.mram.size() + 7) / 8 * 8);
  return input;
}

struct Result {
  Bytes mram;
  std::uint64_t issued = 0, iterations = 0;
};

inline Result evaluate(const kit::Kernel& kernel, const Input& input, std::int64_t unit) {
  const kit::Evaluator evaluator(kernel, 0);
  EXPECT_EQ(evaluator.problem(), "");
  Memory memory(kernel);
  int bank = 0;
  for (const kit::Buffer& buffer : kernel.buffers)
    if (!buffer.is_local()) bank = buffer.scope;
  std::copy(input.mram.begin(), input.mram.end(), memory.of(bank, 0).begin());
  kit::Counters counters;
  kit::RunOptions options;
  options.position = {unit};
  options.arguments = input.arguments;
  const kit::Outcome outcome = evaluator.run(memory, options, counters);
  EXPECT_TRUE(outcome.ok()) << outcome.message;
  Bytes result = memory.of(bank, 0);
  result.resize(input.mram.size());
  return {std::move(result), 0, counters.iterations};
}

inline Result execute(const CompiledKernel& compiled, const Input& input, std::int64_t unit,
                      std::uint32_t quantum) {
  auto dpu = Executor::from_elf(compiled.elf);
  EXPECT_TRUE(dpu) << dpu.error().message();
  if (!dpu) return {};
  Bytes arguments(8 * input.arguments.size());
  std::memcpy(arguments.data(), input.arguments.data(), arguments.size());
  EXPECT_TRUE(dpu->write_symbol("args", 0, arguments));
  Bytes index(4);
  std::memcpy(index.data(), &unit, 4);
  EXPECT_TRUE(dpu->write_symbol("unit", 0, index));
  RunOptions options;
  options.quantum = quantum;
  options.max_instructions = 30'000'000;
  // Twice: a launch must leave what the next one needs.
  for (int launch = 0; launch < 2; ++launch) {
    EXPECT_TRUE(dpu->write(Space::mram, 0, input.mram));
    const RunReport report = dpu->run(options);
    EXPECT_EQ(report.outcome, Outcome::finished) << report.what;
  }
  Result run;
  run.mram.resize(input.mram.size());
  EXPECT_TRUE(dpu->read(Space::mram, 0, run.mram));
  run.issued = (dpu->counters().issued - dpu->counters().retries) / 2;
  return run;
}

inline void expect_equal_runs(const kit::Kernel& kernel, const CompiledKernel& compiled,
                              bool print) {
  std::mt19937_64 random(20240607);
  const std::int64_t units = kernel.levels[0].count;
  for (const std::int64_t unit : {std::int64_t{0}, units / 2, units - 1}) {
    const Input input = random_input(kernel, random);
    const Result reference = evaluate(kernel, input, unit);
    Result run;
    for (const std::uint32_t quantum : {1u, 4096u}) {
      run = execute(compiled, input, unit, quantum);
      ASSERT_TRUE(run.mram == reference.mram) << "unit " << unit << ", quantum " << quantum;
    }
    if (unit == 0 && print)
      std::printf("%-28s %5u instructions %2d spills %8.2f issued per iteration\n",
                  kernel.name.c_str(), compiled.instructions, compiled.spills,
                  static_cast<double>(run.issued) /
                      static_cast<double>(std::max<std::uint64_t>(1, reference.iterations)));
  }
}

}  // namespace pimjit::upmem::testing

#endif  // PIMJIT_TESTS_UPMEM_COMPILER_HARNESS_H_
