#include "pimjit/plugins/upmem/isa/select.h"

#include <algorithm>
#include <array>
#include <vector>

#include "pimjit/plugins/upmem/isa/alias.h"

namespace pimjit::upmem {
namespace {

constexpr std::array<std::string_view, 8> kConstants = {"zero", "one", "lneg", "mneg",
                                                        "id",   "id2", "id4",  "id8"};

bool is_wide(Field field) {
  return field == Field::i32 || field == Field::i32_zero || field == Field::i32_pair;
}

// The field value of an operand, or nothing when it cannot stand there.
std::optional<std::int64_t> value_for(const Form& form, Field field, const Operand& operand) {
  using Kind = Operand::Kind;
  const FieldKind kind = field_info(field).kind;
  if (kind == FieldKind::condition) {
    if (operand.kind != Kind::condition) return std::nullopt;
    const auto code = condition_code(form.condition_class, static_cast<Condition>(operand.value));
    if (!code) return std::nullopt;
    return *code;
  }
  const Kind wanted = is_pair(kind) ? Kind::pair : is_register(kind) ? Kind::reg : Kind::number;
  if (operand.kind != wanted || !field_accepts(field, operand.value)) return std::nullopt;
  return operand.value;
}

std::string describe(const Form& form, Field field) {
  const FieldInfo& info = field_info(field);
  switch (info.kind) {
    case FieldKind::zero:
      return "zero";
    case FieldKind::source:
      if (info.low == 24) return "zero one lneg mneg id id2 id4 id8";
      return info.high == 31 ? "a register r0..r23 or zero one lneg mneg id id2 id4 id8"
                             : "a register r0..r23";
    case FieldKind::step_source:
      return "a register other than zero";
    case FieldKind::destination:
      return "a register r0..r23";
    case FieldKind::pair_source:
    case FieldKind::pair_destination:
      return "a pair d0, d2 .. d22";
    case FieldKind::target:
      return "an instruction index 0..65535 or a label";
    case FieldKind::condition:
      return "a condition of: " + condition_names(form.condition_class);
    case FieldKind::immediate:
      break;
  }
  return "";
}

// Collects what could stand at the operand where the best attempts stop; of the ranges of numbers
// the widest, since those of one operand contain each other.
class Expectation {
 public:
  void note(const Form& form, int matched) {
    if (matched < at_) return;
    if (matched > at_) *this = Expectation(matched);
    if (matched == form.operand_count) {
      add("the end of the line");
      return;
    }
    const Field field = form.operands[matched];
    const FieldInfo& info = field_info(field);
    if (info.kind != FieldKind::immediate) {
      add(describe(form, field));
      return;
    }
    low_ = number_ ? std::min(low_, info.low) : info.low;
    high_ = number_ ? std::max(high_, info.high) : info.high;
    number_ = true;
  }
  bool empty() const { return at_ < 0; }
  Mismatch mismatch() {
    if (number_) add("a number " + std::to_string(low_) + ".." + std::to_string(high_));
    Mismatch result{std::max(at_, 0), ""};
    for (const std::string& text : wanted_) {
      if (!result.expected.empty()) result.expected += ", or ";
      result.expected += text;
    }
    return result;
  }

  Expectation() = default;

 private:
  explicit Expectation(int at) : at_(at) {}
  void add(const std::string& text) {
    if (std::find(wanted_.begin(), wanted_.end(), text) == wanted_.end()) wanted_.push_back(text);
  }

  int at_ = -1;
  std::vector<std::string> wanted_;
  bool number_ = false;
  std::int64_t low_ = 0, high_ = 0;
};

bool fits(const Form& form, std::span<const Operand> operands, Instruction& out,
          Expectation* expectation) {
  const std::size_t common = std::min<std::size_t>(operands.size(), form.operand_count);
  for (std::size_t i = 0; i < common; ++i) {
    const auto value = value_for(form, form.operands[i], operands[i]);
    if (!value) {
      if (expectation) expectation->note(form, static_cast<int>(i));
      return false;
    }
    out.values[i] = *value;
  }
  if (operands.size() == form.operand_count) return true;
  if (expectation) expectation->note(form, static_cast<int>(common));
  return false;
}

std::optional<Instruction> find(Op op, Extend extend, std::span<const Operand> operands,
                                bool narrow) {
  for (const Form& form : forms_of(op)) {
    if (form.extend != extend) continue;
    if (narrow && std::any_of(form.operands.begin(), form.operands.end(), is_wide)) continue;
    Instruction instruction;
    if (fits(form, operands, instruction, nullptr)) {
      instruction.form = form_id(form);
      return instruction;
    }
  }
  return std::nullopt;
}

// Forms with as many operands as were given tell most; only without any do the others count.
Mismatch explain(Op op, Extend extend, std::span<const Operand> operands) {
  Expectation same_count, any_count;
  for (const Form& form : forms_of(op)) {
    if (form.extend != extend) continue;
    Instruction ignored;
    fits(form, operands, ignored, form.operand_count == operands.size() ? &same_count : &any_count);
  }
  return same_count.empty() ? any_count.mismatch() : same_count.mismatch();
}

bool asks_for_narrow(std::span<const Operand> operands) {
  return !operands.empty() && operands.back() == condition(Condition::never);
}

}  // namespace

std::string register_name(int code) {
  if (code < 24) return "r" + std::to_string(code);
  return std::string(kConstants[code - 24]);
}

std::optional<Operand> find_register(std::string_view text) {
  for (std::size_t i = 0; i < kConstants.size(); ++i)
    if (kConstants[i] == text) return reg(24 + static_cast<int>(i));
  if (text.size() < 2 || text.size() > 3 || (text[0] != 'r' && text[0] != 'd')) return std::nullopt;
  int code = 0;
  for (char digit : text.substr(1)) {
    if (digit < '0' || digit > '9') return std::nullopt;
    code = code * 10 + (digit - '0');
  }
  if (code > 23 || (text.size() == 3 && text[1] == '0')) return std::nullopt;
  if (text[0] == 'r') return reg(code);
  if (code % 2 != 0) return std::nullopt;
  return pair(code);
}

tl::expected<Instruction, Mismatch> select(Op op, Extend extend,
                                           std::span<const Operand> operands) {
  if (auto found = find(op, extend, operands, false)) return *found;
  const bool narrow = asks_for_narrow(operands);
  if (narrow)
    if (auto found = find(op, extend, operands.first(operands.size() - 1), true)) return *found;
  return tl::unexpected(explain(op, extend, operands));
}

tl::expected<Instruction, Mismatch> select(std::string_view mnemonic,
                                           std::span<const Operand> operands) {
  std::optional<Mismatch> mismatch;
  const auto known = find_mnemonic(mnemonic);
  if (known) {
    auto found = select(known->op, known->extend, operands);
    if (found) return found;
    mismatch = found.error();
  }
  for (const Alias& alias : aliases()) {
    if (alias.text != mnemonic) continue;
    if (operands.size() == alias.pattern_count) {
      const auto expanded = expand(alias, operands);
      if (!expanded.empty()) {
        auto found = select(alias.op, alias.extend, expanded);
        if (found) return found;
        // Report the operand of the alias that feeds the one that failed.
        const int at = found.error().operand;
        const int argument = at < alias.item_count ? alias.items[at].argument : 0;
        mismatch = Mismatch{std::max(argument, 0), found.error().expected};
      }
    }
    if (!mismatch) mismatch = Mismatch{0, ""};
  }
  if (!mismatch) return tl::unexpected(Mismatch{-1, "a mnemonic"});
  return tl::unexpected(*mismatch);
}

bool is_mnemonic(std::string_view text) {
  if (find_mnemonic(text)) return true;
  for (const Alias& alias : aliases())
    if (alias.text == text) return true;
  return false;
}

}  // namespace pimjit::upmem
