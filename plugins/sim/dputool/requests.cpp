#include "pimjit/plugins/sim/dputool/requests.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>

namespace pimjit::dputool {
namespace {

using upmem::Expected;

tl::unexpected<upmem::Error> bad(const std::string& text, const std::string& expected) {
  return upmem::fail(upmem::Origin::user, "bad_argument", "`" + text + "`: expected " + expected);
}

bool parse_number(const std::string& text, std::int64_t& value) {
  if (text.empty() || text[0] == ' ') return false;
  char* end = nullptr;
  errno = 0;
  if (text[0] == '-')
    value = std::strtoll(text.c_str(), &end, 0);
  else
    value = static_cast<std::int64_t>(std::strtoull(text.c_str(), &end, 0));
  return errno == 0 && *end == '\0';
}

bool parse_offset(const std::string& text, std::uint32_t& value) {
  std::int64_t number = 0;
  if (!parse_number(text, number) || number < 0 || number > upmem::kMramBytes) return false;
  value = static_cast<std::uint32_t>(number);
  return true;
}

// "SYMBOL" or "SYMBOL+OFFSET".
bool parse_place(const std::string& text, std::string& symbol, std::uint32_t& offset) {
  const std::size_t plus = text.rfind('+');
  symbol = text.substr(0, plus);
  return !symbol.empty() &&
         (plus == std::string::npos || parse_offset(text.substr(plus + 1), offset));
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Expected<SetRequest> parse_set(const std::string& text) {
  SetRequest request;
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos ||
      !parse_place(text.substr(0, equals), request.symbol, request.offset))
    return bad(text, "SYMBOL=NUMBER, SYMBOL=hex:BYTES or SYMBOL+OFFSET=...");
  request.value = text.substr(equals + 1);
  return request;
}

Expected<ClockRequest> parse_clock(const std::string& text) {
  ClockRequest request;
  const std::size_t equals = text.find('=');
  const char* const end = text.data() + text.size();
  const char* const number = text.data() + std::min(equals, text.size() - 1) + 1;
  const auto read = std::from_chars(number, end, request.value);
  if (equals == std::string::npos || equals == 0 || read.ec != std::errc() || read.ptr != end)
    return bad(text, "NAME=NUMBER");
  request.name = text.substr(0, equals);
  return request;
}

Expected<FileRequest> parse_mram(const std::string& text) {
  FileRequest request;
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || !parse_offset(text.substr(0, equals), request.offset) ||
      equals + 1 == text.size())
    return bad(text, "OFFSET=FILE with an offset into the 64 MB of MRAM");
  request.path = text.substr(equals + 1);
  return request;
}

Expected<FileRequest> parse_read_mram(const std::string& text) {
  FileRequest request;
  const std::size_t colon = text.find(':'), equals = text.find('=');
  if (colon == std::string::npos || equals == std::string::npos || equals < colon ||
      !parse_offset(text.substr(0, colon), request.offset) ||
      !parse_offset(text.substr(colon + 1, equals - colon - 1), request.length) ||
      equals + 1 == text.size())
    return bad(text, "OFFSET:LENGTH=FILE inside the 64 MB of MRAM");
  request.path = text.substr(equals + 1);
  return request;
}

Expected<ReadRequest> parse_read(const std::string& text) {
  ReadRequest request;
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos ||
      !parse_place(text.substr(0, colon), request.symbol, request.offset) ||
      !parse_offset(text.substr(colon + 1), request.length))
    return bad(text, "SYMBOL:LENGTH or SYMBOL+OFFSET:LENGTH");
  return request;
}

Expected<std::vector<std::uint8_t>> set_bytes(const SetRequest& request,
                                              const upmem::Image& image) {
  std::vector<std::uint8_t> bytes;
  if (request.value.starts_with("hex:")) {
    const std::string digits = request.value.substr(4);
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
      const int high = hex_digit(digits[i]), low = hex_digit(digits[i + 1]);
      if (high < 0 || low < 0) return bad(request.value, "pairs of hexadecimal digits");
      bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
    }
    if (digits.size() % 2 != 0) return bad(request.value, "pairs of hexadecimal digits");
    return bytes;
  }
  std::int64_t value = 0;
  if (!parse_number(request.value, value))
    return bad(request.value, "a number or hex: followed by bytes");
  const upmem::Symbol* symbol = image.find(request.symbol);
  std::uint32_t size = symbol ? symbol->size : 4;
  if (size != 1 && size != 2 && size != 8) size = 4;
  if (size < 8 &&
      (value < -(std::int64_t{1} << (8 * size - 1)) || value >= std::int64_t{1} << 8 * size))
    return bad(request.value, "a number of " + std::to_string(size) + " bytes");
  for (std::uint32_t i = 0; i < size; ++i)
    bytes.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> 8 * i));
  return bytes;
}

}  // namespace pimjit::dputool
