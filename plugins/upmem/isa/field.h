#ifndef PIMJIT_PLUGINS_UPMEM_ISA_FIELD_H_
#define PIMJIT_PLUGINS_UPMEM_ISA_FIELD_H_

#include <array>
#include <cstdint>

namespace pimjit::upmem {

// What an operand is. `step_source` is any source but zero; pairs are named by their even register.
enum class FieldKind : std::uint8_t {
  zero,
  source,
  step_source,
  pair_source,
  destination,
  pair_destination,
  immediate,
  target,
  condition,
};

enum class Field : std::uint8_t {
#define PIMJIT_MIDDLE
#define PIMJIT_FIELD(name, ...) name,
#include "pimjit/plugins/upmem/isa/fields.def"
#undef PIMJIT_FIELD
#undef PIMJIT_MIDDLE
  none,
};

// Bits [from, from + width) of the operand live at [to, to + width) of the word.
struct BitSlice {
  std::uint8_t from, width, to;
};

struct FieldInfo {
  const char* name;
  FieldKind kind;
  std::int64_t low, high;  // values the assembler takes
  std::uint8_t width;      // bits of the operand that are stored
  std::uint8_t slice_count;
  std::array<BitSlice, 10> slices;
  std::uint64_t mask;  // the word bits the field covers
};

const FieldInfo& field_info(Field field);

inline bool is_register(FieldKind kind) {
  return kind <= FieldKind::pair_destination;
}
inline bool is_pair(FieldKind kind) {
  return kind == FieldKind::pair_source || kind == FieldKind::pair_destination;
}

// Whether `value` may stand in the field (range, register code, evenness of pairs). Conditions are
// checked against their class elsewhere.
bool field_accepts(Field field, std::int64_t value);

// Scatters the low bits of `value` into the word, and gathers them back; immediates whose low bound
// is negative come back sign-extended.
std::uint64_t field_insert(Field field, std::int64_t value);
std::int64_t field_extract(Field field, std::uint64_t word);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_ISA_FIELD_H_
