#include <functional>

#include <gtest/gtest.h>

#include "pimjit/core/workload/notation.h"

namespace pimjit {
namespace {

Workload chain() {
  NotationOptions options;
  options.sizes = {{"i", 3}, {"k", 4}, {"l", 2}};
  Result<Workload> w = parse_workload(
      "T[i] += A[i,k] * B[k+l]; D[i] = max(T[i] + bias[i], 0) where A in 0..9", options);
  EXPECT_TRUE(w);
  return *w;
}

struct Damage {
  const char* what;  // of the error
  std::function<void(Workload&)> apply;
};

TEST(CheckWorkload, AcceptsWhatTheParserMakes) {
  EXPECT_TRUE(check_workload(chain()));
}

TEST(CheckWorkload, RefusesEachDamage) {
  const std::vector<Damage> damages = {
      {"a workload needs a stage", [](Workload& w) { w.stages.clear(); }},
      {"'' cannot name a tensor", [](Workload& w) { w.tensors[0].name = ""; }},
      {"two tensors are called A", [](Workload& w) { w.tensors[1].name = "A"; }},
      {"b1 is no type of a tensor, but A has it",
       [](Workload& w) { w.tensors[0].dtype = DType::b1; }},
      {"tensor A has the extent -1", [](Workload& w) { w.tensors[0].shape[0] = -1; }},
      {"tensor A has more than 70368744177664 elements",
       [](Workload& w) { w.tensors[0].shape[0] = int64_t{1} << 45; }},
      {"tensor T is computed but has a range",
       [](Workload& w) {
         w.tensors[3].range = ValueRange{0, 1};
       }},
      {"the range 9..0 of A is empty or outside i32",
       [](Workload& w) {
         w.tensors[0].range = ValueRange{9, 0};
       }},
      {"tensor 99 does not exist", [](Workload& w) { w.stages[0].output = 99; }},
      {"tensor D cannot be what this stage writes", [](Workload& w) { w.stages[0].output = 4; }},
      {"tensor T is i64 but computed in i32", [](Workload& w) { w.tensors[3].dtype = DType::i64; }},
      {"tensor T has 1 dimensions but the stage 2 spatial axes",
       [](Workload& w) { w.stages[0].rank = 2; }},
      {"dimension 0 of T is 7 but axis i 3", [](Workload& w) { w.tensors[3].shape[0] = 7; }},
      {"'T' cannot name an axis", [](Workload& w) { w.stages[0].axes[0].name = "T"; }},
      {"two axes are called k", [](Workload& w) { w.stages[0].axes[2].name = "k"; }},
      {"axis k is out of order: spatial axes come first",
       [](Workload& w) { w.stages[0].axes[1].kind = AxisKind::spatial; }},
      {"axis k has the extent -4", [](Workload& w) { w.stages[0].axes[1].extent = -4; }},
      {"axis i has the extents 3 and 5",
       [](Workload& w) {
         w.stages[1].axes[0].extent = 5;
         w.tensors[4].shape[0] = 5;
       }},
      {"the iteration space has more than 70368744177664 points",
       [](Workload& w) { w.stages[0].axes[1].extent = int64_t{1} << 46; }},
      {"reduction axes need a reducer", [](Workload& w) { w.stages[0].reducer = Reducer::none; }},
      {"tensor -1 does not exist", [](Workload& w) { w.stages[0].accesses[0].tensor = -1; }},
      {"access 1 of A occurs twice",
       [](Workload& w) { w.stages[0].accesses[1] = w.stages[0].accesses[0]; }},
      {"tensor D is read before it is written",
       [](Workload& w) { w.stages[0].accesses[0].tensor = 4; }},
      {"mixed dtypes: A is i64, which i32 does not hold",
       [](Workload& w) { w.tensors[0].dtype = DType::i64; }},
      {"tensor A has 2 dimensions and is read with 1 indices",
       [](Workload& w) { w.stages[0].accesses[0].index.pop_back(); }},
      {"an index of A has 2 coefficients for 3 axes",
       [](Workload& w) { w.stages[0].accesses[0].index[0].coefficients.pop_back(); }},
      {"the number 70368744177665 in an index of A is too large",
       [](Workload& w) { w.stages[0].accesses[0].index[0].constant = kMaxElements + 1; }},
      {"index 0 of A runs over -1..1 but the extent is 3",
       [](Workload& w) { w.stages[0].accesses[0].index[0].constant = -1; }},
      {"index 1 of A runs over 1..4 but the extent is 4",
       [](Workload& w) { w.stages[0].accesses[0].index[1].constant = 1; }},
      {"index 0 of T runs over 1..3 but the extent is 3",
       [](Workload& w) { w.stages[1].accesses[0].index[0].constant = 1; }},
      {"axis k is out of order: reduction axes come by first appearance",
       [](Workload& w) {
         w.stages[0].accesses[0].index[1].coefficients = {0, 0, 1};
       }},
      {"axis l is in no index",
       [](Workload& w) { w.stages[0].accesses[1].index[0].coefficients[2] = 0; }},
      {"the body has 0 nodes, not between 1 and 4096",
       [](Workload& w) { w.stages[0].body.clear(); }},
      {"node 0 loads access 1 out of order", [](Workload& w) { w.stages[0].body[0].a = 1; }},
      {"node 2 is not in post order",
       [](Workload& w) { std::swap(w.stages[0].body[2].a, w.stages[0].body[2].b); }},
      {"node 2 is not in post order", [](Workload& w) { w.stages[0].body[2].a = 2; }},
      {"the body is not one expression", [](Workload& w) { w.stages[0].body.pop_back(); }},
      {"access 1 is never loaded", [](Workload& w) { w.stages[0].body.resize(1); }},
      {"node 3 is a constant that i32 does not hold",
       [](Workload& w) { w.stages[1].body[3].integer = int64_t{1} << 40; }},
      {"tensor bias is unused or out of order",
       [](Workload& w) {
         w.stages[1].accesses[1].tensor = 0, w.stages[1].accesses[1].index.push_back({{0}, 0});
       }},
      {"tensor T is written but never read",
       [](Workload& w) {
         w.stages[1].accesses.erase(w.stages[1].accesses.begin());
         w.stages[1].body = {{ScalarOp::load, 0}};
       }},
  };
  for (const Damage& damage : damages) {
    Workload w = chain();
    damage.apply(w);
    const Status status = check_workload(w);
    ASSERT_FALSE(status) << damage.what;
    EXPECT_EQ(status.error().what, damage.what);
    EXPECT_EQ(status.error().code, "bad_workload");
    EXPECT_EQ(status.error().origin, Origin::user);
  }
}

}  // namespace
}  // namespace pimjit
