#ifndef PIMJIT_PLUGINS_CPU_MACHINE_H_
#define PIMJIT_PLUGINS_CPU_MACHINE_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace pimjit::cpu {

// What this process runs on, as far as schedules depend on it. 0: the machine does not say.
struct Machine {
  int vector_bytes = 0;
  int vector_registers = 0;
  int64_t second_level_cache = 0;  // bytes of a core's
  int threads = 0;                 // that the process may use
};

Machine this_machine();

// The description with the machine's figures in place of its own: lanes, the scopes "registers" and
// "near", and the host's threads, where these stand on lines of their own as in cpu.toml. What a
// description has not, or the machine does not say, stays as it is. Pure.
std::string adapt_description(std::string_view text, const Machine& machine);

}  // namespace pimjit::cpu

#endif  // PIMJIT_PLUGINS_CPU_MACHINE_H_
