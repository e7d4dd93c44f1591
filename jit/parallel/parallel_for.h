#ifndef PIMJIT_JIT_PARALLEL_PARALLEL_FOR_H_
#define PIMJIT_JIT_PARALLEL_PARALLEL_FOR_H_

#include <cstdint>
#include <memory>

namespace pimjit {

// Threads that generated code shares. `threads` 0: as many as the process may use. Any thread.
class ThreadTeam {
 public:
  explicit ThreadTeam(int threads = 0);
  ~ThreadTeam();
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;
  int threads() const;

 private:
  friend int pimjit_parallel_for(void*, int64_t, int64_t, int64_t, int (*)(void*, int64_t, int64_t),
                                 void*);
  struct Arena;
  std::unique_ptr<Arena> arena_;
};

// The loop that generated code calls, under this name. Runs body(closure, from, to) over pieces of
// [begin, end) of at least `grain` iterations (but the last); pieces may run at the same time, in
// `team` (a ThreadTeam, null: the calling thread alone). Returns 0, or what one of the bodies
// returned instead of 0; -1 when threads could not be had. Never throws.
int pimjit_parallel_for(void* team, int64_t begin, int64_t end, int64_t grain,
                        int (*body)(void* closure, int64_t from, int64_t to), void* closure);

}  // namespace pimjit

#endif  // PIMJIT_JIT_PARALLEL_PARALLEL_FOR_H_
