#include "pimjit/tools/pimjit/interrupt.h"

#include <csignal>

namespace pimjit::cli {
namespace {

volatile std::sig_atomic_t pressed = 0;

void press(int signal) {
  pressed = 1;
  std::signal(signal, SIG_DFL);
}

}  // namespace

bool interrupted() {
  return pressed != 0;
}

InterruptGuard::InterruptGuard() {
  std::signal(SIGINT, press);
  std::signal(SIGTERM, press);
}

InterruptGuard::~InterruptGuard() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

}  // namespace pimjit::cli
