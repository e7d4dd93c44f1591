#include <cmath>

#include <nlohmann/json.hpp>

#include "pimjit/core/support/text.h"
#include "pimjit/search/database/record.h"

namespace pimjit {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kRecordVersion = 1;
constexpr const char* kPhases[6] = {"upload_ns", "h2d_ns", "launch_ns",
                                    "kernel_ns", "d2h_ns", "host_ns"};
constexpr const char* kMembers[] = {"v",        "workload", "target",  "trace", "result",
                                    "verified", "session",  "version", "time"};

Json result_of(const Record& r) {
  Json result = {{"verdict", to_string(r.verdict)}};
  if (!r.detail.empty()) result["detail"] = r.detail;
  if (!r.ok()) return result;
  result["origin"] = to_string(r.origin);
  result["total_ns"] = r.total_ns;
  for (size_t p = 0; p < 6; ++p) result[kPhases[p]] = r.phase_ns[p];
  result["runs"] = r.runs;
  result["spread"] = r.spread;
  result["data"] = r.data;
  return result;
}

Json json_of_record(const Record& r) {
  Json line = {{"v", kRecordVersion},
               {"workload",
                {{"key", r.key.workload},
                 {"computation", r.key.computation},
                 {"notation", r.notation},
                 {"sizes", r.sizes}}},
               {"target",
                {{"structure", r.key.structure},
                 {"model", r.key.model},
                 {"name", r.target},
                 {"plugin", r.plugin_build},
                 {"description", r.structure_text}}},
               {"trace", r.trace},
               {"result", result_of(r)},
               {"verified", nullptr},
               {"session", nullptr},
               {"version", r.version},
               {"time", r.time}};
  if (!r.verified.method.empty()) {
    line["verified"] = {{"method", r.verified.method},
                        {"elements", r.verified.elements},
                        {"units", r.verified.units},
                        {"max_error", r.verified.max_error},
                        {"seed", r.verified.seed}};
  }
  if (!r.session.empty()) line["session"] = {{"id", r.session}, {"trial", r.trial}};
  if (!r.extra.empty()) {
    const Json extra = Json::parse(r.extra, nullptr, false);
    if (extra.is_object()) {
      for (const auto& [name, value] : extra.items()) line[name] = value;
    }
  }
  return line;
}

// Reads members of known type and remembers the first that is missing or of another type.
class Members {
 public:
  Members(const Json& object, std::string place) : object_(object), place_(std::move(place)) {}

  template <typename Value>
  void read(const char* name, Value& value) {
    const auto at = object_.is_object() ? object_.find(name) : object_.end();
    if (at == object_.end()) return miss(name, "is missing");
    if (!fits(*at, value)) return miss(name, "has the wrong type");
    value = at->template get<Value>();
  }
  const std::string& problem() const { return problem_; }

 private:
  static bool fits(const Json& json, const std::string&) { return json.is_string(); }
  static bool fits(const Json& json, double) {
    return json.is_number() && std::isfinite(json.get<double>());
  }
  static bool fits(const Json& json, int64_t) { return json.is_number_integer(); }
  static bool fits(const Json& json, uint64_t) { return json.is_number_integer(); }
  void miss(const char* name, const char* what) {
    if (problem_.empty()) problem_ = cat("'", place_, name, "' ", what);
  }

  const Json& object_;
  std::string place_, problem_;
};

const Json& member(const Json& object, const char* name) {
  static const Json kNull;
  const auto at = object.find(name);
  return at == object.end() ? kNull : *at;
}

Error bad(const std::string& what) {
  return user_error("bad_record", cat("this is no record: ", what), {},
                    "one line of JSON per record, as `pimjit db export` writes them");
}

Status read_result(const Json& line, Record& r) {
  const Json& result = member(line, "result");
  Members members(result, "result.");
  std::string verdict;
  members.read("verdict", verdict);
  if (!members.problem().empty()) return fail(bad(members.problem()));
  const Result<Verdict> known = verdict_named(verdict);
  if (!known) return fail(known.error());
  r.verdict = *known;
  if (result.contains("detail")) members.read("detail", r.detail);
  if (r.ok()) {
    std::string origin;
    members.read("origin", origin);
    members.read("total_ns", r.total_ns);
    for (size_t p = 0; p < 6; ++p) members.read(kPhases[p], r.phase_ns[p]);
    members.read("runs", r.runs);
    members.read("spread", r.spread);
    members.read("data", r.data);
    r.origin =
        origin == to_string(TimeOrigin::measured) ? TimeOrigin::measured : TimeOrigin::modelled;
    if (origin != to_string(r.origin)) return fail(bad("'result.origin' is no origin of times"));
    if (!(r.total_ns > 0)) return fail(bad("'result.total_ns' is not positive"));
  }
  if (!members.problem().empty()) return fail(bad(members.problem()));
  return {};
}

Status read_rest(const Json& line, Record& r) {
  const Json& verified = member(line, "verified");
  if (!verified.is_null()) {
    Members members(verified, "verified.");
    members.read("method", r.verified.method);
    members.read("elements", r.verified.elements);
    members.read("units", r.verified.units);
    members.read("max_error", r.verified.max_error);
    members.read("seed", r.verified.seed);
    if (!members.problem().empty()) return fail(bad(members.problem()));
  }
  if (r.ok() && r.verified.method.empty()) {
    return fail(bad("its verdict is ok and nothing says how it was verified"));
  }
  const Json& session = member(line, "session");
  if (!session.is_null()) {
    Members members(session, "session.");
    members.read("id", r.session);
    members.read("trial", r.trial);
    if (!members.problem().empty()) return fail(bad(members.problem()));
  }
  return {};
}

std::string unknown_members(const Json& line) {
  Json extra = Json::object();
  for (const auto& [name, value] : line.items()) {
    bool known = false;
    for (const char* of : kMembers) known = known || name == of;
    if (!known) extra[name] = value;
  }
  return extra.empty() ? std::string() : extra.dump();
}

}  // namespace

std::string to_json_line(const Record& record) {
  return json_of_record(record).dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Record> from_json_line(const std::string& text) {
  const Json line = Json::parse(text, nullptr, false);
  if (!line.is_object()) return fail(bad("it is no JSON object"));
  int64_t version = 0;
  Members top(line, "");
  top.read("v", version);
  if (!top.problem().empty()) return fail(bad(top.problem()));
  if (version > kRecordVersion) {
    return fail(user_error(
        "newer_record",
        cat("a record of version ", version, ", this pimjit reads up to ", kRecordVersion), {},
        "import it with a newer pimjit"));
  }
  Record r;
  Members workload(member(line, "workload"), "workload.");
  workload.read("key", r.key.workload);
  workload.read("computation", r.key.computation);
  workload.read("notation", r.notation);
  workload.read("sizes", r.sizes);
  Members target(member(line, "target"), "target.");
  target.read("structure", r.key.structure);
  target.read("model", r.key.model);
  target.read("name", r.target);
  target.read("plugin", r.plugin_build);
  target.read("description", r.structure_text);
  top.read("trace", r.trace);
  top.read("version", r.version);
  top.read("time", r.time);
  for (const Members* members : {&workload, &target, &top}) {
    if (!members->problem().empty()) return fail(bad(members->problem()));
  }
  if (Status read = read_result(line, r); !read) return fail(read.error());
  if (Status read = read_rest(line, r); !read) return fail(read.error());
  r.extra = unknown_members(line);
  return r;
}

}  // namespace pimjit
