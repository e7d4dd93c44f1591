#ifndef PIMJIT_CORE_SCHEDULE_REJECTION_H_
#define PIMJIT_CORE_SCHEDULE_REJECTION_H_

#include <cstdint>
#include <string>

#include <tl/expected.hpp>

#include "pimjit/core/support/error.h"

namespace pimjit {

struct Schedule;
struct Trace;
struct TargetDesc;
struct Workload;

// Why a schedule is illegal: the condition, where, and the two numbers that conflict. A plain value
// of a few words, cheap to make and to count in the search; text is made on demand only. Every code
// is listed once, in rejection.def.
enum class RejectionCode : uint8_t {
#define PIMJIT_REJECTION(code, sentence, hint) code,
#include "pimjit/core/schedule/rejection.def"
};

// What `place` counts.
// `operation`: 16 * DType + NumericOp.
enum class PlaceKind : uint8_t { none, loop, access, scope, level, link, tensor, axis, operation };

struct Rejection {
  RejectionCode code;
  int16_t instruction = -1;  // position in the trace; -1: the schedule as a whole
  int8_t stage = 0;
  PlaceKind place_kind = PlaceKind::none;
  int32_t place = -1;  // loop id, access number, scope index ...
  int64_t have = 0;
  int64_t limit = 0;
};

template <typename T>
using Legal = tl::expected<T, Rejection>;
inline tl::unexpected<Rejection> reject(Rejection rejection) {
  return tl::unexpected<Rejection>(rejection);
}

const char* to_string(RejectionCode code);
// The sentence of the code with its place and numbers, the instruction at fault where `trace` is
// known, and a hint. `schedule` and `trace` give names to loops; each may be null.
Error render(const Rejection& rejection, const Workload& workload, const TargetDesc& target,
             const Schedule* schedule, const Trace* trace);

}  // namespace pimjit

#endif  // PIMJIT_CORE_SCHEDULE_REJECTION_H_
