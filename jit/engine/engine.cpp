#include "pimjit/jit/engine/engine.h"

#include <mutex>

#include <llvm/ExecutionEngine/JITLink/JITLinkMemoryManager.h>
#include <llvm/ExecutionEngine/Orc/Core.h>
#include <llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h>
#include <llvm/Support/MemoryBuffer.h>

#include "pimjit/core/support/text.h"
#include "pimjit/jit/llvm/fatal_guard.h"
#include "pimjit/jit/llvm/llvm_version.h"

namespace pimjit {
namespace {

std::string text_of(llvm::Error error) {
  std::string text = llvm::toString(std::move(error));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace

struct Engine::State {
  std::unique_ptr<llvm::orc::ExecutionSession> session;
  std::unique_ptr<llvm::orc::ObjectLinkingLayer> layer;
  llvm::orc::JITDylib* symbols = nullptr;
  std::mutex mutex;       // held while linking and freeing
  std::string reports;    // what the session reported since linking began
  uint64_t modules = 0;   // linked so far
  bool unusable = false;  // LLVM gave up inside the session, which may hold its locks for ever

  ~State();
  Status start(const SymbolTable& table);
  Status define(const SymbolTable& table);
  llvm::Error link_into(llvm::orc::JITDylib& space, const ObjectCode& object, JitCode& code,
                        const std::vector<std::string>& entries);
  Error explain(llvm::Error error, const ObjectCode& object);
};

struct JitCode::Resources {
  std::shared_ptr<Engine::State> engine;
  llvm::orc::JITDylibSP space;
  llvm::orc::ResourceTrackerSP tracker;
  ~Resources();
};

Engine::State::~State() {
  if (session == nullptr) return;
  if (unusable) {
    static_cast<void>(layer.release());
    static_cast<void>(session.release());
    return;
  }
  const Status ended = guard_llvm([&] {
    llvm::consumeError(session->endSession());
    layer.reset();
    session.reset();
  });
  if (ended) return;
  static_cast<void>(layer.release());
  static_cast<void>(session.release());
}

Status Engine::State::start(const SymbolTable& table) {
  auto process = llvm_version::own_process();
  if (!process) {
    return fail(internal_error("engine_failed", cat("the linker of generated code did not start: ",
                                                    text_of(process.takeError()))));
  }
  session = std::make_unique<llvm::orc::ExecutionSession>(std::move(*process));
  session->setErrorReporter([this](llvm::Error error) {
    if (!reports.empty()) reports += "; ";
    reports += text_of(std::move(error));
  });
  layer = std::make_unique<llvm::orc::ObjectLinkingLayer>(
      *session, session->getExecutorProcessControl().getMemMgr());
  symbols = &session->createBareJITDylib("symbols");
  return define(table);
}

Status Engine::State::define(const SymbolTable& table) {
  llvm::orc::SymbolMap map;
  for (const auto& [name, address] : table) {
    map[session->intern(name)] = {llvm::orc::ExecutorAddr::fromPtr(address),
                                  llvm::JITSymbolFlags::Exported};
  }
  if (auto error = symbols->define(llvm::orc::absoluteSymbols(std::move(map)))) {
    return fail(internal_error("engine_failed", text_of(std::move(error))));
  }
  return {};
}

Result<Engine> Engine::create(const SymbolTable& symbols) {
  Engine engine;
  engine.state_ = std::make_shared<State>();
  Status started;
  if (auto ok = guard_llvm([&] { started = engine.state_->start(symbols); }); !ok) {
    engine.state_->unusable = true;
    return fail(ok.error());
  }
  if (!started) return fail(started.error());
  return engine;
}

llvm::Error Engine::State::link_into(llvm::orc::JITDylib& space, const ObjectCode& object,
                                     JitCode& code, const std::vector<std::string>& entries) {
  space.addToLinkOrder(*symbols);
  auto buffer = llvm::MemoryBuffer::getMemBuffer(
      llvm::StringRef(object.bytes.data(), object.bytes.size()), object.name, false);
  if (auto error = layer->add(code.resources_->tracker, std::move(buffer))) return error;
  llvm::orc::SymbolLookupSet names;
  for (const std::string& entry : entries) names.add(session->intern(entry));
  auto found = session->lookup({{&space, llvm::orc::JITDylibLookupFlags::MatchAllSymbols}}, names);
  if (!found) return found.takeError();
  for (const std::string& entry : entries) {
    code.entries_.emplace_back(entry, (*found)[session->intern(entry)].getAddress().toPtr<void*>());
  }
  return llvm::Error::success();
}

// The session reports the cause; what the lookup itself returns is only that something failed.
Error Engine::State::explain(llvm::Error error, const ObjectCode& object) {
  const bool missing = error.isA<llvm::orc::SymbolsNotFound>() ||
                       reports.find("Symbols not found") != std::string::npos;
  const std::string text = text_of(std::move(error));
  Error e = internal_error(
      missing ? "unresolved_symbol" : "link_failed",
      cat("the code of module ", object.name,
          missing ? " refers to symbols that it may not see: " : " could not be linked: ",
          reports.empty() ? text : reports));
  return with_ir(std::move(e), object.name, object.source, object.failure_directory);
}

Result<JitCode> Engine::link(ObjectCode object, const std::vector<std::string>& entries) const {
  JitCode code;
  code.ir_ = std::move(object.ir);
  code.assembly_ = std::move(object.assembly);
  const std::unique_lock lock(state_->mutex);
  if (state_->unusable) {
    return fail(internal_error("link_failed", "the linker of generated code gave up earlier", {},
                               "make a new engine"));
  }
  state_->reports.clear();
  Status outcome;
  const Status done = guard_llvm([&] {
    auto& session = *state_->session;
    auto& space = session.createBareJITDylib(cat("module ", ++state_->modules));
    code.resources_ = std::make_unique<JitCode::Resources>();
    code.resources_->engine = state_;
    code.resources_->space = &space;
    code.resources_->tracker = space.createResourceTracker();
    if (auto error = state_->link_into(space, object, code, entries)) {
      outcome = fail(state_->explain(std::move(error), object));
    }
  });
  if (!done) {
    state_->unusable = true;
    outcome = fail(with_ir(done.error(), object.name, object.source, object.failure_directory));
  }
  if (!outcome) return fail(outcome.error());
  return code;
}

Result<JitCode> Engine::add(IrModule module, const std::vector<std::string>& entries,
                            const CompileOptions& options) const {
  auto object = compile(std::move(module), options);
  if (!object) return fail(object.error());
  return link(std::move(*object), entries);
}

JitCode::Resources::~Resources() {
  const std::unique_lock lock(engine->mutex);
  if (!engine->unusable) {
    const Status freed = guard_llvm([&] {
      llvm::consumeError(tracker->remove());
      tracker = nullptr;
      llvm::consumeError(engine->session->removeJITDylib(*space));
      space = nullptr;
      engine->session->getSymbolStringPool()->clearDeadEntries();
    });
    engine->unusable = !freed;
  }
  if (!engine->unusable) return;
  tracker.resetWithoutRelease();
  space.resetWithoutRelease();
}

JitCode::JitCode() = default;
JitCode::~JitCode() = default;
JitCode::JitCode(JitCode&& other) noexcept = default;
JitCode& JitCode::operator=(JitCode&& other) noexcept = default;

void* JitCode::address(const std::string& entry) const {
  for (const auto& [name, address] : entries_) {
    if (name == entry) return address;
  }
  return nullptr;
}

}  // namespace pimjit
