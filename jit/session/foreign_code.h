#ifndef PIMJIT_JIT_SESSION_FOREIGN_CODE_H_
#define PIMJIT_JIT_SESSION_FOREIGN_CODE_H_

#include <memory>
#include <string>

#include "pimjit/core/workload/workload.h"
#include "pimjit/jit/ffi_call/foreign_function.h"
#include "pimjit/jit/session/code.h"

namespace pimjit {

// A function of the application's as the code of a workload. Its time is reported as the kernel's,
// measured on this machine.
std::shared_ptr<const Code> make_foreign_code(ForeignFunction function,
                                              std::shared_ptr<const Workload> workload,
                                              std::string target);

}  // namespace pimjit

#endif  // PIMJIT_JIT_SESSION_FOREIGN_CODE_H_
