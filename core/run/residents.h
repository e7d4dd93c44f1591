#ifndef PIMJIT_CORE_RUN_RESIDENTS_H_
#define PIMJIT_CORE_RUN_RESIDENTS_H_

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "pimjit/core/lower/lowered_module.h"
#include "pimjit/core/plugin/device_allocator.h"
#include "pimjit/core/support/tensor.h"

namespace pimjit {

// A tensor that stays on a device between calls, in one layout.
struct Resident {
  DeviceRange range;
  const void* data = nullptr;  // the host memory it is a copy of
  std::mutex mutex;            // held while it is uploaded
  bool uploaded = false;       // under the mutex
};

// What lies on one device. Everything that runs there shares one copy of a tensor for each layout;
// it goes when its last user does. A tensor is told by its memory: who changes that memory, or
// frees it and puts another tensor there, says so by forget(). Safe from several threads.
class ResidentPool {
 public:
  using Allocate = std::function<Result<DeviceRange>()>;
  // The resident copy of `data` in `layout`; made by `allocate`, not uploaded yet, if there is
  // none.
  Result<std::shared_ptr<Resident>> get(const void* data, const std::string& layout,
                                        const Allocate& allocate);
  // The next call of every user of `data` uploads it again; null: of everything.
  void forget(const void* data = nullptr);

 private:
  std::mutex mutex_;
  std::map<std::pair<const void*, std::string>, std::weak_ptr<Resident>> entries_;
};

// All that decides the bytes on the device for one tensor in memory: equal texts, equal bytes.
std::string resident_layout(const LoweredModule& module, const HostOp& pack, const HostOp& copy,
                            const TensorView& tensor);

}  // namespace pimjit

#endif  // PIMJIT_CORE_RUN_RESIDENTS_H_
