#ifndef PIMJIT_SEARCH_DATABASE_RECORD_H_
#define PIMJIT_SEARCH_DATABASE_RECORD_H_

#include <array>
#include <cstdint>
#include <string>

#include "pimjit/core/schedule/trace.h"
#include "pimjit/core/target/target_desc.h"
#include "pimjit/core/workload/workload.h"

namespace pimjit {

// What became of one measured candidate. Values; any thread. docs/records.md.
enum class Verdict : uint8_t { ok, wrong, rejected, build_error, device_error, timeout, crash };
inline constexpr int kVerdicts = 7;
const char* to_string(Verdict verdict);
// Error (user) "bad_record" for a name that is none.
Result<Verdict> verdict_named(const std::string& name);

// Under what a record is found. Times are compared under equal keys only; schedules are found under
// equal `computation` and `structure` too.
struct RecordKey {
  std::string workload;     // workload_key: sizes, types and ranges included
  std::string computation;  // shape_free_key
  std::string structure;    // structure_key of the target
  std::string model;        // model_key of the target and its plugin
  bool operator==(const RecordKey&) const = default;
};
RecordKey key_of(const Workload& workload, const TargetDesc& target,
                 const std::string& plugin_build);

// What speaks for the results of a schedule.
struct Verification {
  std::string method;    // "exact", "error bound, sampled", ...; empty: not checked
  int64_t elements = 0;  // of the output, checked
  int64_t units = 0;     // instances of the unit level that wrote them; 0: all of them
  double max_error = 0;
  uint64_t seed = 0;  // of the gate data
};

// What measuring one schedule gave.
struct Measurement {
  Verdict verdict = Verdict::ok;
  std::string detail;  // of a verdict other than ok: code and sentence
  double total_ns = 0;
  std::array<double, 6> phase_ns{};  // upload, h2d, launch, kernel, d2h, host
  TimeOrigin origin = TimeOrigin::modelled;
  int64_t runs = 1;   // calls the time was taken from
  double spread = 0;  // of measured times: interquartile range over median
  Verification verified;

  bool ok() const { return verdict == Verdict::ok; }
};

// One measurement of one schedule, with what it was taken of.
struct Record : Measurement {
  RecordKey key;
  // For people, and to tell what differs; no part of the key.
  std::string notation, sizes, target, plugin_build, structure_text;

  std::string trace;    // canonical_trace
  std::string data;     // the data the time was taken on
  std::string session;  // empty outside of a tuning session
  int64_t trial = 0;    // in the session
  int64_t time = 0;     // seconds since 1970
  std::string version;  // of pimjit
  std::string extra;    // members of the JSON line that this version does not know, as JSON
};

// The computation with names that depend on its key only: axes a0, a1, ... in order of first
// appearance, tensors t0, t1, ... by number.
Workload canonical_names(const Workload& workload);
// A trace as one line in these names, so that it fits every workload of the same key.
std::string canonical_trace(const Trace& trace, const Workload& workload, const TargetDesc& target);
// Errors (user): as parse_trace.
Result<Trace> read_canonical_trace(const std::string& text, const Workload& workload,
                                   const TargetDesc& target);

// One line of JSON without a line feed, members in fixed order; equal records give equal lines.
std::string to_json_line(const Record& record);
// Errors (user): "bad_record" with what is wrong; "newer_record" for a later version of the form.
Result<Record> from_json_line(const std::string& line);
// Names a record by its contents: 16 hexadecimal digits over its line.
std::string record_id(const Record& record);

}  // namespace pimjit

#endif  // PIMJIT_SEARCH_DATABASE_RECORD_H_
