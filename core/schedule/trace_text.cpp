#include <algorithm>

#include "pimjit/core/schedule/instructions.h"
#include "pimjit/core/schedule/trace_names.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

bool is_word(const std::string& text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !text.empty() && (letter(text[0]) || text[0] == '_') &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return letter(c) || digit(c) || c == '_'; });
}

std::string quoted(const std::string& text) {
  if (is_word(text)) return text;
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (char c : text) {
    const unsigned char byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 32 || byte > 126) {
      out += "\\x";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

template <typename Things>
std::string named(const Things& things, int number) {
  if (number < 0 || number >= static_cast<int>(things.size())) return cat('#', number);
  return things[static_cast<size_t>(number)].name;
}

class Printer {
 public:
  Printer(const Trace& trace, const Workload& workload, const TargetDesc& target)
      : trace_(trace), workload_(workload), target_(target), names_(workload) {}

  // Instructions have to be printed in order: each may name loops for the following.
  std::string print(const Instruction& in) {
    const std::string prefix = in.stage == 0 ? "" : cat("stage ", static_cast<int>(in.stage), ": ");
    std::vector<std::string> arguments = loops(in);
    add_rest(in, arguments);
    const std::string call = cat(to_string(in.kind), '(', join(arguments, ", "), ')');
    // Loops without names of their own get their numbers back when the left side is left out.
    std::vector<std::string> results;
    for (LoopId made : names_.add(in)) results.push_back(names_.name(in.stage, made));
    const auto unnamed = [](const std::string& name) { return name[0] == '#'; };
    if (results.empty() || std::any_of(results.begin(), results.end(), unnamed))
      return prefix + call;
    return cat(prefix, join(results, ", "), " = ", call);
  }

 private:
  static bool has_position(PrimitiveKind kind) {
    return kind == PrimitiveKind::cache_read || kind == PrimitiveKind::cache_write ||
           kind == PrimitiveKind::decompose_reduction;
  }

  std::vector<std::string> loops(const Instruction& in) const {
    std::vector<std::string> text;
    if (has_position(in.kind)) return text;
    for (int l = 0; l < in.loop_count; ++l)
      text.push_back(names_.name(in.stage, in.loops[static_cast<size_t>(l)]));
    return text;
  }

  void add_rest(const Instruction& in, std::vector<std::string>& text) const {
    if (in.kind == PrimitiveKind::cache_read)
      text.push_back(access_name(workload_, in.stage, in.access));
    if (in.kind == PrimitiveKind::place) text.push_back(named(workload_.tensors, in.access));
    if (in.kind == PrimitiveKind::bind) text.push_back(named(target_.levels, in.level));
    if (in.kind == PrimitiveKind::cache_read || in.kind == PrimitiveKind::cache_write ||
        in.kind == PrimitiveKind::place)
      text.push_back(named(target_.scopes, in.scope));
    if (in.kind == PrimitiveKind::annotate) text.push_back(annotation(in.name));
    for (int d = 0; d < in.decision_count; ++d)
      text.push_back(decision(in.decisions[static_cast<size_t>(d)]));
    if (has_position(in.kind) && position_of(in) != kRoot)
      text.push_back(cat("at=", names_.name(in.stage, position_of(in))));
    if (in.edge == Edge::pad) text.push_back("edge=pad");
    if (in.kind == PrimitiveKind::place)
      text.push_back(in.residency == Residency::resident ? "resident" : "streamed");
    if (in.narrow) text.push_back("narrow");
  }

  std::string annotation(int name) const {
    const bool known = name >= 0 && name < static_cast<int>(trace_.names.size());
    return known ? quoted(trace_.names[static_cast<size_t>(name)]) : cat('#', name);
  }

  std::string decision(const Decision& d) const {
    switch (d.kind) {
      case DecisionKind::absolute:
        return std::to_string(d.n);
      case DecisionKind::ratio:
        return cat("ratio ", d.n, '/', d.d);
      case DecisionKind::fills:
        return cat("fills ", named(target_.scopes, d.scope), '/', d.d);
      case DecisionKind::all:
        return "all";
    }
    return {};
  }

  const Trace& trace_;
  const Workload& workload_;
  const TargetDesc& target_;
  TraceNames names_;
};

std::string print_all(const Trace& trace, const Workload& workload, const TargetDesc& target,
                      const char* separator) {
  Printer printer(trace, workload, target);
  std::vector<std::string> lines;
  for (const Instruction& in : trace.instructions) lines.push_back(printer.print(in));
  return join(lines, separator);
}

}  // namespace

const char* to_string(PrimitiveKind kind) {
  static constexpr const char* kNames[] = {
      "split",   "fuse",       "reorder",     "bind",
      "rfactor", "cache_read", "cache_write", "decompose_reduction",
      "unroll",  "vectorize",  "parallel",    "place",
      "annotate"};
  return kNames[static_cast<size_t>(kind)];
}

TraceNames::TraceNames(const Workload& workload) {
  for (const Stage& stage : workload.stages) {
    names_.emplace_back();
    for (const Axis& axis : stage.axes) names_.back().push_back(axis.name);
  }
}

std::vector<LoopId> TraceNames::add(const Instruction& in) {
  std::vector<LoopId> made;
  const bool makes = in.kind == PrimitiveKind::split || in.kind == PrimitiveKind::fuse;
  if (!makes || in.stage < 0 || in.stage >= stages()) return made;
  std::vector<std::string>& names = names_[static_cast<size_t>(in.stage)];
  const auto add_name = [&](std::string name) {
    const bool taken = std::find(names.begin(), names.end(), name) != names.end();
    made.push_back(static_cast<LoopId>(names.size()));
    names.push_back(taken ? cat('#', names.size()) : std::move(name));
  };
  if (in.kind == PrimitiveKind::split) {
    const std::string parent = name(in.stage, in.loops[0]);
    for (int part = 0; part <= in.decision_count; ++part) add_name(cat(parent, '.', part));
    return made;
  }
  std::vector<std::string> members;
  for (int l = 0; l < in.loop_count; ++l)
    members.push_back(name(in.stage, in.loops[static_cast<size_t>(l)]));
  add_name(join(members, "*"));
  return made;
}

std::string TraceNames::name(int stage, LoopId loop) const {
  const bool known = stage >= 0 && stage < stages() && loop >= 0 &&
                     loop < static_cast<int>(names_[static_cast<size_t>(stage)].size());
  return known ? names_[static_cast<size_t>(stage)][static_cast<size_t>(loop)] : cat('#', loop);
}

std::string access_name(const Workload& workload, int stage, int access) {
  const bool known_stage = stage >= 0 && stage < static_cast<int>(workload.stages.size());
  if (!known_stage) return cat('#', access);
  const std::vector<Access>& accesses = workload.stages[static_cast<size_t>(stage)].accesses;
  if (access < 0 || access >= static_cast<int>(accesses.size())) return cat('#', access);
  const int tensor = accesses[static_cast<size_t>(access)].tensor;
  int before = 0, all = 0;
  for (size_t a = 0; a < accesses.size(); ++a) {
    if (accesses[a].tensor != tensor) continue;
    ++all;
    if (static_cast<int>(a) < access) ++before;
  }
  const std::string& name = workload.tensors[static_cast<size_t>(tensor)].name;
  return all == 1 ? name : cat(name, '#', before);
}

std::string to_text(const Trace& trace, const Workload& workload, const TargetDesc& target) {
  return print_all(trace, workload, target, "\n");
}

std::string to_line(const Trace& trace, const Workload& workload, const TargetDesc& target) {
  return print_all(trace, workload, target, "; ");
}

std::string instruction_text(const Trace& trace, int position, const Workload& workload,
                             const TargetDesc& target) {
  Printer printer(trace, workload, target);
  std::string text;
  for (int i = 0; i <= position; ++i)
    text = printer.print(trace.instructions[static_cast<size_t>(i)]);
  return text;
}

}  // namespace pimjit
