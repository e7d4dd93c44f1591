#ifndef PIMJIT_PLUGINS_CPU_IMAGE_H_
#define PIMJIT_PLUGINS_CPU_IMAGE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "pimjit/core/plugin_kit/simulated.h"
#include "pimjit/jit/engine/engine.h"
#include "pimjit/jit/kernel_code/kernel_code.h"

namespace pimjit::cpu {

// An image: the serialised kernel, which says how the code is launched, and its object code. One
// hash over both, since nothing can be said about code by looking at it.

struct Program {
  std::unique_ptr<kit::Evaluator> kernel;  // positions and arguments
  JitCode code;
  KernelEntry* entry = nullptr;
};

std::vector<unsigned char> write_image(const void* kernel, uint64_t size,
                                       const std::vector<char>& object);
// PJ_BAD_KERNEL where the bytes are no image of write_image.
pj_error* read_image(const Engine& engine, const void* image, uint64_t size,
                     std::unique_ptr<Program>* out);

}  // namespace pimjit::cpu

#endif  // PIMJIT_PLUGINS_CPU_IMAGE_H_
