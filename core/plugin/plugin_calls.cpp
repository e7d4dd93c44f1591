#include <utility>

#include "pimjit/core/plugin/abi_read.h"
#include "pimjit/core/plugin/plugin.h"
#include "pimjit/core/plugin/plugin_state.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

constexpr uint64_t kMaxImageBytes = uint64_t{1} << 32;

pj_kernel as_kernel(std::span<const std::byte> bytes) {
  pj_kernel kernel = {};
  kernel.struct_size = sizeof kernel;
  kernel.bytes = bytes.data();
  kernel.size = bytes.size();
  return kernel;
}

// Releases an object of the plugin at the end of a scope.
template <typename Object>
struct Releaser {
  Object* object;
  ~Releaser() {
    const auto release = read_struct(*object).release;
    if (release != nullptr) release(object);
  }
};

Result<Image> read_image(const pj_image& image, const PluginState& plugin) {
  constexpr char kFunction[] = "build_kernel";
  const pj_image read = read_struct(image);
  Image result;
  result.log = read_text(read.log);
  auto counters = read_counters(read.counters, plugin, kFunction);
  if (!counters) return fail(counters.error());
  result.counters = std::move(*counters);
  auto reasons = read_reasons(read.reasons, plugin, kFunction);
  if (!reasons) return fail(reasons.error());
  result.reasons = std::move(*reasons);
  if (read.bytes == nullptr || read.size == 0) {
    if (result.reasons.empty())
      return fail(misbehaves(plugin, kFunction, "neither an image nor a reason"));
    return result;
  }
  if (!result.reasons.empty())
    return fail(misbehaves(plugin, kFunction, "an image together with reasons against it"));
  if (read.size > kMaxImageBytes) {
    return fail(misbehaves(plugin, kFunction, cat("an image of ", read.size, " bytes")));
  }
  const auto* bytes = static_cast<const std::byte*>(read.bytes);
  result.bytes.assign(bytes, bytes + read.size);
  return result;
}

}  // namespace

pj_text as_text(std::string_view text) {
  pj_text result = {};
  result.struct_size = sizeof result;
  result.size = static_cast<uint32_t>(text.size());
  result.data = text.data();
  return result;
}

OptionList::OptionList(const PluginOptions& options) {
  items_.reserve(options.size());
  for (const auto& [key, value] : options) {
    items_.push_back({sizeof(pj_option), as_text(key), as_text(value)});
  }
  list_.struct_size = sizeof list_;
  list_.count = static_cast<uint32_t>(items_.size());
  list_.stride = sizeof(pj_option);
  list_.items = items_.data();
}

PluginState::~PluginState() {
  if (handle != nullptr && api.destroy != nullptr) api.destroy(handle);
}

std::string PluginState::place(const char* function) const {
  std::string text = cat("plugin '", name.empty() ? "?" : name, '\'');
  if (!path.empty()) text += cat(" (", path, ')');
  return cat(text, ", ", function, "()");
}

void PluginState::warn(std::string_view text) const {
  if (services.log) services.log(PluginLogLevel::warning, text);
}

DeviceState::~DeviceState() {
  if (handle != nullptr && plugin->api.close != nullptr) plugin->api.close(handle);
}

const std::string& Plugin::name() const {
  return state_->name;
}
const std::string& Plugin::build() const {
  return state_->build;
}
const std::string& Plugin::path() const {
  return state_->path;
}
uint32_t Plugin::kernel_version() const {
  return state_->api.kernel_version;
}
uint32_t Plugin::abi_minor() const {
  return std::min<uint32_t>(state_->api.abi_minor, PJ_ABI_MINOR);
}
bool Plugin::can_run() const {
  return state_->api.open != nullptr;
}
const pj_plugin_api& Plugin::table() const {
  return state_->api;
}

pj_plugin* Plugin::handle() const {
  return state_->handle;
}

Result<std::string> Plugin::describe(std::string_view file_text) const {
  if (state_->api.describe == nullptr) return std::string(file_text);
  pj_text out = out_struct<pj_text>();
  if (pj_error* error = state_->api.describe(state_->handle, as_text(file_text), &out)) {
    return fail(take_error(error, *state_, "describe", true));
  }
  std::string text = read_text(out);
  if (text.empty()) return fail(misbehaves(*state_, "describe", "success without a description"));
  return text;
}

Result<std::vector<PluginReason>> Plugin::check(std::span<const std::byte> kernel) const {
  if (state_->api.check == nullptr) return fail(unsupported(*state_, "check"));
  const pj_kernel input = as_kernel(kernel);
  pj_reasons* out = nullptr;
  if (pj_error* error = state_->api.check(state_->handle, &input, &out)) {
    return fail(take_error(error, *state_, "check"));
  }
  if (out == nullptr) return fail(misbehaves(*state_, "check", "success without an answer"));
  const Releaser<pj_reasons> releaser{out};
  return read_reasons(*out, *state_, "check");
}

Result<std::vector<PluginCounter>> Plugin::estimate(std::span<const std::byte> kernel) const {
  if (state_->api.estimate == nullptr) return fail(unsupported(*state_, "estimate"));
  const pj_kernel input = as_kernel(kernel);
  pj_counters* out = nullptr;
  if (pj_error* error = state_->api.estimate(state_->handle, &input, &out)) {
    return fail(take_error(error, *state_, "estimate"));
  }
  if (out == nullptr) return fail(misbehaves(*state_, "estimate", "success without an answer"));
  const Releaser<pj_counters> releaser{out};
  return read_counters(*out, *state_, "estimate");
}

Result<Image> Plugin::build_kernel(std::span<const std::byte> kernel,
                                   const PluginOptions& options) const {
  const pj_kernel input = as_kernel(kernel);
  const OptionList list(options);
  pj_image* out = nullptr;
  if (pj_error* error = state_->api.build_kernel(state_->handle, &input, list.get(), &out)) {
    return fail(take_error(error, *state_, "build_kernel"));
  }
  if (out == nullptr) return fail(misbehaves(*state_, "build_kernel", "success without an answer"));
  const Releaser<pj_image> releaser{out};
  return read_image(*out, *state_);
}

Result<Device> Plugin::open(const PluginOptions& options) const {
  const pj_plugin_api& api = state_->api;
  if (api.open == nullptr) return fail(unsupported(*state_, "open"));
  const OptionList list(options);
  auto state = std::make_shared<DeviceState>();
  state->plugin = state_;
  if (pj_error* error = api.open(state_->handle, list.get(), &state->handle)) {
    state->handle = nullptr;
    return fail(take_error(error, *state_, "open", true));
  }
  if (state->handle == nullptr)
    return fail(misbehaves(*state_, "open", "success without a device"));
  Device device;
  device.state_ = std::move(state);
  return device;
}

}  // namespace pimjit
