#ifndef PIMJIT_CORE_SUPPORT_TEXT_H_
#define PIMJIT_CORE_SUPPORT_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace pimjit {

// The parts written one after another: cat("need ", bytes, " B") for messages. Integers print in
// decimal.
template <typename... Parts>
std::string cat(const Parts&... parts) {
  std::string text;
  const auto add = [&text](const auto& part) {
    using Part = std::decay_t<decltype(part)>;
    if constexpr (std::is_same_v<Part, char>) {
      text += part;
    } else if constexpr (std::is_same_v<Part, bool>) {
      text += part ? "true" : "false";
    } else if constexpr (std::is_arithmetic_v<Part>) {
      text += std::to_string(part);
    } else {
      text += std::string_view(part);
    }
  };
  (add(parts), ...);
  return text;
}

// The shortest text that reads back as the same double ("0.1", "1e+20", "inf", "nan").
std::string shortest(double value);

std::string join(const std::vector<std::string>& parts, std::string_view separator);

// 65536 -> "64 KiB", 71680 -> "70 KiB", 100 -> "100 B".
std::string readable_bytes(int64_t bytes);

}  // namespace pimjit

#endif  // PIMJIT_CORE_SUPPORT_TEXT_H_
