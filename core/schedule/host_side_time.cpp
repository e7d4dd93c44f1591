#include "pimjit/core/schedule/host_side_time.h"

#include <algorithm>
#include <cmath>

#include "pimjit/core/target/link_time.h"

namespace pimjit {
namespace {

double copying(const Link& link, double bytes, double copies, int64_t units) {
  if (bytes <= 0 || copies <= 0) return 0;
  const double each = bytes / copies / static_cast<double>(std::max<int64_t>(units, 1));
  const int64_t size = std::max<int64_t>(1, std::llround(each));
  return copies * link_ns(link, size, units, false);
}

// As few pushes as there can be, or each operand by itself, whichever is sooner: the host copies
// what goes together.
void add_pushes(const TargetDesc& target, const StageFeatures& f, size_t l, HostSideTime& sum) {
  const Link& link = target.links[l];
  const double apart = copying(link, f.link_bytes[l], f.link_copies[l], f.units);
  const double together = copying(link, f.link_bytes[l], f.link_joined[l], f.units);
  const double joining = ns_at_rate(f.link_join_bytes[l], target.host.copy_bytes_per_ns);
  const bool joins = f.link_joined[l] < f.link_copies[l] && together + joining < apart;
  sum.h2d += joins ? together : apart;
  if (joins) sum.host += joining;
}

}  // namespace

void add_host_side(const TargetDesc& target, const StageFeatures& features, HostSideTime& sum) {
  for (size_t l = 0; l < target.links.size(); ++l) {
    const Link& link = target.links[l];
    if (link.from == kHost) add_pushes(target, features, l, sum);
    if (link.to == kHost)
      sum.d2h += copying(link, features.link_bytes[l], features.link_copies[l], features.units);
  }
  const HostModel& host = target.host;
  const double threads = std::max(1, host.threads);
  sum.launch += host.launch_ns + host.launch_per_unit_ns * static_cast<double>(features.units);
  sum.host += ns_at_rate(features.host_pack_bytes, host.pack_bytes_per_ns * threads) +
              reduce_ns(host, features.host_reduce_bytes, features.host_reduce_threads);
}

double reduce_ns(const HostModel& host, double bytes, int64_t most_threads) {
  const int64_t there = std::max(1, host.threads);
  const int64_t threads = most_threads > 0 ? std::min(most_threads, there) : there;
  return ns_at_rate(bytes, host.reduce_bytes_per_ns * static_cast<double>(threads));
}

}  // namespace pimjit
