#ifndef PIMJIT_PLUGINS_UPMEM_TARGET_BUILD_GROUP_H_
#define PIMJIT_PLUGINS_UPMEM_TARGET_BUILD_GROUP_H_

#include "pimjit/core/plugin_kit/plugin_helpers.h"
#include "pimjit/plugins/upmem/compiler/compiler.h"

namespace pimjit::upmem {

// Slots check, estimate and build_kernel of the plugin contract (docs/plugins.md), for every target
// whose units are DPUs. Thread-safe; errors PJ_BAD_KERNEL for bytes that are no kernel.
pj_error* check_slot(const pj_kernel* kernel, pj_reasons** out);
// Cost features of a kernel on one DPU that takes every loop in full: "tasklet_slots" of the
// busiest tasklet and "dpu_slots" of all (issue slots), "dma_cycles" of the transfer engine,
// "dma_bytes", and "cycles", what these say together.
pj_error* estimate_slot(const pj_kernel* kernel, pj_counters** out);
// With the option dump=asm the log is the executable as text (disassembler.h); errors
// PJ_INVALID_ARGUMENT for options that there are not.
pj_error* build_slot(const pj_kernel* kernel, CodeStyle style, const pj_options* options,
                     pj_image** out);
// Option `code` of such a target: "tuned" (absent too) or "plain".
pj_error* read_code_style(kit::Options& options, CodeStyle* out);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_TARGET_BUILD_GROUP_H_
