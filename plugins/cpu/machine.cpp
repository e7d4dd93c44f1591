#include "pimjit/plugins/cpu/machine.h"

#include <algorithm>
#include <optional>
#include <vector>

#include <sched.h>
#include <unistd.h>

#include "pimjit/jit/llvm/host_machine.h"

namespace pimjit::cpu {
namespace {

constexpr int64_t kLaneBytes = 4;  // a lane is an element of 4 bytes, see docs/targets.md
// Local buffers lie on the stacks of threads, of which applications may have made small ones.
constexpr int64_t kMostNear = 512 * 1024;

int usable_threads() {
  cpu_set_t usable;
  CPU_ZERO(&usable);
  return ::sched_getaffinity(0, sizeof usable, &usable) == 0 ? CPU_COUNT(&usable) : 0;
}

// A description by its lines: "[[scope]]", then `key = value` lines of which `name` is one.
class Lines {
 public:
  explicit Lines(std::string_view text) {
    for (size_t at = 0; at < text.size();) {
      const size_t end = std::min(text.find('\n', at), text.size());
      lines_.emplace_back(text.substr(at, end - at));
      at = end + 1;
    }
  }

  // In the table with that header and, where one is given, that name.
  void set(std::string_view header, std::string_view name, std::string_view key,
           const std::string& value) {
    const auto table = find(header, name);
    if (!table) return;
    for (size_t l = *table + 1; l < end_of(*table); ++l) {
      if (key_of(lines_[l]) == key) lines_[l] = std::string(key) + " = " + value;
    }
  }
  void set_measured(std::string_view header, std::string_view name, std::string_view key,
                    int64_t value) {
    if (value <= 0) return;
    set(header, name, key, std::to_string(value));
    set(header, name, "source", "\"read from this machine\"");
    set(header, name, "confidence", "\"measured\"");
  }

  std::string text() const {
    std::string text;
    for (const std::string& line : lines_) text += line + "\n";
    return text;
  }

 private:
  static std::string_view key_of(std::string_view line) {
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos) return {};
    const size_t begin = line.find_first_not_of(' ');
    return line.substr(begin, line.find_first_of(" =", begin) - begin);
  }
  size_t end_of(size_t table) const {
    size_t end = table + 1;
    while (end < lines_.size() && (lines_[end].empty() || lines_[end][0] != '[')) ++end;
    return end;
  }
  bool has_name(size_t table, std::string_view name) const {
    const std::string quoted = "\"" + std::string(name) + "\"";
    for (size_t l = table + 1; l < end_of(table); ++l) {
      if (key_of(lines_[l]) == "name" && lines_[l].find(quoted) != std::string::npos) return true;
    }
    return false;
  }
  std::optional<size_t> find(std::string_view header, std::string_view name) const {
    for (size_t l = 0; l < lines_.size(); ++l) {
      if (lines_[l].rfind(header, 0) == 0 && (name.empty() || has_name(l, name))) return l;
    }
    return std::nullopt;
  }

  std::vector<std::string> lines_;
};

}  // namespace

Machine this_machine() {
  const HostMachine& host = host_machine();
  Machine machine;
  machine.vector_bytes = host.vector_bytes;
  machine.vector_registers = host.vector_registers;
  machine.second_level_cache = ::sysconf(_SC_LEVEL2_CACHE_SIZE);
  machine.threads = usable_threads();
  return machine;
}

std::string adapt_description(std::string_view text, const Machine& machine) {
  Lines lines(text);
  lines.set_measured("[[level]]", "lane", "count", machine.vector_bytes / kLaneBytes);
  lines.set_measured("[[scope]]", "registers", "capacity",
                     int64_t{machine.vector_registers} * machine.vector_bytes);
  // The other half of the cache is for what streams by.
  lines.set_measured("[[scope]]", "near", "capacity",
                     std::min(machine.second_level_cache / 2, kMostNear));
  if (machine.threads > 0) lines.set("[host]", "", "threads", std::to_string(machine.threads));
  return lines.text();
}

}  // namespace pimjit::cpu
