#include "pimjit/tools/pimjit/profile.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include "pimjit/core/ir/statement_lines.h"
#include "pimjit/core/support/text.h"
#include "pimjit/tools/pimjit/json.h"

namespace pimjit::cli {
namespace {

// The figures of one kernel's statements.
struct KernelFigures {
  std::vector<std::string> names;                    // in the order in which they come
  std::map<std::pair<int, std::string>, double> at;  // by statement and name

  double value(int statement, const std::string& name) const {
    const auto found = at.find({statement, name});
    return found == at.end() ? 0 : found->second;
  }
};

KernelFigures figures_of(const RunReport& report, int kernel) {
  KernelFigures figures;
  for (const StatementCounter& c : report.statement_counters) {
    if (c.kernel != kernel) continue;
    figures.at[{c.statement, c.counter.name}] = c.counter.value;
    const auto known = std::find(figures.names.begin(), figures.names.end(), c.counter.name);
    if (known == figures.names.end()) figures.names.push_back(c.counter.name);
  }
  return figures;
}

bool only_kernel(const RunReport& report) {
  const auto& all = report.statement_counters;
  return std::all_of(all.begin(), all.end(),
                     [&](const StatementCounter& c) { return c.kernel == all.front().kernel; });
}

// What the shares of a column are of: the whole figure where it is known to be this kernel's, else
// the sum over its statements.
double whole_of(const RunReport& report, const KernelFigures& figures, const std::string& name) {
  if (only_kernel(report)) {
    for (const PluginCounter& c : report.counters)
      if (c.name == name) return c.value;
  }
  double sum = 0;
  for (const auto& [key, value] : figures.at)
    if (key.second == name) sum += value;
  return sum;
}

std::string percent(double part, double whole) {
  if (!(whole > 0) || part <= 0) return "";
  const double share = 100 * part / whole;
  if (share < 0.05) return "<0.1%";
  char text[16];
  std::snprintf(text, sizeof text, "%.1f%%", share);
  return text;
}

std::string padded(const std::string& text, size_t width) {
  return std::string(width - std::min(width, text.size()), ' ') + text;
}

std::string nest_text(const LoweredModule& module, const RunReport& report, int number) {
  const Kernel& kernel = module.kernels[static_cast<size_t>(number)];
  const KernelFigures figures = figures_of(report, number);
  if (figures.names.empty()) return {};
  std::vector<double> wholes, rest;
  std::string text = cat("\n  kernel ", kernel.name, ", share of each statement by itself\n ");
  for (const std::string& name : figures.names) {
    wholes.push_back(whole_of(report, figures, name));
    rest.push_back(wholes.back());
    text += padded(name, std::max<size_t>(name.size(), 7) + 1);
  }
  text += '\n';
  const auto row = [&](const std::vector<double>& parts, const std::string& what) {
    text += ' ';
    for (size_t n = 0; n < parts.size(); ++n) {
      const size_t width = std::max<size_t>(figures.names[n].size(), 7) + 1;
      text += padded(percent(parts[n], wholes[n]), width);
    }
    text += cat("  ", what, "\n");
  };
  for (const StatementLine& line : statement_lines(kernel)) {
    std::vector<double> parts(figures.names.size(), 0);
    for (size_t n = 0; line.statement >= 0 && n < parts.size(); ++n) {
      parts[n] = figures.value(line.statement, figures.names[n]);
      rest[n] -= parts[n];
    }
    row(parts, line.text);
  }
  row(rest, "elsewhere: start and end");
  return text;
}

}  // namespace

std::string profile_text(const LoweredModule& module, const RunReport& report) {
  if (report.counters.empty() && report.statement_counters.empty())
    return "  the target counts nothing\n";
  std::string text;
  for (size_t k = 0; k < module.kernels.size(); ++k)
    text += nest_text(module, report, static_cast<int>(k));
  text += '\n';
  for (const PluginCounter& counter : report.counters) {
    char line[96];
    std::snprintf(line, sizeof line, "  %-26s %16.6g  %s\n", counter.name.c_str(), counter.value,
                  counter.unit.c_str());
    text += line;
  }
  return text;
}

std::string profile_json(const LoweredModule& module, const RunReport& report) {
  std::vector<std::string> statements;
  for (size_t k = 0; k < module.kernels.size(); ++k) {
    const KernelFigures figures = figures_of(report, static_cast<int>(k));
    for (const StatementLine& line : statement_lines(module.kernels[k])) {
      if (line.statement < 0 || figures.names.empty()) continue;
      JsonObject counters;
      for (const std::string& name : figures.names)
        counters.add(name, figures.value(line.statement, name));
      const size_t first = std::min(line.text.find_first_not_of(' '), line.text.size());
      statements.push_back(JsonObject()
                               .add("kernel", static_cast<int64_t>(k))
                               .add("statement", static_cast<int64_t>(line.statement))
                               .add("text", line.text.substr(first))
                               .add_text("counters", counters.text())
                               .text());
    }
  }
  return json_array(statements);
}

}  // namespace pimjit::cli
