#include "pimjit/jit/host/jit_host_ops.h"

#include <cstring>

#include <gtest/gtest.h>

#include "pimjit/core/interp/transfer.h"
#include "pimjit/core/support/text.h"
#include "pimjit/jit/host/host_program_code.h"
#include "pimjit/tests/support/guarded_memory.h"
#include "pimjit/tests/support/lowered_samples.h"
#include "pimjit/tests/support/random_map.h"
#include "pimjit/tests/support/transfers.h"

namespace pimjit {
namespace {

using test::GuardedMemory;
using test::RandomMap;
using test::Transfers;

std::unique_ptr<HostOps> compiled(const std::shared_ptr<const LoweredModule>& module) {
  static const auto compiler = HostCompiler::create({.threads = 2, .compile = {}});
  EXPECT_TRUE(compiler);
  auto ops = compiler->compile(module);
  EXPECT_TRUE(ops) << ops.error().message();
  return ops ? std::move(*ops) : nullptr;
}

// Row-major, or with gaps, backwards, dimensions in another order; with elements that share an
// address where nothing is written.
TensorView random_view(const Tensor& t, bool strided, bool written, RandomStream& random) {
  TensorView v = test::row_major_view(t, nullptr);
  if (!strided) return v;
  const size_t rank = t.shape.size();
  int64_t stride = random.between(1, 2);
  std::vector<size_t> order(rank);
  for (size_t d = 0; d < rank; ++d) order[d] = d;
  if (rank > 1 && random.chance(0.5)) std::swap(order[0], order[rank - 1]);
  for (size_t k = rank; k-- > 0;) {
    const size_t d = order[k];
    v.strides[d] = random.chance(0.25) ? -stride : stride;
    stride *= t.shape[d] + random.between(0, 1);
    if (!written && random.chance(0.1)) v.strides[d] = 0;
  }
  return v;
}

struct Sides {
  GuardedMemory tensor, staging;
  TensorView view;
  Sides(const TensorView& shape, const HostOp& op, bool at_end)
      : tensor(test::span_bytes(shape), at_end),
        staging(
            op.map.slices * op.map.slice_elements * bytes_of(op.map.narrow.value_or(shape.dtype)),
            at_end),
        view(shape) {
    view.data = tensor.data() + test::first_byte(shape);
  }
};

void fill(const GuardedMemory& memory, DType t, RandomStream& random) {
  ShadowMemory values(1, memory.bytes());
  test::fill_randomly(values, t, random);
  if (memory.bytes() > 0)
    std::memcpy(memory.data(), values.data(0), static_cast<size_t>(memory.bytes()));
}

bool equal(const GuardedMemory& a, const GuardedMemory& b) {
  return a.bytes() == 0 || std::memcmp(a.data(), b.data(), static_cast<size_t>(a.bytes())) == 0;
}

// Every byte on both sides is what the plain operations leave there, and none beside them is
// touched.
void expect_like_plain(const HostOps& ops, const HostOps& plain, const LoweredModule& module,
                       int number, bool strided, RandomStream& random) {
  const HostOp& op = module.ops[static_cast<size_t>(number)];
  const Tensor& t = module.workload->tensors[static_cast<size_t>(number)];
  const bool writes_tensor = op.kind != OpKind::pack;
  const TensorView shape = random_view(t, strided, writes_tensor, random);
  const bool at_end = random.chance(0.5);
  const Sides mine(shape, op, at_end), theirs(shape, op, at_end);
  const GuardedMemory& source = writes_tensor ? mine.staging : mine.tensor;
  fill(source, t.dtype, random);
  const GuardedMemory& copy = writes_tensor ? theirs.staging : theirs.tensor;
  if (source.bytes() > 0)
    std::memcpy(copy.data(), source.data(), static_cast<size_t>(source.bytes()));
  source.forbid_writing();
  const auto run = [&](const HostOps& host, const Sides& s) {
    switch (op.kind) {
      case OpKind::pack:
        return host.pack(number, s.view, s.staging.data());
      case OpKind::fill:
        return host.fill(number, s.view);
      default:
        return host.unpack(number, s.staging.data(), s.view);
    }
  };
  const Status done = run(ops, mine);
  ASSERT_TRUE(done) << done.error().message();
  ASSERT_TRUE(run(plain, theirs));
  EXPECT_TRUE(equal(mine.tensor, theirs.tensor));
  EXPECT_TRUE(equal(mine.staging, theirs.staging));
}

// Any way of adding up partial results that a schedule can ask for.
FinalReduction random_way(RandomStream& random) {
  const auto choice = [&](int64_t most) {
    return random.chance(0.3) ? 0 : random.between(1, most);
  };
  return {choice(3), int64_t{1} << random.between(0, 4), choice(12), choice(40)};
}

void compare_on_random_maps(const char* stream, OpKind kind, int rounds,
                            const test::RandomMapOptions& options, bool any_way = false) {
  RandomStream random(1, stream);
  for (int round = 0; round < rounds; ++round) {
    Transfers transfers;
    std::vector<int> numbers;
    while (numbers.size() < 25) {
      const RandomMap m = random_map(random, options);
      if (kind == OpKind::reduce) {
        // Maps that write an element twice are none that lowering makes.
        ShadowMemory tensor(1, m.tensor.bytes());
        const DType staged = m.map.narrow.value_or(m.tensor.dtype);
        ShadowMemory staging(1, m.map.slices * m.map.slice_elements * bytes_of(staged));
        test::fill_randomly(staging, staged, random);
        if (!interpret_unpack(m.map, m.reducer, {&m.tensor, &tensor, &staging}, "test")) continue;
      }
      numbers.push_back(transfers.add(m, kind));
      if (any_way) transfers.op(numbers.back()).how = random_way(random);
    }
    const auto module = transfers.finish();
    const auto ops = compiled(module);
    ASSERT_NE(ops, nullptr);
    const auto plain = make_plain_host_ops(module);
    ASSERT_TRUE(plain);
    for (const int n : numbers) {
      SCOPED_TRACE(testing::Message() << "round " << round << ", operation " << n);
      for (const bool strided : {false, true})
        expect_like_plain(*ops, **plain, *module, n, strided, random);
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(JitHostOps, PacksLikeThePlainOperations) {
  compare_on_random_maps("jit pack", OpKind::pack, 4, {.unpacking = false});
  compare_on_random_maps("jit pack large", OpKind::pack, 1,
                         {.unpacking = false, .digits = 3, .extent = 40});
}

TEST(JitHostOps, UnpacksLikeThePlainOperations) {
  compare_on_random_maps("jit unpack", OpKind::reduce, 4, {.unpacking = true});
  compare_on_random_maps("jit unpack large", OpKind::reduce, 1,
                         {.unpacking = true, .digits = 3, .extent = 40});
}

TEST(JitHostOps, SchedulesOfReductionsChangeNoResult) {
  compare_on_random_maps("jit ways", OpKind::reduce, 3, {.unpacking = true}, true);
  compare_on_random_maps("jit ways large", OpKind::reduce, 1,
                         {.unpacking = true, .digits = 3, .extent = 40}, true);
}

// Partial results of 4096 elements.
RandomMap partial_results(int64_t number) {
  RandomMap m;
  m.tensor.name = "T";
  m.tensor.dtype = DType::i32;
  m.tensor.shape = {4096};
  m.map.digits = {{number, 1, 0, true}, {4096, 0, 1}};
  m.map.index = {make_var(DType::i64, 1)};
  m.map.slices = number;
  m.map.slice_elements = 4096;
  m.reducer = Reducer::sum;
  return m;
}

TEST(JitHostOps, SchedulesOfReductionsAreObeyed) {
  const auto text = [](const FinalReduction& how) {
    Transfers transfers;
    transfers.op(transfers.add(partial_results(32), OpKind::reduce)).how = how;
    const auto module = transfers.finish();
    auto code = emit_host_program(*module, TensorLayout::row_major);
    EXPECT_TRUE(code);
    return code->module.text();
  };
  const auto loads = [](const std::string& ir) {
    int64_t n = 0;
    for (size_t at = ir.find("= load i32"); at != std::string::npos;
         at = ir.find("= load i32", at + 1))
      ++n;
    return n;
  };
  const std::string plain = text({});
  EXPECT_EQ(plain.find("vectorize.width"), std::string::npos);
  const std::string four = text({.reduce_lanes = 4});
  EXPECT_NE(four.find("!\"llvm.loop.vectorize.width\", i32 4"), std::string::npos) << four;
  // One pass over the sums per partial result: they are read between.
  EXPECT_LT(loads(text({.reduce_group = 1})), loads(plain));
  EXPECT_NE(text({.reduce_block = 96}).find("alloca [96 x i32]"), std::string::npos);
}

TEST(JitHostOps, ThreadsOfReductionsAreBounded) {
  const RandomMap m = partial_results(512);
  const auto split = [&](int64_t threads) {
    auto nest =
        plan_transfer(NestKind::unpack, m.map, m.reducer, m.tensor, TensorLayout::row_major, false);
    EXPECT_TRUE(nest);
    nest->how.reduce_threads = threads;
    const NestSplit s = split_of(*nest);
    return (s.count + s.grain - 1) / s.grain;  // pieces
  };
  EXPECT_GT(split(0), 3);
  EXPECT_EQ(split(1), 1);
  EXPECT_EQ(split(3), 3);
}

// Rows of a matrix of 2 ^ 22 bytes and more, cut into tiles of 200 columns; the last tile has few.
RandomMap large_tiles(int64_t rows, int64_t columns) {
  const auto digit = [](int d) { return make_var(DType::i64, d); };
  RandomMap m;
  m.tensor.name = "T";
  m.tensor.dtype = DType::i8;
  m.tensor.shape = {rows, columns};
  const int64_t tiles = (columns + 199) / 200;
  m.map.digits = {{tiles, 1, 0}, {rows, 0, 200}, {200, 0, 1}};
  m.map.index = {
      digit(1),
      make_binary(BinaryOp::add, make_binary(BinaryOp::mul, digit(0), make_int(DType::i64, 200)),
                  digit(2))};
  m.map.slices = tiles;
  m.map.slice_elements = rows * 200;
  return m;
}

// They are written past the caches, in whole lines and what is left on both sides of them.
TEST(JitHostOps, MovesLargeTilesLikeThePlainOperations) {
  RandomStream random(1, "jit large tiles");
  Transfers transfers;
  std::vector<int> numbers;
  for (const bool filled : {false, true}) {
    RandomMap m = large_tiles(2000, 2131 + (filled ? 70 : 0));
    m.map.fill_padding = filled;
    numbers.push_back(transfers.add(m, OpKind::pack));
    numbers.push_back(transfers.add(m, OpKind::reduce));
  }
  const auto module = transfers.finish();
  const auto ops = compiled(module);
  ASSERT_NE(ops, nullptr);
  const auto plain = make_plain_host_ops(module);
  ASSERT_TRUE(plain);
  for (const int n : numbers) {
    for (const bool strided : {false, true})
      expect_like_plain(*ops, **plain, *module, n, strided, random);
  }
}

TEST(JitHostOps, FillsLikeThePlainOperations) {
  compare_on_random_maps("jit fill", OpKind::fill, 2, {.unpacking = false});
}

// Stages of the host.
struct StageCase {
  const char* computation;
  const char* sizes;
  const char* trace;  // of the host's stages, all
};
constexpr StageCase kStages[] = {
    {"T[i] += A[i,k] * B[k]; D[i] = max(T[i] + bias[i], 0)", "i=100,k=7", ""},
    {"T[i] += A[i,k] * B[k]; D[i] = max(T[i] + bias[i], 0)", "i=40000,k=2", "stage 1: parallel(i)"},
    {"T[i] += A[i,k] * B[k]; D[i] = max(T[i] + bias[i], 0)", "i=101,k=3",
     "stage 1: i.0, i.1 = split(i, 16)\nstage 1: reorder(i.1, i.0)\nstage 1: unroll(i.0, 2)"},
    {"T[i] = A[i] * 3; S[j] += T[i] * B[i,j]", "i=300,j=130", "stage 1: parallel(j)"},
    {"T[i] = A[i] * 3; S[j] max= T[i] - B[i,j]", "i=90,j=33",
     "stage 1: reorder(i, j)\nstage 1: vectorize(j)"},
    {"T[i] = A[i] * 3; s[] += T[i]", "i=300", ""},
    {"T[i] = A[i] * 3; D[i,j] = T[i] / B[j] + T[i] % C[j]", "i=70,j=500", "stage 1: parallel(i)"},
};

std::vector<HostTensor> random_tensors(const Workload& w, RandomStream& random) {
  std::vector<HostTensor> tensors;
  for (const Tensor& t : w.tensors) {
    tensors.emplace_back(t.dtype, t.shape);
    ShadowMemory values(1, t.bytes());
    test::fill_randomly(values, t.dtype, random);
    std::memcpy(tensors.back().data(), values.data(0), static_cast<size_t>(t.bytes()));
  }
  return tensors;
}

// The same elements in memory with a gap behind each.
TensorView spread(HostTensor& t, std::vector<std::byte>& memory) {
  TensorView view = t.view();
  memory.assign(static_cast<size_t>(2 * t.bytes()), std::byte{0});
  view.data = memory.data();
  for (int64_t& stride : view.strides) stride *= 2;
  copy_tensor(t.view(), view);
  return view;
}

void expect_stage_like_plain(const StageCase& c, DType dtype, RandomStream& random) {
  const auto sample = test::lowered_sample(
      c.computation, c.sizes, "simple",
      cat("i.0, i.1 = split(i, ratio 1/16)\nbind(i.0, unit)\n", c.trace), dtype);
  const auto module = std::make_shared<const LoweredModule>(sample.module);
  const auto ops = compiled(module);
  const auto plain = make_plain_host_ops(module);
  ASSERT_TRUE(plain);
  for (size_t number = 0; number < module->ops.size(); ++number) {
    if (module->ops[number].kind != OpKind::stage) continue;
    for (const bool strided : {false, true}) {
      const std::vector<HostTensor> given = random_tensors(*sample.workload, random);
      const auto result = static_cast<size_t>(sample.workload->output());
      std::vector<HostTensor> mine = given, theirs = given;
      std::vector<std::vector<std::byte>> memory(given.size());
      std::vector<TensorView> views, plain_views;
      for (size_t t = 0; t < given.size(); ++t) {
        views.push_back(strided ? spread(mine[t], memory[t]) : mine[t].view());
        plain_views.push_back(theirs[t].view());
      }
      const Status done = ops->stage(static_cast<int>(number), views);
      ASSERT_TRUE(done) << done.error().message();
      ASSERT_TRUE((*plain)->stage(static_cast<int>(number), plain_views));
      if (strided) copy_tensor(views[result], mine[result].view());
      EXPECT_EQ(std::memcmp(mine[result].data(), theirs[result].data(),
                            static_cast<size_t>(mine[result].bytes())),
                0);
    }
  }
}

TEST(JitHostOps, StagesLikeThePlainOperations) {
  RandomStream random(1, "jit stages");
  for (const StageCase& c : kStages) {
    for (const DType dtype : {DType::i32, DType::i8, DType::f32}) {
      // Remainders of f32 do not exist.
      if (dtype == DType::f32 && std::string(c.computation).find('%') != std::string::npos)
        continue;
      SCOPED_TRACE(testing::Message()
                   << c.computation << " " << to_string(dtype) << " " << c.trace);
      expect_stage_like_plain(c, dtype, random);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

// Sums whose pieces a stage takes: `first` schedules the sum.
struct FusedCase {
  const char* computation;
  const char* sizes;
  const char* first;
};
constexpr FusedCase kFused[] = {
    {"T[i] += A[i,k] * B[k]; D[i] = max(T[i] + bias[i], 0)", "i=3001,k=30",
     "k.0, k.1 = split(k, 5)\nreorder(k.0, i, k.1)\nrfactor(k.0)\nbind(k.0, unit)\n"},
    // More partial results than are added in one pass.
    {"T[i] += A[i,k] * B[k]; D[i] = T[i] * T[i] + bias[2*i]", "i=5003,k=44",
     "k.0, k.1 = split(k, 2)\nreorder(k.0, i, k.1)\nrfactor(k.0)\nbind(k.0, unit)\n"},
    {"T[i] max= A[i,k] - B[k]; D[i] = T[i] - bias[i]", "i=61,k=40",
     "i.0, i.1 = split(i, 4)\nk.0, k.1 = split(k, 16)\nreorder(i.0, k.0, i.1, k.1)\n"
     "bind(i.0, unit)\nrfactor(k.0)\nbind(k.0, unit)\n"},
    // Rows, and pieces of several rows.
    {"T[i,j] += A[i,k] * B[k,j]; D[i,j] = max(T[i,j] + c[j], 0) - r[i]", "i=37,j=29,k=24",
     "i.0, i.1 = split(i, 8)\nk.0, k.1 = split(k, 3)\nreorder(i.0, k.0, i.1, j, k.1)\n"
     "bind(i.0, unit)\nrfactor(k.0)\nbind(k.0, unit)\n"},
    // The unit's rows run down the columns: the stage comes afterwards.
    {"T[i,j] += A[i,k] * B[k,j]; D[i,j] = T[i,j] + c[j]", "i=37,j=29,k=24",
     "k.0, k.1 = split(k, 3)\nreorder(k.0, j, i, k.1)\nrfactor(k.0)\nbind(k.0, unit)\n"},
};

void expect_fused_like_plain(const FusedCase& c, DType dtype, RandomStream& random) {
  const auto sample = test::lowered_sample(c.computation, c.sizes, "simple", c.first, dtype);
  const auto module = std::make_shared<const LoweredModule>(sample.module);
  const auto ops = compiled(module);
  const auto plain = make_plain_host_ops(module);
  ASSERT_TRUE(plain);
  int fused = 0;
  for (size_t number = 0; number < module->ops.size(); ++number) {
    const HostOp& op = module->ops[number];
    if (op.kind != OpKind::reduce || op.fused < 0) continue;
    ++fused;
    const HostBuffer& from = module->host_buffers[static_cast<size_t>(op.host_buffer)];
    ShadowMemory staging(1, from.elements * bytes_of(from.dtype));
    test::fill_randomly(staging, from.dtype, random);
    const auto sum =
        static_cast<size_t>(module->host_buffers[static_cast<size_t>(op.tensor_buffer)].tensor);
    const auto result = static_cast<size_t>(sample.workload->output());
    for (const bool strided : {false, true}) {
      std::vector<HostTensor> mine = random_tensors(*sample.workload, random), theirs = mine;
      std::vector<std::byte> memory;
      std::vector<TensorView> views, plain_views;
      for (size_t t = 0; t < mine.size(); ++t) {
        views.push_back(strided && t == result ? spread(mine[t], memory) : mine[t].view());
        plain_views.push_back(theirs[t].view());
      }
      const auto n = static_cast<int>(number);
      ASSERT_TRUE(ops->unpack_fused(n, staging.data(0), views[sum], views, op.fused));
      ASSERT_TRUE(
          (*plain)->unpack_fused(n, staging.data(0), plain_views[sum], plain_views, op.fused));
      if (strided) copy_tensor(views[result], mine[result].view());
      for (const size_t t : {sum, result}) {
        if (t == sum && op.passed_on) continue;
        const auto bytes = static_cast<size_t>(mine[t].bytes());
        EXPECT_EQ(std::memcmp(mine[t].data(), theirs[t].data(), bytes), 0);
      }
    }
  }
  EXPECT_EQ(fused, 1);
}

TEST(JitHostOps, StagesTakeSumsLikeThePlainOperations) {
  RandomStream random(1, "jit fused stages");
  for (const FusedCase& c : kFused) {
    for (const DType dtype : {DType::i32, DType::i8, DType::f32}) {
      SCOPED_TRACE(testing::Message() << c.computation << " " << to_string(dtype));
      expect_fused_like_plain(c, dtype, random);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace pimjit
