// Where virtual registers are live: data flow over basic blocks.
#include <algorithm>
#include <cmath>

#include "pimjit/plugins/upmem/compiler/allocate.h"

namespace pimjit::upmem {
namespace {

using Set = std::vector<bool>;

struct Block {
  int first = 0, last = 0;  // items [first, last)
  std::vector<int> next;
  Set reads, writes, in, out;
};

int target_of(const CodeItem& item) {
  if (item.group != Group::none) return -1;
  for (int i = 0; i < item.count; ++i)
    if (item.operands[static_cast<std::size_t>(i)].kind == CodeOperand::Kind::label)
      return static_cast<int>(item.operands[static_cast<std::size_t>(i)].value);
  return -1;
}

class Liveness {
 public:
  explicit Liveness(const Code& code) : code_(code) {
    split();
    for (Block& block : blocks_) summarise(block);
    solve();
  }
  std::vector<Interval> intervals();

 private:
  void split();
  void summarise(Block& block) const;
  void solve();
  std::vector<int> loop_depths() const;
  static void widen(Interval& interval, int position) {
    if (interval.start < 0 || position < interval.start) interval.start = position;
    interval.end = std::max(interval.end, position);
  }

  const Code& code_;
  std::vector<Block> blocks_;
  std::vector<int> block_of_label_;
};

void Liveness::split() {
  block_of_label_.assign(static_cast<std::size_t>(code_.labels), -1);
  const int size = static_cast<int>(code_.items.size());
  blocks_.emplace_back();
  for (int i = 0; i < size; ++i) {
    const CodeItem& item = code_.items[static_cast<std::size_t>(i)];
    if (item.group == Group::bind) {
      if (blocks_.back().first != i) {
        blocks_.back().last = i;
        blocks_.emplace_back();
        blocks_.back().first = i;
      }
      block_of_label_[static_cast<std::size_t>(item.operands[0].value)] =
          static_cast<int>(blocks_.size()) - 1;
    }
    if (target_of(item) >= 0 || item.ends) {
      blocks_.back().last = i + 1;
      blocks_.emplace_back();
      blocks_.back().first = i + 1;
    }
  }
  blocks_.back().last = size;
  for (std::size_t b = 0; b < blocks_.size(); ++b) {
    Block& block = blocks_[b];
    const bool empty = block.first == block.last;
    const CodeItem* end = empty ? nullptr : &code_.items[static_cast<std::size_t>(block.last - 1)];
    if ((empty || !end->ends) && b + 1 < blocks_.size())
      block.next.push_back(static_cast<int>(b) + 1);
    const int label = empty ? -1 : target_of(*end);
    if (label >= 0) block.next.push_back(block_of_label_[static_cast<std::size_t>(label)]);
  }
}

void Liveness::summarise(Block& block) const {
  const std::size_t registers = code_.is_pair.size();
  block.reads.assign(registers, false);
  block.writes.assign(registers, false);
  block.in.assign(registers, false);
  block.out.assign(registers, false);
  const auto read = [&](const CodeOperand& operand) {
    const auto r = static_cast<std::size_t>(operand.value);
    if (!block.writes[r]) block.reads[r] = true;
  };
  for (int i = block.first; i < block.last; ++i) {
    const CodeItem& item = code_.items[static_cast<std::size_t>(i)];
    for (int k = 0; k < item.count - item.temps; ++k) {
      const CodeOperand& operand = item.operands[static_cast<std::size_t>(k)];
      const bool reads = k > 0 || !item.defines || item.reads_first || item.keeps_rest;
      if (operand.is_virtual() && reads) read(operand);
    }
    for (int k = 0; k < item.count; ++k) {
      const CodeOperand& operand = item.operands[static_cast<std::size_t>(k)];
      const bool writes = (k == 0 && item.defines) || k >= item.count - item.temps;
      if (operand.is_virtual() && writes)
        block.writes[static_cast<std::size_t>(operand.value)] = true;
    }
  }
}

void Liveness::solve() {
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t b = blocks_.size(); b-- > 0;) {
      Block& block = blocks_[b];
      for (const int next : block.next) {
        const Set& in = blocks_[static_cast<std::size_t>(next)].in;
        for (std::size_t r = 0; r < in.size(); ++r)
          if (in[r]) block.out[r] = true;
      }
      for (std::size_t r = 0; r < block.in.size(); ++r) {
        const bool in = block.reads[r] || (block.out[r] && !block.writes[r]);
        if (in != block.in[r]) {
          block.in[r] = in;
          changed = true;
        }
      }
    }
  }
}

// How many backward branches span each item.
std::vector<int> Liveness::loop_depths() const {
  std::vector<int> change(code_.items.size() + 1, 0);
  for (std::size_t i = 0; i < code_.items.size(); ++i) {
    const int label = target_of(code_.items[i]);
    if (label < 0) continue;
    const int block = block_of_label_[static_cast<std::size_t>(label)];
    const int first = blocks_[static_cast<std::size_t>(block)].first;
    if (first > static_cast<int>(i)) continue;
    ++change[static_cast<std::size_t>(first)];
    --change[i + 1];
  }
  for (std::size_t i = 1; i < change.size(); ++i) change[i] += change[i - 1];
  return change;
}

std::vector<Interval> Liveness::intervals() {
  std::vector<Interval> all(code_.is_pair.size());
  for (std::size_t r = 0; r < all.size(); ++r) all[r].vreg = static_cast<int>(r);
  const std::vector<int> depth = loop_depths();
  for (const Block& block : blocks_) {
    for (std::size_t r = 0; r < all.size(); ++r) {
      if (block.in[r]) widen(all[r], 2 * block.first);
      if (block.out[r]) widen(all[r], 2 * block.last - 1);
    }
    for (int i = block.first; i < block.last; ++i) {
      const CodeItem& item = code_.items[static_cast<std::size_t>(i)];
      const double weight = std::pow(8.0, std::min(depth[static_cast<std::size_t>(i)], 6));
      for (int k = 0; k < item.count; ++k) {
        const CodeOperand& operand = item.operands[static_cast<std::size_t>(k)];
        if (!operand.is_virtual()) continue;
        Interval& interval = all[static_cast<std::size_t>(operand.value)];
        const bool writes = (k == 0 && item.defines) || k >= item.count - item.temps;
        const bool early = item.early || item.reads_first || item.keeps_rest || k > 0;
        if (!writes || early) widen(interval, 2 * i);
        if (writes) widen(interval, 2 * i + 1);
        interval.weight += weight;
      }
    }
  }
  std::erase_if(all, [](const Interval& interval) { return interval.start < 0; });
  std::stable_sort(all.begin(), all.end(),
                   [](const Interval& a, const Interval& b) { return a.start < b.start; });
  return all;
}

}  // namespace

std::vector<Interval> live_intervals(const Code& code) {
  return Liveness(code).intervals();
}

}  // namespace pimjit::upmem
