#include <cstdio>

#include "pimjit/core/run/run_once.h"
#include "pimjit/core/verify/test_data.h"
#include "pimjit/core/workload/notation.h"

static int complain(const pimjit::Error& error) {
  return std::fprintf(stderr, "%s\n", error.message().c_str()), 1;
}

int main() {
  const auto toy = pimjit::open_target("toy");  // a plugin in a folder of PIMJIT_PLUGIN_PATH
  if (!toy) return complain(toy.error());
  const auto mtv = pimjit::make_workload("C[i] += A[i,k] * B[k]", {.sizes{{"i", 999}, {"k", 70}}});
  if (!mtv) return complain(mtv.error());
  const auto answer = pimjit::run_once(*mtv, *toy, pimjit::timing_inputs(*mtv, /*seed=*/1));
  if (!answer) return complain(answer.error());
  std::printf("C[0] = %d\n", static_cast<int>(answer->output.integer(0)));
  std::printf("%s", to_text(answer->report).c_str());
}
