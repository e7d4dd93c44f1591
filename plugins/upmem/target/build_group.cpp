#include "pimjit/plugins/upmem/target/build_group.h"

#include "pimjit/core/plugin_kit/kernel_reader.h"
#include "pimjit/plugins/upmem/assembler/disassembler.h"
#include "pimjit/plugins/upmem/compiler/compiler.h"
#include "pimjit/plugins/upmem/elf/reader.h"
#include "pimjit/plugins/upmem/target/device_image.h"
#include "pimjit/plugins/upmem/target/kernel_cost.h"
#include "pimjit/plugins/upmem/target/kernel_limits.h"
#include "pimjit/plugins/upmem/target/statement_place.h"

namespace pimjit::upmem {
namespace {

pj_error* read(const pj_kernel* kernel, kit::Kernel& out) {
  std::string wrong = kit::read_kernel(kernel->bytes, kernel->size, out);
  return wrong.empty() ? nullptr : kit::error(PJ_BAD_KERNEL, std::move(wrong));
}

std::string with_hint(const Error& error) {
  return error.hint.empty() ? error.what : error.what + " (" + error.hint + ")";
}

DeviceImage image_of(const kit::Kernel& kernel, CompiledKernel compiled) {
  DeviceImage image;
  image.kernel = kernel.name;
  image.units = kernel.levels[0].count;
  image.tasklets = compiled.tasklets;
  for (const kit::Param& param : kernel.params) image.params.push_back(param.type);
  image.places = statement_places(kernel);
  image.elf = std::move(compiled.elf);
  return image;
}

}  // namespace

pj_error* check_slot(const pj_kernel* kernel, pj_reasons** out) {
  return kit::guarded([&]() -> pj_error* {
    kit::Kernel read_into;
    if (pj_error* e = read(kernel, read_into)) return e;
    *out = kit::make_reasons(reasons_against(read_into));
    return nullptr;
  });
}

pj_error* estimate_slot(const pj_kernel* kernel, pj_counters** out) {
  return kit::guarded([&]() -> pj_error* {
    kit::Kernel read_into;
    if (pj_error* e = read(kernel, read_into)) return e;
    *out = kit::make_counters(cost_features(read_into));
    return nullptr;
  });
}

pj_error* build_slot(const pj_kernel* kernel, CodeStyle style, const pj_options* given,
                     pj_image** out) {
  return kit::guarded([&]() -> pj_error* {
    kit::Options options(given);
    const bool assembly = options.text("dump", "") == "asm";
    if (pj_error* e = options.done()) return e;
    kit::Kernel read_into;
    if (pj_error* e = read(kernel, read_into)) return e;
    std::vector<kit::Reason> reasons = reasons_against(read_into);
    if (!reasons.empty()) {
      *out = kit::make_rejection(std::move(reasons));
      return nullptr;
    }
    auto compiled = compile_kernel(read_into, {style});
    if (!compiled) {
      const Error& error = compiled.error();
      if (error.origin == Origin::internal) return kit::error(PJ_INTERNAL, error.message());
      *out = kit::make_rejection({{error.code, read_into.name, 0, 0, with_hint(error)}});
      return nullptr;
    }
    std::vector<kit::Figure> figures = {
        {"instructions", "instructions", static_cast<double>(compiled->instructions)},
        {"wram", "B", static_cast<double>(compiled->wram_bytes)},
        {"spills", "registers", static_cast<double>(compiled->spills)}};
    std::string log;
    if (assembly) {
      const auto image = read_elf(compiled->elf);
      if (!image) return kit::error(PJ_INTERNAL, image.error().message());
      log = dump(*image);
    }
    *out = kit::make_image(image_of(read_into, std::move(*compiled)).encode(), std::move(log),
                           std::move(figures));
    return nullptr;
  });
}

pj_error* read_code_style(kit::Options& options, CodeStyle* out) {
  const std::string text = options.text("code", "tuned");
  const auto style = parse_code_style(text);
  if (!style)
    return kit::error(PJ_INVALID_ARGUMENT,
                      "option code=" + text + " is no style of code; there are tuned and plain");
  *out = *style;
  return nullptr;
}

}  // namespace pimjit::upmem
