#include <cstdio>

#include "pimjit/plugins/sim/dputool/command.h"
#include "pimjit/plugins/upmem/assembler/assembler.h"
#include "pimjit/plugins/upmem/assembler/disassembler.h"
#include "pimjit/plugins/upmem/elf/reader.h"

namespace pimjit::dputool {

Expected<ExitCode> assemble(const AssembleArguments& arguments) {
  const auto source = read_file(arguments.input);
  if (!source) return tl::unexpected(source.error());
  const std::string text(source->begin(), source->end());
  const auto elf = upmem::assemble_elf(text, arguments.input);
  if (!elf) return tl::unexpected(elf.error());
  if (Status status = write_file(arguments.output, *elf); !status)
    return tl::unexpected(status.error());
  return kOk;
}

Expected<ExitCode> objdump(const std::string& program) {
  const auto bytes = read_file(program);
  if (!bytes) return tl::unexpected(bytes.error());
  auto image = upmem::read_elf(*bytes);
  if (!image) {
    image.error().where = program + (image.error().where.empty() ? "" : ": " + image.error().where);
    return tl::unexpected(image.error());
  }
  std::fputs(upmem::dump(*image).c_str(), stdout);
  return kOk;
}

}  // namespace pimjit::dputool
