#include <gtest/gtest.h>

#include "pimjit/tests/support/host_passes.h"

namespace pimjit {
namespace {

using test::count;
using test::lowered_sample;
using test::operation;

// Results of two rows fill their granule. `second` schedules the bias and the activation.
test::Sample chain(const std::string& second, const std::string& sizes = "i=64,k=32",
                   const std::string& first = "i.0, i.1 = split(i, 2)\nbind(i.0, unit)\n") {
  return lowered_sample("mtv_bias_relu", sizes, "simple", first + second);
}

bool stays(const LoweredModule& m) {
  return count(m, OpKind::copy_back) == 1 && count(m, OpKind::launch) == 2;
}

const char* const kSameRows = "stage 1: i.0, i.1 = split(i, 2)\nstage 1: bind(i.0, unit)\n";

TEST(KeepIntermediates, ResultsStayWhereTheNextLaunchFindsThem) {
  const auto sample = chain(kSameRows);
  EXPECT_TRUE(stays(sample.module)) << host_program_text(sample.module);
  EXPECT_EQ(count(sample.module, OpKind::reduce), 1);
  EXPECT_EQ(test::mistakes_of(sample.module), "");
  // The second launch reads what the first one wrote, and waits for it.
  std::vector<const HostOp*> launches;
  for (const HostOp& op : sample.module.ops) {
    if (op.kind == OpKind::launch) launches.push_back(&op);
  }
  EXPECT_EQ(launches[1]->arguments[0], launches[0]->arguments.back());
}

TEST(KeepIntermediates, RaggedRowsToo) {
  const auto sample = chain(kSameRows, "i=63,k=17");
  EXPECT_TRUE(stays(sample.module)) << host_program_text(sample.module);
  EXPECT_EQ(test::mistakes_of(sample.module), "");
}

TEST(KeepIntermediates, OtherRowsGoThroughTheHost) {
  const auto other = chain("stage 1: i.0, i.1 = split(i, 4)\nstage 1: bind(i.0, unit)\n");
  EXPECT_FALSE(stays(other.module));
  EXPECT_EQ(test::mistakes_of(other.module), "");
  // The same number of units and rows, in another order.
  const auto strided = chain(
      "stage 1: i.0, i.1 = split(i, 32)\nstage 1: reorder(i.1, i.0)\n"
      "stage 1: bind(i.1, unit)\n");
  EXPECT_FALSE(stays(strided.module));
  EXPECT_EQ(test::mistakes_of(strided.module), "");
}

TEST(KeepIntermediates, PartialResultsAreAddedUpFirst) {
  const auto split =
      chain("stage 1: i.0, i.1 = split(i, 4)\nstage 1: bind(i.0, unit)\n", "i=64,k=32",
            "i.0, i.1 = split(i, 4)\nk.0, k.1 = split(k, 16)\n"
            "reorder(i.0, k.0, i.1, k.1)\nbind(i.0, unit)\nrfactor(k.0)\n"
            "bind(k.0, unit)\n");
  EXPECT_FALSE(stays(split.module));
  EXPECT_EQ(test::mistakes_of(split.module), "");
}

TEST(KeepIntermediates, OverlappingPartsHaveOneResultOnly) {
  // Parts of 5 rows in 2 times 3: the sixth row of each is the next part's first.
  const std::string split =
      "i.0, i.1 = split(i, 5)\ni.1.0, i.1.1 = split(i.1, 3)\nbind(i.0, unit)\n";
  std::string second;
  for (const char* line :
       {"i.0, i.1 = split(i, 5)\n", "i.1.0, i.1.1 = split(i.1, 3)\n", "bind(i.0, unit)\n"})
    second += std::string("stage 1: ") + line;
  const auto sample = chain(second, "i=23,k=8", split);
  EXPECT_FALSE(stays(sample.module));
  EXPECT_EQ(test::mistakes_of(sample.module), "");
}

// The operations around a result of the first stage: back, reduce, pack, copy.
TEST(KeepIntermediates, KeepsAwayFromOtherPrograms) {
  const auto sample = chain(kSameRows);
  const auto kept = [&](const std::function<void(LoweredModule&)>& change) {
    return stays(test::passed(keep_intermediates, sample, change));
  };
  EXPECT_TRUE(kept([](LoweredModule&) {}));
  const auto repack = [&](const std::function<void(HostOp&)>& change) {
    return kept([&](LoweredModule& m) {
      for (HostOp& op : m.ops) {
        const bool of_result = op.kind == OpKind::pack && !op.after.empty();
        if (of_result) change(op);
      }
    });
  };
  EXPECT_TRUE(repack([](HostOp&) {}));
  // The unit looks for its elements elsewhere.
  EXPECT_FALSE(repack([](HostOp& op) { op.map.digits[0].extent += 1; }));
  EXPECT_FALSE(repack([](HostOp& op) { op.map.digits[0].slice_stride += 1; }));
  EXPECT_FALSE(repack([](HostOp& op) { op.map.digits[0].element_stride += 1; }));
  EXPECT_FALSE(repack([](HostOp& op) { op.map.digits[0].reduce = true; }));
  EXPECT_FALSE(repack([](HostOp& op) { op.map.slices += 1; }));
  EXPECT_FALSE(repack([](HostOp& op) { op.map.slice_elements += 1; }));
  EXPECT_FALSE(repack([](HostOp& op) { op.map.index[0] = make_int(DType::i64, 0); }));
  EXPECT_FALSE(repack([](HostOp& op) { op.map.guard = make_int(DType::b1, 1); }));
  EXPECT_FALSE(repack([](HostOp& op) { op.map.fill_padding = true; }));
  EXPECT_FALSE(repack([](HostOp& op) { op.after.clear(); }));
  EXPECT_FALSE(kept([](LoweredModule& m) {
    for (HostOp& op : m.ops) {
      if (op.kind == OpKind::copy) op.after.clear();
    }
  }));
  const auto reduced = [&](const std::function<void(HostOp&)>& change) {
    return kept([&](LoweredModule& m) { change(operation(m, OpKind::reduce)); });
  };
  EXPECT_FALSE(reduced([](HostOp& op) { op.map.digits[0].reduce = true; }));
  EXPECT_FALSE(reduced([](HostOp& op) { op.reducer = Reducer::sum; }));
  EXPECT_FALSE(reduced([](HostOp& op) { op.after.clear(); }));
}

TEST(KeepIntermediates, TheSameUnitsNeedTheSamePieces) {
  const auto sample = chain(kSameRows);
  const auto kept = [&](const std::function<void(LoweredModule&, HostOp&)>& change) {
    return stays(test::passed(keep_intermediates, sample, [&](LoweredModule& m) {
      change(m, operation(m, OpKind::copy_back));
    }));
  };
  const auto memory = [](LoweredModule& m, const HostOp& op) -> DeviceBuffer& {
    return m.device_buffers[static_cast<size_t>(op.device_buffer)];
  };
  EXPECT_TRUE(kept([](LoweredModule&, HostOp&) {}));
  EXPECT_FALSE(kept([](LoweredModule&, HostOp& op) { op.units -= 1; }));
  EXPECT_FALSE(kept([](LoweredModule&, HostOp& op) { op.bytes += 8; }));
  EXPECT_FALSE(kept([](LoweredModule&, HostOp& op) { op.unit_digits[0].unit_stride += 1; }));
  EXPECT_FALSE(kept([](LoweredModule&, HostOp& op) { op.unit_digits[0].extent += 1; }));
  EXPECT_FALSE(kept([](LoweredModule&, HostOp& op) { op.unit_digits[0].slice_stride += 1; }));
  EXPECT_FALSE(kept([](LoweredModule&, HostOp& op) { op.unit_digits.clear(); }));
  EXPECT_FALSE(kept([&](LoweredModule& m, HostOp& op) { memory(m, op).scope += 1; }));
  EXPECT_FALSE(kept([&](LoweredModule& m, HostOp& op) { memory(m, op).elements += 1; }));
}

// A stage on the host that reads the second result only does not bring the first one back.
TEST(KeepIntermediates, OnlyWhatTheHostReadsComesBack) {
  const char* const kStages = "T[i] += A[i,k] * B[k]; U[i] = T[i] + b[i]; D[i] = U[i] * 2";
  const std::string rows = "i.0, i.1 = split(i, 2)\nbind(i.0, unit)\n";
  const auto sample = lowered_sample(kStages, "i=64,k=32", "simple", rows + kSameRows);
  EXPECT_EQ(count(sample.module, OpKind::stage), 1);
  EXPECT_TRUE(stays(sample.module)) << host_program_text(sample.module);
  EXPECT_EQ(test::mistakes_of(sample.module), "");
  // One that reads the first result too does.
  const char* const kBoth = "T[i] += A[i,k] * B[k]; U[i] = T[i] + b[i]; D[i] = U[i] * T[i]";
  const auto both = lowered_sample(kBoth, "i=64,k=32", "simple", rows + kSameRows);
  EXPECT_EQ(count(both.module, OpKind::copy_back), 2) << host_program_text(both.module);
  EXPECT_EQ(test::mistakes_of(both.module), "");
}

TEST(KeepIntermediates, IsNothingForAStageOnTheHost) {
  const auto sample = chain("");
  EXPECT_EQ(count(sample.module, OpKind::copy_back), 1);
  EXPECT_EQ(count(sample.module, OpKind::stage), 1);
  EXPECT_EQ(test::mistakes_of(sample.module), "");
}

}  // namespace
}  // namespace pimjit
