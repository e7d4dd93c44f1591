#include <cstdio>

#include "pimjit/core/support/error.h"
#include "pimjit/version.h"

// Links against the library and prints its version and one error message.
int main() {
  const pimjit::Error error = pimjit::user_error("demo", "size 3 is larger than 2");
  std::printf("%s|%s\n", PIMJIT_VERSION_STRING, error.message().c_str());
  return error.message().find("size 3") == std::string::npos;
}
