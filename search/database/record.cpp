#include "pimjit/search/database/record.h"

#include <map>

#include "pimjit/core/support/hash.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

constexpr const char* kVerdictNames[kVerdicts] = {
    "ok", "wrong", "rejected", "build_error", "device_error", "timeout", "crash"};

}  // namespace

const char* to_string(Verdict verdict) {
  return kVerdictNames[static_cast<size_t>(verdict)];
}

Result<Verdict> verdict_named(const std::string& name) {
  for (size_t v = 0; v < kVerdicts; ++v) {
    if (name == kVerdictNames[v]) return static_cast<Verdict>(v);
  }
  return fail(user_error("bad_record", cat("'", name, "' is no verdict"), {},
                         "verdicts: ok wrong rejected build_error device_error timeout crash"));
}

RecordKey key_of(const Workload& workload, const TargetDesc& target,
                 const std::string& plugin_build) {
  return {workload_key(workload), shape_free_key(workload), structure_key(target),
          model_key(target, plugin_build)};
}

Workload canonical_names(const Workload& workload) {
  Workload plain = workload;
  for (size_t t = 0; t < plain.tensors.size(); ++t) plain.tensors[t].name = cat("t", t);
  std::map<std::string, std::string> names;
  for (Stage& stage : plain.stages) {
    for (Axis& axis : stage.axes) {
      axis.name = names.emplace(axis.name, cat("a", names.size())).first->second;
    }
  }
  return plain;
}

std::string canonical_trace(const Trace& trace, const Workload& workload,
                            const TargetDesc& target) {
  return to_line(trace, canonical_names(workload), target);
}

Result<Trace> read_canonical_trace(const std::string& text, const Workload& workload,
                                   const TargetDesc& target) {
  return parse_trace(text, canonical_names(workload), target);
}

std::string record_id(const Record& record) {
  return hex64(hash_text(to_json_line(record)));
}

}  // namespace pimjit
