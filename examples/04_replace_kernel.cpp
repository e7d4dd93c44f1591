// Another schedule, then a function of the application's own, behind a Callable that is in use.
#include <cstdio>
#include <vector>

#include "pimjit/jit/session/session.h"

static int complain(const pimjit::Error& error) {
  return std::fprintf(stderr, "%s\n", error.message().c_str()), 1;
}

extern "C" int my_mtv(const int32_t* A, const int32_t* B, int32_t* C, int64_t i, int64_t k) {
  for (int64_t row = 0; row < i; ++row) {
    C[row] = 0;
    for (int64_t x = 0; x < k; ++x) C[row] += A[row * k + x] * B[x];
  }
  return 0;
}

int main(int argc, char** argv) {
  const pimjit::Session session;
  const auto mtv =
      session.compile("mtv", {.sizes{{"i", 64}, {"k", 48}}}, argc > 1 ? argv[1] : "cpu");
  if (!mtv) return complain(mtv.error());
  pimjit::HostTensor a(pimjit::DType::i32, {64, 48}), b(pimjit::DType::i32, {48}),
      c(pimjit::DType::i32, {64});
  for (int64_t n = 0; n < a.elements(); ++n) a.set_integer(n, n % 7);
  for (int64_t n = 0; n < b.elements(); ++n) b.set_integer(n, n);

  const auto call = [&] {
    const auto report = mtv->call({a.view(), b.view(), c.view()});
    if (!report) return complain(report.error());
    return std::printf("%s: C[63] = %d\n", report->code->origin.c_str(),
                       static_cast<int>(c.integer(63))),
           0;
  };
  if (call() != 0) return 1;
  // Compiled here; calls under way in other threads end with the code they began with.
  const auto level = argc > 2 ? argv[2] : "core";
  const std::string two_rows =
      std::string("i.0, i.1 = split(i, 2); reorder(i.0, i.1); bind(i.0, ") + level + ")";
  if (const auto replaced = mtv->replace(two_rows); !replaced) return complain(replaced.error());
  if (call() != 0) return 1;
  mtv->replace(pimjit::ForeignFunction::at(reinterpret_cast<void*>(my_mtv), "my_mtv"));
  return call();
}
