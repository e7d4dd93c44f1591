#include "pimjit/core/run/run_report.h"

#include <cstdio>

#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

std::string padded(const std::string& text, size_t width, bool right) {
  if (text.size() >= width) return text;
  const std::string space(width - text.size(), ' ');
  return right ? space + text : text + space;
}

std::string line(const std::string& name, double ns, TimeOrigin origin) {
  return cat("  ", padded(name, 12, false), padded(readable_ns(ns), 10, true), "  ",
             to_string(origin), "\n");
}

}  // namespace

const char* to_string(RunPhase phase) {
  switch (phase) {
    case RunPhase::upload:
      return "upload";
    case RunPhase::h2d:
      return "h2d";
    case RunPhase::launch:
      return "launch";
    case RunPhase::kernel:
      return "kernel";
    case RunPhase::d2h:
      return "d2h";
    case RunPhase::host:
      return "host";
  }
  return "?";
}

std::string readable_ns(double ns) {
  static constexpr struct {
    double ns;
    const char* unit;
  } kUnits[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}, {1, "ns"}};
  if (ns <= 0) return "0 ns";
  for (const auto& u : kUnits) {
    if (ns < u.ns && u.ns > 1) continue;
    const double value = ns / u.ns;
    char text[32];
    const int digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
    std::snprintf(text, sizeof text, "%.*f %s", digits, value, u.unit);
    return text;
  }
  return "0 ns";
}

std::vector<ReportField> timing_fields(const RunReport& report) {
  std::vector<ReportField> fields;
  fields.push_back({"origin", false, 0, to_string(report.origin)});
  const auto number = [&](std::string key, double ns) {
    fields.push_back({std::move(key), true, ns, {}});
  };
  for (int p = 0; p < kRunPhases; ++p) {
    const auto phase = static_cast<RunPhase>(p);
    number(cat(to_string(phase), "_ns"), report.phase(phase).ns);
  }
  number("total_ns", report.total_ns);
  number("local_host_ns", report.local_host_ns);
  return fields;
}

std::string to_text(const RunReport& report) {
  std::string text;
  for (int p = 0; p < kRunPhases; ++p) {
    const auto phase = static_cast<RunPhase>(p);
    text += line(to_string(phase), report.phase(phase).ns, report.phase(phase).origin);
  }
  text += line("total", report.total_ns, report.origin);
  text += line("local host", report.local_host_ns, TimeOrigin::measured);
  return text;
}

}  // namespace pimjit
