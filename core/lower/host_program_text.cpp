#include "pimjit/core/lower/lowered_module.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

std::string dependencies(const HostOp& op) {
  std::vector<std::string> numbers;
  for (const int before : op.after) numbers.push_back(cat(before));
  return numbers.empty() ? "" : cat(" after ", join(numbers, ","));
}

std::string link_name(const LoweredModule& m, const HostOp& op) {
  if (op.link < 0 || !m.target || static_cast<size_t>(op.link) >= m.target->links.size()) return "";
  return cat(" over ", m.target->links[static_cast<size_t>(op.link)].name);
}

// How partial results are added up, where the schedule says so.
std::string way_text(const FinalReduction& how) {
  std::string text;
  if (how.reduce_threads > 0) text += cat(" threads=", how.reduce_threads);
  if (how.reduce_lanes > 0) text += cat(" lanes=", how.reduce_lanes);
  if (how.reduce_group > 0) text += cat(" group=", how.reduce_group);
  if (how.reduce_block > 0) text += cat(" block=", how.reduce_block);
  return text;
}

}  // namespace

const char* to_string(OpKind kind) {
  switch (kind) {
    case OpKind::pack:
      return "pack";
    case OpKind::copy:
      return "copy";
    case OpKind::broadcast:
      return "broadcast";
    case OpKind::launch:
      return "launch";
    case OpKind::copy_back:
      return "copy_back";
    case OpKind::reduce:
      return "reduce";
    case OpKind::stage:
      return "stage";
    case OpKind::fill:
      return "fill";
    case OpKind::join:
      return "join";
  }
  return "?";
}

const char* to_string(Resource resource) {
  switch (resource) {
    case Resource::host:
      return "host";
    case Resource::link:
      return "link";
    case Resource::device:
      return "device";
  }
  return "?";
}

std::string host_program_text(const LoweredModule& m) {
  std::string text;
  for (size_t i = 0; i < m.ops.size(); ++i) {
    const HostOp& op = m.ops[i];
    text += cat(i, " ", op.name, " [", to_string(op.resource), "]");
    if (op.units > 0) text += cat(" ", op.units, " units");
    if (op.bytes > 0) text += cat(" ", op.bytes, " B", op.units > 0 ? " each" : "");
    text += link_name(m, op);
    if (op.in_place.possible) {
      text += op.in_place.staged.empty() ? " in place"
                                         : cat(" in place but ", op.in_place.staged.size(), " of ",
                                               op.map.slices, " slices");
    }
    text += way_text(op.how);
    if (op.upload) text += " once";
    if (op.kind == OpKind::stage && op.fused >= 0) text += cat(" as ", op.fused, " adds up");
    text += cat(dependencies(op), "\n");
  }
  return text;
}

}  // namespace pimjit
