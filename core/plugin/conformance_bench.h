#ifndef PIMJIT_CORE_PLUGIN_CONFORMANCE_BENCH_H_
#define PIMJIT_CORE_PLUGIN_CONFORMANCE_BENCH_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "pimjit/core/plugin/conformance.h"

namespace pimjit::conformance {

// What one check found.
struct Verdict {
  CheckOutcome outcome = CheckOutcome::pass;
  std::string text;
};
inline Verdict pass(std::string remark = {}) {
  return {CheckOutcome::pass, std::move(remark)};
}
inline Verdict failed(std::string why) {
  return {CheckOutcome::fail, std::move(why)};
}
inline Verdict skipped(std::string why) {
  return {CheckOutcome::skipped, std::move(why)};
}
Verdict failed(const Error& error);

// Whether `code` was answered, with a text: the plugin has to refuse, and say why.
Verdict refused(const Status& answer, const std::string& code);
template <typename T>
Verdict refused(const Result<T>& answer, const std::string& code) {
  return refused(answer ? Status{} : Status{fail(answer.error())}, code);
}

using Bytes = std::vector<std::byte>;
using UnitBytes = std::vector<Bytes>;  // per unit

// The plugin under check, its machine, and the sizes that fit the machine.
class Bench {
 public:
  Bench(const Plugin& plugin, const TargetDesc& target, ConformanceReport& report);

  void run(const char* group, const std::string& name, const std::function<Verdict()>& check);

  const Plugin& plugin() const { return plugin_; }
  const TargetDesc& target() const { return target_; }
  Device device;  // opened by the caller; empty when that failed

  int home() const { return home_; }
  bool direct() const;  // the host works on the home scope in place
  uint64_t units() const { return units_; }
  const Link* to_device() const { return to_device_; }
  const Link* from_device() const { return from_device_; }
  // Bytes that every copy, alignment and granule of the home scope divides; at least 8.
  uint64_t piece() const { return piece_; }

  // Distinct bytes for each of `units` units.
  UnitBytes pattern(const char* name, uint64_t units, uint64_t bytes) const;
  Result<DeviceMemory> alloc(uint64_t bytes) const;
  // Moves units [first, first + data.size()) and waits.
  Status put(const DeviceMemory& memory, const UnitBytes& data, uint64_t offset = 0,
             uint64_t first = 0) const;
  Result<UnitBytes> get(const DeviceMemory& memory, uint64_t bytes, uint64_t count,
                        uint64_t offset = 0, uint64_t first = 0) const;

 private:
  Result<Event> move(CopyDirection direction, const DeviceMemory& memory,
                     std::vector<void*> pointers, uint64_t bytes, uint64_t offset,
                     uint64_t first) const;

  const Plugin& plugin_;
  const TargetDesc& target_;
  ConformanceReport& report_;
  int home_;
  uint64_t units_, piece_;
  const Link* to_device_ = nullptr;
  const Link* from_device_ = nullptr;
};

// "" or where two memories differ first.
std::string difference(const UnitBytes& got, const UnitBytes& want, uint64_t first_unit = 0);

void check_table(Bench& bench);
void check_memory(Bench& bench);
void check_copies(Bench& bench);
void check_refused_copies(Bench& bench);
void check_events(Bench& bench);
void check_building(Bench& bench);
void check_launches(Bench& bench);
void check_life(Bench& bench);

}  // namespace pimjit::conformance

#endif  // PIMJIT_CORE_PLUGIN_CONFORMANCE_BENCH_H_
