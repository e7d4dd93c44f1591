// Any bytes as an executable: read, disassemble, and, when accepted, run for a while.
#include <cstddef>
#include <cstdint>

#include "pimjit/plugins/upmem/assembler/disassembler.h"
#include "pimjit/plugins/upmem/elf/reader.h"
#include "pimjit/plugins/upmem/executor/executor.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pimjit::upmem;
  auto image = read_elf({data, size});
  if (!image) return 0;
  (void)dump(*image);
  const auto program = Program::from_image(std::move(*image));
  if (!program) return 0;
  RunOptions options;
  options.max_instructions = 5000;
  options.quantum = 7;
  Executor dpu(*program);
  dpu.run(options);
  return 0;
}
