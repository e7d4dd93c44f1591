#include "pimjit/jit/llvm/fatal_guard.h"

#include <llvm/Support/ErrorHandling.h>

#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

void throw_fatal(void*, const char* reason, bool) {
  throw LlvmFatal(reason, false);
}

void throw_out_of_memory(void*, const char* reason, bool) {
  throw LlvmFatal(reason, true);
}

}  // namespace

void install_llvm_handlers() {
  [[maybe_unused]] static const bool installed = [] {
    llvm::remove_fatal_error_handler();
    llvm::install_fatal_error_handler(throw_fatal);
    llvm::remove_bad_alloc_error_handler();
    llvm::install_bad_alloc_error_handler(throw_out_of_memory);
    return true;
  }();
}

Error llvm_out_of_memory() {
  return internal_error("out_of_memory", "there is not enough memory to generate code", {},
                        "free memory, or compile fewer modules at the same time");
}

Error llvm_fatal_error(const LlvmFatal& fatal) {
  if (fatal.out_of_memory()) return llvm_out_of_memory();
  std::string reason = fatal.what();
  while (!reason.empty() && (reason.back() == '\n' || reason.back() == '.')) reason.pop_back();
  return internal_error("code_generator_failed", cat("LLVM gave up: ", reason), {},
                        "please report it together with the IR");
}

}  // namespace pimjit
