// The host's operations as machine code beside what the machine can do: packing and unpacking of
// rows against memcpy, the final sum of partial results against reading them.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <functional>
#include <string>

#include <benchmark/benchmark.h>

#include "pimjit/core/support/text.h"
#include "pimjit/jit/host/jit_host_ops.h"
#include "pimjit/jit/parallel/parallel_for.h"
#include "pimjit/tests/bench/interleaved.h"
#include "pimjit/tests/support/lowered_samples.h"
#include "pimjit/tests/support/transfers.h"

namespace pimjit {
namespace {

using test::Comparison;
using test::interleaved;
using test::RandomMap;
using test::Transfers;

constexpr int64_t kLine = 64;

std::byte* aligned(std::vector<std::byte>& memory) {
  auto at = reinterpret_cast<uintptr_t>(memory.data());
  return reinterpret_cast<std::byte*>((at + kLine - 1) / kLine * kLine);
}

// Memory that begins at a cache line and has been touched.
struct Block {
  std::vector<std::byte> memory;
  std::byte* data;
  explicit Block(int64_t bytes)
      : memory(static_cast<size_t>(bytes + kLine), std::byte{1}), data(aligned(memory)) {}
};

Expr digit(int d) {
  return make_var(DType::i64, d);
}
Expr sum(Expr a, Expr b) {
  return make_binary(BinaryOp::add, std::move(a), std::move(b));
}
Expr product(Expr a, int64_t b) {
  return make_binary(BinaryOp::mul, std::move(a), make_int(DType::i64, b));
}

// A matrix of i32 cut into tiles of `row` columns, each a slice: rows are contiguous on both sides.
RandomMap tiles(int64_t rows, int64_t tiles, int64_t row) {
  RandomMap m;
  m.tensor.dtype = DType::i32;
  m.tensor.shape = {rows, tiles * row};
  m.map.digits = {{tiles, 1, 0}, {rows, 0, row}, {row, 0, 1}};
  m.map.index = {digit(1), sum(product(digit(0), row), digit(2))};
  m.map.slices = tiles;
  m.map.slice_elements = rows * row;
  return m;
}

RandomMap partial_results(int64_t partials, int64_t elements) {
  RandomMap m;
  m.tensor.dtype = DType::i32;
  m.tensor.shape = {elements};
  m.map.digits = {{partials, 1, 0, true}, {elements, 0, 1}};
  m.map.index = {digit(1)};
  m.map.slices = partials;
  m.map.slice_elements = elements;
  m.reducer = Reducer::sum;
  return m;
}

std::unique_ptr<HostOps> compiled(const std::shared_ptr<const LoweredModule>& module, int threads) {
  const auto compiler = HostCompiler::create({.threads = threads, .compile = {}});
  return std::move(compiler.value().compile(module).value());
}

// Calls fn(from, to) for a part per thread.
template <typename Fn>
void in_parts(ThreadTeam& team, int64_t bytes, const Fn& fn) {
  const int64_t parts = team.threads();
  const int64_t each = bytes / parts / kLine * kLine;
  const auto run = [&](int64_t part) {
    fn(part * each, part + 1 == parts ? bytes : (part + 1) * each);
  };
  const auto body = [](void* closure, int64_t from, int64_t to) {
    for (; from < to; ++from) (*static_cast<const decltype(run)*>(closure))(from);
    return 0;
  };
  pimjit_parallel_for(&team, 0, parts, 1, body, const_cast<void*>(static_cast<const void*>(&run)));
}

// Packing and unpacking of `bytes` in rows, against a memcpy of as many by as many threads.
struct RowRatios {
  Comparison pack, unpack;
};
RowRatios compare_rows(int64_t bytes, int64_t row_bytes, int threads) {
  const int64_t row = row_bytes / 4;
  const int64_t count = std::max<int64_t>(2, std::min<int64_t>(64, bytes / row_bytes / 4));
  const RandomMap m = tiles(bytes / (count * row_bytes), count, row);
  Transfers transfers;
  const int pack = transfers.add(m, OpKind::pack);
  const int unpack = transfers.add(m, OpKind::reduce);
  const auto ops = compiled(transfers.finish(), threads);
  const int64_t used = m.tensor.elements() * 4;
  Block tensor(used), staging(used), from(used), to(used);
  const TensorView view = test::row_major_view(m.tensor, tensor.data);
  ThreadTeam team(threads);
  const auto copy = [&] {
    in_parts(team, used, [&](int64_t begin, int64_t end) {
      std::memcpy(to.data + begin, from.data + begin, static_cast<size_t>(end - begin));
    });
    benchmark::ClobberMemory();
  };
  const int rounds = bytes > (int64_t{4} << 20) ? 15 : 31;
  const int repeats = static_cast<int>(std::max<int64_t>(1, (int64_t{8} << 20) / bytes));
  const auto packs = [&] { benchmark::DoNotOptimize(ops->pack(pack, view, staging.data)); };
  const auto unpacks = [&] { benchmark::DoNotOptimize(ops->unpack(unpack, staging.data, view)); };
  return {interleaved(copy, packs, rounds, repeats), interleaved(copy, unpacks, rounds, repeats)};
}

void rows(benchmark::State& state) {
  const int64_t bytes = state.range(0) << 10;
  const int threads = static_cast<int>(state.range(1));
  for (auto _ : state) {
    std::printf("%lld KiB, %d threads; of memcpy's bandwidth\n%10s %12s %8s %8s\n",
                static_cast<long long>(bytes >> 10), threads, "row bytes", "memcpy GB/s", "pack",
                "unpack");
    double least = 1e9;
    for (int64_t row = 8; row <= 64 << 10; row *= 2) {
      const RowRatios r = compare_rows(bytes, row, threads);
      std::printf("%10lld %12.1f %8.2f %8.2f\n", static_cast<long long>(row),
                  static_cast<double>(bytes) / r.pack.first_ns, r.pack.ratio, r.unpack.ratio);
      if (row >= 256) least = std::min({least, r.pack.ratio, r.unpack.ratio});
    }
    state.counters["least_from_256"] = least;
  }
}
BENCHMARK(rows)
    ->ArgNames({"KiB", "threads"})
    ->Args({32 << 10, 1})
    ->Args({32 << 10, 2})
    ->Args({256, 1})
    ->Repetitions(1)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

// Reads [from, to), 64 bytes at a time; the sum so that it happens.
typedef int64_t Vector __attribute__((vector_size(64)));
__attribute__((target_clones("default", "avx2", "avx512f"))) void read_all(const std::byte* from,
                                                                           const std::byte* to,
                                                                           Vector* result) {
  Vector sums[4] = {};
  for (; from + 4 * kLine <= to; from += 4 * kLine) {
    for (int k = 0; k < 4; ++k) sums[k] += *reinterpret_cast<const Vector*>(from + k * kLine);
  }
  *result = sums[0] + sums[1] + sums[2] + sums[3];
}

// `fn`, which reads the block, against threads that do no more than read it.
Comparison against_reading(const Block& block, int64_t bytes, int threads, int rounds,
                           const std::function<void()>& fn) {
  ThreadTeam team(threads);
  const auto read = [&] {
    in_parts(team, bytes, [&](int64_t from, int64_t to) {
      Vector sum;
      read_all(block.data + from, block.data + to, &sum);
      benchmark::DoNotOptimize(sum);
    });
  };
  return interleaved(read, fn, rounds, 4);
}

void final_sum(benchmark::State& state) {
  const int64_t partials = state.range(0), elements = state.range(1);
  const int threads = static_cast<int>(state.range(2));
  const RandomMap m = partial_results(partials, elements);
  Transfers transfers;
  const int op = transfers.add(m, OpKind::reduce);
  const auto ops = compiled(transfers.finish(), threads);
  const int64_t bytes = partials * elements * 4;
  Block staging(bytes), tensor(elements * 4);
  const TensorView view = test::row_major_view(m.tensor, tensor.data);
  const auto reduce = [&] { benchmark::DoNotOptimize(ops->unpack(op, staging.data, view)); };
  for (auto _ : state) {
    const Comparison c = against_reading(staging, bytes, threads, 101, reduce);
    std::printf(
        "%lld partial results of %lld i32, %d threads: read %.1f GB/s, sum %.1f GB/s, %.2f\n",
        static_cast<long long>(partials), static_cast<long long>(elements), threads,
        static_cast<double>(bytes) / c.first_ns, static_cast<double>(bytes) / c.second_ns, c.ratio);
    state.counters["of_reading"] = c.ratio;
  }
}
BENCHMARK(final_sum)
    ->ArgNames({"partials", "elements", "threads"})
    ->Args({64, 8192, 1})
    ->Args({64, 8192, 2})
    ->Args({64, 1 << 18, 2})
    ->Args({2048, 256, 2})
    ->Repetitions(1)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

// Packing that converts i32 to i8, by the bytes it reads, against reading as many.
void narrowing(benchmark::State& state) {
  const int64_t bytes = state.range(0) << 10;
  const int threads = static_cast<int>(state.range(1));
  constexpr int64_t kRow = 512, kTiles = 8;
  RandomMap m = tiles(bytes / (kTiles * kRow * 4), kTiles, kRow);
  m.map.narrow = DType::i8;
  Transfers transfers;
  const int op = transfers.add(m, OpKind::pack);
  const auto ops = compiled(transfers.finish(), threads);
  Block tensor(bytes), staging(bytes / 4);
  const TensorView view = test::row_major_view(m.tensor, tensor.data);
  const auto pack = [&] { benchmark::DoNotOptimize(ops->pack(op, view, staging.data)); };
  for (auto _ : state) {
    const Comparison c = against_reading(tensor, bytes, threads, 31, pack);
    std::printf("%lld KiB of i32, %d threads: read %.1f GB/s, narrowed %.1f GB/s, %.2f\n",
                static_cast<long long>(bytes >> 10), threads,
                static_cast<double>(bytes) / c.first_ns, static_cast<double>(bytes) / c.second_ns,
                c.ratio);
    state.counters["of_reading"] = c.ratio;
  }
}
BENCHMARK(narrowing)
    ->ArgNames({"KiB", "threads"})
    ->Args({64 << 10, 1})
    ->Args({64 << 10, 2})
    ->Args({256, 1})
    ->Repetitions(1)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

// A sum of partial results and the element-wise stage that takes it, piece by piece or one after
// the other. Results and partial results are spread over 64 units.
void fused_stage(benchmark::State& state) {
  const int64_t partials = state.range(0), elements = state.range(1);
  const auto sample = test::lowered_sample(
      "T[i] += A[i,k] * B[k]; D[i] = max(T[i] + bias[i], 0)",
      cat("i=", elements, ",k=", 2 * partials), "simple",
      cat("i.0, i.1 = split(i, ", elements * partials / 64,
          ")\nk.0, k.1 = split(k, 2)\nreorder(i.0, k.0, i.1, k.1)\nbind(i.0, unit)\n"
          "rfactor(k.0)\nbind(k.0, unit)\nstage 1: parallel(i)\n"));
  const auto module = std::make_shared<const LoweredModule>(sample.module);
  const auto ops = compiled(module, 2);
  const auto at = std::find_if(module->ops.begin(), module->ops.end(), [](const HostOp& op) {
    return op.kind == OpKind::reduce && op.fused >= 0;
  });
  const int reduce = static_cast<int>(at - module->ops.begin()), stage = at->fused;
  const auto staged = static_cast<size_t>(at->host_buffer);
  Block staging(module->host_buffers[staged].elements * 4);
  std::vector<Block> memory;
  std::vector<TensorView> tensors;
  for (const Tensor& t : module->workload->tensors) {
    memory.emplace_back(t.name == "A" ? 4 : t.bytes());
    tensors.push_back(test::row_major_view(t, memory.back().data));
  }
  const auto sum =
      static_cast<size_t>(module->host_buffers[static_cast<size_t>(at->tensor_buffer)].tensor);
  const auto apart = [&] {
    benchmark::DoNotOptimize(ops->unpack(reduce, staging.data, tensors[sum]));
    benchmark::DoNotOptimize(ops->stage(stage, tensors));
  };
  const auto fused = [&] {
    benchmark::DoNotOptimize(ops->unpack_fused(reduce, staging.data, tensors[sum], tensors, stage));
  };
  for (auto _ : state) {
    const Comparison c = interleaved(apart, fused, 101, 4);
    std::printf(
        "%lld partial results of %lld i32 and a stage, 2 threads: apart %.0f us, fused %.0f us, "
        "%.2f\n",
        static_cast<long long>(partials), static_cast<long long>(elements), c.first_ns / 1000,
        c.second_ns / 1000, c.ratio);
    state.counters["of_apart"] = c.ratio;
  }
}
BENCHMARK(fused_stage)
    ->ArgNames({"partials", "elements"})
    ->Args({2, 1 << 21})
    ->Args({4, 1 << 20})
    ->Args({64, 8192})
    ->Args({16, 1 << 18})
    ->Repetitions(1)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace pimjit
