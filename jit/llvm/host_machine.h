#ifndef PIMJIT_JIT_LLVM_HOST_MACHINE_H_
#define PIMJIT_JIT_LLVM_HOST_MACHINE_H_

#include <memory>
#include <string>

namespace llvm {
class TargetMachine;
}

namespace pimjit {

// The processor this process runs on, as LLVM names it.
struct HostMachine {
  std::string triple, cpu;
  std::string features;     // "+avx2,-amx-tile,...", sorted by name; part of what makes code's key
  std::string data_layout;  // LLVM's text
  int vector_bytes;         // width of vectors that loops should use
  int vector_registers;     // of that width
};

// Asked for once; also initialises LLVM's code generator for it. Any thread.
const HostMachine& host_machine();

// A code generator for the host: position-independent code, small code model, no fast-math, no
// contraction of a * b + c. Not thread-safe; costs some 50 microseconds.
std::unique_ptr<llvm::TargetMachine> make_target_machine();

}  // namespace pimjit

#endif  // PIMJIT_JIT_LLVM_HOST_MACHINE_H_
