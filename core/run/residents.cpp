#include "pimjit/core/run/residents.h"

#include "pimjit/core/support/text.h"

namespace pimjit {

Result<std::shared_ptr<Resident>> ResidentPool::get(const void* data, const std::string& layout,
                                                    const Allocate& allocate) {
  const std::lock_guard lock(mutex_);
  std::weak_ptr<Resident>& entry = entries_[{data, layout}];
  if (auto known = entry.lock()) return known;
  auto range = allocate();
  if (!range) return fail(range.error());
  std::erase_if(entries_, [&](const auto& e) { return e.second.expired() && &e.second != &entry; });
  auto made = std::make_shared<Resident>();
  made->range = std::move(*range);
  made->data = data;
  entry = made;
  return made;
}

void ResidentPool::forget(const void* data) {
  const std::lock_guard lock(mutex_);
  for (const auto& [key, entry] : entries_) {
    const auto resident = entry.lock();
    if (resident == nullptr || (data != nullptr && key.first != data)) continue;
    const std::lock_guard upload(resident->mutex);
    resident->uploaded = false;
  }
}

std::string resident_layout(const LoweredModule& module, const HostOp& pack, const HostOp& copy,
                            const TensorView& tensor) {
  const DeviceBuffer& b = module.device_buffers[static_cast<size_t>(copy.device_buffer)];
  const TransferMap& map = pack.map;
  std::string text = cat(to_string(tensor.dtype), " scope ", b.scope, " bytes ", copy.bytes,
                         " units ", copy.units, " slices ", map.slices, " x ", map.slice_elements);
  for (size_t d = 0; d < tensor.shape.size(); ++d)
    text += cat(" ", tensor.shape[d], "/", tensor.strides[d]);
  for (const UnitDigit& d : copy.unit_digits)
    text += cat(" u", d.unit_stride, ",", d.extent, ",", d.slice_stride);
  for (const MapDigit& d : map.digits)
    text += cat(" d", d.extent, ",", d.slice_stride, ",", d.element_stride);
  for (const Expr& e : map.index) text += cat(" i", hash_of(e));
  if (map.guard) text += cat(" g", hash_of(map.guard));
  if (map.fill_padding) text += cat(" p", map.pad_integer, ",", map.pad_real);
  return text;
}

}  // namespace pimjit
