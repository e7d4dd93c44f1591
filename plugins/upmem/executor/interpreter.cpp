// The inner loop: everything that touches only the thread's registers and WRAM. Threaded code: each
// handler ends by jumping to the next one, so that the branch predictor sees one site per
// operation.
#include <bit>
#include <cstring>

#include "pimjit/plugins/upmem/executor/conditions.h"
#include "pimjit/plugins/upmem/executor/executor.h"
#include "pimjit/plugins/upmem/executor/handlers.h"

static_assert(std::endian::native == std::endian::little, "WRAM is kept in host byte order");

namespace pimjit::upmem {
namespace {

inline std::uint32_t equal_bytes(std::uint32_t difference) {
  std::uint32_t result = 0;
  for (int byte = 0; byte < 32; byte += 8)
    if ((difference >> byte & 0xff) == 0) result |= 1u << byte;
  return result;
}

constexpr std::uint32_t kWramMask = kWramBytes - 1;

template <typename T>
inline bool accessible(std::uint32_t address) {
  return (address & (~kWramMask | (sizeof(T) - 1))) == 0;
}

template <typename T>
inline T load_from(const std::uint8_t* wram, std::uint32_t address) {
  T value;
  std::memcpy(&value, wram + address, sizeof value);
  return value;
}

// The value of a load that is extended into a pair; rare, so it may branch on the operation.
std::uint32_t load_extended(Op action, const std::uint8_t* at) {
  switch (action) {
#define PIMJIT_SUM(...)
#define PIMJIT_DIFFERENCE(...)
#define PIMJIT_ALU(...)
#define PIMJIT_STORE(...)
#define PIMJIT_LOAD(op, type, expression)          \
  case Op::op: {                                   \
    const type v = load_from<type>(at, 0);         \
    return static_cast<std::uint32_t>(expression); \
  }
#include "pimjit/plugins/upmem/executor/semantics.def"
#undef PIMJIT_LOAD
#undef PIMJIT_STORE
#undef PIMJIT_ALU
#undef PIMJIT_DIFFERENCE
#undef PIMJIT_SUM
    default:
      return 0;
  }
}

std::uint32_t size_of_load(Op action) {
  switch (action) {
    case Op::lbu:
    case Op::lbs:
    case Op::lbu_be:
    case Op::lbs_be:
      return 1;
    case Op::lhu:
    case Op::lhs:
    case Op::lhu_be:
    case Op::lhs_be:
      return 2;
    default:
      return 4;
  }
}

void write_pair(std::uint32_t* r, const Slot& slot, std::uint32_t value) {
  r[slot.c + 1] = value;
  r[slot.c] = (slot.finish & kFinishSigned) && value >> 31 ? 0xffffffffu : 0u;
}

}  // namespace

#define PIMJIT_UL(x) static_cast<std::uint32_t>((x)&0xff)
#define PIMJIT_UH(x) static_cast<std::uint32_t>((x) >> 8 & 0xff)
#define PIMJIT_SL(x) static_cast<std::uint32_t>(static_cast<std::int8_t>(x))
#define PIMJIT_SH(x) static_cast<std::uint32_t>(static_cast<std::int8_t>((x) >> 8))

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"

std::uint64_t Executor::run_ahead(unsigned thread, std::uint64_t max) {
  static const void* const kLabels[] = {&&at_interact,
#define PIMJIT_THREE(op) &&at_##op, &&at_##op##_branch, &&at_##op##_other,
#define PIMJIT_SUM(op, ...) PIMJIT_THREE(op)
#define PIMJIT_DIFFERENCE(op, ...) PIMJIT_THREE(op)
#define PIMJIT_ALU(op, ...) PIMJIT_THREE(op)
#define PIMJIT_LOAD(op, ...) &&at_##op,
#define PIMJIT_STORE(op, ...) &&at_##op,
#include "pimjit/plugins/upmem/executor/semantics.def"
#undef PIMJIT_THREE
#undef PIMJIT_SUM
#undef PIMJIT_DIFFERENCE
#undef PIMJIT_ALU
#undef PIMJIT_LOAD
#undef PIMJIT_STORE
                                        &&at_mul_step, &&at_div_step, &&at_movd, &&at_swapd,
                                        &&at_call,     &&at_nothing,  &&at_ld,   &&at_sd,
                                        &&at_sd_value, &&at_wide_load};
  static_assert(sizeof kLabels / sizeof kLabels[0] == static_cast<std::size_t>(Handler::count));

  Thread& state = threads_[thread];
  if (fault_ || max == 0 || !running(thread)) return 0;
  const Slot* const base = program_->slots();
  const Slot* s = base + state.pc;
  std::uint32_t* const r = state.regs;
  std::uint8_t* const wram = wram_.data();
  std::uint64_t* const issued_at = issued_at_.data();
  std::uint32_t zero_source = state.zero_source, carry = state.carry;
  std::uint64_t left = max;
  Outcome32 o{};
  FaultCause cause = FaultCause::none;
  std::uint32_t address = 0;

#define NEXT()                 \
  do {                         \
    if (left == 0) goto done;  \
    goto* kLabels[s->handler]; \
  } while (0)
#define ISSUE() \
  --left;       \
  ++issued_at[s - base]
#define OPERANDS()                                                                   \
  const std::uint32_t a = r[s->a], b = r[s->b] + static_cast<std::uint32_t>(s->imm); \
  const std::uint32_t shift = s->shift;                                              \
  (void)b;                                                                           \
  (void)shift
#define FINISH_PLAIN(value)               \
  do {                                    \
    const std::uint32_t result = (value); \
    r[s->c] = result;                     \
    zero_source = result;                 \
    ++s;                                  \
    NEXT();                               \
  } while (0)

  NEXT();

at_interact:
  goto done;

// The carry that an operation with carry-in consumes must come from one of its own kind: whether
// the machine stores borrow or its complement is not known.
#define PIMJIT_SUM(op, carry_in)                                           \
  at_##op : {                                                              \
    ISSUE();                                                               \
    OPERANDS();                                                            \
    if (Op::op == Op::addc && (carry & 2)) goto mixed_carry;               \
    const std::uint64_t sum = std::uint64_t{a} + b + (carry_in);           \
    carry = static_cast<std::uint32_t>(sum >> 32);                         \
    FINISH_PLAIN(static_cast<std::uint32_t>(sum));                         \
  }                                                                        \
  at_##op##_branch : at_##op##_other : {                                   \
    ISSUE();                                                               \
    OPERANDS();                                                            \
    if (Op::op == Op::addc && (carry & 2)) goto mixed_carry;               \
    const std::uint64_t sum = std::uint64_t{a} + b + (carry_in);           \
    carry = static_cast<std::uint32_t>(sum >> 32);                         \
    o = {static_cast<std::uint32_t>(sum), a, b, a, b, carry, zero_source}; \
    goto finish;                                                           \
  }
#define PIMJIT_DIFFERENCE(op, x, y, borrow_in)                                         \
  at_##op : {                                                                          \
    ISSUE();                                                                           \
    OPERANDS();                                                                        \
    if ((Op::op == Op::subc || Op::op == Op::rsubc) && !(carry & 2)) goto mixed_carry; \
    const std::uint64_t difference = std::uint64_t{x} - (y) - (borrow_in);             \
    carry = static_cast<std::uint32_t>(difference >> 63) | 2;                          \
    FINISH_PLAIN(static_cast<std::uint32_t>(difference));                              \
  }                                                                                    \
  at_##op##_branch : at_##op##_other : {                                               \
    ISSUE();                                                                           \
    OPERANDS();                                                                        \
    if ((Op::op == Op::subc || Op::op == Op::rsubc) && !(carry & 2)) goto mixed_carry; \
    const std::uint64_t difference = std::uint64_t{x} - (y) - (borrow_in);             \
    const auto borrow = static_cast<std::uint32_t>(difference >> 63);                  \
    carry = borrow | 2;                                                                \
    o = {static_cast<std::uint32_t>(difference), a, b, x, ~(y), borrow, zero_source};  \
    goto finish;                                                                       \
  }
#define PIMJIT_ALU(op, expression)                                            \
  at_##op : {                                                                 \
    ISSUE();                                                                  \
    OPERANDS();                                                               \
    FINISH_PLAIN(expression);                                                 \
  }                                                                           \
  at_##op##_branch : at_##op##_other : {                                      \
    ISSUE();                                                                  \
    OPERANDS();                                                               \
    o = {static_cast<std::uint32_t>(expression), a, b, 0, 0, 0, zero_source}; \
    goto finish;                                                              \
  }
#define PIMJIT_LOAD(op, type, expression)                   \
  at_##op : {                                               \
    ISSUE();                                                \
    address = r[s->a] + static_cast<std::uint32_t>(s->imm); \
    if (!accessible<type>(address)) goto memory_fault;      \
    const type v = load_from<type>(wram, address);          \
    r[s->c] = static_cast<std::uint32_t>(expression);       \
    ++s;                                                    \
    NEXT();                                                 \
  }
#define PIMJIT_STORE(op, type, expression)                                          \
  at_##op : {                                                                       \
    ISSUE();                                                                        \
    address = r[s->a] + static_cast<std::uint32_t>(s->imm);                         \
    if (!accessible<type>(address)) goto memory_fault;                              \
    const std::uint32_t v =                                                         \
        r[s->b] | static_cast<std::uint32_t>(static_cast<std::int16_t>(s->target)); \
    const type value = static_cast<type>(expression);                               \
    std::memcpy(wram + address, &value, sizeof value);                              \
    ++s;                                                                            \
    NEXT();                                                                         \
  }
#include "pimjit/plugins/upmem/executor/semantics.def"
#undef PIMJIT_SUM
#undef PIMJIT_DIFFERENCE
#undef PIMJIT_ALU
#undef PIMJIT_LOAD
#undef PIMJIT_STORE

at_mul_step : {
  ISSUE();
  const std::uint32_t a = r[s->a], multiplier = r[s->b], rest = multiplier >> 1;
  if (multiplier & 1) r[s->c + 1] = r[s->b + 1] + (a << s->shift);
  r[s->c] = rest;
  o = {rest, a, 0, 0, 0, 0, zero_source};
  zero_source = rest;
  s = (s->finish & kFinishBranch) && holds(static_cast<Condition>(s->condition), o)
          ? base + s->target
          : s + 1;
  NEXT();
}
at_div_step : {
  ISSUE();
  const std::uint32_t a = r[s->a], part = a << s->shift, dividend = r[s->b + 1];
  const bool fits = dividend >= part;
  if (fits) r[s->c + 1] = dividend - part;
  r[s->c] = r[s->b] << 1 | (fits ? 1u : 0u);
  o = {0, a, 0, 0, 0, 0, zero_source};
  s = (s->finish & kFinishBranch) && holds(static_cast<Condition>(s->condition), o)
          ? base + s->target
          : s + 1;
  NEXT();
}
at_movd:
at_swapd : {
  ISSUE();
  const bool swap = s->handler == static_cast<std::uint8_t>(Handler::swapd);
  const std::uint32_t even = r[s->a], odd = r[s->a + 1];
  r[s->c] = swap ? odd : even;
  r[s->c + 1] = swap ? even : odd;
  s = s->condition == static_cast<std::uint8_t>(Condition::always) ? base + s->target : s + 1;
  NEXT();
}
at_call : {
  ISSUE();
  const std::uint32_t target = (r[s->a] + r[s->b] + static_cast<std::uint32_t>(s->imm)) & 0xffff;
  r[s->c] = static_cast<std::uint32_t>(s - base) + 1;
  s = base + (target < kIramInstructions ? target : kIramInstructions);
  NEXT();
}
at_nothing : {
  ISSUE();
  ++s;
  NEXT();
}
at_ld : {
  ISSUE();
  address = r[s->a] + static_cast<std::uint32_t>(s->imm);
  if (!accessible<std::uint64_t>(address)) goto memory_fault;
  std::uint64_t value = load_from<std::uint64_t>(wram, address);
  if (s->action == Op::ld_be) value = __builtin_bswap64(value);
  r[s->c] = static_cast<std::uint32_t>(value >> 32);
  r[s->c + 1] = static_cast<std::uint32_t>(value);
  ++s;
  NEXT();
}
at_sd : {
  ISSUE();
  address = r[s->a] + static_cast<std::uint32_t>(s->imm);
  if (!accessible<std::uint64_t>(address)) goto memory_fault;
  std::uint64_t value = std::uint64_t{r[s->b]} << 32 | r[s->b + 1];
  if (s->action == Op::sd_be) value = __builtin_bswap64(value);
  std::memcpy(wram + address, &value, sizeof value);
  ++s;
  NEXT();
}
at_sd_value : {
  ISSUE();
  address = r[s->a] + static_cast<std::uint32_t>(s->imm);
  if (!accessible<std::uint64_t>(address)) goto memory_fault;
  const auto immediate = static_cast<std::int64_t>(static_cast<std::int16_t>(s->target));
  std::uint64_t value = static_cast<std::uint64_t>(immediate) | r[s->b];
  if (s->action == Op::sd_be || s->action == Op::sd_id_be) value = __builtin_bswap64(value);
  std::memcpy(wram + address, &value, sizeof value);
  ++s;
  NEXT();
}
at_wide_load : {
  ISSUE();
  address = r[s->a] + static_cast<std::uint32_t>(s->imm);
  const std::uint32_t size = size_of_load(s->action);
  if ((address & (~kWramMask | (size - 1))) != 0) goto memory_fault;
  write_pair(r, *s, load_extended(s->action, wram + address));
  ++s;
  NEXT();
}

finish : {
  const auto condition = static_cast<Condition>(s->condition);
  if (condition >= Condition::small && size_is_ambiguous(condition, o)) goto ambiguous_size;
  const bool holding = s->finish & (kFinishBranch | kFinishSet) ? holds(condition, o) : false;
  const std::uint32_t value = s->finish & kFinishSet ? (holding ? 1u : 0u) : o.result;
  if (s->finish & (kFinishSigned | kFinishUnsigned))
    write_pair(r, *s, value);
  else
    r[s->c] = value;
  zero_source = o.result;
  s = (s->finish & kFinishBranch) && holding ? base + s->target : s + 1;
  NEXT();
}

#undef NEXT
#undef ISSUE
#undef OPERANDS
#undef FINISH_PLAIN

memory_fault:
  cause = FaultCause::memory;
  goto done;
mixed_carry:
ambiguous_size:
  cause = FaultCause::refused;
done:
  state.pc = static_cast<std::uint16_t>(s - base);
  state.zero_source = zero_source;
  state.carry = carry;
  const std::uint64_t count = max - left;
  state.issued += count;
  issued_ += count;
  if (cause != FaultCause::none) raise_in_loop(thread, cause, address);
  return count;
}

#pragma GCC diagnostic pop

}  // namespace pimjit::upmem
