#ifndef PIMJIT_PLUGINS_UPMEM_ARITHMETIC_FLOAT_PARTS_H_
#define PIMJIT_PLUGINS_UPMEM_ARITHMETIC_FLOAT_PARTS_H_

#include "pimjit/plugins/upmem/arithmetic/arithmetic.h"

namespace pimjit::upmem {

struct ProductRegisters {
  R x_high, y_high, low, high, product;
};
// high := product of the significands >> 16, bits 15:0 of low := its low 16 bits. The significands
// are bits 22:0 of x and y with a leading bit 23, whatever stands there. 20 slots.
void emit_significand_product(Builder& b, const ProductRegisters& r, R x, R y);

// quotient.high := 25 bits of the quotient of the significands (bits 22:0 with a leading bit 23),
// the first of them set; quotient.low := the remainder. Adds 1 to exponent when x's significand is
// not below y's.
void emit_significand_quotient(Builder& b, D quotient, R divisor, R exponent, R x, R y);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_ARITHMETIC_FLOAT_PARTS_H_
