#ifndef PIMJIT_TOOLS_PIMJIT_PROGRESS_BAR_H_
#define PIMJIT_TOOLS_PIMJIT_PROGRESS_BAR_H_

#include "pimjit/search/tune/tune.h"

namespace pimjit::cli {

// Shows how a tuning session comes along, on standard error: on a terminal one line that is drawn
// again at most ten times a second, elsewhere a line for each better schedule and each tenth of the
// way.
class ProgressBar {
 public:
  ProgressBar();
  void show(const TuneProgress& progress);
  void finish();  // leaves the last state on the screen

 private:
  std::string line(const TuneProgress& progress) const;

  bool terminal_;
  double drawn_s_ = -1, best_ns_ = 0;
  int tenths_ = 0;
  TuneProgress last_;
};

// "12 s", "3 min 20 s".
std::string readable_seconds(double seconds);

}  // namespace pimjit::cli

#endif  // PIMJIT_TOOLS_PIMJIT_PROGRESS_BAR_H_
