#ifndef PIMJIT_JIT_LLVM_FATAL_GUARD_H_
#define PIMJIT_JIT_LLVM_FATAL_GUARD_H_

#include <exception>
#include <new>
#include <string>

#include "pimjit/core/support/error.h"

namespace pimjit {

// LLVM ends the process when it cannot go on: report_fatal_error, and its own out of memory. Inside
// guard_llvm both become errors of ours.

// What leaves LLVM on its fatal path. LLVM is compiled without exceptions: its frames are left
// without destructors, so what it was working on is in an unknown state and must be leaked.
class LlvmFatal : public std::exception {
 public:
  LlvmFatal(std::string reason, bool out_of_memory)
      : reason_(std::move(reason)), out_of_memory_(out_of_memory) {}
  const char* what() const noexcept override { return reason_.c_str(); }
  bool out_of_memory() const { return out_of_memory_; }

 private:
  std::string reason_;
  bool out_of_memory_;
};

// Makes LLVM's fatal path throw LlvmFatal, from now on and on every thread. An application that
// uses the same copy of LLVM should install a handler of its own after the first use of pimjit, and
// let LlvmFatal pass. Cheap after the first call; any thread.
void install_llvm_handlers();

// "LLVM gave up", internal: code_generator_failed or out_of_memory.
Error llvm_fatal_error(const LlvmFatal& fatal);
Error llvm_out_of_memory();

// Runs fn(), which returns nothing and holds no lock of LLVM's when it calls into it. Errors: those
// two. After an error the objects of LLVM that fn worked on must neither be used nor destroyed.
template <typename Fn>
Status guard_llvm(Fn&& fn) {
  install_llvm_handlers();
  try {
    fn();
  } catch (const LlvmFatal& fatal) {
    return fail(llvm_fatal_error(fatal));
  } catch (const std::bad_alloc&) {
    return fail(llvm_out_of_memory());
  }
  return {};
}

}  // namespace pimjit

#endif  // PIMJIT_JIT_LLVM_FATAL_GUARD_H_
