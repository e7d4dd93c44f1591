#include "pimjit/jit/llvm/compile.h"

#include <atomic>
#include <filesystem>

#include <fcntl.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/IR/DiagnosticInfo.h>
#include <llvm/IR/DiagnosticPrinter.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/Transforms/Utils/Cloning.h>
#include <unistd.h>

#include "pimjit/core/support/text.h"
#include "pimjit/jit/llvm/fatal_guard.h"
#include "pimjit/jit/llvm/host_machine.h"
#include "pimjit/jit/llvm/optimise.h"

namespace pimjit {
namespace {

using Bytes = llvm::SmallVector<char, 0>;

// Collects errors that LLVM reports through its context, which would end the process otherwise.
void collect_diagnostic(const llvm::DiagnosticInfo* info, void* texts) {
  if (info->getSeverity() != llvm::DS_Error) return;
  auto& text = *static_cast<std::string*>(texts);
  if (!text.empty()) text += "; ";
  llvm::raw_string_ostream out(text);
  llvm::DiagnosticPrinterRawOStream printer(out);
  info->print(printer);
}

Bytes emit(llvm::TargetMachine& machine, llvm::Module& module, llvm::CodeGenFileType type) {
  Bytes bytes;
  llvm::raw_svector_ostream out(bytes);
  // Not destroyed when LLVM gives up in the middle of a pass.
  auto* const passes = new llvm::legacy::PassManager;
  // Fails only for a kind of file that the target cannot write.
  if (!machine.addPassesToEmitFile(*passes, out, nullptr, type)) passes->run(module);
  delete passes;
  return bytes;
}

// A file name that says which module it was.
std::string file_name(const std::string& name) {
  std::string safe;
  for (const char c : name.substr(0, 60)) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    safe += plain ? c : '_';
  }
  return safe;
}

void run(IrModule& ir, llvm::TargetMachine& machine, const CompileOptions& options,
         ObjectCode& object) {
  if (options.optimise) optimise(ir.module(), machine);
  if (options.keep_ir) object.ir = ir.text();
  if (options.keep_assembly) {
    const auto copy = llvm::CloneModule(ir.module());
    const Bytes text = emit(machine, *copy, llvm::CodeGenFileType::AssemblyFile);
    object.assembly.assign(text.begin(), text.end());
  }
  const Bytes bytes = emit(machine, ir.module(), llvm::CodeGenFileType::ObjectFile);
  object.bytes.assign(bytes.begin(), bytes.end());
}

}  // namespace

std::string write_dump(const std::string& directory, const std::string& name,
                       const std::string& extension, const std::string& text) {
  std::error_code failed;
  std::filesystem::path folder = directory;
  if (directory.empty()) folder = std::filesystem::temp_directory_path(failed);
  std::filesystem::create_directories(folder, failed);
  static std::atomic<uint64_t> number{0};
  for (int attempt = 0; attempt < 100; ++attempt) {
    const std::string path =
        (folder / cat("pimjit-", file_name(name), "-", getpid(), "-", ++number, ".", extension))
            .string();
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0 && errno == EEXIST) continue;
    if (file < 0) return {};
    const auto written = write(file, text.data(), text.size());
    close(file);
    return written == static_cast<ssize_t>(text.size()) ? path : std::string();
  }
  return {};
}

Error with_ir(Error e, const std::string& name, const std::string& ir,
              const std::string& directory) {
  const std::string path = ir.empty() ? ir : write_dump(directory, name, "ll", ir);
  const std::string place = path.empty() ? "the IR could not be written" : cat("IR in ", path);
  e.where = e.where.empty() ? place : cat(e.where, ", ", place);
  return e;
}

Result<ObjectCode> compile(IrModule module, const CompileOptions& options) {
  ObjectCode object;
  std::string mistakes, diagnostics;
  std::unique_ptr<llvm::TargetMachine> machine;
  const Status done = guard_llvm([&] {
    object.name = module.name();
    object.failure_directory = options.failure_directory;
    // What LLVM leaves behind when it gives up cannot be printed.
    object.source = module.text();
    module.context().setDiagnosticHandlerCallBack(collect_diagnostic, &diagnostics);
    if (options.verify) mistakes = module.mistakes();
    if (!mistakes.empty()) return;
    machine = make_target_machine();
    if (machine != nullptr) run(module, *machine, options, object);
  });
  const auto failed = [&](Error e) {
    return fail(with_ir(std::move(e), object.name, object.source, options.failure_directory));
  };
  if (!done) {
    module.leak();
    static_cast<void>(machine.release());
    return failed(done.error());
  }
  if (!mistakes.empty()) {
    while (mistakes.back() == '\n') mistakes.pop_back();
    return failed(
        internal_error("invalid_ir", cat("module ", object.name, " is not valid IR: ", mistakes)));
  }
  if (machine == nullptr) {
    return failed(internal_error("code_generator_failed",
                                 cat("LLVM has no code generator for ", host_machine().triple)));
  }
  if (!diagnostics.empty() || object.bytes.empty()) {
    return failed(internal_error("code_generator_failed",
                                 cat("LLVM could not compile module ", object.name, ": ",
                                     diagnostics.empty() ? "no code" : diagnostics)));
  }
  return object;
}

}  // namespace pimjit
