#ifndef PIMJIT_PLUGINS_SIM_DPUTOOL_REQUESTS_H_
#define PIMJIT_PLUGINS_SIM_DPUTOOL_REQUESTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "pimjit/plugins/upmem/elf/image.h"
#include "pimjit/plugins/upmem/support/error.h"

namespace pimjit::dputool {

// What the texts of --set, --mram, --read-mram, --read and --clock ask for. Numbers are decimal or
// 0x. Errors are user/bad_argument with the text and what was expected.
struct SetRequest {
  std::string symbol;
  std::uint32_t offset = 0;
  std::string value;  // a number, or hex:DIGITS for bytes
};
struct FileRequest {
  std::uint32_t offset = 0, length = 0;
  std::string path;
};
struct ReadRequest {
  std::string symbol;
  std::uint32_t offset = 0, length = 0;
};

struct ClockRequest {
  std::string name;
  double value = 0;
};

upmem::Expected<SetRequest> parse_set(const std::string& text);
upmem::Expected<FileRequest> parse_mram(const std::string& text);
upmem::Expected<FileRequest> parse_read_mram(const std::string& text);
upmem::Expected<ReadRequest> parse_read(const std::string& text);
upmem::Expected<ClockRequest> parse_clock(const std::string& text);

// The bytes a --set stores: a number takes the size of its symbol when that is 1, 2, 4 or 8,
// else 4.
upmem::Expected<std::vector<std::uint8_t>> set_bytes(const SetRequest& request,
                                                     const upmem::Image& image);

}  // namespace pimjit::dputool

#endif  // PIMJIT_PLUGINS_SIM_DPUTOOL_REQUESTS_H_
