#ifndef PIMJIT_JIT_LLVM_COMPILE_H_
#define PIMJIT_JIT_LLVM_COMPILE_H_

#include <string>
#include <vector>

#include "pimjit/core/support/error.h"
#include "pimjit/jit/llvm/ir_module.h"

namespace pimjit {

#ifdef NDEBUG
inline constexpr bool kVerifyIr = false;
#else
inline constexpr bool kVerifyIr = true;
#endif

struct CompileOptions {
  bool optimise = true;     // the short pipeline of optimise.h
  bool verify = kVerifyIr;  // LLVM's verifier before optimising
  bool keep_ir = false;     // ObjectCode::ir
  bool keep_assembly = false;
  // Where the IR of a module that cannot be compiled or linked is written; empty: the system's
  // directory for temporary files.
  std::string failure_directory;
};

// A compiled module, not yet linked.
struct ObjectCode {
  std::string name;         // of the module
  std::vector<char> bytes;  // ELF
  std::string ir;           // as it went into the code generator, where it was asked for
  std::string assembly;     // where it was asked for
  std::string source;       // the IR before it was optimised, for messages of failures
  std::string failure_directory;
};

// Optimises and compiles. Errors, internal: invalid_ir, code_generator_failed, out_of_memory, each
// with the path of the written IR in `where`, unless there was no memory for its text; LLVM's fatal
// path included. Any thread.
Result<ObjectCode> compile(IrModule module, const CompileOptions& options = {});

// Writes `text` to a new file "<directory>/pimjit-<name>-....<extension>", private to the user;
// empty directory: the system's for temporary files. The path, or "" when it cannot be written.
std::string write_dump(const std::string& directory, const std::string& name,
                       const std::string& extension, const std::string& text);

// `e` with `ir`, the text of module `name`, written to a file that is named in `where`.
Error with_ir(Error e, const std::string& name, const std::string& ir,
              const std::string& directory);

}  // namespace pimjit

#endif  // PIMJIT_JIT_LLVM_COMPILE_H_
