#include "pimjit/plugins/sim/machine/machine.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>
#include <mutex>
#include <thread>

namespace pimjit::sim {

upmem::Expected<LoadedProgram> load_program(std::span<const unsigned char> image) {
  auto decoded = upmem::decode_image(image);
  if (!decoded) return tl::unexpected(decoded.error());
  LoadedProgram loaded{std::move(*decoded), nullptr, {}};
  auto program = upmem::Program::from_elf(loaded.image.elf);
  if (!program) return tl::unexpected(program.error());
  auto code = CodeMap::make(**program, std::move(loaded.image.places));
  if (!code) return tl::unexpected(code.error());
  loaded.program = std::move(*program);
  loaded.code = std::move(*code);
  return loaded;
}

Machine::Machine(const MachineOptions& options) : options_(options), mram_(options.dpus) {}

int Machine::workers(std::uint64_t pieces) const {
  const int most = options_.host_threads > 0
                       ? options_.host_threads
                       : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  return static_cast<int>(std::clamp<std::uint64_t>(pieces, 1, static_cast<std::uint64_t>(most)));
}

void Machine::for_each(std::uint64_t count, const std::function<void(std::uint64_t)>& fn) const {
  constexpr std::uint64_t kPiece = 64;  // DPUs at a time, a rank
  const int threads = workers((count + kPiece - 1) / kPiece);
  std::atomic<std::uint64_t> next{0};
  const auto work = [&] {
    for (std::uint64_t begin = next.fetch_add(kPiece); begin < count;
         begin = next.fetch_add(kPiece))
      for (std::uint64_t i = begin; i < std::min(count, begin + kPiece); ++i) fn(i);
  };
  std::vector<std::jthread> others;
  for (int i = 1; i < threads; ++i) others.emplace_back(work);
  work();
}

void Machine::write(std::uint64_t dpu, std::uint64_t offset, const void* from,
                    std::uint64_t bytes) {
  auto& mram = mram_[dpu];
  if (mram == nullptr) mram = std::make_unique<upmem::Mram>();
  mram->write(static_cast<std::uint32_t>(offset), from, static_cast<std::uint32_t>(bytes));
}

void Machine::read(std::uint64_t dpu, std::uint64_t offset, void* to, std::uint64_t bytes) const {
  if (mram_[dpu] == nullptr) {
    std::memset(to, 0, bytes);
    return;
  }
  mram_[dpu]->read(static_cast<std::uint32_t>(offset), to, static_cast<std::uint32_t>(bytes));
}

std::size_t Machine::resident_bytes() const {
  std::size_t bytes = 0;
  for (const auto& mram : mram_)
    if (mram != nullptr) bytes += mram->resident_bytes();
  return bytes;
}

// One thread's DPU: registers, WRAM and clock, lent the MRAM of one DPU after another.
class Machine::Worker {
 public:
  Worker(const LoadedProgram& program, const std::vector<std::int64_t>& arguments,
         const MachineOptions& options)
      : dpu_(program.program),
        code_(program.code),
        timing_(options.timing),
        max_cycles_(options.max_cycles),
        issued_at_(program.program->size()) {
    for (const std::int64_t argument : arguments)
      for (int byte = 0; byte < 8; ++byte)
        arguments_.push_back(static_cast<std::uint8_t>(argument >> (8 * byte)));
  }

  // Empty when it went well.
  std::string run(std::uint64_t number, std::unique_ptr<upmem::Mram>& mram, DpuRun& result,
                  std::int32_t& code) {
    if (mram == nullptr) mram = std::make_unique<upmem::Mram>();
    std::swap(dpu_.mram(), *mram);
    std::string what = run_here(number, result, code);
    std::swap(dpu_.mram(), *mram);
    return what;
  }

  // How often each instruction was issued, over all runs.
  const std::vector<std::uint64_t>& issued_at() const { return issued_at_; }

 private:
  std::string run_here(std::uint64_t number, DpuRun& result, std::int32_t& code) {
    dpu_.load();
    dpu_.reset_counters();
    dpu_.clear_atomic_bits();
    const std::uint8_t index[4] = {
        static_cast<std::uint8_t>(number), static_cast<std::uint8_t>(number >> 8),
        static_cast<std::uint8_t>(number >> 16), static_cast<std::uint8_t>(number >> 24)};
    code = PJ_BAD_KERNEL;
    if (const auto wrote = dpu_.write_symbol("unit", 0, index); !wrote) return wrote.error().what;
    if (!arguments_.empty()) {
      const auto wrote = dpu_.write_symbol("args", 0, arguments_);
      if (!wrote) return wrote.error().what;
    }
    result.timed = run_timed(dpu_, timing_, max_cycles_);
    result.counters = dpu_.counters();
    for (std::size_t pc = 0; pc < issued_at_.size(); ++pc) issued_at_[pc] += dpu_.issued_at()[pc];
    const upmem::RunReport& report = result.timed.report;
    code = report.outcome == upmem::Outcome::budget ? PJ_TIMEOUT : PJ_DEVICE_FAULT;
    return report.outcome == upmem::Outcome::finished ? std::string() : what_of(report);
  }

  // Cause, thread, instruction, symbol, statement and loops, as far as they are known.
  std::string what_of(const upmem::RunReport& report) const {
    if (report.fault) {
      return std::string(to_string(report.fault.cause)) + " fault of thread " +
             std::to_string(report.fault.thread) + " at instruction " +
             code_.place_of(report.fault.pc) + ": " + report.fault.what;
    }
    const std::uint32_t threads = report.running != 0 ? report.running : report.asleep;
    if (threads == 0) return report.what;
    const auto first = static_cast<unsigned>(std::countr_zero(threads));
    return report.what + "; thread " + std::to_string(first) + " is at instruction " +
           code_.place_of(dpu_.pc(first));
  }

  upmem::Executor dpu_;
  const CodeMap& code_;
  const TimingParameters& timing_;
  std::uint64_t max_cycles_;
  std::vector<std::uint8_t> arguments_;
  std::vector<std::uint64_t> issued_at_;
};

LaunchResult Machine::launch(const LoadedProgram& program, std::uint64_t first, std::uint64_t count,
                             const std::vector<std::int64_t>& arguments,
                             const std::function<bool()>& cancelled) {
  LaunchResult result;
  result.runs.resize(count);
  struct Failure {
    std::string what;
    std::int32_t code = PJ_OK;
  };
  std::vector<Failure> failures(count);
  // DPUs are taken in order, so all before the first failed one have run whoever was quicker.
  std::atomic<std::uint64_t> next{0}, failed{count};
  std::atomic<bool> stopped{false};
  std::mutex adding;
  std::vector<std::uint64_t> issued_at(program.program->size());
  const auto work = [&] {
    Worker worker(program, arguments, options_);
    for (std::uint64_t i = next++; i < failed && !stopped; i = next++) {
      if (cancelled && cancelled()) {
        stopped = true;
        break;
      }
      Failure& failure = failures[i];
      failure.what = worker.run(first + i, mram_[first + i], result.runs[i], failure.code);
      if (failure.what.empty()) continue;
      std::uint64_t before = failed;
      while (i < before && !failed.compare_exchange_weak(before, i)) {
      }
    }
    const std::lock_guard lock(adding);
    for (std::size_t pc = 0; pc < issued_at.size(); ++pc) issued_at[pc] += worker.issued_at()[pc];
  };
  {
    std::vector<std::jthread> others;
    const int threads = workers(count);
    for (int i = 1; i < threads; ++i) others.emplace_back(work);
    if (count > 0) work();
  }
  result.issued_by_statement = program.code.by_statement(issued_at);
  if (stopped) {
    result.ok = false, result.code = PJ_CANCELLED, result.what = "the launch was cancelled";
  } else if (failed < count) {
    const Failure& failure = failures[failed];
    result.ok = false, result.code = failure.code;
    result.what = "kernel '" + program.image.kernel + "', DPU " + std::to_string(first + failed) +
                  ": " + failure.what;
  }
  return result;
}

}  // namespace pimjit::sim
