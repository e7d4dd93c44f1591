#include <algorithm>

#include "pimjit/core/lower/host_time.h"
#include "pimjit/core/lower/passes/passes.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

int64_t round_up(int64_t value, int64_t step) {
  return (value + step - 1) / step * step;
}

int64_t slices_of(const HostOp& copy) {
  int64_t slices = 1;
  for (const UnitDigit& d : copy.unit_digits) slices += (d.extent - 1) * d.slice_stride;
  return slices;
}

bool same_slices(const HostOp& a, const HostOp& b) {
  return std::equal(a.unit_digits.begin(), a.unit_digits.end(), b.unit_digits.begin(),
                    b.unit_digits.end(), [](const UnitDigit& x, const UnitDigit& y) {
                      return x.unit_stride == y.unit_stride && x.extent == y.extent &&
                             x.slice_stride == y.slice_stride;
                    });
}

// A host program in which some copies are one.
struct Joined {
  std::vector<HostOp> ops;
  DeviceBuffer device;
  HostBuffer staging;
  std::vector<int64_t> offsets;  // per member
};

// Every copy of a host program costs a fixed time and one per unit, however little it moves. Joins
// copies to the same units as long as the whole program, kernels left out, ends sooner.
class Joiner {
 public:
  explicit Joiner(LoweredModule& m) : m_(m) {}

  void run() {
    for (size_t i = 0; i < m_.ops.size(); ++i) {
      if (joinable(m_.ops[i])) extend(i);
    }
  }

 private:
  bool joinable(const HostOp& op) const {
    const bool moves = op.kind == OpKind::copy || op.kind == OpKind::broadcast;
    return moves && !op.upload && !is_joined(op);
  }
  bool is_joined(const HostOp& copy) const {
    return std::any_of(
        m_.device_buffers.begin(), m_.device_buffers.end(),
        [&copy](const DeviceBuffer& b) { return b.within >= 0 && b.within == copy.device_buffer; });
  }
  const DeviceBuffer& device_of(const HostOp& copy) const {
    return m_.device_buffers[static_cast<size_t>(copy.device_buffer)];
  }

  void extend(size_t first) {
    std::vector<size_t> members{first};
    double best = time_of(m_.ops);
    std::optional<Joined> chosen;
    for (size_t i = first + 1; i < m_.ops.size(); ++i) {
      members.push_back(i);
      auto tried = fits(members) ? join_copies(members) : std::nullopt;
      const double ns = tried ? time_of(tried->ops) : best;
      if (ns < best) {
        best = ns;
        chosen = std::move(tried);
      } else {
        members.pop_back();
      }
    }
    if (chosen) commit(members, std::move(*chosen));
  }

  double time_of(const std::vector<HostOp>& ops) const {
    std::vector<double> ns;
    for (const HostOp& op : ops) ns.push_back(op.upload ? 0 : host_op_ns(m_, op));
    return makespan(ops, ns).total;
  }

  // Whether the last of the members can go with the others.
  bool fits(const std::vector<size_t>& members) const {
    const HostOp& last = m_.ops[members.back()];
    if (!joinable(last) || device_of(last).within >= 0) return false;
    const bool broadcasts_only =
        m_.target->scopes[static_cast<size_t>(device_of(last).scope)].host == HostAccess::broadcast;
    for (size_t k = 0; k + 1 < members.size(); ++k) {
      const HostOp& op = m_.ops[members[k]];
      if (op.link != last.link || op.units != last.units) return false;
      if (broadcasts_only && op.kind != last.kind) return false;
      if (slices_of(op) > 1 && slices_of(last) > 1 && !same_slices(op, last)) return false;
      // Nothing in between may need what moves to the end.
      for (size_t i = members[k] + 1; i < members.back(); ++i) {
        const std::vector<int>& after = m_.ops[i].after;
        if (std::binary_search(after.begin(), after.end(), static_cast<int>(members[k])))
          return false;
      }
    }
    return true;
  }

  std::optional<Joined> join_copies(const std::vector<size_t>& members) const {
    const HostOp& first = m_.ops[members.front()];
    const Link& link = m_.target->links[static_cast<size_t>(first.link)];
    Joined out;
    HostOp copy = first, join;
    join.kind = OpKind::join;
    join.resource = Resource::host;
    copy.kind = OpKind::broadcast;
    std::vector<std::string> names;
    int64_t bytes = 0, alignment = std::max<int64_t>(link.alignment, 1);
    for (const size_t member : members) {
      const HostOp& op = m_.ops[member];
      const DeviceBuffer& device = device_of(op);
      const int64_t at = round_up(bytes, std::max(device.alignment, link.alignment));
      out.offsets.push_back(at);
      bytes = at + op.bytes;
      alignment = std::max(alignment, device.alignment);
      join.parts.push_back({op.host_buffer, op.device_buffer, slices_of(op)});
      join.after.insert(join.after.end(), op.after.begin(), op.after.end());
      names.push_back(device.name);
      if (op.kind == OpKind::copy) copy.kind = OpKind::copy;
      if (slices_of(op) > 1) copy.unit_digits = op.unit_digits;
    }
    bytes = round_up(bytes, std::max<int64_t>(link.multiple, 1));
    if (bytes > link.max_bytes) return std::nullopt;
    join.map.slices = slices_of(copy);
    join.map.slice_elements = bytes;
    join.bytes = join.map.slices * bytes;
    const std::string name = pimjit::join(names, " + ");
    join.name = cat("join ", name);
    join.host_buffer = copy.host_buffer = static_cast<int>(m_.host_buffers.size());
    copy.name = cat(to_string(copy.kind), " ", name);
    copy.device_buffer = static_cast<int>(m_.device_buffers.size());
    copy.bytes = bytes;
    out.staging = {cat(name, ".staging"), HostBufferKind::staging, -1, DType::i8, join.bytes};
    out.device = device_of(first);
    out.device.name = name;
    out.device.dtype = DType::i8;
    out.device.elements = bytes;
    out.device.alignment = alignment;
    out.ops = replaced(members, std::move(join), std::move(copy));
    return out;
  }

  // The program with the join and its copy in place of the last member.
  std::vector<HostOp> replaced(const std::vector<size_t>& members, HostOp join, HostOp copy) const {
    std::vector<HostOp> ops;
    std::vector<int> number(m_.ops.size(), -1);
    const auto renumber = [&number](HostOp& op) {
      for (int& before : op.after) before = number[static_cast<size_t>(before)];
      std::sort(op.after.begin(), op.after.end());
      op.after.erase(std::unique(op.after.begin(), op.after.end()), op.after.end());
    };
    for (size_t i = 0; i < m_.ops.size(); ++i) {
      if (i == members.back()) {
        renumber(join);
        copy.after = {static_cast<int>(ops.size())};
        ops.push_back(std::move(join));
        for (const size_t member : members) number[member] = static_cast<int>(ops.size());
        ops.push_back(std::move(copy));
      } else if (std::find(members.begin(), members.end(), i) == members.end()) {
        number[i] = static_cast<int>(ops.size());
        ops.push_back(m_.ops[i]);
        renumber(ops.back());
      }
    }
    return ops;
  }

  void commit(const std::vector<size_t>& members, Joined joined) {
    for (size_t k = 0; k < members.size(); ++k) {
      DeviceBuffer& part = m_.device_buffers[static_cast<size_t>(m_.ops[members[k]].device_buffer)];
      part.within = static_cast<int>(m_.device_buffers.size());
      part.offset = joined.offsets[k];
    }
    m_.device_buffers.push_back(std::move(joined.device));
    m_.host_buffers.push_back(std::move(joined.staging));
    m_.ops = std::move(joined.ops);
  }

  LoweredModule& m_;
};

}  // namespace

Status join_pushes(LoweringState& state) {
  Joiner(state.module).run();
  return {};
}

}  // namespace pimjit
