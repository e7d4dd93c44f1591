#ifndef PIMJIT_EXAMPLES_EXPERIMENTS_BASELINES_HAND_WRITTEN_H_
#define PIMJIT_EXAMPLES_EXPERIMENTS_BASELINES_HAND_WRITTEN_H_

#include <vector>

#include "pimjit/search/space/row_tiling.h"

namespace pimjit::experiments {

// What searched schedules are held against, as lists of schedules of ours of which the fastest
// counts. The first two are those of arXiv:2412.19630. Only legal ones; equal ones once.

// As the PrIM benchmarks are written: rows over DPUs, pairs of rows over 16 tasklets, caches of 256
// elements, on 256, 512, 1024 or 2048 DPUs.
std::vector<Trace> prim_style(const DesignSpace& space);
Trace prim_style_on(const DesignSpace& space, int64_t dpus);

// The same with {256, 512, 1024, 2048} DPUs, {8, 16, 24} tasklets and caches of {8, ..., 256}
// elements: 72 points. Batches of products: 32 to 2048 DPUs, {1, 2, 4, 8, 16} tasklets, {16, ...,
// 256}.
std::vector<Trace> prim_search(const DesignSpace& space);

// What an expert does by hand: rows and columns over DPUs, partial sums added up by the host. Every
// power of two of both, {8, 16, 24} tasklets, caches of {16, ..., 256} elements.
std::vector<Trace> expert_2d(const DesignSpace& space);

}  // namespace pimjit::experiments

#endif  // PIMJIT_EXAMPLES_EXPERIMENTS_BASELINES_HAND_WRITTEN_H_
