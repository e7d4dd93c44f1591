#include "pimjit/core/schedule/host_side_time.h"

#include <algorithm>
#include <cmath>

#include "pimjit/core/target/link_time.h"

namespace pimjit {
namespace {

void add_link(const Link& link, double bytes, double copies, int64_t units, HostSideTime& sum) {
  if (bytes <= 0 || copies <= 0) return;
  const double each = bytes / copies / static_cast<double>(std::max<int64_t>(units, 1));
  const int64_t size = std::max<int64_t>(1, std::llround(each));
  (link.from == kHost ? sum.h2d : sum.d2h) += copies * link_ns(link, size, units, false);
}

}  // namespace

void add_host_side(const TargetDesc& target, const StageFeatures& features, HostSideTime& sum) {
  for (size_t l = 0; l < target.links.size(); ++l) {
    const Link& link = target.links[l];
    if (link.from == kHost || link.to == kHost)
      add_link(link, features.link_bytes[l], features.link_copies[l], features.units, sum);
  }
  const HostModel& host = target.host;
  const double threads = std::max(1, host.threads);
  sum.launch += host.launch_ns + host.launch_per_unit_ns * static_cast<double>(features.units);
  sum.host += ns_at_rate(features.host_pack_bytes, host.pack_bytes_per_ns * threads) +
              ns_at_rate(features.host_reduce_bytes, host.reduce_bytes_per_ns * threads);
}

}  // namespace pimjit
