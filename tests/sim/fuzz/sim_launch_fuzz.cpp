// Any bytes as the image of a kernel, made whole by their checksum: loaded, and launched for a
// while on two DPUs; and as the text of a link's cost.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "pimjit/plugins/sim/machine/link_model.h"
#include "pimjit/plugins/sim/machine/machine.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pimjit::sim;
  (void)parse_link_model({reinterpret_cast<const char*>(data), size});
  std::vector<unsigned char> image(data, data + size);
  if (image.size() >= 8) {
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (std::size_t i = 0; i + 8 < image.size(); ++i) hash = (hash ^ image[i]) * 0x100000001b3u;
    for (std::size_t i = 0; i < 8; ++i)
      image[image.size() - 8 + i] = static_cast<unsigned char>(hash >> (8 * i));
  }
  const auto program = load_program(image);
  if (!program) return 0;
  Machine machine({.dpus = 2, .host_threads = 1, .max_cycles = 20'000});
  const std::vector<std::int64_t> arguments(program->image.params.size(), 8);
  const LaunchResult result = machine.launch(*program, 0, 2, arguments, {});
  (void)result.figures();
  return 0;
}
