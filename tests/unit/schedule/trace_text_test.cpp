#include "pimjit/core/schedule/instructions.h"
#include "pimjit/tests/unit/schedule/samples.h"

namespace pimjit {
namespace {

using samples::computation;
using samples::machine;
using samples::trace_of;

const char* const kEverything =
    "i.0, i.1, i.2 = split(i, 8, fills scratch/4)\n"
    "j.0, j.1 = split(j, ratio 1/8, edge=pad)\n"
    "k.0, k.1 = split(k, all)\n"
    "i.0*j.0 = fuse(i.0, j.0)\n"
    "reorder(k.0, i.2, k.1)\n"
    "bind(i.0*j.0, unit)\n"
    "rfactor(k.0)\n"
    "cache_read(A#0, scratch, at=k.0)\n"
    "cache_read(A#1, scratch)\n"
    "cache_write(scratch, at=i.1)\n"
    "decompose_reduction(at=i.2)\n"
    "unroll(k.1, 4)\n"
    "vectorize(i.2)\n"
    "parallel(i.1)\n"
    "place(B, bank, resident)\n"
    "place(B, bank, streamed, narrow)\n"
    "annotate(depth, -3)\n"
    "annotate(\"two \\\"words\\\"\\x0a\", 1)\n"
    "stage 1: i.0, i.1 = split(i, 2)\n"
    "stage 1: unroll(i.1, all)";

Workload two_stages() {
  return computation("T[i,j] += A[i,k] * A[j,k] * B[k]; C[i,j] = T[i,j] + 1",
                     {{"i", 64}, {"j", 64}, {"k", 32}});
}

TEST(TraceText, PrintedTextReadsBack) {
  const Workload w = two_stages();
  const TargetDesc target = machine("simple");
  const Trace trace = trace_of(kEverything, w, target);
  EXPECT_EQ(to_text(trace, w, target), kEverything);
  EXPECT_EQ(trace_of(to_line(trace, w, target), w, target), trace);
}

TEST(TraceText, OwnNamesCommentsAndEmptyLines) {
  const Workload w = computation("C[i] = A[i]", {{"i", 64}});
  const TargetDesc target = machine("simple");
  const Trace trace =
      trace_of("# rows\n\n outer, inner = split(i, 8);;bind(outer, unit)\n", w, target);
  EXPECT_EQ(to_line(trace, w, target), "i.0, i.1 = split(i, 8); bind(i.0, unit)");
}

TEST(TraceText, WhatHasNoNameIsANumber) {
  const Workload w = computation("C[i] = A[i]", {{"i", 64}});
  const TargetDesc target = machine("simple");
  Trace trace;
  trace.instructions = {make_split(0, 0, std::vector<int64_t>{8}),
                        make_split(0, 0, std::vector<int64_t>{4}), make_bind(0, 30, 9),
                        make_cache_read(0, 7, -1, -5), make_place(5, 6, Residency::streamed)};
  EXPECT_EQ(to_line(trace, w, target),
            "i.0, i.1 = split(i, 8); split(i, 4); bind(#30, #9); cache_read(#7, #-1, at=#-5); "
            "place(#5, #6, streamed)");
  EXPECT_EQ(trace_of(to_line(trace, w, target), w, target), trace);
}

TEST(TraceText, InstructionsReadAlone) {
  const Workload w = two_stages();
  const TargetDesc target = machine("simple");
  const Trace trace = trace_of(kEverything, w, target);
  EXPECT_EQ(instruction_text(trace, 5, w, target), "bind(i.0*j.0, unit)");
}

}  // namespace
}  // namespace pimjit
