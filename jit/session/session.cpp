#include "pimjit/jit/session/session.h"

#include <chrono>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "pimjit/core/lower/lower.h"
#include "pimjit/core/plugin/target_string.h"
#include "pimjit/core/support/text.h"
#include "pimjit/jit/host/jit_host_ops.h"
#include "pimjit/jit/session/callable_state.h"
#include "pimjit/jit/session/once_map.h"

namespace pimjit {
namespace {

// The last few kernels asked for.
class Kept {
 public:
  explicit Kept(size_t most) : most_(most) {}

  void add(const std::shared_ptr<SharedCode>& code) {
    if (most_ == 0) return;
    std::shared_ptr<SharedCode> dropped;  // freed without the lock
    const std::lock_guard lock(mutex_);
    for (auto at = codes_.begin(); at != codes_.end(); ++at) {
      if (*at != code) continue;
      codes_.splice(codes_.begin(), codes_, at);
      return;
    }
    codes_.push_front(code);
    if (codes_.size() <= most_) return;
    dropped = std::move(codes_.back());
    codes_.pop_back();
  }
  void clear() {
    std::list<std::shared_ptr<SharedCode>> dropped;
    const std::lock_guard lock(mutex_);
    dropped.swap(codes_);
  }

 private:
  const size_t most_;
  std::mutex mutex_;
  std::list<std::shared_ptr<SharedCode>> codes_;
};

std::string code_key(const Workload& workload, const std::string& target,
                     const ScheduleSource& schedules,
                     const std::vector<std::string>& without_passes) {
  return cat(workload_key(workload), "\n", target, "\n", join(without_passes, ","), "\n",
             schedules.key());
}

// Compiles the host's side, with a compiler made when it is first needed.
MakeHostOps machine_code_of_host() {
  struct Lazy {
    std::mutex mutex;
    std::optional<HostCompiler> compiler;
  };
  return [lazy = std::make_shared<Lazy>()](
             std::shared_ptr<const LoweredModule> module) -> Result<std::unique_ptr<HostOps>> {
    {
      const std::lock_guard lock(lazy->mutex);
      if (!lazy->compiler) {
        Result<HostCompiler> made = HostCompiler::create();
        if (!made) return fail(made.error());
        lazy->compiler = std::move(*made);
      }
    }
    return lazy->compiler->compile(std::move(module));
  };
}

}  // namespace

struct Session::State {
  explicit State(SessionOptions given) : options(std::move(given)), kept(options.kept_kernels) {
    if (options.schedules == nullptr) options.schedules = default_schedules();
    if (!options.make_host_ops) options.make_host_ops = machine_code_of_host();
  }

  Result<std::shared_ptr<OpenedTarget>> open(const std::string& name);
  // With what opening it took, 0 when it was open.
  Result<std::pair<std::shared_ptr<OpenedTarget>, double>> target(const std::string& text);
  Result<std::shared_ptr<SharedCode>> code(const Workload& workload, const std::string& target,
                                           const CompileRequest& wanted);
  template <typename Change>
  void count(Change change) {
    const std::lock_guard lock(counters_mutex);
    change(counters);
  }

  SessionOptions options;
  OnceMap<OpenedTarget> targets;
  OnceMap<SharedCode> codes;
  Kept kept;
  std::mutex counters_mutex;
  SessionCounters counters;
  std::mutex open_mutex;
  std::map<std::string, std::shared_ptr<OpenedTarget>> open_targets;  // stay open
};

Result<std::shared_ptr<OpenedTarget>> Session::State::open(const std::string& name) {
  const Discovery discovery = discover(search_places(options.plugin_paths, installed_plugins()));
  Result<OpenTarget> target = open_target(name, discovery, options.services);
  if (!target) return fail(target.error());
  Result<Device> device = target->plugin.open(target->description->plugin);
  if (!device) return fail(device.error());
  auto space = std::make_shared<DeviceSpace>(std::move(*device), target->description);
  count([](SessionCounters& c) { ++c.opened; });
  return std::make_shared<OpenedTarget>(OpenedTarget{std::move(*target), std::move(space)});
}

Result<std::pair<std::shared_ptr<OpenedTarget>, double>> Session::State::target(
    const std::string& text) {
  const auto start = std::chrono::steady_clock::now();
  const Result<TargetString> parsed = parse_target_string(text);
  if (!parsed) return fail(parsed.error());
  const std::string name = parsed->automatic ? text : to_string(*parsed);
  auto got = targets.get(name, [&] { return open(name); });
  if (!got.value) return fail(got.value.error());
  const double ns =
      std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count();
  const std::lock_guard lock(open_mutex);
  open_targets.emplace(name, *got.value);
  return std::pair(*got.value, got.way == OnceMap<OpenedTarget>::Way::found ? 0 : ns);
}

Result<std::shared_ptr<SharedCode>> Session::State::code(const Workload& workload,
                                                         const std::string& target_text,
                                                         const CompileRequest& wanted) {
  if (Status known = check_pass_names(wanted.without_passes); !known) return fail(known.error());
  const auto opened = target(target_text);
  if (!opened) return fail(opened.error());
  const auto& schedules = wanted.schedules == nullptr ? options.schedules : wanted.schedules;
  const auto make = [&]() -> Result<std::shared_ptr<SharedCode>> {
    CodeRequest request{std::make_shared<const Workload>(workload), opened->first,
                        wanted.without_passes, options.make_host_ops};
    auto code = compile_code(request, *schedules, opened->second);
    if (!code) return fail(code.error());
    return std::make_shared<SharedCode>(std::move(request), std::move(*code));
  };
  using Way = OnceMap<SharedCode>::Way;
  auto got = codes.get(
      code_key(workload, opened->first->target.name, *schedules, wanted.without_passes), make);
  count([&](SessionCounters& c) {
    if (got.way == Way::waited) {
      ++c.waited;
    } else if (!got.value) {
      ++c.failed;
    } else {
      ++(got.way == Way::made ? c.compiles : c.found);
    }
  });
  if (got.value) kept.add(*got.value);
  return std::move(got.value);
}

Session::Session(SessionOptions options) : state_(std::make_unique<State>(std::move(options))) {}
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

Result<Callable> Session::compile(const Workload& workload, const std::string& target,
                                  const CompileRequest& options) const {
  if (Status sound = check_workload(workload); !sound) return fail(sound.error());
  auto shared = state_->code(workload, target, options);
  if (!shared) return fail(shared.error());
  return Callable(std::make_shared<const Callable::State>(
      Callable::State{std::make_shared<const Workload>(workload), std::move(*shared)}));
}

Result<Callable> Session::compile(std::string_view computation, const NotationOptions& notation,
                                  const std::string& target, const CompileRequest& options) const {
  const Result<Workload> workload = make_workload(computation, notation);
  if (!workload) return fail(workload.error());
  return compile(*workload, target, options);
}

SessionCounters Session::counters() const {
  const std::lock_guard lock(state_->counters_mutex);
  return state_->counters;
}

void Session::clear() const {
  state_->kept.clear();
}

}  // namespace pimjit
