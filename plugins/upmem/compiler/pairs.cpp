#include "pimjit/plugins/upmem/compiler/pairs.h"

#include <algorithm>
#include <optional>

namespace pimjit::upmem {
namespace {

using Kind = CodeOperand::Kind;

class Joiner {
 public:
  explicit Joiner(Code& code) : code_(code) {}

  void run() {
    definitions_.assign(code_.is_pair.size(), 0);
    for (const CodeItem& item : code_.items)
      for (int k = 0; k < item.count; ++k)
        if (writes(item, k)) ++definitions_[index(item.operands[static_cast<std::size_t>(k)])];
    renamed_.resize(code_.is_pair.size());
    gone_.assign(code_.items.size(), false);
    for (std::size_t i = 0; i < code_.items.size(); ++i) {
      if (gone_[i]) continue;
      if (code_.items[i].op == Op::lw) join_load(i);
      if (code_.items[i].op == Op::sw) join_store(i);
    }
    apply();
  }

 private:
  static std::size_t index(const CodeOperand& operand) {
    return static_cast<std::size_t>(operand.value);
  }
  static bool writes(const CodeItem& item, int k) {
    return item.operands[static_cast<std::size_t>(k)].is_virtual() &&
           ((k == 0 && item.defines) || k >= item.count - item.temps);
  }
  static bool is_load(const CodeItem& item) { return item.defines && item.memory >= 0; }
  static bool is_access(const CodeItem& item) { return item.memory >= 0; }
  static const CodeOperand& base_of(const CodeItem& item) {
    return item.operands[item.defines ? 1 : 0];
  }
  static std::int64_t offset_of(const CodeItem& item) {
    return item.operands[item.defines ? 2 : 1].value;
  }

  // Whether an access may not be moved over the item: it is no plain computation or access, changes
  // the base, or may touch the same bytes and one of the two writes.
  static bool blocks(const CodeItem& item, const CodeItem& moved) {
    if (item.group == Group::bind || item.ends) return true;
    if (item.group == Group::none)
      for (int k = 0; k < item.count; ++k)
        if (item.operands[static_cast<std::size_t>(k)].kind == Kind::label) return true;
    const CodeOperand& base = base_of(moved);
    for (int k = 0; k < item.count; ++k)
      if (writes(item, k) && base.is_virtual() &&
          item.operands[static_cast<std::size_t>(k)].value == base.value)
        return true;
    if (item.group != Group::none) return false;
    const OpKind kind = kind_of(item.op);
    if (kind == OpKind::alu || kind == OpKind::multiply || kind == OpKind::step) return false;
    if (!is_access(item)) return true;
    if (item.memory != moved.memory || (is_load(item) && is_load(moved))) return false;
    return base_of(item) != base || std::abs(offset_of(item) - offset_of(moved)) < 8;
  }

  // The word after that of item i in the same block, reached before anything that blocks.
  std::optional<std::size_t> partner(std::size_t i) const {
    const CodeItem& first = code_.items[i];
    if (first.divisor % 8 != 0 || !is_access(first)) return std::nullopt;
    for (std::size_t j = i + 1; j < code_.items.size(); ++j) {
      if (gone_[j]) continue;
      const CodeItem& item = code_.items[j];
      if (item.op == first.op && item.memory == first.memory && base_of(item) == base_of(first) &&
          offset_of(item) == offset_of(first) + 4)
        return j;
      if (blocks(item, first)) return std::nullopt;
    }
    return std::nullopt;
  }

  bool single(const CodeOperand& operand) const {
    return operand.kind == Kind::reg && !code_.is_pair[index(operand)] &&
           definitions_[index(operand)] == 1 && !renamed_[index(operand)];
  }
  VReg make_pair(const CodeOperand& low, const CodeOperand& high) {
    const VReg pair = code_.make(true);
    renamed_[index(low)] = low_of(pair);
    renamed_[index(high)] = high_of(pair);
    return pair;
  }

  void join_load(std::size_t i) {
    const auto j = partner(i);
    if (!j) return;
    CodeItem& first = code_.items[i];
    const CodeOperand low = first.operands[0], high = code_.items[*j].operands[0];
    if (!single(low) || !single(high) || low == high) return;
    first.op = Op::ld;
    first.operands[0] = make_pair(low, high);
    gone_[*j] = true;
  }

  void join_store(std::size_t i) {
    const auto j = partner(i);
    if (!j) return;
    CodeItem& last = code_.items[*j];
    const CodeOperand low = code_.items[i].operands[2], high = last.operands[2];
    const std::int64_t offset = offset_of(code_.items[i]);
    CodeOperand value;
    if (low == CodeOperand(0) && high == low) {
      value = low;
    } else if (const auto pair = joined(low, high)) {
      value = *pair;
    } else if (single(low) && single(high) && low != high && defined_before(i, low, high)) {
      value = make_pair(low, high);
    } else {
      return;
    }
    last.op = Op::sd;
    last.operands[1] = offset;
    last.operands[2] = value;
    last.divisor = code_.items[i].divisor;
    gone_[i] = true;
  }

  // The pair whose words the registers have become.
  std::optional<VReg> joined(const CodeOperand& low, const CodeOperand& high) const {
    if (low.kind != Kind::reg || high.kind != Kind::reg) return std::nullopt;
    const auto& a = renamed_[index(low)];
    const auto& b = renamed_[index(high)];
    if (!a || !b || a->value != b->value || a->kind != Kind::low || b->kind != Kind::high)
      return std::nullopt;
    return a->vreg();
  }

  // Both are computed in this block, `low` first, so that no other path sees half a pair.
  bool defined_before(std::size_t store, const CodeOperand& low, const CodeOperand& high) {
    std::optional<std::size_t> low_at, high_at;
    std::size_t begin = store;
    while (begin > 0 && code_.items[begin - 1].group != Group::bind) --begin;
    for (std::size_t k = begin; k < code_.items.size(); ++k) {
      const CodeItem& item = code_.items[k];
      if (k > store && item.group == Group::bind) break;
      if (!item.defines || item.operands[0].kind != Kind::reg) continue;
      if (item.operands[0] == low) low_at = k;
      if (item.operands[0] == high) high_at = k;
    }
    if (!low_at || !high_at) return false;
    code_.items[std::max(*low_at, *high_at)].keeps_rest = true;
    return true;
  }

  void apply() {
    std::vector<CodeItem> items;
    items.reserve(code_.items.size());
    for (std::size_t i = 0; i < code_.items.size(); ++i) {
      if (gone_[i]) continue;
      CodeItem item = code_.items[i];
      for (int k = 0; k < item.count; ++k) {
        CodeOperand& operand = item.operands[static_cast<std::size_t>(k)];
        if (operand.kind == Kind::reg && index(operand) < renamed_.size() &&
            renamed_[index(operand)])
          operand = *renamed_[index(operand)];
      }
      items.push_back(item);
    }
    code_.items = std::move(items);
  }

  Code& code_;
  std::vector<int> definitions_;
  std::vector<std::optional<CodeOperand>> renamed_;
  std::vector<bool> gone_;
};

}  // namespace

void join_accesses(Code& code) {
  Joiner(code).run();
}

}  // namespace pimjit::upmem
