#include "pimjit/tests/support/trace_coverage.h"

#include <algorithm>
#include <iomanip>
#include <numeric>
#include <sstream>

namespace pimjit {
namespace {

std::string place_of(const TargetDesc& target, const StageSchedule& s, const Instruction& in) {
  if (!s.on_device()) return "host";
  if (in.loop_count == 0) return "kernel";
  const Loop& l = s.loops[static_cast<size_t>(in.loops[0])];
  if (l.level < 0) return "serial";
  const LevelKind kind = target.levels[static_cast<size_t>(l.level)].kind;
  if (kind == LevelKind::lane) return "lane";
  if (kind == LevelKind::time) return "time";
  if (kind == LevelKind::lockstep) return "lockstep";
  return l.level <= target.unit_level() ? "unit" : "inner";
}

}  // namespace

void TraceCoverage::add(const Workload& workload, const TargetDesc& target, const Trace& trace) {
  auto schedule = replay(workload, target, trace);
  if (!schedule) return;
  ++cases_;
  bool factored = false;
  for (const Instruction& in : trace.instructions) {
    const size_t stage = static_cast<size_t>(in.stage);
    const StageSchedule& s = schedule->stages[stage];
    const size_t dtype = static_cast<size_t>(workload.stages[stage].compute);
    ++rows_[{in.kind, place_of(target, s, in)}][dtype];
    factored = factored || in.kind == PrimitiveKind::rfactor;
    if (in.kind != PrimitiveKind::split) continue;
    const Loop& parent = s.loops[static_cast<size_t>(in.loops[0])];
    if (parent.extent <= 1) continue;
    ++splits_;
    if (parent.needs_guard || parent.padded) ++not_dividing_;
  }
  if (factored) ++factored_;
}

double TraceCoverage::share_not_dividing() const {
  return splits_ == 0 ? 0 : static_cast<double>(not_dividing_) / static_cast<double>(splits_);
}
double TraceCoverage::share_factored() const {
  return cases_ == 0 ? 0 : static_cast<double>(factored_) / static_cast<double>(cases_);
}
int64_t TraceCoverage::count(PrimitiveKind kind) const {
  int64_t n = 0;
  for (const auto& [row, counts] : rows_) {
    if (row.kind == kind) n = std::accumulate(counts.begin(), counts.end(), n);
  }
  return n;
}
int64_t TraceCoverage::count(DType dtype) const {
  int64_t n = 0;
  for (const auto& [row, counts] : rows_) n += counts[static_cast<size_t>(dtype)];
  return n;
}

std::string TraceCoverage::table() const {
  std::ostringstream out;
  out << std::left << std::setw(32) << "primitive" << std::setw(10) << "at" << std::right;
  for (DType t : kTensorDTypes) out << std::setw(8) << to_string(t);
  out << '\n';
  for (const auto& [row, counts] : rows_) {
    out << std::left << std::setw(32) << to_string(row.kind) << std::setw(10) << row.place
        << std::right;
    for (DType t : kTensorDTypes) out << std::setw(8) << counts[static_cast<size_t>(t)];
    out << '\n';
  }
  out << std::fixed << std::setprecision(1) << cases_ << " cases; " << 100 * share_not_dividing()
      << " % of splits do not divide; " << 100 * share_factored()
      << " % of cases factor a reduction\n";
  return out.str();
}

}  // namespace pimjit
