#ifndef PIMJIT_CORE_IR_VERIFY_CONTEXT_H_
#define PIMJIT_CORE_IR_VERIFY_CONTEXT_H_

#include <functional>
#include <span>
#include <vector>

#include "pimjit/core/ir/facts.h"
#include "pimjit/core/ir/verify_kernel.h"

namespace pimjit {

// What the checks of verify_kernel share.
struct VerifyContext {
  const Kernel& kernel;
  const KernelRules& rules;
  KernelStage stage;
  const char* code = "";  // of the running check
  std::vector<KernelViolation> found;

  void report(std::string what, std::string place, int64_t have = 0, int64_t limit = 0);
  void report(std::string what, const StmtNode& at, int64_t have = 0, int64_t limit = 0);
  const KernelBuffer& buffer(int i) const { return kernel.buffers[static_cast<size_t>(i)]; }
};

// A statement with the loops, branches and lets around it, outermost first.
using Enclosing = std::vector<const StmtNode*>;
void walk(const Stmt& body, const std::function<void(const StmtNode&, const Enclosing&)>& fn);
// The same with what is known there.
void walk_with_facts(const Kernel& kernel,
                     const std::function<void(const StmtNode&, const Facts&)>& fn);

// The first line of a statement's text.
std::string first_line(const StmtNode& s, const Kernel& kernel);

struct VerifyCheck {
  const char* code;
  KernelStage from;
  void (*run)(VerifyContext&);
};
// The table: structure checks first, in an order in which later ones may rely on earlier ones.
std::span<const VerifyCheck> structure_checks();
std::span<const VerifyCheck> placement_checks();
std::span<const VerifyCheck> target_checks();

}  // namespace pimjit

#endif  // PIMJIT_CORE_IR_VERIFY_CONTEXT_H_
