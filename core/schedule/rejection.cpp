#include "pimjit/core/schedule/rejection.h"

#include "pimjit/core/schedule/trace.h"
#include "pimjit/core/schedule/trace_names.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

struct CodeText {
  const char* name;
  const char* sentence;
  const char* hint;
};
constexpr CodeText kCodes[] = {
#define PIMJIT_REJECTION(code, sentence, hint) {#code, sentence, hint},
#include "pimjit/core/schedule/rejection.def"
};

template <typename Things>
std::string name_of(const Things& things, int number, const char* what) {
  if (number < 0 || number >= static_cast<int>(things.size())) return cat(what, ' ', number);
  return things[static_cast<size_t>(number)].name;
}

// The loop's name in the schedule, or as the trace would name it.
std::string loop_text(const Rejection& r, const Workload& w, const Schedule* schedule,
                      const Trace* trace) {
  if (r.place == kRoot) return "the kernel";
  if (schedule != nullptr && static_cast<size_t>(r.stage) < schedule->stages.size())
    return loop_name(w, *schedule, r.stage, r.place);
  if (trace == nullptr) return cat("loop ", r.place);
  TraceNames names(w);
  for (const Instruction& in : trace->instructions) names.add(in);
  return names.name(r.stage, r.place);
}

std::string place_text(const Rejection& r, const Workload& w, const TargetDesc& target,
                       const Schedule* schedule, const Trace* trace) {
  const size_t stage = static_cast<size_t>(r.stage);
  switch (r.place_kind) {
    case PlaceKind::none:
      return "the stage";
    case PlaceKind::loop:
      return loop_text(r, w, schedule, trace);
    case PlaceKind::access: {
      const Stage& st = w.stages[stage];
      if (r.place < 0) return w.tensors[static_cast<size_t>(st.output)].name;
      return w.tensors[static_cast<size_t>(st.accesses[static_cast<size_t>(r.place)].tensor)].name;
    }
    case PlaceKind::scope:
      return name_of(target.scopes, r.place, "scope");
    case PlaceKind::level:
      return name_of(target.levels, r.place, "level");
    case PlaceKind::link:
      return name_of(target.links, r.place, "link");
    case PlaceKind::tensor:
      return name_of(w.tensors, r.place, "tensor");
    case PlaceKind::axis:
      return name_of(w.stages[stage].axes, r.place, "axis");
    case PlaceKind::operation:
      return cat(to_string(static_cast<DType>(r.place / 16)), ' ',
                 to_string(static_cast<NumericOp>(r.place % 16)));
  }
  return {};
}

std::string filled(const char* sentence, const std::string& place, const Rejection& r) {
  std::string text;
  for (const char* p = sentence; *p != '\0'; ++p) {
    const std::string_view rest(p);
    if (rest.starts_with("{place}")) {
      text += place;
      p += 6;
    } else if (rest.starts_with("{have}")) {
      text += std::to_string(r.have);
      p += 5;
    } else if (rest.starts_with("{limit}")) {
      text += std::to_string(r.limit);
      p += 6;
    } else {
      text += *p;
    }
  }
  return text;
}

}  // namespace

const char* to_string(RejectionCode code) {
  return kCodes[static_cast<size_t>(code)].name;
}

Error render(const Rejection& r, const Workload& workload, const TargetDesc& target,
             const Schedule* schedule, const Trace* trace) {
  const CodeText& code = kCodes[static_cast<size_t>(r.code)];
  const std::string place = place_text(r, workload, target, schedule, trace);
  std::string where;
  if (trace != nullptr && r.instruction >= 0 &&
      r.instruction < static_cast<int>(trace->instructions.size())) {
    where = cat("instruction ", r.instruction, ": ",
                instruction_text(*trace, r.instruction, workload, target));
  } else if (workload.stages.size() > 1) {
    where = cat("stage ", static_cast<int>(r.stage));
  }
  return user_error(code.name, filled(code.sentence, place, r), where, filled(code.hint, place, r));
}

}  // namespace pimjit
