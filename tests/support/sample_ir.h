#ifndef PIMJIT_TESTS_SUPPORT_SAMPLE_IR_H_
#define PIMJIT_TESTS_SUPPORT_SAMPLE_IR_H_

#include <string>

#include <gtest/gtest.h>

#include "pimjit/jit/llvm/ir_module.h"

namespace pimjit::test {

// The module "sample" of this LLVM IR; the test fails where it is none.
inline IrModule parsed(const std::string& text) {
  auto ir = IrModule::parse("sample", text);
  EXPECT_TRUE(ir.has_value()) << ir.error().message();
  return ir ? std::move(*ir) : IrModule("empty");
}

}  // namespace pimjit::test

#endif  // PIMJIT_TESTS_SUPPORT_SAMPLE_IR_H_
