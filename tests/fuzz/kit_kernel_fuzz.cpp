// The plugin kit on bytes of any origin: its reader answers, and what it accepts can be run within
// a budget.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "pimjit/core/plugin_kit/evaluator.h"
#include "pimjit/core/plugin_kit/kernel_reader.h"

namespace {

namespace kit = pimjit::kit;

// Accepts every access and keeps nothing.
class Nowhere final : public kit::UnitMemory {
 public:
  bool load(const kit::Place& from, void* to, uint64_t bytes) override {
    std::memset(to, static_cast<int>(from.offset), bytes);
    return true;
  }
  bool store(const kit::Place&, const void*, uint64_t) override { return true; }
  bool copy(int, const kit::Place&, const kit::Place&, uint64_t) override { return true; }
};

// The size and the hash that the bytes should have, so that mutations get past them.
void repair(std::vector<uint8_t>& bytes) {
  if (bytes.size() < 20) return;
  for (size_t i = 0; i < 4; ++i) bytes[8 + i] = static_cast<uint8_t>(bytes.size() >> (8 * i));
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t i = 0; i + 8 < bytes.size(); ++i) hash = (hash ^ bytes[i]) * 0x100000001b3u;
  for (size_t i = 0; i < 8; ++i)
    bytes[bytes.size() - 8 + i] = static_cast<uint8_t>(hash >> (8 * i));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<uint8_t> bytes(data, data + size);
  repair(bytes);
  kit::Kernel kernel;
  if (!kit::read_kernel(bytes.data(), bytes.size(), kernel).empty()) return 0;
  const int unit_level = kernel.levels.empty() ? -1 : 0;
  const auto variables = static_cast<int64_t>(kernel.vars.size()) + 1;
  const kit::Evaluator program(std::move(kernel), unit_level);
  if (!program.problem().empty() || program.instances() > (1 << 18) / variables) return 0;
  Nowhere memory;
  kit::Counters counters;
  kit::RunOptions options;
  options.position = program.position_of(0);
  options.arguments.assign(program.kernel().params.size(), 64);
  options.budget = 20000;
  program.run(memory, options, counters);
  return 0;
}
