#include "pimjit/jit/engine/symbols.h"

#include <cstring>

#include "pimjit/jit/parallel/parallel_for.h"

namespace pimjit {
namespace {

template <typename Function>
void* address(Function* function) {
  return reinterpret_cast<void*>(function);
}

}  // namespace

SymbolTable runtime_symbols() {
  using Copy = void*(void*, const void*, size_t);
  using Set = void*(void*, int, size_t);
  return {{"memcpy", address<Copy>(std::memcpy)},
          {"memmove", address<Copy>(std::memmove)},
          {"memset", address<Set>(std::memset)},
          {"pimjit_parallel_for", address(pimjit_parallel_for)}};
}

}  // namespace pimjit
