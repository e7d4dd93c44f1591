#ifndef PIMJIT_JIT_ENGINE_ENGINE_H_
#define PIMJIT_JIT_ENGINE_ENGINE_H_

#include <memory>
#include <string>
#include <vector>

#include "pimjit/core/support/error.h"
#include "pimjit/jit/engine/symbols.h"
#include "pimjit/jit/llvm/compile.h"

namespace pimjit {

class JitCode;

// Links compiled modules into this process (LLVM ORC). Each module has a space of names of its own,
// beside the engine's table of symbols, and is freed on its own. A cheap handle; copies share one
// object, which lives as long as any of its code. Any thread; linking takes turns.
class Engine {
 public:
  // Errors, internal: engine_failed, out_of_memory.
  static Result<Engine> create(const SymbolTable& symbols = runtime_symbols());

  // `entries` are the names that JitCode::address will know; names of different modules do not
  // meet. Errors, internal: unresolved_symbol, link_failed, out_of_memory, each with the path of
  // the written IR.
  Result<JitCode> link(ObjectCode object, const std::vector<std::string>& entries) const;

  // compile and link.
  Result<JitCode> add(IrModule module, const std::vector<std::string>& entries,
                      const CompileOptions& options = {}) const;

 private:
  friend class JitCode;
  struct State;
  std::shared_ptr<State> state_;
};

// Machine code of one module; its memory is freed with the object. The owner sees to it that no
// call is under way then. Movable. address() from any thread.
class JitCode {
 public:
  JitCode();
  ~JitCode();
  JitCode(JitCode&& other) noexcept;
  JitCode& operator=(JitCode&& other) noexcept;

  bool empty() const { return resources_ == nullptr; }
  // Of an entry; null for other names.
  void* address(const std::string& entry) const;
  // The same as a function of type Function: code.function<int(void*)>("entry").
  template <typename Function>
  Function* function(const std::string& entry) const {
    return reinterpret_cast<Function*>(address(entry));
  }
  // Of ObjectCode, where they were asked for.
  const std::string& ir() const { return ir_; }
  const std::string& assembly() const { return assembly_; }

 private:
  friend class Engine;
  struct Resources;
  std::unique_ptr<Resources> resources_;
  std::vector<std::pair<std::string, void*>> entries_;
  std::string ir_, assembly_;
};

}  // namespace pimjit

#endif  // PIMJIT_JIT_ENGINE_ENGINE_H_
