#include "pimjit/core/plugin_kit/plugin_helpers.h"

namespace pimjit::kit {
namespace {

std::string text_of(uint64_t n) {
  return std::to_string(n);
}

pj_error* check_source(const pj_copy& copy, const CopyRules& rules) {
  const bool to_device = copy.direction == PJ_TO_DEVICE;
  if (copy.direction != PJ_TO_DEVICE && copy.direction != PJ_FROM_DEVICE) {
    return error(PJ_INVALID_ARGUMENT,
                 "there is no copy direction " + std::to_string(copy.direction));
  }
  if (rules.broadcast_only && (!to_device || copy.broadcast == nullptr)) {
    return error(PJ_UNSUPPORTED, "the host can only write this memory, the same bytes to all units",
                 "use a broadcast");
  }
  if (copy.broadcast != nullptr && !to_device) {
    return error(PJ_INVALID_ARGUMENT, "a broadcast from the device", "give one address per unit");
  }
  if ((copy.broadcast == nullptr) == (copy.pointers == nullptr)) {
    return error(PJ_INVALID_ARGUMENT, copy.broadcast == nullptr
                                          ? "a copy without host addresses"
                                          : "a copy with both pointers and a broadcast source");
  }
  return nullptr;
}

}  // namespace

pj_error* check_units(const pj_units& units, uint64_t available) {
  const pj_units u = read(units);
  if (u.first <= available && u.count <= available - u.first) return nullptr;
  return error(PJ_OUT_OF_RANGE, "units " + text_of(u.first) + " .. " + text_of(u.first) + " + " +
                                    text_of(u.count) + " of a machine that has " +
                                    text_of(available));
}

pj_error* check_copy(const pj_copy& copy, const CopyRules& rules) {
  if (pj_error* e = check_units(copy.units, rules.units)) return e;
  if (copy.offset > rules.memory_bytes || copy.bytes > rules.memory_bytes - copy.offset) {
    return error(PJ_OUT_OF_RANGE, "a copy of " + text_of(copy.bytes) + " bytes at offset " +
                                      text_of(copy.offset) + " of a memory of " +
                                      text_of(rules.memory_bytes));
  }
  if (copy.bytes % rules.multiple != 0) {
    return error(PJ_MISALIGNED, "a copy of " + text_of(copy.bytes) +
                                    " bytes, which is no multiple of " + text_of(rules.multiple));
  }
  if ((copy.memory.base + copy.offset) % rules.alignment != 0) {
    return error(PJ_MISALIGNED, "a copy at byte " + text_of(copy.memory.base + copy.offset) +
                                    ", which is no multiple of " + text_of(rules.alignment));
  }
  if (copy.bytes == 0 || copy.units.count == 0) return nullptr;
  return check_source(copy, rules);
}

void* host_address(const pj_copy& copy, uint64_t i) {
  return copy.broadcast != nullptr ? copy.broadcast : copy.pointers[i];
}

}  // namespace pimjit::kit
