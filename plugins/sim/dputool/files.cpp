#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "pimjit/plugins/sim/dputool/command.h"

namespace pimjit::dputool {

Expected<std::vector<std::uint8_t>> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in)
    return upmem::fail(upmem::Origin::user, "cannot_read_file",
                       "cannot open the file: " + std::string(std::strerror(errno)), path);
  std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(in),
                                  std::istreambuf_iterator<char>()};
  if (in.bad()) return upmem::fail(upmem::Origin::user, "cannot_read_file", "reading failed", path);
  return bytes;
}

Status write_file(const std::string& path, const std::vector<std::uint8_t>& bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
  out.flush();
  if (!out)
    return upmem::fail(upmem::Origin::user, "cannot_write_file",
                       "cannot write the file: " + std::string(std::strerror(errno)), path);
  return {};
}

}  // namespace pimjit::dputool
