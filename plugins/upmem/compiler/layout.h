#ifndef PIMJIT_PLUGINS_UPMEM_COMPILER_LAYOUT_H_
#define PIMJIT_PLUGINS_UPMEM_COMPILER_LAYOUT_H_

#include <cstdint>
#include <vector>

#include "pimjit/core/plugin_kit/kernel.h"
#include "pimjit/plugins/upmem/assembler/builder.h"

namespace pimjit::upmem {

// What a kernel's levels and scopes are on this machine, by position: the outermost level is the
// DPU, the inner one its tasklets; the scope of the device buffers is MRAM, every other one WRAM.
struct Layout {
  int tasklets = 1;
  int tasklet_level = -1;             // -1: none
  std::vector<bool> in_mram;          // by scope
  std::vector<std::int64_t> address;  // by buffer: WRAM address; MRAM buffers: 0
  std::vector<std::int64_t> stride;   // by buffer: bytes between the instances of two tasklets
  std::int64_t arguments = 0;         // WRAM address of the launch arguments, 8 bytes each
  std::int64_t unit = 0;              // WRAM address of the DPU's index
  std::int64_t barrier = 0;           // WRAM address of the number of tasklets still to come
  std::int64_t handshakes = 0;  // WRAM address of a word per tasklet, for kernels that combine
};

// Checks what the machine cannot do and places everything in WRAM. Errors user/kernel_refused with
// the name and the numbers: levels of another kind or number, more than 24 tasklets, single
// elements in MRAM, a local buffer in MRAM, scopes outside the DPU, WRAM exceeded.
Expected<Layout> lay_out(const kit::Kernel& kernel, Builder& builder);

// The error of a kernel this compiler does not take.
tl::unexpected<Error> refuse(std::string what, std::string hint = {});

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_COMPILER_LAYOUT_H_
