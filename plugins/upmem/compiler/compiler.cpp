#include "pimjit/plugins/upmem/compiler/compiler.h"

#include <algorithm>

#include "pimjit/core/plugin_kit/kernel_reader.h"
#include "pimjit/plugins/upmem/compiler/allocate.h"
#include "pimjit/plugins/upmem/compiler/clobbers.h"
#include "pimjit/plugins/upmem/compiler/emit.h"
#include "pimjit/plugins/upmem/compiler/line_map.h"
#include "pimjit/plugins/upmem/compiler/lower.h"
#include "pimjit/plugins/upmem/compiler/packing.h"
#include "pimjit/plugins/upmem/compiler/pairs.h"
#include "pimjit/plugins/upmem/compiler/placing.h"

namespace pimjit::upmem {
namespace {

// 64-bit multiplications as routines, which can be called.
void multiply_in_routines(Code& code) {
  for (CodeItem& item : code.items) {
    if (item.group != Group::multiply_pair) continue;
    item.group = Group::routine;
    item.routine = Routine::mul_i64;
    item.count = 3;
    item.temps = 0;
    item.early = true;
  }
}

void call_routines(Code& code) {
  for (CodeItem& item : code.items) item.call = item.group == Group::routine;
}

constexpr const char* kTooFewRegisters = "too_few_registers";

struct Choices {
  bool calls = false;  // routines are called where they would be inlined
  Lowering::Sums sums = Lowering::Sums::kept;
  bool alone = false;  // every access loads or stores one element
  bool spills = true;  // else it is an error that registers do not suffice
};

Expected<CompiledKernel> translate(const kit::Kernel& kernel, CodeStyle style,
                                   const Choices& choices) {
  Builder builder;
  auto layout = lay_out(kernel, builder);
  if (!layout) return fail(layout.error());
  auto code = Lowering(kernel, *layout, style, choices.sums).run();
  if (!code) return fail(code.error());

  if (choices.calls) {
    multiply_in_routines(*code);
    call_routines(*code);
  }
  if (style == CodeStyle::tuned) {
    pack_bytes(*code);
    if (!choices.alone) join_accesses(*code);
  } else {
    place_arguments(*code);
  }
  const std::int64_t slots = (builder.wram_end() + 7) / 8 * 8;
  // Plain code puts arguments into the registers of routines early.
  const std::uint32_t reserved = style == CodeStyle::plain ? registers_of_routines(*code) : 0;
  const Allocation allocation = allocate_registers(*code, slots, reserved, choices.spills);
  if (!allocation.complete)
    return fail(Origin::internal, kTooFewRegisters, "24 registers do not suffice");
  for (const Interval& interval : live_intervals(*code))
    if (allocation.registers[static_cast<std::size_t>(interval.vreg)] < 0)
      return fail(Origin::internal, "no_register", "a virtual register was left without register");
  if (allocation.spilled > 0) {
    const std::int64_t bytes = 8 * kThreads * allocation.spilled;
    if (slots + bytes > kWramBytes)
      return refuse("the kernel needs " + std::to_string(slots + bytes) +
                    " bytes of WRAM with its spilled registers, a DPU has " +
                    std::to_string(kWramBytes));
    builder.wram("", static_cast<std::uint32_t>(bytes), Placement::reserved);
  }
  const LineMap lines = emit_code(builder, *code, allocation.registers);
  builder.note_section(kLineSection, encode_line_map(lines));
  auto elf = builder.finish(layout->tasklets);
  if (!elf) return fail(elf.error());
  return CompiledKernel{std::move(*elf), layout->tasklets, builder.position(), builder.wram_end(),
                        allocation.spilled};
}

// Inlined routines are faster, called ones shorter.
Expected<CompiledKernel> with_routines(const kit::Kernel& kernel, RoutineUse use, Choices choices) {
  choices.calls = use == RoutineUse::called;
  auto compiled = translate(kernel, CodeStyle::tuned, choices);
  const bool too_long = !compiled && compiled.error().code == "program_too_long";
  if (!too_long || use != RoutineUse::automatic) return compiled;
  choices.calls = true;
  return translate(kernel, CodeStyle::tuned, choices);
}

}  // namespace

std::optional<CodeStyle> parse_code_style(std::string_view text) {
  if (text == "tuned") return CodeStyle::tuned;
  if (text == "plain") return CodeStyle::plain;
  return std::nullopt;
}

Expected<CompiledKernel> compile_kernel(std::span<const std::uint8_t> serialised,
                                        const CompileOptions& options) {
  kit::Kernel kernel;
  const std::string mistake = kit::read_kernel(serialised.data(), serialised.size(), kernel);
  if (!mistake.empty()) return fail(Origin::user, "bad_kernel", mistake);
  return compile_kernel(kernel, options);
}

Expected<CompiledKernel> compile_kernel(const kit::Kernel& kernel, const CompileOptions& options) {
  if (options.style != CodeStyle::tuned) return translate(kernel, options.style, {});
  // What costs least first: sums computed anew, elements loaded one by one, values in memory.
  using Sums = Lowering::Sums;
  constexpr Choices kLadder[] = {{.spills = false},
                                 {.sums = Sums::frugal, .spills = false},
                                 {.sums = Sums::frugal, .alone = true, .spills = false},
                                 {.sums = Sums::bare, .alone = true, .spills = false},
                                 {.sums = Sums::bare, .alone = true}};
  auto compiled = with_routines(kernel, options.routines, kLadder[0]);
  for (std::size_t step = 1; step < std::size(kLadder); ++step) {
    if (compiled || compiled.error().code != kTooFewRegisters) break;
    compiled = with_routines(kernel, options.routines, kLadder[step]);
  }
  return compiled;
}

}  // namespace pimjit::upmem
