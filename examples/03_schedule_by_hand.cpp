// A schedule written by hand, checked and timed beside the default one: a product of matrices on
// the host's cores with a packed operand and tiles of results in registers.
// There are two schedules, for vectors of 16 lanes and for narrower ones; this machine's is taken.
//   03_schedule_by_hand examples [rows and columns: 1024]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "pimjit/core/run/open_target.h"
#include "pimjit/core/verify/gate.h"
#include "pimjit/core/verify/test_data.h"
#include "pimjit/core/workload/notation.h"
#include "pimjit/jit/session/session.h"

static int complain(const pimjit::Error& error) {
  return std::fprintf(stderr, "%s\n", error.message().c_str()), 1;
}

// The file for this machine's vector registers, in `folder`.
static std::string schedule_file(const std::string& folder, const pimjit::TargetDesc& cpu) {
  const int lane = cpu.find_level("lane");
  const bool wide = lane >= 0 && cpu.levels[static_cast<size_t>(lane)].count >= 16;
  return folder + (wide ? "/03_schedule_by_hand_16_lanes.schedule"
                        : "/03_schedule_by_hand_8_lanes.schedule");
}

int main(int argc, char** argv) {
  const auto cpu = pimjit::open_target("cpu");
  if (!cpu) return complain(cpu.error());
  const std::string path = schedule_file(argc > 1 ? argv[1] : "examples", *cpu->description);
  std::ifstream file(path);
  std::stringstream trace;
  trace << file.rdbuf();
  const int64_t n = argc > 2 ? std::atoll(argv[2]) : 1024;
  const auto gemm = pimjit::make_workload(
      "gemm", {.sizes{{"i", n}, {"j", n}, {"k", n}}, .dtype = pimjit::DType::f32});
  if (!gemm) return complain(gemm.error());
  std::vector<pimjit::HostTensor> inputs = pimjit::gate_inputs(*gemm, /*seed=*/1);
  pimjit::HostTensor c(pimjit::DType::f32, {n, n});

  const pimjit::Session session;
  const auto product = session.compile(*gemm, "cpu");
  if (!product) return complain(product.error());
  for (const char* which : {"default", "by hand"}) {
    if (which[0] == 'b') {
      if (const auto replaced = product->replace(trace.str()); !replaced)
        return complain(replaced.error());
    }
    double best = 0;
    for (int round = 0; round < 10; ++round) {
      const auto report = product->call({inputs[0].view(), inputs[1].view(), c.view()});
      if (!report) return complain(report.error());
      const double ns = report->times.total_ns;
      best = round == 0 ? ns : std::min(best, ns);
    }
    const auto checked = pimjit::compare(*gemm, inputs, c);
    if (!checked) return complain(checked.error());
    if (!checked->ok) return std::printf("%s\n", checked->text("C").c_str()), 1;
    std::printf("%-8s %6.2f ms, verified\n", which, best * 1e-6);
  }
}
