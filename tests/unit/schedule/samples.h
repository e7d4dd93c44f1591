#ifndef PIMJIT_TESTS_UNIT_SCHEDULE_SAMPLES_H_
#define PIMJIT_TESTS_UNIT_SCHEDULE_SAMPLES_H_

#include <map>
#include <string>

#include <gtest/gtest.h>

#include "pimjit/build_paths.h"
#include "pimjit/core/schedule/trace.h"
#include "pimjit/core/workload/notation.h"

// Computations and machines for the tests of schedules. A text that is wrong fails the test that
// uses it.
namespace pimjit::samples {

inline Workload computation(const std::string& text, const std::map<std::string, int64_t>& sizes,
                            DType dtype = DType::i32) {
  NotationOptions options;
  options.sizes = sizes;
  options.dtype = dtype;
  auto workload = make_workload(text, options);
  EXPECT_TRUE(workload.has_value()) << workload.error().message();
  return workload ? *workload : Workload{};
}

// "simple", "lockstep" or "direct".
inline TargetDesc machine(const std::string& name) {
  auto target = load_target(std::string(PIMJIT_SOURCE_DIR) + "/tests/targets/" + name + ".toml");
  EXPECT_TRUE(target.has_value()) << target.error().message();
  return target ? *target : TargetDesc{};
}

inline Trace trace_of(const std::string& text, const Workload& w, const TargetDesc& target) {
  auto trace = parse_trace(text, w, target);
  EXPECT_TRUE(trace.has_value()) << trace.error().message();
  return trace ? *trace : Trace{};
}

// Matrix times vector on `simple`: rows over units and threads, tiles of 4 rows and 16 columns.
inline const char* const kMatrixVector =
    "i.0, i.1, i.2 = split(i, 8, 4)\n"
    "k.0, k.1 = split(k, 16)\n"
    "reorder(i.0, i.1, k.0, i.2, k.1)\n"
    "bind(i.0, unit)\n"
    "bind(i.1, thread)\n"
    "cache_read(A, scratch, at=k.0)\n"
    "cache_read(B, scratch, at=k.0)\n"
    "cache_write(scratch, at=i.1)";

}  // namespace pimjit::samples

#endif  // PIMJIT_TESTS_UNIT_SCHEDULE_SAMPLES_H_
