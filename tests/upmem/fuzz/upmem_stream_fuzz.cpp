// Any bytes as instruction words, executed on all threads in two orders; words that decode must
// print and parse back to themselves.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "pimjit/plugins/upmem/assembler/assembler.h"
#include "pimjit/plugins/upmem/executor/executor.h"
#include "pimjit/plugins/upmem/isa/print.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pimjit::upmem;
  Image image;
  Segment segment;
  segment.address = kIramBase;
  for (std::size_t at = 0; at + 6 <= size && segment.bytes.size() < kIramInstructions * 8;
       at += 6) {
    segment.bytes.insert(segment.bytes.end(), data + at, data + at + 6);
    segment.bytes.insert(segment.bytes.end(), {0, 0});
    std::uint64_t word = 0;
    for (std::size_t byte = 0; byte < 6; ++byte) word |= std::uint64_t{data[at + byte]} << 8 * byte;
    const auto decoded = decode(word);
    if (!decoded) continue;
    const auto again = parse_instruction(print(*decoded));
    if (!again || encode(*again).value_or(0) != word) std::abort();
  }
  segment.memory_size = static_cast<std::uint32_t>(segment.bytes.size());
  image.segments.push_back(std::move(segment));
  const auto program = Program::from_image(std::move(image));
  if (!program) return 0;
  for (std::uint32_t quantum : {1u, 64u}) {
    Executor dpu(*program);
    RunOptions options;
    options.max_instructions = 2000;
    options.quantum = quantum;
    const RunReport report = dpu.run(options);
    if (report.issued > options.max_instructions) std::abort();
    if (report.issued != dpu.counters().issued) std::abort();
  }
  return 0;
}
