#ifndef PIMJIT_TOOLS_PIMJIT_INTERRUPT_H_
#define PIMJIT_TOOLS_PIMJIT_INTERRUPT_H_

namespace pimjit::cli {

// Whether Ctrl-C was pressed while an InterruptGuard lived.
bool interrupted();

// While it lives the first Ctrl-C only sets the flag; the second one ends the process as usual.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
};

}  // namespace pimjit::cli

#endif  // PIMJIT_TOOLS_PIMJIT_INTERRUPT_H_
