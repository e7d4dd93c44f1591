#include "pimjit/tools/pimjit/progress_bar.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <unistd.h>

#include "pimjit/core/run/run_report.h"
#include "pimjit/core/support/text.h"
#include "pimjit/tools/pimjit/terminal.h"

namespace pimjit::cli {
namespace {

constexpr double kRedrawSeconds = 0.1;
constexpr int kWidth = 24;

double share_done(const TuneProgress& p) {
  const double by_trials = p.of > 0 ? static_cast<double>(p.trials) / static_cast<double>(p.of) : 0;
  const double by_time = p.limit_s > 0 ? p.elapsed_s / p.limit_s : 0;
  return std::min(1.0, std::max(by_trials, by_time));
}

}  // namespace

std::string readable_seconds(double seconds) {
  const auto whole = static_cast<int64_t>(seconds + 0.5);
  if (whole < 60) return cat(whole, " s");
  return cat(whole / 60, " min ", whole % 60, " s");
}

ProgressBar::ProgressBar()
    : terminal_(::isatty(STDERR_FILENO) != 0 && environment("TERM") != "dumb") {}

std::string ProgressBar::line(const TuneProgress& p) const {
  const double done = share_done(p);
  std::string bar;
  for (int c = 0; c < kWidth; ++c) bar += c < static_cast<int>(done * kWidth) ? '#' : '.';
  const double left = done > 0 ? p.elapsed_s * (1 - done) / done : 0;
  std::string text = cat("[", bar, "] ", p.trials);
  if (p.limit_s <= 0) text += cat("/", p.of);
  text += cat(" trials, ", p.failed, " failed, best ",
              p.best_ns > 0 ? readable_ns(p.best_ns) : std::string("none"));
  if (p.best_ns > 0) {
    text += cat(" (bound at ", std::llround(100 * p.bound_ns / p.best_ns), " %)");
  }
  return text + cat(", ", readable_seconds(left), " left");
}

void ProgressBar::show(const TuneProgress& p) {
  last_ = p;
  if (terminal_) {
    if (p.elapsed_s - drawn_s_ < kRedrawSeconds && drawn_s_ >= 0) return;
    drawn_s_ = p.elapsed_s;
    std::fprintf(stderr, "\r\x1b[K%s", line(p).c_str());
    std::fflush(stderr);
    return;
  }
  const int tenths = static_cast<int>(share_done(p) * 10);
  const bool news = tenths > tenths_ || (p.best_ns > 0 && p.best_ns < 0.95 * best_ns_) ||
                    (best_ns_ == 0 && p.best_ns > 0);
  if (!news) return;
  tenths_ = tenths;
  best_ns_ = p.best_ns;
  std::fprintf(stderr, "%s\n", line(p).c_str());
}

void ProgressBar::finish() {
  if (terminal_ && last_.trials > 0) std::fprintf(stderr, "\r\x1b[K%s\n", line(last_).c_str());
}

}  // namespace pimjit::cli
