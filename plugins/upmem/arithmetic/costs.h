#ifndef PIMJIT_PLUGINS_UPMEM_ARITHMETIC_COSTS_H_
#define PIMJIT_PLUGINS_UPMEM_ARITHMETIC_COSTS_H_

#include <cstdint>

#include "pimjit/plugins/upmem/arithmetic/arithmetic.h"

namespace pimjit::upmem {

// What a routine costs in issued instructions, measured on the executor by
// tests/upmem/arithmetic_costs_test.cpp, which writes this file and says what operands are
// typical. Inlined: operands outside of the workspace (zero: there is no inlined form).
// Called: with call and return, operands in place.
struct RoutineCost {
  double inlined_mean = 0, called_mean = 0;   // typical operands
  int inlined_worst = 0, called_worst = 0;    // typical operands
  int any_worst = 0;                          // called, operands of every class
  // Instructions: of one more inlined site; of the routine with its rare cases.
  int inlined_size = 0, routine_size = 0;
  // Registers written in either form besides the result, one bit each.
  std::uint32_t overwritten = 0;
};

// clang-format off
inline constexpr RoutineCost kRoutineCosts[] = {
    { 27.0,  29.0,  27,  29,  31,  48,  49, 0x80003f},  // mul_i32
    { 77.0,  79.0,  77,  79,  79,  77,  78, 0x800fff},  // mul_i64
    {  0.0,  30.0,   0,  44,  45,   0,  46, 0x80007f},  // div_i32
    {  0.0,  30.0,   0,  44,  45,   0,  46, 0x80007f},  // rem_i32
    {  0.0, 131.2,   0, 150, 270,   0, 201, 0x800fff},  // div_i64
    {  0.0, 129.2,   0, 148, 268,   0, 197, 0x800fff},  // rem_i64
    { 22.4,  24.8,  33,  35,  67, 147, 219, 0x8007ff},  // add_f32
    { 23.5,  25.8,  34,  36,  68, 148, 220, 0x800fff},  // sub_f32
    { 36.5,  39.0,  39,  41,  66,  50, 133, 0x8007ff},  // mul_f32
    { 49.5,  52.0,  51,  53,  79,  55, 149, 0x8007ff},  // div_f32
    {  8.0,  10.0,   8,  10,  10,  13,  14, 0x80001f},  // min_f32
    {  8.0,  10.0,   8,  10,  10,  13,  14, 0x80001f},  // max_f32
    {  8.7,  10.7,   9,  11,  11,  12,  13, 0x80001f},  // lt_f32
    {  8.7,  10.7,   9,  11,  11,  13,  14, 0x80001f},  // le_f32
    {  3.0,   5.0,   3,   5,   7,   7,   8, 0x80000f},  // eq_f32
    { 10.0,  12.0,  10,  12,  15,  16,  17, 0x80003d},  // f32_of_i32
    { 13.5,  15.5,  14,  16,  21,  26,  27, 0x80007f},  // f32_of_i64
    {  7.8,   9.8,  10,  12,  12,  18,  19, 0x80003d},  // i32_of_f32
    { 11.9,  13.9,  15,  17,  17,  27,  28, 0x8000ff},  // i64_of_f32
};
// clang-format on

constexpr const RoutineCost& cost_of(Routine routine) {
  return kRoutineCosts[static_cast<int>(routine)];
}

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_ARITHMETIC_COSTS_H_
