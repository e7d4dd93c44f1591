#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <tuple>

#include "pimjit/core/lower/host_time.h"
#include "pimjit/core/run/call.h"
#include "pimjit/core/run/predicted_report.h"
#include "pimjit/core/support/text.h"

namespace pimjit {

// Everything waited for, with the durations the device gives.
Status ModuleRunner::Call::finish(RunReport& report) {
  for (size_t i = 0; i < events_.size(); ++i) {
    if (events_[i].empty()) continue;
    auto ok = events_[i].wait();
    if (ok) {
      if (auto info = events_[i].query()) {
        timings_[i].event = *info;
        continue;
      } else {
        ok = fail(info.error());
      }
    }
    Error e = ok.error();
    const std::string place = cat("operation \"", m_.ops[i].name, "\"");
    e.where = e.where.empty() ? place : cat(place, ", ", e.where);
    return fail(std::move(e));
  }
  report.local_wall_ns =
      std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin_).count();
  return {};
}

// A transfer that might be in place, and is not since the tensor has gaps, moves all slices.
double ModuleRunner::Call::modelled_host_ns(const HostOp& op) const {
  if (!op.in_place.possible || in_place(op.host_buffer)) return host_op_ns(m_, op);
  HostOp whole = op;
  whole.bytes = op.map.slices * op.map.slice_elements * bytes_of(tensor_of(op.tensor_buffer).dtype);
  return host_op_ns(m_, whole);
}

// On a modelled machine the host's work is modelled too, so that the same call always takes the
// same time; on a measured one everything is what the clock said.
OperationTime ModuleRunner::Call::time_of(size_t number) const {
  const HostOp& op = m_.ops[number];
  const Timing& timing = timings_[number];
  OperationTime time{static_cast<int>(number), op.name,        phase_of(op), 0, 0,
                     m_.target->origin,        timing.local_ns};
  if (op.resource == Resource::host) {
    time.duration_ns = modelled() ? modelled_host_ns(op) : timing.local_ns;
  } else if (events_[number].empty()) {
    time.duration_ns = 0;  // nothing to move
  } else if (modelled() && op.resource == Resource::link &&
             timing.event.origin == TimeOrigin::measured) {
    time.duration_ns = host_op_ns(m_, op);
  } else {
    time.duration_ns = timing.event.duration_ns;
    time.origin = timing.event.origin;
  }
  return time;
}

// Of a launch, what handing it over took: a device that runs it meanwhile has its run time in it.
double ModuleRunner::Call::submission_ns(const OperationTime& launch) {
  const double rest = launch.local_ns - launch.duration_ns;
  return rest >= 0 ? rest : launch.local_ns;
}

void ModuleRunner::Call::account(RunReport& report) const {
  const HostModel& host = m_.target->host;
  for (PhaseTime& p : report.phases) p.origin = m_.target->origin;
  std::vector<double> durations(m_.ops.size(), 0);
  bool any_modelled = modelled();
  for (size_t i = 0; i < m_.ops.size(); ++i) {
    if (!timings_[i].ran) continue;
    const HostOp& op = m_.ops[i];
    OperationTime time = time_of(i);
    double overhead = 0;
    if (op.kind == OpKind::launch) {
      overhead = modelled() ? host_op_ns(m_, op) : submission_ns(time);
      report.phase(RunPhase::launch).ns += overhead;
    }
    PhaseTime& phase = report.phase(time.phase);
    phase.ns += time.duration_ns;
    if (time.duration_ns > 0) {
      phase.origin = time.origin;
      any_modelled |= time.origin == TimeOrigin::modelled;
    }
    if (op.resource == Resource::host) report.local_host_ns += time.local_ns;
    durations[i] = time.duration_ns + overhead;
    time.duration_ns = durations[i];
    report.operations.push_back(std::move(time));
  }
  const Makespan span = makespan(m_.ops, durations);
  for (OperationTime& time : report.operations) {
    time.start_ns = span.start[static_cast<size_t>(time.op)];
  }
  report.total_ns = span.total;
  if (modelled()) {
    report.phase(RunPhase::host).ns += host.call_ns;
    report.total_ns += host.call_ns;
  } else if (!any_modelled) {
    report.total_ns = report.local_wall_ns;
  }
  report.origin = any_modelled ? TimeOrigin::modelled : TimeOrigin::measured;
}

namespace {

// "at.17.instructions" -> statement 17, "instructions"; nothing for other names.
std::optional<std::pair<int, std::string>> read_statement_name(std::string_view name) {
  if (!name.starts_with("at.")) return std::nullopt;
  const char* const end = name.data() + name.size();
  int statement = 0;
  const auto [stop, failed] = std::from_chars(name.data() + 3, end, statement);
  if (failed != std::errc() || statement < 0 || end - stop < 2 || *stop != '.') return std::nullopt;
  return std::pair(statement, std::string(stop + 1, end));
}

// Adds figures of the same name up, in the order in which they come.
class CounterSums {
 public:
  explicit CounterSums(RunReport& report) : report_(report) {}

  void add(int kernel, PluginCounter counter) {
    const auto at = read_statement_name(counter.name);
    if (!at) {
      size_t& place = all_[counter.name];
      sum(place, report_.counters, std::move(counter),
          [](PluginCounter& c) -> PluginCounter& { return c; });
      return;
    }
    counter.name = at->second;
    size_t& place = of_statements_[{kernel, at->first, at->second}];
    sum(place, report_.statement_counters, StatementCounter{kernel, at->first, std::move(counter)},
        [](StatementCounter& c) -> PluginCounter& { return c.counter; });
  }

 private:
  template <typename List, typename Item, typename CounterOf>
  static void sum(size_t& place, List& list, Item item, CounterOf counter_of) {
    if (place == 0) {
      list.push_back(std::move(item));
      place = list.size();
    } else {
      counter_of(list[place - 1]).value += counter_of(item).value;
    }
  }

  RunReport& report_;
  std::map<std::string, size_t> all_;  // place in the list plus 1; 0: new
  std::map<std::tuple<int, int, std::string>, size_t> of_statements_;
};

}  // namespace

Status ModuleRunner::Call::collect_counters(RunReport& report) {
  CounterSums sums(report);
  for (size_t i = 0; i < m_.ops.size(); ++i) {
    if (m_.ops[i].kind != OpKind::launch || events_[i].empty()) continue;
    auto counters = state_.space->device().counters(events_[i]);
    if (!counters) {
      if (counters.error().code == "unsupported") return {};
      return fail(counters.error());
    }
    for (PluginCounter& c : *counters) sums.add(m_.ops[i].kernel, std::move(c));
  }
  return {};
}

}  // namespace pimjit
