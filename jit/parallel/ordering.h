#ifndef PIMJIT_JIT_PARALLEL_ORDERING_H_
#define PIMJIT_JIT_PARALLEL_ORDERING_H_

// What a loop in parallel orders, said to the thread sanitizer: oneTBB's library is not built for
// it, so that what its atomics order is not seen. A file that includes this is compiled without
// the sanitizer (jit/CMakeLists.txt), for oneTBB's templates need the
// same; the bodies that it calls are watched. Empty in other builds.
#ifdef PIMJIT_TSAN
extern "C" void __tsan_acquire(void* address);
extern "C" void __tsan_release(void* address);
#endif

namespace pimjit {

// Any thread.
class Ordering {
 public:
#ifdef PIMJIT_TSAN
  // What this thread did so far has been done before what the one that acquires does next.
  void release() {
    __tsan_release(this);
  }
  void acquire() {
    __tsan_acquire(this);
  }
#else
  void release() {}
  void acquire() {}
#endif
};

}  // namespace pimjit

#endif  // PIMJIT_JIT_PARALLEL_ORDERING_H_
