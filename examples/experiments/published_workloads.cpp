// Tunes published workloads and holds the results against replayed published schedules and
// hand-written ones, on the same simulated machine and with the same code generator.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "pimjit/examples/experiments/contest.h"

namespace pimjit::experiments {
namespace {

constexpr const char* kUsage =
    "published_workloads [--all] [--only TEXT] [--trials N] [--seeds N] [--target T]\n"
    "  --all       every entry (hours of two cores at 1000 trials); else three small ones\n"
    "  --only TEXT those whose group and name contain the text, such as 'gptj' or 'mtv 4096'\n"
    "  --trials N  schedules to measure per seed (1000)\n"
    "  --seeds N   searches per entry (3)\n"
    "  --target T  the machine (sim:dpus=2048)\n"
    "  --no-plain  leave out hand-written schedules in plain code\n"
    "  --no-baselines  hold against replayed schedules only\n"
    "Plugins are found in PIMJIT_PLUGIN_PATH.\n";

struct Command {
  bool all = false;
  std::string only;
  ContestOptions contest;
};

bool read_command(int count, char** words, Command& command) {
  for (int w = 1; w < count; ++w) {
    const std::string word = words[w];
    const auto value = [&] { return w + 1 < count ? std::string(words[++w]) : std::string(); };
    if (word == "--all") {
      command.all = true;
    } else if (word == "--only") {
      command.only = value();
    } else if (word == "--trials") {
      command.contest.trials = std::atoll(value().c_str());
    } else if (word == "--seeds") {
      command.contest.seeds = std::atoi(value().c_str());
    } else if (word == "--target") {
      command.contest.target = value();
    } else if (word == "--no-plain") {
      command.contest.plain = false;
    } else if (word == "--no-baselines") {
      command.contest.baselines = false;
    } else {
      return false;
    }
  }
  return command.contest.trials >= 0 && command.contest.seeds >= 1;
}

bool is_wanted(const PublishedEntry& entry, const Command& command) {
  if (!command.only.empty()) {
    return (entry.group + " " + entry.name()).find(command.only) != std::string::npos;
  }
  if (command.all) return true;
  const std::string name = entry.name();
  return name == "va 1048576" || name == "mtv 1024x1024" || name == "mmtv 16x64x256";
}

double ratio(double slower, double faster) {
  return slower > 0 && faster > 0 ? slower / faster : 0;
}

void print_head() {
  std::printf("%-7s %-18s %8s %8s %8s %8s %8s %8s | %6s %6s %6s %6s | %6s\n", "", "ms, modelled",
              "tuned", "worst", "replay", "PrIM", "search", "expert", "/repl", "/PrIM", "/srch",
              "/exp", "/plain");
}

void print_row(const Standing& s) {
  const double tuned = s.median_tuned();
  std::printf(
      "%-7s %-18s %8.3f %8.3f %8.3f %8.3f %8.3f %8.3f | %6.2f %6.2f %6.2f %6.2f | %6.2f%s\n",
      s.entry->group.c_str(), s.entry->name().c_str(), tuned, s.worst_tuned(), s.replayed, s.prim,
      s.prim_search, s.expert, ratio(s.replayed, tuned), ratio(s.prim, tuned),
      ratio(s.prim_search, tuned), ratio(s.expert, tuned), ratio(s.plain_best, tuned),
      s.worst_tuned() > s.best_rival() * 1.0000001 ? "  BEHIND" : "");
  std::fflush(stdout);
}

class GeometricMean {
 public:
  void add(double value) {
    if (value <= 0) return;
    sum_ += std::log(value);
    ++count_;
    most_ = std::max(most_, value);
  }
  std::string text() const {
    if (count_ == 0) return "     -";
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%6.2f (up to %.2f, %d)",
                  std::exp(sum_ / static_cast<double>(count_)), most_, count_);
    return buffer;
  }

 private:
  double sum_ = 0, most_ = 0;
  int count_ = 0;
};

struct Group {
  GeometricMean replayed, prim, prim_search, expert, plain;
};

void print_means(const std::vector<Standing>& standings) {
  std::map<std::string, Group> groups;
  for (const Standing& s : standings) {
    const std::string kind = s.entry->is_mtv_like() ? "mtv-like" : "streams";
    std::vector<std::string> names = {"all", kind};
    if (s.entry->group.rfind("ops", 0) == 0)
      names.insert(names.end(), {"operators", s.entry->group});
    if (s.entry->group == "gptj-6B") names.push_back(s.entry->op == "mtv" ? "gptj FC" : "gptj MHA");
    const double tuned = s.median_tuned();
    for (const std::string& name : names) {
      Group& group = groups[name];
      group.replayed.add(ratio(s.replayed, tuned));
      group.prim.add(ratio(s.prim, tuned));
      group.prim_search.add(ratio(s.prim_search, tuned));
      group.expert.add(ratio(s.expert, tuned));
      group.plain.add(ratio(s.plain_best, tuned));
    }
  }
  std::printf("\ngeometric means of times over the tuned time (largest, entries)\n");
  std::printf("%-10s %-24s %-24s %-24s %-24s %-24s\n", "", "replayed", "PrIM-style",
              "PrIM + search", "expert 2-D", "PrIM-style, plain code");
  for (const auto& [name, group] : groups) {
    std::printf("%-10s %-24s %-24s %-24s %-24s %-24s\n", name.c_str(),
                group.replayed.text().c_str(), group.prim.text().c_str(),
                group.prim_search.text().c_str(), group.expert.text().c_str(),
                group.plain.text().c_str());
  }
}

// PrIM-style schedules in plain code against what was measured of the PrIM benchmarks' code.
void print_plain(const std::vector<Standing>& standings) {
  std::printf(
      "\nPrIM-style in plain code on the published number of DPUs / published; * beyond 30 %%\n");
  int good = 0, entries = 0, good_phases = 0, phases = 0, good_totals = 0;
  for (const Standing& s : standings) {
    if (!s.plain) continue;
    const PublishedPhases& p = s.entry->prim;
    const double pairs[][2] = {{s.plain->h2d, p.h2d},
                               {s.plain->kernel, p.kernel},
                               {s.plain->after, p.after},
                               {s.plain->total(), p.total()}};
    std::printf("%-7s %-18s", s.entry->group.c_str(), s.entry->name().c_str());
    bool all = true;
    constexpr const char* kNames[] = {"h2d", "kernel", "after", "total"};
    for (int k = 0; k < 4; ++k) {
      const auto [model, measured] = pairs[k];
      if (measured == 0) {
        std::printf("  %-28s", kNames[k]);
        continue;
      }
      const bool near = model / measured > 0.7 && model / measured < 1.3;
      std::printf("  %-6s %7.3f /%7.3f %4.2f%c", kNames[k], model, measured, model / measured,
                  near ? ' ' : '*');
      if (k == 3) {
        good_totals += near ? 1 : 0;
        continue;
      }
      all = all && near;
      good_phases += near ? 1 : 0;
      ++phases;
    }
    std::printf("\n");
    ++entries;
    good += all ? 1 : 0;
  }
  std::printf("all phases within 30 %%: %d of %d entries; phases: %d of %d; totals: %d of %d\n",
              good, entries, good_phases, phases, good_totals, entries);
}

int run(const Command& command) {
  std::vector<Standing> standings;
  print_head();
  for (const PublishedEntry& entry : published_entries()) {
    if (!is_wanted(entry, command)) continue;
    const Result<Standing> standing = compete(entry, command.contest);
    if (!standing) {
      std::fprintf(stderr, "%s: %s\n", entry.name().c_str(), standing.error().message().c_str());
      return standing.error().origin == Origin::user ? 1 : 2;
    }
    print_row(*standing);
    standings.push_back(*standing);
  }
  print_means(standings);
  if (command.contest.plain) print_plain(standings);
  return 0;
}

}  // namespace
}  // namespace pimjit::experiments

int main(int count, char** words) {
  pimjit::experiments::Command command;
  if (!pimjit::experiments::read_command(count, words, command)) {
    std::fputs(pimjit::experiments::kUsage, stderr);
    return 1;
  }
  return pimjit::experiments::run(command);
}
