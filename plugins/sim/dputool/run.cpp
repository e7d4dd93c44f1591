#include <cinttypes>
#include <cstdio>

#include "pimjit/plugins/sim/dputool/command.h"
#include "pimjit/plugins/sim/dputool/requests.h"
#include "pimjit/plugins/upmem/assembler/disassembler.h"
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

std::string quoted(const std::string& text) {
  std::string out = "\"";
  char code[8];
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) {
      std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned char>(c));
      out += code;
    } else {
      out += c;
    }
  }
  return out + "\"";
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

void print_json(const RunReport& report, const Counters& counters,
                const std::vector<ReadResult>& reads) {
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
  for (std::size_t i = 0; i < reads.size(); ++i)
    std::printf("%s%s: \"%s\"", i ? ", " : "", quoted(reads[i].name).c_str(),
                hex(reads[i].bytes).c_str());
  std::printf("}}\n");
}

void print_text(const RunReport& report, const Counters& counters,
                const std::vector<ReadResult>& reads) {
  std::printf("%s: %" PRIu64 " instructions issued, %" PRIu64 " of them retries\n",
              to_string(report.outcome), counters.issued, counters.retries);
  for (int kind = 0; kind < static_cast<int>(StepKind::count); ++kind)
    if (counters.by_kind[kind])
      std::printf("  %-10s %" PRIu64 "\n", to_string(static_cast<StepKind>(kind)),
                  counters.by_kind[kind]);
  if (counters.dma_read_bytes || counters.dma_write_bytes)
    std::printf("  DMA bytes  %" PRIu64 " read, %" PRIu64 " written\n", counters.dma_read_bytes,
                counters.dma_write_bytes);
  for (const ReadResult& read : reads)
    std::printf("%s: %s\n", read.name.c_str(), hex(read.bytes).c_str());
}

void print_profile(const Executor& dpu) {
  for (const upmem::Line& line : upmem::disassemble(dpu.program().image())) {
    for (const std::string& label : line.labels) std::printf("%s:\n", label.c_str());
    std::printf("%12" PRIu64 "  %4u  %s\n", dpu.issued_at()[line.index], line.index,
                line.text.c_str());
  }
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
  const RunReport report = dpu->run({arguments.max_instructions, arguments.quantum});
  const auto reads = collect(*dpu, arguments);
  if (!reads) return tl::unexpected(reads.error());
  if (arguments.json)
    print_json(report, dpu->counters(), *reads);
  else
    print_text(report, dpu->counters(), *reads);
  if (arguments.profile) print_profile(*dpu);
  if (!report.what.empty())
    std::fprintf(stderr, "dputool: %s: %s\n", to_string(report.outcome), report.what.c_str());
  const bool ended = report.outcome == Outcome::finished || report.outcome == Outcome::asleep;
  return ended ? kOk : kTargetError;
}

}  // namespace pimjit::dputool
