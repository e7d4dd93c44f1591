// pimjit-worker: measures schedules for `pimjit tune` in a process of its own, which may hang or
// crash.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <unistd.h>

#include "pimjit/search/measure/worker.h"

int main(int argc, char** argv) {
  char* rest = nullptr;
  const long socket =
      argc == 3 && std::strcmp(argv[1], "--socket") == 0 ? std::strtol(argv[2], &rest, 10) : -1;
  if (socket < 0 || rest == argv[2] || *rest != '\0') {
    std::fputs(
        "pimjit-worker measures schedules for `pimjit tune --isolate`, which starts it; it is not "
        "run by hand\n",
        stderr);
    return 1;
  }
  const pimjit::Status served = pimjit::serve_trials(static_cast<int>(socket), [] { ::_exit(0); });
  if (served) return 0;
  std::fprintf(stderr, "pimjit-worker: error[%s]: %s\n", served.error().code.c_str(),
               served.error().message().c_str());
  return static_cast<int>(served.error().origin) + 1;
}
