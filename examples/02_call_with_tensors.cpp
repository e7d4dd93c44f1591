// An application's own memory, described by DLPack, through a kernel compiled for its exact shape.
#include <cstdio>
#include <vector>

#include "pimjit/jit/session/session.h"

static int complain(const pimjit::Error& error) {
  return std::fprintf(stderr, "%s\n", error.message().c_str()), 1;
}

// What numpy, PyTorch or any other owner of memory hands over.
static DLTensor tensor(std::vector<float>& data, std::vector<int64_t>& shape) {
  DLTensor t{};
  t.data = data.data();
  t.device = {kDLCPU, 0};
  t.ndim = static_cast<int>(shape.size());
  t.dtype = {kDLFloat, 32, 1};
  t.shape = shape.data();  // strides are left out: row-major
  return t;
}

int main(int argc, char** argv) {
  const pimjit::Session session;  // plugins in the folders of PIMJIT_PLUGIN_PATH
  const auto mtv =
      session.compile("mtv", {.sizes{{"i", 300}, {"k", 200}}, .dtype = pimjit::DType::f32},
                      argc > 1 ? argv[1] : "cpu");
  if (!mtv) return complain(mtv.error());

  std::vector<int64_t> matrix{300, 200}, in{200}, out{300};
  std::vector<float> a(300 * 200, 0.5F), b(200, 2.0F), c(300);
  const DLTensor A = tensor(a, matrix), B = tensor(b, in), C = tensor(c, out);
  for (int call = 0; call < 2; ++call) {  // the second one finds everything warm
    const auto report = mtv->call({&A, &B, &C});
    if (!report) return complain(report.error());
    std::printf("call %d: C[299] = %g, %s %s\n", call, c[299],
                pimjit::readable_ns(report->times.total_ns).c_str(),
                to_string(report->times.origin));
  }
  std::printf("schedule: %s\n", mtv->code()->schedule.c_str());
}
