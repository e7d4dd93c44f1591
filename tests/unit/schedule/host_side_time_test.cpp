#include "pimjit/core/schedule/host_side_time.h"

#include <gtest/gtest.h>

namespace pimjit {
namespace {

Link link_of(int from, int to, double fixed_ns, double ns_per_byte) {
  Link link;
  link.from = from;
  link.to = to;
  link.cost.fixed_ns = fixed_ns;
  link.cost.ns_per_byte = ns_per_byte;
  return link;
}

// A scope that the host writes and reads, and a link inside the device.
TargetDesc machine() {
  TargetDesc target;
  target.links = {link_of(kHost, 0, 100, 0.5), link_of(0, kHost, 200, 1), link_of(0, 1, 7, 7)};
  target.host.threads = 2;
  target.host.launch_ns = 1000;
  target.host.launch_per_unit_ns = 10;
  target.host.pack_bytes_per_ns = 4;
  target.host.reduce_bytes_per_ns = 0;
  return target;
}

StageFeatures features() {
  StageFeatures f;
  f.units = 8;
  f.link_bytes = {1600, 800, 5000};
  f.link_copies = {2, 1, 50};
  f.link_joined = {2, 1, 50};
  f.link_join_bytes = {0, 0, 0};
  f.host_pack_bytes = 1600;
  f.host_reduce_bytes = 800;
  return f;
}

TEST(HostSideTime, TakesLinksOfTheHostLaunchAndPacking) {
  HostSideTime sum;
  add_host_side(machine(), features(), sum);
  EXPECT_DOUBLE_EQ(sum.h2d, 2 * (100 + 8 * 100 * 0.5));
  EXPECT_DOUBLE_EQ(sum.d2h, 200 + 8 * 100 * 1.0);
  EXPECT_DOUBLE_EQ(sum.launch, 1000 + 8 * 10);
  EXPECT_DOUBLE_EQ(sum.host, 1600 / 8.0);  // the description gives no rate for reductions
}

TEST(HostSideTime, PushesGoTogetherWhereThatIsSooner) {
  TargetDesc target = machine();
  target.host.copy_bytes_per_ns = 20;
  StageFeatures f = features();
  f.link_joined[0] = 1;
  f.link_join_bytes[0] = 1600;
  HostSideTime sum;
  add_host_side(target, f, sum);  // 80 ns of joining in place of 100 of a push
  EXPECT_DOUBLE_EQ(sum.h2d, 100 + 8 * 200 * 0.5);
  EXPECT_DOUBLE_EQ(sum.host, 1600 / 8.0 + 1600 / 20.0);
  target.host.copy_bytes_per_ns = 10;
  sum = {};
  add_host_side(target, f, sum);
  EXPECT_DOUBLE_EQ(sum.h2d, 2 * (100 + 8 * 100 * 0.5));
  EXPECT_DOUBLE_EQ(sum.host, 1600 / 8.0);
}

TEST(HostSideTime, AScheduleMayKeepThreadsFromTheReduction) {
  TargetDesc target = machine();
  target.host.reduce_bytes_per_ns = 2;
  StageFeatures f = features();
  HostSideTime all, one;
  add_host_side(target, f, all);
  f.host_reduce_threads = 1;
  add_host_side(target, f, one);
  EXPECT_DOUBLE_EQ(one.host - all.host, 800 / 2.0 - 800 / 4.0);
}

TEST(HostSideTime, AddsToWhatIsThereAndSkipsUnusedLinks) {
  StageFeatures f = features();
  f.link_bytes[1] = 0;
  f.link_copies[1] = 0;
  HostSideTime sum;
  add_host_side(machine(), f, sum);
  add_host_side(machine(), f, sum);
  EXPECT_DOUBLE_EQ(sum.h2d, 2 * 1000);
  EXPECT_DOUBLE_EQ(sum.d2h, 0);
  EXPECT_DOUBLE_EQ(sum.launch, 2 * 1080);
}

}  // namespace
}  // namespace pimjit
