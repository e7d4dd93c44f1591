#ifndef PIMJIT_PLUGINS_UPMEM_COMPILER_COMPILER_H_
#define PIMJIT_PLUGINS_UPMEM_COMPILER_COMPILER_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "pimjit/core/plugin_kit/kernel.h"
#include "pimjit/plugins/upmem/support/error.h"

namespace pimjit::upmem {

enum class CodeStyle : std::uint8_t {
  tuned,  // the best this compiler knows
  // As a general C compiler translates the loops: a call of a routine for every multiplication and
  // f32 operation, addresses from indices, sums in memory, guards tested where they stand, no
  // unrolling beyond the schedule. Serves to judge schedules and code apart.
  plain,
};
// "tuned", "plain"; nothing for other texts.
std::optional<CodeStyle> parse_code_style(std::string_view text);

// How tuned code gets at the routines of arithmetic/ that have both forms.
enum class RoutineUse : std::uint8_t {
  automatic,  // inlined, unless the program gets too long
  inlined,
  called,
};

struct CompileOptions {
  CodeStyle style = CodeStyle::tuned;
  RoutineUse routines = RoutineUse::automatic;
};

// A kernel as a DPU executable, which also says what its instructions were compiled from
// (line_map.h). The host writes two symbols before a launch: `unit`, the index of
// the DPU at the kernel's outermost level (4 bytes), and `args`, the launch arguments in order, 8
// bytes each, sign-extended.
struct CompiledKernel {
  std::vector<std::uint8_t> elf;
  int tasklets = 1;
  std::uint32_t instructions = 0;
  std::uint32_t wram_bytes = 0;
  int spills = 0;  // virtual registers that live in WRAM
};

// Thread-safe: no state. Errors: user/bad_kernel for bytes that are no kernel; user/kernel_refused
// for what this compiler or the machine does not do, with names and numbers;
// target/program_too_long beyond 4096 instructions.
Expected<CompiledKernel> compile_kernel(std::span<const std::uint8_t> serialised,
                                        const CompileOptions& options = {});
Expected<CompiledKernel> compile_kernel(const kit::Kernel& kernel,
                                        const CompileOptions& options = {});

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_COMPILER_COMPILER_H_
