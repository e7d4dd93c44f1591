#include "pimjit/core/lower/host_time.h"

#include <gtest/gtest.h>

#include "pimjit/tests/unit/interp/small_module.h"

namespace pimjit {
namespace {

Link link() {
  Link l{};
  l.cost.fixed_ns = 100;
  l.cost.per_unit_ns = 3;
  l.cost.ns_per_byte = 0.5;
  return l;
}

TEST(HostTime, CountsWhatEveryUnitMoves) {
  EXPECT_EQ(link_ns(link(), 16, 4, false), 100 + 4 * 3 + 64 * 0.5);
  EXPECT_EQ(link_ns(link(), 0, 4, false), 0);
  EXPECT_EQ(link_ns(link(), 16, 0, false), 0);
}

TEST(HostTime, CountsABroadcastOnceWhereTheLinkSaysSo) {
  Link l = link();
  EXPECT_EQ(link_ns(l, 16, 4, true), 100 + 4 * 3 + 64 * 0.5);
  l.broadcast_costs_per_unit = false;
  EXPECT_EQ(link_ns(l, 16, 4, true), 100 + 4 * 3 + 16 * 0.5);
}

TEST(HostTime, InterpolatesTables) {
  Link l = link();
  l.cost.fixed_ns = l.cost.per_unit_ns = 0;
  l.cost.table = {{10, 1}, {20, 3}};
  EXPECT_EQ(link_ns(l, 5, 2, false), 10 / 1.0);
  EXPECT_EQ(link_ns(l, 15, 2, false), 30 / 2.0);
  EXPECT_EQ(link_ns(l, 40, 2, false), 80 / 3.0);
}

TEST(HostTime, FewUnitsReachAShareOfTheBandwidth) {
  Link l = link();
  l.cost.units = {{1, 0.25}, {5, 1}};
  EXPECT_EQ(link_ns(l, 16, 1, false), 100 + 3 + 16 * 0.5 / 0.25);
  EXPECT_EQ(link_ns(l, 16, 3, false), 100 + 9 + 48 * 0.5 / 0.625);
  EXPECT_EQ(link_ns(l, 16, 8, false), 100 + 24 + 128 * 0.5);
}

TEST(HostTime, FollowsTheHostModel) {
  LoweredModule m = small_machine::doubling_module();
  auto machine = std::make_shared<TargetDesc>(*m.target);
  machine->host.threads = 2;
  machine->host.pack_bytes_per_ns = 4;
  machine->host.reduce_bytes_per_ns = 3;
  machine->host.launch_ns = 10;
  machine->host.launch_per_unit_ns = 1;
  m.target = machine;
  EXPECT_EQ(host_program_ns(m, {1000}), (std::vector<double>{6, 0, 1013, 0, 8}));
}

TEST(HostTime, AScheduleMayKeepThreadsFromAReduction) {
  LoweredModule m = small_machine::doubling_module();
  auto machine = std::make_shared<TargetDesc>(*m.target);
  machine->host.threads = 4;
  machine->host.reduce_bytes_per_ns = 3;
  m.target = machine;
  HostOp& reduce = m.ops.back();
  ASSERT_EQ(reduce.kind, OpKind::reduce);
  EXPECT_EQ(host_op_ns(m, reduce), 4);
  reduce.how.reduce_threads = 2;
  EXPECT_EQ(host_op_ns(m, reduce), 8);
  reduce.how.reduce_threads = 9;
  EXPECT_EQ(host_op_ns(m, reduce), 4);
}

TEST(HostTime, CountsScalarOperationsOfStages) {
  LoweredModule m = small_machine::doubling_module();
  HostOp op;
  op.kind = OpKind::stage;
  op.tensor_buffer = 1;
  EXPECT_EQ(host_op_ns(m, op), 10 * 3);  // 10 elements, two loads and an addition each
}

}  // namespace
}  // namespace pimjit
