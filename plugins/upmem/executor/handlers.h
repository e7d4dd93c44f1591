#ifndef PIMJIT_PLUGINS_UPMEM_EXECUTOR_HANDLERS_H_
#define PIMJIT_PLUGINS_UPMEM_EXECUTOR_HANDLERS_H_

#include <cstdint>

namespace pimjit::upmem {

// The labels of the interpreter. An operation with a result has three: plain, fused branch, and the
// rest (set forms and pairs); `interact` leaves the loop.
enum class Handler : std::uint8_t {
  interact,
#define PIMJIT_THREE(op) op, op##_branch, op##_other,
#define PIMJIT_SUM(op, ...) PIMJIT_THREE(op)
#define PIMJIT_DIFFERENCE(op, ...) PIMJIT_THREE(op)
#define PIMJIT_ALU(op, ...) PIMJIT_THREE(op)
#define PIMJIT_LOAD(op, ...) op,
#define PIMJIT_STORE(op, ...) op,
#include "pimjit/plugins/upmem/executor/semantics.def"
#undef PIMJIT_THREE
#undef PIMJIT_SUM
#undef PIMJIT_DIFFERENCE
#undef PIMJIT_ALU
#undef PIMJIT_LOAD
#undef PIMJIT_STORE
  mul_step,
  div_step,
  movd,
  swapd,
  call,
  nothing,  // tell
  ld,
  sd,
  sd_value,   // 64-bit store of an immediate
  wide_load,  // load extended into a pair
  count,
};

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_EXECUTOR_HANDLERS_H_
