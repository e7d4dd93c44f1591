// A plain C function pointer to a compiled kernel, for code that knows nothing of pimjit.
#include <cstdio>
#include <vector>

#include "pimjit/jit/session/session.h"

static int complain(const pimjit::Error& error) {
  return std::fprintf(stderr, "%s\n", error.message().c_str()), 1;
}

using Gemv = int(float alpha, const float* A, const float* B, float* C);

// The old code: takes any function of this type.
static float use(Gemv* gemv) {
  std::vector<float> a(32 * 16, 1.0F), b(16, 0.25F), c(32);
  return gemv(3.0F, a.data(), b.data(), c.data()) == 0 ? c[31] : -1.0F;
}

int main(int argc, char** argv) {
  const pimjit::Session session;
  const auto gemv =
      session.compile("gemv", {.sizes{{"i", 32}, {"k", 16}}, .dtype = pimjit::DType::f32},
                      argc > 1 ? argv[1] : "cpu");
  if (!gemv) return complain(gemv.error());
  const auto function = gemv->typed();  // lives as long as this handle
  if (!function) return complain(function.error());
  std::printf("%s\nC[31] = %g\n",
              to_text(pimjit::c_signature(gemv->workload(), false), "gemv").c_str(),
              use(function->as<Gemv>()));
}
