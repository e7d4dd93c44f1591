#include "pimjit/jit/llvm/host_machine.h"

#include <algorithm>
#include <vector>

#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Target/TargetMachine.h>

#include "pimjit/jit/llvm/llvm_version.h"

namespace pimjit {
namespace {

std::string features_text(const llvm::StringMap<bool>& features) {
  std::vector<std::string> list;
  for (const auto& f : features) list.push_back(f.first().str());
  std::sort(list.begin(), list.end());
  std::string text;
  for (const std::string& name : list) {
    if (!text.empty()) text += ',';
    text += (features.lookup(name) ? '+' : '-') + name;
  }
  return text;
}

std::unique_ptr<llvm::TargetMachine> make(const HostMachine& m) {
  std::string error;
  const llvm::Target* target = llvm::TargetRegistry::lookupTarget(m.triple, error);
  if (target == nullptr) return nullptr;
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  return std::unique_ptr<llvm::TargetMachine>(
      target->createTargetMachine(m.triple, m.cpu, m.features, options, llvm::Reloc::PIC_,
                                  llvm::CodeModel::Small, llvm::CodeGenOptLevel::Default, true));
}

HostMachine ask() {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  HostMachine m;
  m.triple = llvm::sys::getProcessTriple();
  m.cpu = llvm::sys::getHostCPUName().str();
  const llvm::StringMap<bool> features = llvm_version::host_features();
  m.features = features_text(features);
  const bool wide = features.lookup("avx512f");
  m.vector_bytes = wide ? 64 : features.lookup("avx") ? 32 : 16;
  m.vector_registers = wide ? 32 : 16;
  if (const auto machine = make(m)) {
    m.data_layout = machine->createDataLayout().getStringRepresentation();
  }
  return m;
}

}  // namespace

const HostMachine& host_machine() {
  static const HostMachine machine = ask();
  return machine;
}

std::unique_ptr<llvm::TargetMachine> make_target_machine() {
  return make(host_machine());
}

}  // namespace pimjit
