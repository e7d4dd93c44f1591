#include "pimjit/core/plugin/abi_read.h"

#include <cmath>

#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

// Bounds beyond which a size cannot be meant; they keep a confused plugin from making the host read
// far.
constexpr uint32_t kMaxTextBytes = 16u << 20;
constexpr uint32_t kMaxItems = 1u << 20;
constexpr uint32_t kMaxStride = 1u << 16;
constexpr int kMaxCauses = 16;

// Bytes of the UTF-8 sequence that starts at `i`, 0 when there is none.
size_t sequence_at(std::string_view text, size_t i) {
  const auto byte = [&](size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char lead = byte(i);
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xF0 && lead < 0xF5   ? 4
                        : lead >= 0xE0 && lead < 0xF0 ? 3
                        : lead >= 0xC2 && lead < 0xE0 ? 2
                                                      : 0;
  if (length == 0 || i + length > text.size()) return 0;
  for (size_t k = 1; k < length; ++k) {
    if ((byte(i + k) & 0xC0) != 0x80) return 0;
  }
  const bool overlong =
      (lead == 0xE0 && byte(i + 1) < 0xA0) || (lead == 0xF0 && byte(i + 1) < 0x90);
  const bool surrogate = lead == 0xED && byte(i + 1) >= 0xA0;
  const bool too_large = lead == 0xF4 && byte(i + 1) >= 0x90;
  return overlong || surrogate || too_large ? 0 : length;
}

struct CodeNames {
  const char* code;  // of the Error
  const char* what;  // when the plugin gave no message
};

CodeNames names_of(int32_t code) {
  switch (code) {
    case PJ_INVALID_ARGUMENT:
      return {"invalid_argument", "it calls an argument invalid"};
    case PJ_MISALIGNED:
      return {"misaligned", "an address or size breaks an alignment"};
    case PJ_OUT_OF_RANGE:
      return {"out_of_range", "an offset, size or unit lies beyond what exists"};
    case PJ_OUT_OF_MEMORY:
      return {"out_of_memory", "memory ran out"};
    case PJ_BAD_KERNEL:
      return {"bad_kernel", "it cannot read the kernel"};
    case PJ_REJECTED:
      return {"rejected_by_target", "it cannot run the kernel"};
    case PJ_UNSUPPORTED:
      return {"unsupported", "it does not support this"};
    case PJ_UNAVAILABLE:
      return {"unavailable", "the machine is absent, busy or gone"};
    case PJ_DEVICE_FAULT:
      return {"device_fault", "the program went wrong on the device"};
    case PJ_TIMEOUT:
      return {"timeout", "it took too long"};
    case PJ_CANCELLED:
      return {"cancelled", "it was cancelled"};
    case PJ_INTERNAL:
      return {"plugin_internal", "it reports a mistake of its own"};
    default:
      return {"plugin_misbehaves", "it failed with a code that the ABI does not have"};
  }
}

Error convert(const pj_error& error, const std::string& where, bool from_options, int depth) {
  const pj_error read = read_struct(error);
  const CodeNames names = names_of(read.code);
  std::string what = read_text(read.message);
  if (what.empty())
    what = cat("the plugin failed without a message: ", names.what, " (code ", read.code, ")");
  Error result = target_error(names.code, std::move(what), where, read_text(read.hint));
  if (from_options && read.code == PJ_INVALID_ARGUMENT) result.origin = Origin::user;
  if (read.cause != nullptr && depth < kMaxCauses) {
    result.cause = std::make_shared<const Error>(convert(*read.cause, {}, false, depth + 1));
  }
  return result;
}

// Checks a list's shape and calls `take` with each item, zero-filled to the host's size.
template <typename Item, typename Take>
Status for_each_item(const Item* items, uint32_t count, uint32_t stride, const char* name,
                     const PluginState& plugin, const char* function, Take take) {
  if (count == 0) return {};
  if (items == nullptr || count > kMaxItems || stride < sizeof(uint32_t) || stride > kMaxStride ||
      stride % alignof(Item) != 0) {
    return fail(misbehaves(plugin, function,
                           cat("a list of ", count, ' ', name, " with a stride of ", stride,
                               " bytes", items == nullptr ? " at a null address" : "")));
  }
  const char* at = reinterpret_cast<const char*>(items);
  for (uint32_t i = 0; i < count; ++i, at += stride) {
    uint32_t size = 0;
    std::memcpy(&size, at, sizeof size);
    Item item = {};
    std::memcpy(&item, at, std::min<size_t>({size, stride, sizeof(Item)}));
    if (auto status = take(item); !status) return status;
  }
  return {};
}

}  // namespace

std::string read_text(const pj_text& text) {
  const pj_text read = read_struct(text);
  if (read.data == nullptr || read.size > kMaxTextBytes) return {};
  std::string result(read.data, read.size);
  for (size_t i = 0; i < result.size();) {
    const size_t length = sequence_at(result, i);
    if (length == 0) result[i] = '?';
    i += std::max<size_t>(length, 1);
  }
  return result;
}

const char* to_string(pj_code code) {
  return names_of(code).code;
}

Error take_error(pj_error* error, const PluginState& plugin, const char* function,
                 bool from_options) {
  Error result = convert(*error, plugin.place(function), from_options, 0);
  const pj_error read = read_struct(*error);
  if (read.release != nullptr) read.release(error);
  return result;
}

Error misbehaves(const PluginState& plugin, const char* function, std::string what) {
  return target_error("plugin_misbehaves", cat("the plugin breaks its contract: ", what),
                      plugin.place(function), "run 'pimjit plugin-check' on the plugin");
}

Error unsupported(const PluginState& plugin, const char* function) {
  return target_error("unsupported", cat("the plugin has no function ", function, "()"),
                      plugin.place(function));
}

Result<std::vector<PluginReason>> read_reasons(const pj_reasons& list, const PluginState& plugin,
                                               const char* function) {
  const pj_reasons read = read_struct(list);
  std::vector<PluginReason> reasons;
  const auto take = [&](const pj_reason& item) -> Status {
    PluginReason reason{read_text(item.code), read_text(item.place), item.have, item.limit,
                        read_text(item.message)};
    if (reason.code.empty()) return fail(misbehaves(plugin, function, "a reason without a code"));
    reasons.push_back(std::move(reason));
    return {};
  };
  auto status =
      for_each_item(read.items, read.count, read.stride, "reasons", plugin, function, take);
  if (!status) return fail(status.error());
  return reasons;
}

Result<std::vector<PluginCounter>> read_counters(const pj_counters& list, const PluginState& plugin,
                                                 const char* function) {
  const pj_counters read = read_struct(list);
  std::vector<PluginCounter> counters;
  const auto take = [&](const pj_counter& item) -> Status {
    PluginCounter counter{read_text(item.name), read_text(item.unit), item.value};
    if (counter.name.empty()) return fail(misbehaves(plugin, function, "a counter without a name"));
    if (!std::isfinite(counter.value)) {
      return fail(misbehaves(plugin, function,
                             cat("counter '", counter.name, "' is ", shortest(counter.value))));
    }
    counters.push_back(std::move(counter));
    return {};
  };
  auto status =
      for_each_item(read.items, read.count, read.stride, "counters", plugin, function, take);
  if (!status) return fail(status.error());
  return counters;
}

}  // namespace pimjit
