#include "pimjit/plugins/upmem/compiler/packing.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

namespace pimjit::upmem {
namespace {

using Kind = CodeOperand::Kind;

class Packer {
 public:
  explicit Packer(Code& code)
      : code_(code), reads_(code.is_pair.size()), writes_(code.is_pair.size()) {
    for (const CodeItem& item : code.items)
      for (int k = 0; k < item.count; ++k) {
        const CodeOperand& operand = item.operands[static_cast<std::size_t>(k)];
        if (operand.is_virtual()) ++(k == 0 && item.defines ? writes_ : reads_)[index(operand)];
      }
  }

  void run() {
    const std::size_t size = code_.items.size();
    gone_.assign(size, false);
    last_of_.assign(size, -1);
    for (std::size_t begin = 0; begin < size;) {
      std::size_t end = begin;
      while (end < size && plain(code_.items[end])) ++end;
      if (end > begin) region(begin, end);
      begin = end + 1;
    }
    apply();
  }

 private:
  // An accumulated product of two bytes, by the items that load them.
  struct Product {
    std::size_t at = 0, x = 0, y = 0;
  };
  // What products must have in common: the sum, and buffer and base of both factors.
  using Key = std::tuple<std::int64_t, int, std::int64_t, int, std::int64_t>;

  static std::size_t index(const CodeOperand& operand) {
    return static_cast<std::size_t>(operand.value);
  }
  static std::int64_t offset(const CodeItem& load) { return load.operands[2].value; }
  static bool is_mac(const CodeItem& item) { return item.group == Group::multiply_accumulate; }

  // Computes or loads, and goes on with the next item.
  static bool plain(const CodeItem& item) {
    if (item.group == Group::bind || item.ends) return false;
    if (item.group != Group::none) return true;
    for (int k = 0; k < item.count; ++k)
      if (item.operands[static_cast<std::size_t>(k)].kind == Kind::label) return false;
    const OpKind kind = kind_of(item.op);
    return kind == OpKind::alu || kind == OpKind::multiply || (kind == OpKind::load);
  }

  void region(std::size_t begin, std::size_t end) {
    std::map<std::int64_t, std::size_t> loads;  // by register
    std::map<Key, std::map<std::int64_t, Product>> products;
    for (std::size_t i = begin; i < end; ++i) {
      const CodeItem& item = code_.items[i];
      if (item.op == Op::lbs && item.group == Group::none && item.memory >= 0 &&
          item.operands[0].kind == Kind::reg && writes_[index(item.operands[0])] == 1 &&
          reads_[index(item.operands[0])] == 1)
        loads[item.operands[0].value] = i;
      if (!is_mac(item) || item.operands[0].kind != Kind::reg) continue;
      const auto x = loads.find(item.operands[1].value), y = loads.find(item.operands[2].value);
      if (x == loads.end() || y == loads.end() || x == y) continue;
      const CodeItem& a = code_.items[x->second];
      const CodeItem& b = code_.items[y->second];
      if (a.operands[0] != item.operands[1] || b.operands[0] != item.operands[2]) continue;
      const std::int64_t base_a = 2 * a.operands[1].value + a.operands[1].is_fixed();
      const std::int64_t base_b = 2 * b.operands[1].value + b.operands[1].is_fixed();
      const Key key{item.operands[0].value, a.memory, base_a, b.memory, base_b};
      products[key].emplace(offset(a), Product{i, x->second, y->second});
    }
    for (const auto& [key, by_offset] : products)
      for (const auto& [at, product] : by_offset) try_four(by_offset, at);
  }

  void try_four(const std::map<std::int64_t, Product>& by_offset, std::int64_t first) {
    std::array<Product, 4> four;
    for (std::size_t k = 0; k < 4; ++k) {
      const auto found = by_offset.find(first + static_cast<std::int64_t>(k));
      if (found == by_offset.end() || gone_[found->second.at]) return;
      four[k] = found->second;
    }
    const CodeItem& x = code_.items[four[0].x];
    const CodeItem& y = code_.items[four[0].y];
    if (x.divisor % 4 != 0 || y.divisor % 4 != 0) return;
    std::size_t low = four[0].x, high = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      if (offset(code_.items[four[k].y]) != offset(y) + static_cast<std::int64_t>(k)) return;
      low = std::min({low, four[k].x, four[k].y});
      high = std::max(high, four[k].at);
    }
    if (!movable(low, high, x, y, code_.items[four[0].at].operands[0])) return;
    for (const Product& product : four)
      gone_[product.at] = gone_[product.x] = gone_[product.y] = true;
    last_of_[high] = static_cast<int>(fours_.size());
    fours_.push_back(four[0]);
  }

  // Whether between the items the bases stay the same and the sum is only added to.
  bool movable(std::size_t low, std::size_t high, const CodeItem& x, const CodeItem& y,
               const CodeOperand& sum) const {
    for (std::size_t i = low; i <= high; ++i) {
      const CodeItem& item = code_.items[i];
      for (int k = 0; k < item.count; ++k) {
        const CodeOperand& operand = item.operands[static_cast<std::size_t>(k)];
        if (!operand.is_virtual()) continue;
        if (operand.value == sum.value && !(k == 0 && is_mac(item))) return false;
        const bool written = (k == 0 && item.defines) || k >= item.count - item.temps;
        const auto is_base = [&](const CodeItem& load) {
          return load.operands[1].is_virtual() && load.operands[1].value == operand.value;
        };
        if (written && (is_base(x) || is_base(y))) return false;
      }
    }
    return true;
  }

  CodeItem word_load(const CodeItem& byte, VReg to) const {
    CodeItem load = byte;
    load.op = Op::lw;
    load.operands[0] = to;
    return load;
  }

  void apply() {
    std::vector<CodeItem> items;
    items.reserve(code_.items.size());
    for (std::size_t i = 0; i < code_.items.size(); ++i) {
      if (last_of_[i] >= 0) {
        const Product& first = fours_[static_cast<std::size_t>(last_of_[i])];
        const VReg x = code_.make(false), y = code_.make(false);
        items.push_back(word_load(code_.items[first.x], x));
        items.push_back(word_load(code_.items[first.y], y));
        CodeItem dot = code_.items[first.at];
        dot.group = Group::dot_bytes;
        dot.operands[1] = x;
        dot.operands[2] = y;
        dot.operands[4] = code_.make(false);
        dot.operands[5] = code_.make(false);
        dot.count = 6;
        dot.temps = 3;
        items.push_back(dot);
      }
      if (!gone_[i]) items.push_back(code_.items[i]);
    }
    code_.items = std::move(items);
  }

  Code& code_;
  std::vector<int> reads_, writes_;
  std::vector<bool> gone_;
  std::vector<int> last_of_;  // by item: the dot product that stands there
  std::vector<Product> fours_;
};

}  // namespace

void pack_bytes(Code& code) {
  Packer(code).run();
}

}  // namespace pimjit::upmem
