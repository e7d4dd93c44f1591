#ifndef PIMJIT_JIT_ENGINE_SYMBOLS_H_
#define PIMJIT_JIT_ENGINE_SYMBOLS_H_

#include <map>
#include <string>

namespace pimjit {

// What generated code may refer to, by name: nothing else of the process is visible to it.
using SymbolTable = std::map<std::string, void*>;

// memcpy, memmove, memset, and pimjit_parallel_for (jit/parallel/parallel_for.h).
SymbolTable runtime_symbols();

}  // namespace pimjit

#endif  // PIMJIT_JIT_ENGINE_SYMBOLS_H_
