#ifndef PIMJIT_CORE_LOWER_HOST_BUILDER_H_
#define PIMJIT_CORE_LOWER_HOST_BUILDER_H_

#include "pimjit/core/lower/lowered_module.h"
#include "pimjit/core/schedule/layout.h"

namespace pimjit {

// Writes the host program of a module, stage by stage, in order. Internal to lowering: the pass
// "host_program" uses it.
class HostBuilder {
 public:
  explicit HostBuilder(LoweredModule& module);

  // pack and copy each operand, launch kernel `kernel`, copy back and reduce the results.
  Status add_device_stage(int stage, const StageLayout& layout, int kernel);
  // A stage without loops bound to the device: host kernel `kernel` over the tensors.
  void add_host_stage(int stage, int kernel);
  // A stage that computes nothing because an axis has no elements: its output is all identity.
  void add_fill(int stage);

 private:
  int add(HostOp op, std::vector<int> after);
  int tensor_buffer(int tensor);
  int staging_buffer(const std::string& name, DType t, int64_t elements);
  std::vector<int> writers_of(int tensor) const;
  int add_device_buffer(const OperandLayout& operand, int number);
  // Operations that bring one operand to the device; appends what a launch must wait for.
  Status add_operand(int stage, const StageLayout& layout, const OperandLayout& operand,
                     int device_buffer, std::vector<int>& ready);
  void add_result(int stage, const StageLayout& layout, int device_buffer, int launch);

  LoweredModule& m_;
  std::vector<int> tensor_buffers_;        // per tensor: host buffer
  std::vector<std::vector<int>> writers_;  // per tensor: operations that write it
};

}  // namespace pimjit

#endif  // PIMJIT_CORE_LOWER_HOST_BUILDER_H_
