#include "pimjit/core/schedule/home_tiles.h"

#include "pimjit/core/support/text.h"
#include "pimjit/tests/unit/schedule/samples.h"

namespace pimjit {
namespace {

using samples::computation;
using samples::machine;
using samples::trace_of;

// "k.0*18 i.1*70 | k.1*1, 142": the digits of the home of an access outside the tile and in it,
// with their steps, then the elements; behind it "as tensor" where it is.
std::string home(const std::string& text, const char* trace, int64_t columns = 70, int access = 0,
                 DType dtype = DType::i32) {
  const Workload w = computation(text, {{"i", 8}, {"k", columns}}, dtype);
  const TargetDesc target = machine("simple");
  const auto s = replay(w, target, trace_of(trace, w, target));
  if (!s) return "illegal";
  const auto layout = layout_stage(w, target, *s, 0);
  if (!layout) return "no layout";
  const Storage& home = access == kOutputAccess ? layout->result.home
                                                : layout->reads[static_cast<size_t>(access)].home;
  std::string out;
  for (const Digit& d : home.outer) out += cat("l", d.loop, "*", d.stride, " ");
  out += "|";
  for (const Digit& d : home.tile) out += cat(" l", d.loop, "*", d.stride);
  return cat(out, ", ", home.elements, home.as_tensor ? " as tensor" : "");
}

constexpr const char* kProduct = "C[i] += A[i,k] * B[k]";
// Two units of four rows; rows of four tiles of 18 columns, 72 for 70. i: l2 (unit), l3; k: l4, l5.
constexpr const char* kRows =
    "split(i, 4)\nsplit(k, 18)\nbind(i.0, unit)\ncache_read(A, scratch, at=k.0)\n"
    "cache_read(B, scratch, at=k.0)";
constexpr const char* kPaddedRows =
    "split(i, 4)\nsplit(k, 18, edge=pad)\nbind(i.0, unit)\ncache_read(A, scratch, at=k.0)\n"
    "cache_read(B, scratch, at=k.0)";

TEST(HomeTiles, RowsThatOvershootLieAsInTheTensor) {
  EXPECT_EQ(home(kProduct, kRows), "l3*70 l4*18 | l5*1, 282 as tensor");
  EXPECT_EQ(home(kProduct, kRows, 72), "l3*72 l4*18 | l5*1, 288 as tensor");
}

TEST(HomeTiles, WherePaddingMattersRowsLieSideBySide) {
  EXPECT_EQ(home(kProduct, kPaddedRows), "l3*70 l4*18 | l5*1, 282 as tensor");
  EXPECT_EQ(home(kProduct, kPaddedRows, 70, 1), "l4*18 | l5*1, 72") << "its 0 hides what A holds";
  EXPECT_EQ(home("C[i] += A[i,k] + B[k]", kPaddedRows), "l3*72 l4*18 | l5*1, 288");
  EXPECT_EQ(home(kProduct, kPaddedRows, 70, 0, DType::f32), "l3*72 l4*18 | l5*1, 288")
      << "0 times what memory holds may be no number";
}

TEST(HomeTiles, DistancesAreWholeGranules) {
  EXPECT_EQ(home(kProduct, kRows, 71), "l3*72 l4*18 | l5*1, 288");
}

TEST(HomeTiles, PiecesOfRowsAreNoPieceOfTheTensor) {
  EXPECT_EQ(home(kProduct,
                 "split(k, 35)\nbind(k.0, unit)\nrfactor(k.0)\nreorder(k.0, i, k.1)\n"
                 "cache_read(A, scratch, at=i)"),
            "l0*36 | l3*1, 288");
}

TEST(HomeTiles, TilesAreInTheOrderOfTheTensor) {
  EXPECT_EQ(home(kProduct,
                 "split(i, 4)\nsplit(k, 18)\nbind(i.0, unit)\nreorder(i.0, k.0, i.1, k.1)\n"
                 "cache_read(A, scratch, at=i.1)"),
            "l3*70 l4*18 | l5*1, 282 as tensor");
}

TEST(HomeTiles, TilesOfSeveralRowsAreContiguous) {
  EXPECT_EQ(home(kProduct,
                 "split(i, 4)\nsplit(k, 18)\nbind(i.0, unit)\nreorder(i.0, k.0, i.1, k.1)\n"
                 "cache_read(A, scratch, at=k.0)"),
            "l4*72 | l3*18 l5*1, 288");
}

TEST(HomeTiles, ResultsLieSideBySide) {
  EXPECT_EQ(home("C[i,k] = A[i,k] + 1",
                 "split(i, 4)\nsplit(k, 18)\nbind(i.0, unit)\ncache_write(scratch, at=k.0)", 70,
                 kOutputAccess),
            "l3*72 l4*18 | l5*1, 288");
}

TEST(HomeTiles, FusedLoopsKeepTheirOwnSteps) {
  EXPECT_EQ(home(kProduct,
                 "split(i, 4)\nsplit(k, 18)\nfuse(i.0, i.1)\nsplit(i, 4)\nbind(i.0, unit)\n"
                 "cache_read(A, scratch, at=k.0)")
                .find("as tensor"),
            std::string::npos);
}

}  // namespace
}  // namespace pimjit
