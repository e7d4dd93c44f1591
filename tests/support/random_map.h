#ifndef PIMJIT_TESTS_SUPPORT_RANDOM_MAP_H_
#define PIMJIT_TESTS_SUPPORT_RANDOM_MAP_H_

#include "pimjit/core/interp/memory.h"
#include "pimjit/core/lower/lowered_module.h"
#include "pimjit/core/support/random.h"
#include "pimjit/core/support/tensor.h"

namespace pimjit::test {

// A map as lowering makes them, and odder ones: digits of a tensor dimension as a mixed-radix
// number, sometimes cut by div and mod as fused loops are, sometimes shifted out of bounds.
struct RandomMap {
  TransferMap map;
  Tensor tensor;
  Reducer reducer = Reducer::none;
};
struct RandomMapOptions {
  bool unpacking = false;
  int64_t digits = 5;
  int64_t extent = 4;  // of a digit, at most
};
RandomMap random_map(RandomStream& random, const RandomMapOptions& options);

// Values without a shadow; sums of f32 depend on their order.
void fill_randomly(ShadowMemory& memory, DType t, RandomStream& random);

TensorView row_major_view(const Tensor& t, std::byte* data);

}  // namespace pimjit::test

#endif  // PIMJIT_TESTS_SUPPORT_RANDOM_MAP_H_
