#ifndef PIMJIT_CORE_RUN_HOST_OPS_H_
#define PIMJIT_CORE_RUN_HOST_OPS_H_

#include <cstddef>
#include <memory>
#include <span>

#include "pimjit/core/lower/lowered_module.h"
#include "pimjit/core/support/error.h"
#include "pimjit/core/support/tensor.h"

namespace pimjit {

// The operations of one module's host program that run on the host, by number of operation. Member
// functions may be called from several threads on distinct memory. Tensors have the type and shape
// the workload declares and any strides; staging is contiguous and 64-byte aligned.
class HostOps {
 public:
  virtual ~HostOps() = default;
  virtual Status pack(int op, const TensorView& tensor, std::byte* staging) const = 0;
  virtual Status unpack(int op, const std::byte* staging, const TensorView& tensor) const = 0;
  // The slices that a transfer in place stages all the same (InPlace::staged), one behind the other
  // in staging. Only row-major tensors without gaps are used in place.
  virtual Status pack_staged(int op, const TensorView& tensor, std::byte* staging) const = 0;
  virtual Status unpack_staged(int op, const std::byte* staging,
                               const TensorView& tensor) const = 0;
  virtual Status fill(int op, const TensorView& tensor) const = 0;
  // `tensors` by number of the workload's tensors; those the stage does not touch may be empty.
  virtual Status stage(int op, std::span<const TensorView> tensors) const = 0;
  // Reduction `op` into `tensor`, one of the `tensors`, and the stage that is fused with it. What
  // `tensor` holds afterwards is open where the reduction is passed on (HostOp::passed_on).
  virtual Status unpack_fused(int op, const std::byte* staging, const TensorView& tensor,
                              std::span<const TensorView> tensors, int stage) const {
    if (Status ok = unpack(op, staging, tensor); !ok) return ok;
    return this->stage(stage, tensors);
  }
};

// Host operations without generated code: MapExecutor for transfers, the kernel interpreter for
// stages. Errors: what they say.
Result<std::unique_ptr<HostOps>> make_plain_host_ops(std::shared_ptr<const LoweredModule> module);

// Copies between views of one type and shape.
void copy_tensor(const TensorView& from, const TensorView& to);

}  // namespace pimjit

#endif  // PIMJIT_CORE_RUN_HOST_OPS_H_
