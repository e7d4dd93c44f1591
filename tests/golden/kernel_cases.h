#ifndef PIMJIT_TESTS_GOLDEN_KERNEL_CASES_H_
#define PIMJIT_TESTS_GOLDEN_KERNEL_CASES_H_

#include <ostream>

#include "pimjit/core/support/dtype.h"

namespace pimjit::test {

// The kernels kept as a reference for everyone who reads kernels: NAME.txt is the text, NAME.bin
// the serialised bytes. An empty trace is the default schedule. Every operator, type, form of copy,
// guard, reduction and synchronisation occurs.
struct KernelCase {
  const char* name;
  const char* computation;
  const char* sizes;
  const char* target;
  const char* trace;
  DType dtype;
};

inline void PrintTo(const KernelCase& c, std::ostream* out) {
  *out << c.computation;
}

inline constexpr const char* kTiledMtv =
    "i.0, i.1, i.2, i.3 = split(i, 4, 2, 2); k.0, k.1 = split(k, 16); reorder(i.0, i.1, i.2, k.0, "
    "i.3, k.1);"
    "bind(i.0, unit); bind(i.1, thread); cache_read(A, scratch, at=k.0); cache_read(B, scratch, "
    "at=k.0);"
    "cache_write(scratch, at=i.2)";
inline constexpr const char* kTwoDimensionalMtv =
    "i.0, i.1, i.2 = split(i, 4, 2); k.0, k.1, k.2 = split(k, 4, 16); reorder(i.0, k.0, i.1, k.1, "
    "i.2, k.2);"
    "bind(i.0, unit); bind(k.0, unit); bind(i.1, thread); rfactor(k.0); cache_read(A, scratch, "
    "at=k.1);"
    "cache_read(B, scratch, at=k.1); cache_write(scratch, at=i.1)";

inline constexpr KernelCase kKernelCases[] = {
    {"va_i32", "va", "i=1000", "simple", "", DType::i32},
    {"va_i8", "va", "i=1000", "simple", "", DType::i8},
    {"va_i16", "va", "i=999", "simple", "", DType::i16},
    {"va_i64", "va", "i=777", "simple", "", DType::i64},
    {"va_f32", "va", "i=1000", "simple", "", DType::f32},
    {"va_uncached", "va", "i=37", "simple", "i.0, i.1 = split(i, 5); bind(i.0, unit)", DType::i32},
    {"geva_i32", "geva", "i=1000", "simple", "", DType::i32},
    {"red_i64", "red", "i=5000", "simple", "", DType::i64},
    {"red_i32", "red", "i=5000", "simple", "", DType::i32},
    {"dot_f32", "dot", "i=3001", "simple", "", DType::f32},
    {"mtv_i32", "mtv", "i=100,k=70", "simple", "", DType::i32},
    {"mtv_i8", "mtv", "i=100,k=70", "simple", "", DType::i8},
    {"mtv_i16", "mtv", "i=61,k=70", "simple", "", DType::i16},
    {"mtv_f32", "mtv", "i=128,k=256", "simple", "", DType::f32},
    {"mtv_tiled_aligned", "mtv", "i=256,k=64", "simple", kTiledMtv, DType::i32},
    {"mtv_tiled_ragged", "mtv", "i=251,k=61", "simple", kTiledMtv, DType::i32},
    {"mtv_two_dimensional", "mtv", "i=61,k=200", "simple", kTwoDimensionalMtv, DType::i32},
    {"mtv_revisited", "mtv", "i=10,k=30", "simple",
     "k.0, k.1 = split(k, 7); reorder(i, k.0, k.1); bind(i, unit); cache_read(A, scratch, at=k.0);"
     "cache_read(B, scratch, at=k.0); cache_write(scratch, at=k.0)",
     DType::i32},
    {"mtv_shared_vector", "mtv", "i=64,k=100", "simple",
     "i.0, i.1, i.2 = split(i, 8, 2); k.0, k.1 = split(k, 40); reorder(i.0, k.0, i.1, i.2, k.1); "
     "bind(i.0, unit);"
     "bind(i.1, thread); cache_read(B, scratch, at=k.0)",
     DType::i32},
    {"mtv_serial_partials", "mtv", "i=9,k=22", "simple",
     "k.0, k.1 = split(k, 4); bind(i, unit); rfactor(k.1); cache_write(scratch, at=i)", DType::i32},
    {"mtv_unrolled", "mtv", "i=64,k=64", "simple",
     "k.0, k.1 = split(k, 8); bind(i, unit); cache_read(A, scratch, at=i); cache_read(B, scratch, "
     "at=i);"
     "cache_write(scratch, at=i); unroll(k.1, 8)",
     DType::i32},
    {"mtv_decomposed", "mtv", "i=64,k=64", "simple",
     "i.0, i.1 = split(i, 2); k.0, k.1 = split(k, 16); reorder(i.0, i.1, k.0, k.1); bind(i.0, "
     "unit);"
     "cache_read(A, scratch, at=k.0); cache_read(B, scratch, at=k.0); cache_write(scratch, at=i.0);"
     "decompose_reduction(at=i.1)",
     DType::i32},
    {"gemv_f32", "gemv", "i=33,k=500", "simple", "", DType::f32},
    {"ttv_i32", "ttv", "i=3,j=17,k=40", "simple", "", DType::i32},
    {"mmtv_i32", "mmtv", "i=5,j=7,k=33", "simple", "", DType::i32},
    {"gemm_i32", "gemm", "i=33,j=17,k=65", "simple", "", DType::i32},
    {"gemm_f32", "gemm", "i=16,j=16,k=16", "simple", "", DType::f32},
    {"bgemm_i16", "bgemm", "b=3,i=9,j=8,k=20", "simple", "", DType::i16},
    {"mtv_t_i32", "mtv_t", "i=100,k=70", "simple", "", DType::i32},
    {"mtv_bias_relu_i32", "mtv_bias_relu", "i=50,k=60", "simple", "", DType::i32},
    {"fused_add", "C[i,j] = A[i,j] + B[j]", "i=7,j=11", "simple",
     "f = fuse(i, j); f.0, f.1 = split(f, 10); bind(f.0, unit); cache_read(A, scratch, at=f.0);"
     "cache_read(B, scratch, at=f.0); cache_write(scratch, at=f.0)",
     DType::i32},
    {"stencil_f32", "C[i] += A[i+k] * W[k]", "i=100,k=5", "simple", "", DType::f32},
    {"row_max_i32", "C[i] max= A[i,k]", "i=40,k=33", "simple", "", DType::i32},
    {"row_product_i64", "C[i] *= A[i,k]", "i=20,k=9", "simple", "", DType::i64},
    {"select_free_minimum_f32", "C[i] min= A[i,k] - B[k]", "i=13,k=29", "simple", "", DType::f32},
    {"va_lockstep", "va", "i=1000", "lockstep", "", DType::i32},
    {"mtv_lockstep", "mtv", "i=100,k=70", "lockstep", "", DType::i32},
    {"mtv_direct", "mtv", "i=100,k=70", "direct", "", DType::f32},
    {"gemm_direct", "gemm", "i=33,j=17,k=65", "direct", "", DType::f32},
};

}  // namespace pimjit::test

#endif  // PIMJIT_TESTS_GOLDEN_KERNEL_CASES_H_
