#ifndef PIMJIT_SEARCH_DATABASE_SIZES_H_
#define PIMJIT_SEARCH_DATABASE_SIZES_H_

#include <cstdint>
#include <string>
#include <vector>

namespace pimjit {

// Sizes of a text as sizes_text writes it ("i=4096,k=70"), in its order, which is that of every
// workload of the same computation, whatever the axes are called. Pure.
std::vector<int64_t> sizes_of(const std::string& text);

// How far apart two workloads of one computation are: the sum of |log2((1 + a) / (1 + b))| over
// their sizes; infinite when they have not as many.
double size_distance(const std::vector<int64_t>& a, const std::vector<int64_t>& b);

}  // namespace pimjit

#endif  // PIMJIT_SEARCH_DATABASE_SIZES_H_
