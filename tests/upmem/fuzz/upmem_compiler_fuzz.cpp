// Any bytes as a serialised kernel, compiled in both styles: either refused without a defect of
// ours, or an executable that loads, says where its instructions come from, and runs a while.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "pimjit/core/plugin_kit/kernel_reader.h"
#include "pimjit/plugins/upmem/compiler/compiler.h"
#include "pimjit/plugins/upmem/compiler/line_map.h"
#include "pimjit/plugins/upmem/executor/executor.h"

namespace {

[[noreturn]] void defect(const std::string& what) {
  std::fprintf(stderr, "defect: %s\n", what.c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pimjit;
  using namespace pimjit::upmem;
  kit::Kernel kernel;
  // The hash at the end would hide everything behind it.
  std::vector<std::uint8_t> bytes(data, data + size);
  if (size < 8) return 0;
  std::uint64_t hash = 0xcbf29ce484222325;
  for (std::size_t i = 0; i + 8 < size; ++i) hash = (hash ^ bytes[i]) * 0x100000001b3;
  for (std::size_t i = 0; i < 8; ++i)
    bytes[size - 8 + i] = static_cast<std::uint8_t>(hash >> 8 * i);
  if (!kit::read_kernel(bytes.data(), size, kernel).empty()) return 0;
  for (const CodeStyle style : {CodeStyle::tuned, CodeStyle::plain}) {
    const auto compiled = compile_kernel(kernel, {style});
    if (!compiled) {
      if (compiled.error().origin == Origin::internal) defect(compiled.error().message());
      continue;
    }
    if (compiled->instructions > kIramInstructions || compiled->wram_bytes > kWramBytes)
      defect("more memory than the machine has");
    const auto map = read_line_map(compiled->elf);
    if (!map) defect("no line map");
    for (std::uint32_t pc = 0; pc < compiled->instructions; ++pc)
      if (const auto s = map->statement_of(pc))
        if (*s < 0 || static_cast<std::size_t>(*s) >= kernel.stmts.size())
          defect("a line of no statement");
    auto dpu = Executor::from_elf(compiled->elf);
    if (!dpu) defect("the executable does not load");
    RunOptions options;
    options.max_instructions = 2000;
    const RunReport report = dpu->run(options);
    if (report.issued > options.max_instructions) defect("more issued than allowed");
  }
  return 0;
}
