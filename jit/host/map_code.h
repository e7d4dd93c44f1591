#ifndef PIMJIT_JIT_HOST_MAP_CODE_H_
#define PIMJIT_JIT_HOST_MAP_CODE_H_

#include <vector>

#include <llvm/IR/IRBuilder.h>

#include "pimjit/core/ir/expr.h"

namespace pimjit {

// An expression over the digits of a TransferMap; `digits` are the values of its variables, i64.
// `e` must be one that MapExpr::make takes.
llvm::Value* map_code(llvm::IRBuilder<>& builder, const ExprNode& e,
                      const std::vector<llvm::Value*>& digits);

}  // namespace pimjit

#endif  // PIMJIT_JIT_HOST_MAP_CODE_H_
