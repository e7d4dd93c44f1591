#include <vector>

#include "pimjit/plugins/upmem/isa/instruction.h"

namespace pimjit::upmem {
namespace {

// Forms are found through the bits that separate them best: the group (47:42), the immediate marker
// (33:32 = 3) and the operation bits of the logic group (31:28). A form whose mask leaves some of
// those bits open is listed in every bucket it can appear in.
constexpr int kBuckets = 1 << 11;

int bucket_of(std::uint64_t word) {
  const auto group = static_cast<int>(word >> 42 & 63);
  const int immediate = (word >> 32 & 3) == 3 ? 1 : 0;
  return group << 5 | immediate << 4 | static_cast<int>(word >> 28 & 15);
}

bool may_be_in(const Form& form, int bucket) {
  const std::uint64_t group = bucket >> 5, marker = bucket >> 4 & 1, low = bucket & 15;
  const std::uint64_t mask = form.mask, fixed = form.fixed;
  if (((group ^ fixed >> 42) & (mask >> 42) & 63) != 0) return false;
  if (((low ^ fixed >> 28) & (mask >> 28) & 15) != 0) return false;
  if ((mask >> 32 & 3) == 0) return marker == 0;  // a register field, whose codes stop below 24
  return marker == ((fixed >> 32 & 3) == 3 ? 1u : 0u);
}

struct Buckets {
  std::vector<FormId> ids;
  std::vector<std::uint32_t> first;
};

Buckets make_buckets() {
  Buckets buckets;
  for (int bucket = 0; bucket < kBuckets; ++bucket) {
    buckets.first.push_back(static_cast<std::uint32_t>(buckets.ids.size()));
    for (const Form& form : forms())
      if (may_be_in(form, bucket)) buckets.ids.push_back(form_id(form));
  }
  buckets.first.push_back(static_cast<std::uint32_t>(buckets.ids.size()));
  return buckets;
}

bool read_operands(const Form& form, std::uint64_t word, Instruction& out) {
  for (int i = 0; i < form.operand_count; ++i) {
    const Field field = form.operands[i];
    const std::int64_t value = field_extract(field, word);
    if (!field_accepts(field, value)) return false;
    if (field_info(field).kind == FieldKind::condition &&
        !condition_of_code(form.condition_class, static_cast<std::uint8_t>(value)))
      return false;
    out.values[i] = value;
  }
  return true;
}

}  // namespace

std::optional<Instruction> decode(std::uint64_t word) {
  static const Buckets buckets = make_buckets();
  if (word >> 48 != 0) return std::nullopt;
  const int bucket = bucket_of(word);
  for (auto i = buckets.first[bucket]; i < buckets.first[bucket + 1]; ++i) {
    const Form& form = form_of(buckets.ids[i]);
    if ((word & form.mask) != form.fixed) continue;
    Instruction instruction;
    instruction.form = buckets.ids[i];
    if (read_operands(form, word, instruction)) return instruction;
  }
  return std::nullopt;
}

}  // namespace pimjit::upmem
