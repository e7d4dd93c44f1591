#include <gtest/gtest.h>

#include "pimjit/core/lower/host_time.h"
#include "pimjit/tests/support/host_passes.h"

namespace pimjit {
namespace {

using test::lowered_sample;

const HostOp* find(const LoweredModule& m, OpKind kind) {
  for (const HostOp& op : m.ops) {
    if (op.kind == kind) return &op;
  }
  return nullptr;
}
int64_t pushes(const LoweredModule& m) {
  return std::count_if(m.ops.begin(), m.ops.end(), [](const HostOp& op) {
    return !op.upload && (op.kind == OpKind::copy || op.kind == OpKind::broadcast);
  });
}

const char* const kRows = "i.0, i.1 = split(i, 2)\nbind(i.0, unit)\n";
const std::string kResident = std::string(kRows) + "place(A, bank, resident)\n";

TEST(JoinPushes, AScalarGoesWithTheVector) {
  const auto sample = lowered_sample("gemv", "i=64,k=32", "simple", kResident);
  const LoweredModule& m = sample.module;
  EXPECT_EQ(pushes(m), 1) << host_program_text(m);
  const HostOp* join = find(m, OpKind::join);
  ASSERT_NE(join, nullptr);
  ASSERT_EQ(join->parts.size(), 2u);
  // Both are the same for all units, and so is what they make together.
  EXPECT_EQ(join->map.slices, 1);
  const HostOp* push = find(m, OpKind::broadcast);
  while (push->upload) ++push;
  EXPECT_EQ(push->bytes, 8 + 32 * 4);
  EXPECT_EQ(test::mistakes_of(m), "");
}

TEST(JoinPushes, OneSliceGoesIntoAllOfTheOthers) {
  const auto sample = lowered_sample("gemv", "i=16,k=64", "simple",
                                     "k.0, k.1 = split(k, 16)\nreorder(k.0, i, k.1)\n"
                                     "rfactor(k.0)\nbind(k.0, unit)\nplace(A, bank, resident)\n");
  const HostOp* join = find(sample.module, OpKind::join);
  ASSERT_NE(join, nullptr) << host_program_text(sample.module);
  EXPECT_EQ(join->map.slices, 4);
  EXPECT_EQ(join->parts[0].slices, 1);
  EXPECT_EQ(join->parts[1].slices, 4);
  EXPECT_EQ(test::mistakes_of(sample.module), "");
}

TEST(JoinPushes, SlicesOfTheSameUnitsLieSideBySide) {
  const auto sample = lowered_sample("va", "i=61", "simple", kRows);
  EXPECT_EQ(pushes(sample.module), 1) << host_program_text(sample.module);
  EXPECT_EQ(find(sample.module, OpKind::join)->map.slices, 31);
  EXPECT_EQ(test::mistakes_of(sample.module), "");
}

TEST(JoinPushes, TypesMayDiffer) {
  const auto sample = lowered_sample("C:i64[i] = A:i8[i] * 2 + B:i64[i]", "i=24", "simple",
                                     "i.0, i.1 = split(i, 8)\nbind(i.0, unit)\n");
  EXPECT_NE(find(sample.module, OpKind::join), nullptr);
  EXPECT_EQ(test::mistakes_of(sample.module), "");
}

TEST(JoinPushes, UnitsThatTakeOtherSlicesStayApart) {
  // A's slices are by row and column, B's by column.
  const auto sample = lowered_sample(
      "mtv", "i=8,k=64", "simple",
      "i.0, i.1 = split(i, 2)\nk.0, k.1 = split(k, 16)\nreorder(i.0, k.0, i.1, k.1)\n"
      "rfactor(k.0)\nbind(i.0, unit)\nbind(k.0, unit)\n");
  EXPECT_EQ(find(sample.module, OpKind::join), nullptr) << host_program_text(sample.module);
}

TEST(JoinPushes, ResidentsAreNoPartOfAPush) {
  const auto sample = lowered_sample("mtv", "i=64,k=32", "simple", kResident);
  EXPECT_EQ(find(sample.module, OpKind::join), nullptr);
}

// Joining is copying: where that takes longer than a push of its own, pushes stay apart.
TEST(JoinPushes, LargePiecesGoAlone) {
  const auto small = lowered_sample("va", "i=64", "simple", kRows);
  const auto large =
      lowered_sample("va", "i=131072", "simple", "i.0, i.1 = split(i, 4096)\nbind(i.0, unit)\n");
  EXPECT_NE(find(small.module, OpKind::join), nullptr);
  EXPECT_EQ(find(large.module, OpKind::join), nullptr) << host_program_text(large.module);
}

TEST(JoinPushes, AProgramNeverEndsLaterForIt) {
  for (const char* sizes : {"i=2", "i=64", "i=250", "i=4096", "i=16384"}) {
    const auto sample = lowered_sample("va", sizes, "simple");
    LowerOptions apart;
    apart.disabled = {"join_pushes"};
    const auto without = lower(sample.workload, sample.target, sample.module.schedule, apart);
    ASSERT_TRUE(without);
    const auto total = [](const LoweredModule& m) {
      return makespan(m.ops, host_program_ns(m, {})).total;
    };
    EXPECT_LE(total(sample.module), total(*without)) << sizes;
  }
}

// A push that is joined already stays as it is: parts of parts have no place.
TEST(JoinPushes, JoinsOnce) {
  const auto sample = lowered_sample("C[i] = A[i] + B[i] * D[i]", "i=64", "simple", kRows);
  const LoweredModule m = test::passed(join_pushes, sample, [](LoweredModule& before) {
    HostOp* second = &test::operation(before, OpKind::copy, 1);
    second->upload = true;
    LoweringState state;
    state.module = before;
    ASSERT_TRUE(join_pushes(state));
    before = state.module;
    ASSERT_EQ(test::count(before, OpKind::join), 1);
    test::operation(before, OpKind::copy, 0).upload = false;
  });
  EXPECT_EQ(test::mistakes_of(m), "") << host_program_text(m);
}

// Two vectors in slices, changed by hand before they would be joined.
TEST(JoinPushes, KeepsAwayFromOtherPrograms) {
  const auto sample = lowered_sample("va", "i=64", "simple", kRows);
  const auto joined = [&](const std::function<void(LoweredModule&, HostOp&, HostOp&)>& change) {
    const LoweredModule m = test::passed(join_pushes, sample, [&](LoweredModule& before) {
      change(before, test::operation(before, OpKind::copy, 0),
             test::operation(before, OpKind::copy, 1));
    });
    return test::count(m, OpKind::join) > 0;
  };
  using Module = LoweredModule;
  EXPECT_TRUE(joined([](Module&, HostOp&, HostOp&) {}));
  // Units take other slices of the second one.
  EXPECT_FALSE(joined([](Module&, HostOp&, HostOp& b) { b.unit_digits[0].unit_stride += 1; }));
  EXPECT_FALSE(joined([](Module&, HostOp&, HostOp& b) { b.unit_digits[0].extent -= 1; }));
  EXPECT_FALSE(joined([](Module&, HostOp&, HostOp& b) { b.unit_digits[0].slice_stride += 1; }));
  // They move over other links, to other units, or once for many calls.
  EXPECT_FALSE(joined([](Module&, HostOp&, HostOp& b) { b.link += 1; }));
  EXPECT_FALSE(joined([](Module&, HostOp&, HostOp& b) { b.units -= 1; }));
  EXPECT_FALSE(joined([](Module&, HostOp&, HostOp& b) { b.upload = true; }));
  // The memory is part of a larger piece already.
  EXPECT_FALSE(joined([](Module& m, HostOp& a, HostOp& b) {
    m.device_buffers[static_cast<size_t>(b.device_buffer)].within = a.device_buffer;
  }));
  // Together they are more than the link moves at once.
  EXPECT_FALSE(joined([](Module& m, HostOp& a, HostOp& b) {
    auto target = std::make_shared<TargetDesc>(*m.target);
    target->links[static_cast<size_t>(a.link)].max_bytes = a.bytes + b.bytes - 1;
    m.target = target;
  }));
}

TEST(JoinPushes, OnlyPushesAreJoined) {
  const auto sample = lowered_sample("va", "i=64", "simple", kRows);
  const LoweredModule m = test::passed(join_pushes, sample, [](LoweredModule& before) {
    const HostOp back = test::operation(before, OpKind::copy_back);
    while (before.ops.back().kind != OpKind::copy_back) before.ops.pop_back();
    before.ops.push_back(back);
  });
  EXPECT_EQ(test::count(m, OpKind::copy_back), 2);
}

TEST(JoinPushes, WhereTheHostOnlyBroadcastsSlicesStayApart) {
  const auto sample =
      lowered_sample("mtv", "i=64,k=32", "simple", "i.0, i.1 = split(i, 2)\nbind(i.0, unit)\n");
  const auto joined = [&](HostAccess access) {
    const LoweredModule m = test::passed(join_pushes, sample, [access](LoweredModule& before) {
      auto target = std::make_shared<TargetDesc>(*before.target);
      target->scopes[static_cast<size_t>(target->home_scope())].host = access;
      before.target = target;
    });
    return test::count(m, OpKind::join) > 0;
  };
  EXPECT_TRUE(joined(test::sample_target("simple")->scopes[0].host));
  EXPECT_FALSE(joined(HostAccess::broadcast));
}

TEST(JoinPushes, CanBeLeftOut) {
  const auto sample = lowered_sample("va", "i=64", "simple", kRows);
  LowerOptions apart;
  apart.verify = true;
  apart.disabled = {"join_pushes"};
  const auto without = lower(sample.workload, sample.target, sample.module.schedule, apart);
  ASSERT_TRUE(without);
  EXPECT_EQ(pushes(*without), 2);
  EXPECT_EQ(test::mistakes_of(*without), "");
}

// What the verifier says about a join that is wrong.
TEST(JoinPushes, IsVerified) {
  const auto complaint = [](auto&& spoil) {
    LoweredModule m = lowered_sample("va", "i=64", "simple", kRows).module;
    for (HostOp& op : m.ops) {
      if (op.kind == OpKind::join) spoil(m, op);
    }
    const Status status = verify_host_program(m);
    return status ? std::string() : status.error().what;
  };
  EXPECT_EQ(complaint([](LoweredModule&, HostOp&) {}), "");
  const auto part = [](LoweredModule& m, HostOp& op) -> DeviceBuffer& {
    return m.device_buffers[static_cast<size_t>(op.parts[1].device_buffer)];
  };
  EXPECT_EQ(complaint([&](LoweredModule& m, HostOp& op) { part(m, op).offset = 0; }),
            "device buffer B.1 has no place in its slices");
  EXPECT_EQ(complaint([&](LoweredModule& m, HostOp& op) { part(m, op).offset = 12; }),
            "device buffer B.1 is bytes 12 to 20 of A.0 + B.1, which has 16");
  EXPECT_EQ(complaint([&](LoweredModule& m, HostOp& op) { part(m, op).offset = 4; }),
            "device buffer B.1 needs addresses that are multiples of 8 and is at byte 4 of A.0 + "
            "B.1");
  EXPECT_EQ(complaint([&](LoweredModule& m, HostOp& op) {
              part(m, op).within = op.parts[0].device_buffer;
            }),
            "device buffer B.1 cannot be part of A.0");
  EXPECT_EQ(complaint([&](LoweredModule& m, HostOp& op) { part(m, op).within = 99; }),
            "device buffer B.1 is part of buffer 99");
  EXPECT_EQ(complaint([](LoweredModule&, HostOp& op) { op.parts[1].slices = 2; }),
            "it joins 2 slices of 8 B of B.1.staging, which has 256 B, with 32 slices");
  EXPECT_EQ(complaint([](LoweredModule&, HostOp& op) { op.map.slices = 31; }),
            "it joins 31 slices of 16 B, its staging has 512 B");
  EXPECT_EQ(complaint([](LoweredModule& m, HostOp& op) {
              op.parts[0].device_buffer = 9;
              (void)m;
            }),
            "it joins device buffer 9");
}

}  // namespace
}  // namespace pimjit
