#include <cinttypes>
#include <cstdio>
#include <optional>

#include "pimjit/plugins/sim/dputool/command.h"
#include "pimjit/plugins/sim/dputool/profile.h"
#include "pimjit/plugins/sim/dputool/requests.h"
#include "pimjit/plugins/upmem/executor/executor.h"

namespace pimjit::dputool {
namespace {

using upmem::Counters;
using upmem::Executor;
using upmem::Outcome;
using upmem::RunReport;
using upmem::StepKind;

std::string hex(const std::vector<std::uint8_t>& bytes) {
  std::string text;
  char digits[4];
  for (std::uint8_t byte : bytes) {
    std::snprintf(digits, sizeof digits, "%02x", byte);
    text += digits;
  }
  return text;
}

// Symbols and MRAM before the launch.
Status prepare(Executor& dpu, const RunArguments& arguments) {
  for (const std::string& text : arguments.set) {
    const auto request = parse_set(text);
    if (!request) return tl::unexpected(request.error());
    const auto bytes = set_bytes(*request, dpu.program().image());
    if (!bytes) return tl::unexpected(bytes.error());
    if (Status status = dpu.write_symbol(request->symbol, request->offset, *bytes); !status)
      return status;
  }
  for (const std::string& text : arguments.mram) {
    const auto request = parse_mram(text);
    if (!request) return tl::unexpected(request.error());
    const auto bytes = read_file(request->path);
    if (!bytes) return tl::unexpected(bytes.error());
    if (Status status = dpu.write(upmem::Space::mram, request->offset, *bytes); !status)
      return status;
  }
  return {};
}

struct ReadResult {
  std::string name;
  std::vector<std::uint8_t> bytes;
};

Expected<std::vector<ReadResult>> collect(Executor& dpu, const RunArguments& arguments) {
  std::vector<ReadResult> results;
  for (const std::string& text : arguments.read) {
    const auto request = parse_read(text);
    if (!request) return tl::unexpected(request.error());
    ReadResult result{text.substr(0, text.rfind(':')), std::vector<std::uint8_t>(request->length)};
    if (Status status = dpu.read_symbol(request->symbol, request->offset, result.bytes); !status)
      return tl::unexpected(status.error());
    results.push_back(std::move(result));
  }
  for (const std::string& text : arguments.read_mram) {
    const auto request = parse_read_mram(text);
    if (!request) return tl::unexpected(request.error());
    std::vector<std::uint8_t> bytes(request->length);
    if (Status status = dpu.read(upmem::Space::mram, request->offset, bytes); !status)
      return tl::unexpected(status.error());
    if (Status status = write_file(request->path, bytes); !status)
      return tl::unexpected(status.error());
  }
  return results;
}

// What a run gave. Without a clock `cycles` is of no use.
struct Ran {
  sim::TimedRun times;
  std::optional<Profile> profile;
  std::vector<ReadResult> reads;
};

void print_json(const Ran& ran, const Counters& counters, bool clocked) {
  const RunReport& report = ran.times.report;
  std::printf("{\"outcome\": %s, \"what\": %s", quoted(to_string(report.outcome)).c_str(),
              quoted(report.what).c_str());
  if (report.fault)
    std::printf(
        ", \"fault\": {\"cause\": %s, \"thread\": %d, \"pc\": %d, \"code\": %u, \"address\": %u}",
        quoted(to_string(report.fault.cause)).c_str(), report.fault.thread, report.fault.pc,
        report.fault.code, report.fault.address);
  std::printf(", \"issued\": %" PRIu64 ", \"retries\": %" PRIu64, counters.issued,
              counters.retries);
  std::printf(", \"dma_read_bytes\": %" PRIu64 ", \"dma_write_bytes\": %" PRIu64,
              counters.dma_read_bytes, counters.dma_write_bytes);
  std::printf(", \"by_kind\": {");
  for (int kind = 0; kind < static_cast<int>(StepKind::count); ++kind)
    std::printf("%s\"%s\": %" PRIu64, kind ? ", " : "", to_string(static_cast<StepKind>(kind)),
                counters.by_kind[kind]);
  std::printf("}, \"by_thread\": [");
  for (int thread = 0; thread < upmem::kThreads; ++thread)
    std::printf("%s%" PRIu64, thread ? ", " : "", counters.by_thread[thread]);
  std::printf("], \"read\": {");
  for (std::size_t i = 0; i < ran.reads.size(); ++i)
    std::printf("%s%s: \"%s\"", i ? ", " : "", quoted(ran.reads[i].name).c_str(),
                hex(ran.reads[i].bytes).c_str());
  std::printf("}");
  if (clocked)
    std::printf(", \"cycles\": %" PRIu64 ", \"idle_reissue\": %" PRIu64 ", \"idle_dma\": %" PRIu64
                ", \"banks\": %" PRIu64 ", \"dma_busy\": %" PRIu64 ", \"transfers\": %" PRIu64,
                ran.times.cycles, ran.times.idle_reissue, ran.times.idle_dma, ran.times.banks,
                ran.times.engine_busy, ran.times.transfers);
  if (ran.profile) print_json(*ran.profile);
  std::printf("}\n");
}

void print_text(const Ran& ran, const Counters& counters, bool clocked) {
  const RunReport& report = ran.times.report;
  std::printf("%s: %" PRIu64 " instructions issued, %" PRIu64 " of them retries\n",
              to_string(report.outcome), counters.issued, counters.retries);
  for (int kind = 0; kind < static_cast<int>(StepKind::count); ++kind)
    if (counters.by_kind[kind])
      std::printf("  %-10s %" PRIu64 "\n", to_string(static_cast<StepKind>(kind)),
                  counters.by_kind[kind]);
  if (counters.dma_read_bytes || counters.dma_write_bytes)
    std::printf("  DMA bytes  %" PRIu64 " read, %" PRIu64 " written\n", counters.dma_read_bytes,
                counters.dma_write_bytes);
  if (clocked)
    std::printf("%" PRIu64 " cycles: %" PRIu64 " issued, %" PRIu64
                " waiting for the pipeline, %" PRIu64 " for DMA, %" PRIu64 " for register banks\n",
                ran.times.cycles, report.issued, ran.times.idle_reissue, ran.times.idle_dma,
                ran.times.banks);
  for (const ReadResult& read : ran.reads)
    std::printf("%s: %s\n", read.name.c_str(), hex(read.bytes).c_str());
  if (ran.profile) print_text(*ran.profile);
}

// The cycle of a fault is exact in the strict run only, which also knows every instruction's part.
Expected<Ran> launch(Executor& dpu, const RunArguments& arguments) {
  Ran ran;
  if (!arguments.cycles) {
    ran.times.report = dpu.run({arguments.max_instructions, arguments.quantum});
    if (arguments.profile) ran.profile = profile_of(dpu.program().image(), dpu.issued_at());
    return ran;
  }
  sim::TimingParameters parameters;
  for (const std::string& text : arguments.clock) {
    const auto request = parse_clock(text);
    if (!request) return tl::unexpected(request.error());
    if (!sim::set_parameter(parameters, request->name, request->value))
      return upmem::fail(upmem::Origin::user, "bad_argument",
                         "--clock " + text +
                             ": no such parameter, or out of its range; there are "
                             "reissue, read_latency, write_latency, per_byte, engine_start, "
                             "register_banks");
  }
  if (!arguments.profile) {
    ran.times = sim::run_timed(dpu, parameters, arguments.max_cycles);
    return ran;
  }
  sim::InstructionProfile times;
  ran.times = sim::run_strict(dpu, parameters, arguments.max_cycles, &times);
  ran.profile = profile_of(dpu.program().image(), times);
  return ran;
}

}  // namespace

Expected<ExitCode> run(const RunArguments& arguments) {
  const auto bytes = read_file(arguments.program);
  if (!bytes) return tl::unexpected(bytes.error());
  auto dpu = Executor::from_elf(*bytes);
  if (!dpu) {
    upmem::Error error = dpu.error();
    error.where = arguments.program + (error.where.empty() ? "" : ": " + error.where);
    return upmem::fail(std::move(error));
  }
  if (Status status = prepare(*dpu, arguments); !status) return tl::unexpected(status.error());
  auto ran = launch(*dpu, arguments);
  if (!ran) return tl::unexpected(ran.error());
  auto reads = collect(*dpu, arguments);
  if (!reads) return tl::unexpected(reads.error());
  ran->reads = std::move(*reads);
  if (arguments.json)
    print_json(*ran, dpu->counters(), arguments.cycles);
  else
    print_text(*ran, dpu->counters(), arguments.cycles);
  const RunReport& report = ran->times.report;
  if (!report.what.empty())
    std::fprintf(stderr, "dputool: %s: %s\n", to_string(report.outcome), report.what.c_str());
  const bool ended = report.outcome == Outcome::finished || report.outcome == Outcome::asleep;
  return ended ? kOk : kTargetError;
}

}  // namespace pimjit::dputool
