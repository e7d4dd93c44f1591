#include "pimjit/search/measure/worker_messages.h"

#include <nlohmann/json.hpp>

#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

using Json = nlohmann::ordered_json;

Error bad(const std::string& what) {
  return internal_error("bad_message", cat("between pimjit and its worker: ", what), {},
                        "are both of the same build?");
}

// The object in a line, if `member` in it is of type `kind`.
Result<Json> object_with(const std::string& line, const char* member, Json::value_t kind) {
  Json object = Json::parse(line, nullptr, false);
  if (!object.is_object()) return fail(bad("a line is no JSON object"));
  const auto at = object.find(member);
  if (at == object.end()) return fail(bad(cat("a line has no \"", member, "\"")));
  const bool fits = at->type() == kind ||
                    (kind == Json::value_t::number_unsigned && at->is_number_integer() && *at >= 0);
  if (!fits) return fail(bad(cat("\"", member, "\" has the wrong type")));
  return object;
}

std::string dumped(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Origin origin_named(const std::string& name) {
  for (const Origin origin : {Origin::user, Origin::target}) {
    if (name == to_string(origin)) return origin;
  }
  return Origin::internal;
}

// The text in a member, "" where there is none.
std::string text_in(const Json& object, const char* member) {
  const auto at = object.find(member);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

Status read_tensors(const Json& tensors, NotationOptions& options) {
  for (const auto& [name, about] : tensors.items()) {
    if (!about.is_object()) return fail(bad("a tensor is no object"));
    const auto type = parse_dtype(text_in(about, "type"));
    if (!type) return fail(bad(cat("tensor ", name, " has no type")));
    options.dtypes[name] = *type;
    const auto range = about.find("range");
    if (range == about.end()) continue;
    if (!range->is_array() || range->size() != 2 || !(*range)[0].is_number_integer() ||
        !(*range)[1].is_number_integer()) {
      return fail(bad(cat("the range of tensor ", name, " is no pair of integers")));
    }
    options.ranges[name] = {(*range)[0].get<int64_t>(), (*range)[1].get<int64_t>()};
  }
  return {};
}

}  // namespace

WorkerTask task_of(const Problem& problem, int64_t memory_bytes) {
  const Workload& w = *problem.workload;
  WorkerTask task;
  task.notation = to_text(w);
  for (const Stage& stage : w.stages) {
    for (const Axis& axis : stage.axes) task.options.sizes[axis.name] = axis.extent;
  }
  for (const Tensor& tensor : w.tensors) {
    task.options.dtypes[tensor.name] = tensor.dtype;
    if (tensor.range) task.options.ranges[tensor.name] = *tensor.range;
  }
  task.workload = workload_key(w);
  task.target = problem.target.name;
  task.plugin = problem.target.file.manifest_path;
  task.seed = problem.seed;
  task.memory_bytes = memory_bytes;
  return task;
}

std::string to_json_line(const WorkerTask& task) {
  Json tensors = Json::object();
  for (const auto& [name, type] : task.options.dtypes) {
    tensors[name] = {{"type", to_string(type)}};
    const auto range = task.options.ranges.find(name);
    if (range != task.options.ranges.end()) {
      tensors[name]["range"] = Json::array({range->second.low, range->second.high});
    }
  }
  return dumped({{"protocol", kWorkerProtocol},
                 {"notation", task.notation},
                 {"sizes", task.options.sizes},
                 {"tensors", std::move(tensors)},
                 {"workload", task.workload},
                 {"target", task.target},
                 {"plugin", task.plugin},
                 {"seed", task.seed},
                 {"memory_bytes", task.memory_bytes}});
}

Result<WorkerTask> task_from_json_line(const std::string& line) {
  Result<Json> object = object_with(line, "protocol", Json::value_t::number_unsigned);
  if (!object) return fail(object.error());
  if ((*object)["protocol"] != kWorkerProtocol) {
    return fail(bad(
        cat("protocol ", dumped((*object)["protocol"]), ", this worker speaks ", kWorkerProtocol)));
  }
  for (const auto& [member, kind] : {std::pair{"sizes", Json::value_t::object},
                                     {"tensors", Json::value_t::object},
                                     {"seed", Json::value_t::number_unsigned},
                                     {"memory_bytes", Json::value_t::number_unsigned}}) {
    if (auto checked = object_with(line, member, kind); !checked) return fail(checked.error());
  }
  WorkerTask task;
  task.notation = text_in(*object, "notation");
  task.workload = text_in(*object, "workload");
  task.target = text_in(*object, "target");
  task.plugin = text_in(*object, "plugin");
  task.seed = (*object)["seed"].get<uint64_t>();
  task.memory_bytes = (*object)["memory_bytes"].get<int64_t>();
  for (const auto& [axis, extent] : (*object)["sizes"].items()) {
    if (!extent.is_number_integer()) return fail(bad(cat("axis ", axis, " has no extent")));
    task.options.sizes[axis] = extent.get<int64_t>();
  }
  if (Status read = read_tensors((*object)["tensors"], task.options); !read) {
    return fail(read.error());
  }
  return task;
}

std::string greeting_line(const Status& ready) {
  if (ready) return dumped({{"ready", true}});
  const Error& e = ready.error();
  return dumped({{"ready", false},
                 {"origin", to_string(e.origin)},
                 {"code", e.code},
                 {"what", e.what},
                 {"where", e.where},
                 {"hint", e.hint}});
}

Status read_greeting(const std::string& line) {
  const Result<Json> object = object_with(line, "ready", Json::value_t::boolean);
  if (!object) return fail(object.error());
  if ((*object)["ready"].get<bool>()) return {};
  return fail(Error{origin_named(text_in(*object, "origin")), text_in(*object, "code"),
                    text_in(*object, "what"), text_in(*object, "where"), text_in(*object, "hint"),
                    nullptr});
}

std::string trial_line(const std::string& canonical_trace) {
  return dumped({{"trace", canonical_trace}});
}

Result<std::string> read_trial(const std::string& line) {
  const Result<Json> object = object_with(line, "trace", Json::value_t::string);
  if (!object) return fail(object.error());
  return text_in(*object, "trace");
}

std::string to_json_line(const Outcome& outcome) {
  Record record;
  static_cast<Measurement&>(record) = outcome;
  return dumped({{"record", to_json_line(record)},
                 {"seconds", Json::array({outcome.build_s, outcome.run_s, outcome.gate_s})}});
}

Result<Outcome> outcome_from_json_line(const std::string& line) {
  const Result<Json> object = object_with(line, "record", Json::value_t::string);
  if (!object) return fail(object.error());
  Result<Record> record = from_json_line(text_in(*object, "record"));
  if (!record) return fail(bad(record.error().what));
  Outcome outcome(std::move(*record));
  const auto seconds = object->find("seconds");
  const bool timed = seconds != object->end() && seconds->is_array() && seconds->size() == 3 &&
                     (*seconds)[0].is_number() && (*seconds)[1].is_number() &&
                     (*seconds)[2].is_number();
  if (!timed) return fail(bad("an outcome without its three times"));
  outcome.build_s = (*seconds)[0].get<double>();
  outcome.run_s = (*seconds)[1].get<double>();
  outcome.gate_s = (*seconds)[2].get<double>();
  return outcome;
}

}  // namespace pimjit
