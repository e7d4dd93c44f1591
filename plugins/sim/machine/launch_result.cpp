#include "pimjit/plugins/sim/machine/launch_result.h"

#include <algorithm>
#include <map>

namespace pimjit::sim {
namespace {

// DPUs that issued the same instructions, thread by thread and kind by kind, are one class.
using Signature = std::vector<std::uint64_t>;

Signature signature_of(const upmem::Counters& counters) {
  Signature signature(counters.by_thread.begin(), counters.by_thread.end());
  signature.insert(signature.end(), counters.by_kind.begin(), counters.by_kind.end());
  signature.push_back(counters.dma_read_bytes);
  signature.push_back(counters.dma_write_bytes);
  return signature;
}

}  // namespace

std::uint64_t LaunchResult::cycles() const {
  std::uint64_t most = 0;
  for (const DpuRun& run : runs) most = std::max(most, run.timed.cycles);
  return most;
}

std::vector<kit::Figure> LaunchResult::figures() const {
  std::vector<kit::Figure> figures;
  const auto add = [&](std::string name, const char* unit, std::uint64_t n) {
    figures.push_back({std::move(name), unit, static_cast<double>(n)});
  };
  upmem::Counters all;
  std::map<Signature, std::uint64_t> classes;
  std::uint64_t least = UINT64_MAX;
  for (const DpuRun& run : runs) {
    all.issued += run.counters.issued;
    all.retries += run.counters.retries;
    all.dma_read_bytes += run.counters.dma_read_bytes;
    all.dma_write_bytes += run.counters.dma_write_bytes;
    for (std::size_t k = 0; k < all.by_kind.size(); ++k) all.by_kind[k] += run.counters.by_kind[k];
    ++classes[signature_of(run.counters)];
    least = std::min(least, run.timed.cycles);
  }
  add("cycles", "cycles", cycles());
  add("cycles.least", "cycles", runs.empty() ? 0 : least);
  add("instructions", "instructions", all.issued);
  for (std::size_t k = 0; k < all.by_kind.size(); ++k) {
    const auto kind = static_cast<upmem::StepKind>(k);
    if (all.by_kind[k] != 0)
      add(std::string("instructions.") + to_string(kind), "instructions", all.by_kind[k]);
  }
  add("retries", "instructions", all.retries);
  add("bytes.load", "B", all.dma_read_bytes);
  add("bytes.store", "B", all.dma_write_bytes);
  add("classes", "classes", classes.size());
  double idle_dma = 0, idle_reissue = 0, threads = 0, wait = 0, busy = 0, elapsed = 0;
  std::uint64_t transfers = 0;
  for (const DpuRun& run : runs) {
    idle_dma += static_cast<double>(run.timed.idle_dma);
    idle_reissue += static_cast<double>(run.timed.idle_reissue);
    threads += run.timed.thread_cycles;
    wait += run.timed.dma_wait;
    busy += run.timed.engine_busy;
    elapsed += static_cast<double>(run.timed.cycles);
    transfers += run.timed.transfers;
  }
  figures.push_back({"idle.dma", "cycles", idle_dma});
  figures.push_back({"idle.reissue", "cycles", idle_reissue});
  figures.push_back({"threads", "tasklets", elapsed > 0 ? threads / elapsed : 0});
  figures.push_back({"dma.wait", "cycles", wait});
  figures.push_back({"dma.busy", "cycles", busy});
  add("dma.transfers", "transfers", transfers);
  for (const CodeMap::StatementSum& at : issued_by_statement)
    add("at." + std::to_string(at.statement) + ".instructions", "instructions", at.sum);
  return figures;
}

}  // namespace pimjit::sim
