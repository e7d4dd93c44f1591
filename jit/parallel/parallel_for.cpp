#include "pimjit/jit/parallel/parallel_for.h"

#include <algorithm>
#include <atomic>
#include <exception>

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include "pimjit/jit/parallel/ordering.h"

namespace pimjit {

struct ThreadTeam::Arena {
  tbb::task_arena arena;
  explicit Arena(int threads) : arena(threads > 0 ? threads : tbb::task_arena::automatic) {}
};

ThreadTeam::ThreadTeam(int threads) : arena_(std::make_unique<Arena>(threads)) {}
ThreadTeam::~ThreadTeam() = default;

int ThreadTeam::threads() const {
  return arena_->arena.max_concurrency();
}

int pimjit_parallel_for(void* team, int64_t begin, int64_t end, int64_t grain,
                        int (*body)(void*, int64_t, int64_t), void* closure) {
  if (begin >= end) return 0;
  grain = std::max<int64_t>(grain, 1);
  if (team == nullptr || end - begin <= grain) return body(closure, begin, end);
  std::atomic<int> result{0};
  Ordering started;
  Ordering ended;
  started.release();
  try {
    static_cast<ThreadTeam*>(team)->arena_->arena.execute([&] {
      // Pieces of at least `grain`: a range is only divided while both halves keep that.
      const tbb::blocked_range<int64_t> all(begin, end, static_cast<size_t>(2 * grain - 1));
      tbb::parallel_for(all, [&](const tbb::blocked_range<int64_t>& r) {
        started.acquire();
        const int answer = body(closure, r.begin(), r.end());
        ended.release();
        if (answer != 0) result.store(answer, std::memory_order_relaxed);
      });
    });
  } catch (const std::exception&) {
    ended.acquire();
    return -1;
  }
  ended.acquire();
  return result.load(std::memory_order_relaxed);
}

}  // namespace pimjit
