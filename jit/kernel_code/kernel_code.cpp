#include "pimjit/jit/kernel_code/kernel_code.h"

#include "pimjit/core/plugin_kit/kernel_reader.h"
#include "pimjit/jit/kernel_code/emitter.h"
#include "pimjit/jit/llvm/fatal_guard.h"

namespace pimjit {
namespace {

Error unsupported(const kit::Kernel& kernel, const std::string& what, const std::string& hint) {
  return target_error("unsupported_kernel", what, "kernel '" + kernel.name + "'", hint);
}

Status check(const kit::Kernel& kernel) {
  // Without barriers no instance may read what another wrote, so each can have local buffers of
  // its own, whatever level their scope is at.
  for (const kit::Stmt& s : kernel.stmts) {
    if (s.kind == kit::StmtKind::Barrier || s.kind == kit::StmtKind::Combine) {
      return fail(
          unsupported(kernel,
                      "instances of level '" + kernel.levels[static_cast<size_t>(s.level)].name +
                          "' wait for each other, and code for the host's cores cannot do that",
                      "factor reductions over the outermost level only"));
    }
  }
  int64_t bytes = 0;
  for (const kit::Buffer& b : kernel.buffers) {
    if (!b.is_local()) continue;
    if (b.bytes() > kMaxLocalBytes - bytes) {
      return fail(unsupported(kernel,
                              "local buffer '" + b.name + "' of " + std::to_string(b.bytes()) +
                                  " bytes brings local buffers beyond " +
                                  std::to_string(kMaxLocalBytes) + " bytes",
                              "use smaller tiles"));
    }
    bytes += b.bytes();
  }
  return {};
}

}  // namespace

Result<IrModule> emit_kernel(const kit::Kernel& kernel, const std::string& entry,
                             const KernelCodeOptions& options) {
  if (Status ok = check(kernel); !ok) return fail(ok.error());
  IrModule module(kernel.name);
  const Status emitted = guard_llvm([&] {
    KernelEmitter emitter(kernel, options, module.module());
    emitter.emit_entry(emitter.emit_body(), entry);
  });
  if (!emitted) {
    module.leak();
    return fail(emitted.error());
  }
  return module;
}

Result<IrModule> emit_kernel(std::span<const uint8_t> bytes, const std::string& entry) {
  kit::Kernel kernel;
  const std::string wrong = kit::read_kernel(bytes.data(), bytes.size(), kernel);
  if (!wrong.empty()) return fail(internal_error("kernel_malformed", wrong));
  return emit_kernel(kernel, entry);
}

}  // namespace pimjit
