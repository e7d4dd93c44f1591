// Times kernels that are known by their mapping and their issue slots, not by their code: a line of
// the standard input describes one, a line of the output answers it. For scripts/validate-sim.
//
//   name tasklets outer inner reads read_bytes slots writes write_bytes
//
// Each tasklet does `outer` times: `inner` times (`reads` transfers of `read_bytes` bytes, `slots`
// instructions), then `writes` transfers of `write_bytes` bytes. Transfers have 8 to 2048 bytes.
// The answer is "name cycles instructions". Options KEY=CYCLES set parameters of the clock.
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>

#include "pimjit/plugins/sim/timing/timed_run.h"
#include "pimjit/plugins/upmem/assembler/assembler.h"

namespace {

using namespace pimjit;

struct Nest {
  std::string name;
  long tasklets = 0, outer = 0, inner = 0, reads = 0, read_bytes = 0, slots = 0, writes = 0,
       write_bytes = 0;
  bool fits() const {
    const auto transfer = [](long count, long bytes) {
      return count == 0 || (count > 0 && count <= 64 && bytes >= 8 && bytes <= 2048);
    };
    return tasklets >= 1 && tasklets <= 24 && outer >= 1 && inner >= 1 && slots >= 0 &&
           slots < 2'000'000'000 && transfer(reads, read_bytes) && transfer(writes, write_bytes);
  }
};

std::string transfers(const char* name, long count, long bytes) {
  std::string text;
  for (long i = 0; i < count; ++i)
    text += std::string("  ") + name + " r0, r1, " + std::to_string((bytes + 7) / 8 - 1) + "\n";
  return text;
}

// What the loops themselves issue is part of the slots.
std::string program_of(const Nest& n) {
  const std::string last = std::to_string(n.tasklets - 1);
  std::string text = ".text\nmain: jeq id, " + last + ", work\n  boot id, 1\nwork:\n";
  text += "  move r0, space\n  move r1, 0\n  move r4, " + std::to_string(n.outer) + "\n";
  text += "outer:\n  move r5, " + std::to_string(n.inner) + "\ninner:\n";
  text += transfers("ldma", n.reads, n.read_bytes);
  const long spin = n.slots - n.reads - 2;
  if (spin > 0) text += "  move r6, " + std::to_string(spin) + "\nspin: sub r6, r6, 1, nz, spin\n";
  text += "  sub r5, r5, 1, nz, inner\n";
  text += transfers("sdma", n.writes, n.write_bytes);
  text += "  sub r4, r4, 1, nz, outer\nend: stop true, end\n.data\nspace: .space 2048\n";
  return text;
}

bool set_parameter(const std::string& option, sim::TimingParameters& p) {
  const std::size_t equals = option.find('=');
  if (equals == std::string::npos) return false;
  return sim::set_parameter(p, option.substr(0, equals), std::atof(option.c_str() + equals + 1));
}

// Whether it could be timed.
bool answer(const Nest& nest, const sim::TimingParameters& parameters) {
  const auto elf = upmem::assemble_elf(program_of(nest), nest.name);
  if (!elf) {
    std::fprintf(stderr, "sim_replay: %s\n", elf.error().message().c_str());
    return false;
  }
  auto dpu = upmem::Executor::from_elf(*elf);
  if (!dpu) return false;
  const sim::TimedRun run = sim::run_timed(*dpu, parameters, std::uint64_t{1} << 40);
  if (run.report.outcome != upmem::Outcome::finished) {
    std::fprintf(stderr, "sim_replay: %s: %s\n", nest.name.c_str(), run.report.what.c_str());
    return false;
  }
  std::printf("%s %llu %llu\n", nest.name.c_str(), static_cast<unsigned long long>(run.cycles),
              static_cast<unsigned long long>(run.report.issued));
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  sim::TimingParameters parameters;
  for (int i = 1; i < argc; ++i) {
    if (set_parameter(argv[i], parameters)) continue;
    std::fprintf(stderr, "sim_replay: `%s` sets no parameter of the clock\n", argv[i]);
    return 1;
  }
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream fields(line);
    Nest n;
    fields >> n.name >> n.tasklets >> n.outer >> n.inner >> n.reads >> n.read_bytes >> n.slots >>
        n.writes >> n.write_bytes;
    if (!fields || !n.fits()) {
      std::fprintf(stderr, "sim_replay: cannot read `%s`\n", line.c_str());
      return 1;
    }
    if (!answer(n, parameters)) return 3;
  }
  return 0;
}
