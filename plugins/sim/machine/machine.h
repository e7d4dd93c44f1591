#ifndef PIMJIT_PLUGINS_SIM_MACHINE_MACHINE_H_
#define PIMJIT_PLUGINS_SIM_MACHINE_MACHINE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pimjit/plugins/sim/machine/code_map.h"
#include "pimjit/plugins/sim/machine/launch_result.h"
#include "pimjit/plugins/sim/timing/timed_run.h"
#include "pimjit/plugins/upmem/executor/executor.h"
#include "pimjit/plugins/upmem/target/device_image.h"

namespace pimjit::sim {

// An executable ready to be launched. Immutable, shared by launches.
struct LoadedProgram {
  upmem::DeviceImage image;
  std::shared_ptr<const upmem::Program> program;
  CodeMap code;
};
// Errors: user/bad_image, user/bad_elf, user/bad_line_map.
upmem::Expected<LoadedProgram> load_program(std::span<const unsigned char> image);

struct MachineOptions {
  std::uint64_t dpus = 2048;
  int host_threads = 0;                               // that simulate; 0: one per core
  std::uint64_t max_cycles = std::uint64_t{1} << 40;  // of one DPU in one launch
  TimingParameters timing = {};
};

// The DPUs of a machine: their MRAM, and launches on them. WRAM keeps nothing between launches.
// Memory of this computer grows with the MRAM that is written. Not thread-safe; a launch uses
// threads of its own. The same launches give the same results and times whatever their number.
class Machine {
 public:
  explicit Machine(const MachineOptions& options);

  std::uint64_t dpus() const { return mram_.size(); }
  // Callers stay within the machine and its memories.
  void write(std::uint64_t dpu, std::uint64_t offset, const void* from, std::uint64_t bytes);
  void read(std::uint64_t dpu, std::uint64_t offset, void* to, std::uint64_t bytes) const;
  // Calls fn(0) .. fn(count - 1), on several threads when there is enough to do.
  void for_each(std::uint64_t count, const std::function<void(std::uint64_t)>& fn) const;
  std::size_t resident_bytes() const;

  // Runs `program` on DPUs [first, first + count). `cancelled` is asked between DPUs.
  LaunchResult launch(const LoadedProgram& program, std::uint64_t first, std::uint64_t count,
                      const std::vector<std::int64_t>& arguments,
                      const std::function<bool()>& cancelled);

 private:
  class Worker;
  int workers(std::uint64_t pieces) const;

  MachineOptions options_;
  std::vector<std::unique_ptr<upmem::Mram>> mram_;  // by DPU; null until written
};

}  // namespace pimjit::sim

#endif  // PIMJIT_PLUGINS_SIM_MACHINE_MACHINE_H_
