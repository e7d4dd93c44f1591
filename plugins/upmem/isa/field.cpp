#include "pimjit/plugins/upmem/isa/field.h"

#include <initializer_list>

namespace pimjit::upmem {
namespace {

constexpr FieldInfo make_field(const char* name, FieldKind kind, std::int64_t low,
                               std::int64_t high, std::initializer_list<BitSlice> slices) {
  FieldInfo info{name, kind, low, high, 0, 0, {}, 0};
  for (const BitSlice& slice : slices) {
    info.slices[info.slice_count++] = slice;
    if (slice.from + slice.width > info.width) info.width = slice.from + slice.width;
    info.mask |= ((std::uint64_t{1} << slice.width) - 1) << slice.to;
  }
  return info;
}

constexpr FieldInfo kFields[] = {
// Bits 8..11 of every long immediate are stored in reverse order.
#define PIMJIT_MIDDLE S(8, 1, 15), S(9, 1, 14), S(10, 1, 13), S(11, 1, 12)
#define S(from, width, to) \
  BitSlice {               \
    from, width, to        \
  }
#define PIMJIT_FIELD(name, kind, low, high, ...) \
  make_field(#name, FieldKind::kind, low, high, {__VA_ARGS__}),
#include "pimjit/plugins/upmem/isa/fields.def"
#undef PIMJIT_FIELD
#undef S
#undef PIMJIT_MIDDLE
};

}  // namespace

const FieldInfo& field_info(Field field) {
  return kFields[static_cast<int>(field)];
}

bool field_accepts(Field field, std::int64_t value) {
  const FieldInfo& info = field_info(field);
  if (value < info.low || value > info.high) return false;
  if (is_pair(info.kind)) return (value & 1) == 0;
  return info.kind != FieldKind::step_source || value != 24;
}

std::uint64_t field_insert(Field field, std::int64_t value) {
  const FieldInfo& info = field_info(field);
  std::uint64_t word = 0;
  for (int i = 0; i < info.slice_count; ++i) {
    const BitSlice& slice = info.slices[i];
    const std::uint64_t bits =
        (static_cast<std::uint64_t>(value) >> slice.from) & ((std::uint64_t{1} << slice.width) - 1);
    word |= bits << slice.to;
  }
  return word;
}

std::int64_t field_extract(Field field, std::uint64_t word) {
  const FieldInfo& info = field_info(field);
  if (info.kind == FieldKind::zero) return info.low;
  std::uint64_t value = 0;
  for (int i = 0; i < info.slice_count; ++i) {
    const BitSlice& slice = info.slices[i];
    value |= ((word >> slice.to) & ((std::uint64_t{1} << slice.width) - 1)) << slice.from;
  }
  if (info.low >= 0) return static_cast<std::int64_t>(value);
  const int unused = 64 - info.width;
  return static_cast<std::int64_t>(value << unused) >> unused;
}

}  // namespace pimjit::upmem
