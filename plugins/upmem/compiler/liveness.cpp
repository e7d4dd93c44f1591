// Where virtual registers are live: data flow over basic blocks.
#include <algorithm>
#include <bit>
#include <cmath>

#include "pimjit/plugins/upmem/compiler/allocate.h"

namespace pimjit::upmem {
namespace {

// Of virtual registers, 64 to a word: large kernels have thousands.
class Set {
 public:
  explicit Set(std::size_t size = 0) : words_((size + 63) / 64, 0) {}
  bool has(std::size_t r) const { return words_[r / 64] >> (r % 64) & 1; }
  void add(std::size_t r) { words_[r / 64] |= std::uint64_t{1} << (r % 64); }
  void add_all(const Set& other) {
    for (std::size_t w = 0; w < words_.size(); ++w) words_[w] |= other.words_[w];
  }
  // This becomes reads, and what of out is not in writes. Whether that is something new.
  bool become(const Set& reads, const Set& out, const Set& writes) {
    bool changed = false;
    for (std::size_t w = 0; w < words_.size(); ++w) {
      const std::uint64_t word = reads.words_[w] | (out.words_[w] & ~writes.words_[w]);
      changed |= word != words_[w];
      words_[w] = word;
    }
    return changed;
  }
  template <typename Visit>
  void for_each(Visit visit) const {
    for (std::size_t w = 0; w < words_.size(); ++w)
      for (std::uint64_t rest = words_[w]; rest != 0; rest &= rest - 1)
        visit(64 * w + static_cast<std::size_t>(std::countr_zero(rest)));
  }

 private:
  std::vector<std::uint64_t> words_;
};

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
  void add_segments(const Block& block, std::vector<Interval>& all) const;
  static void join_segments(Interval& interval);

  const Code& code_;
  mutable std::vector<int> end_;  // of add_segments
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
  block.reads = block.writes = block.in = block.out = Set(registers);
  const auto read = [&](const CodeOperand& operand) {
    const auto r = static_cast<std::size_t>(operand.value);
    if (!block.writes.has(r)) block.reads.add(r);
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
      if (operand.is_virtual() && writes) block.writes.add(static_cast<std::size_t>(operand.value));
    }
  }
}

void Liveness::solve() {
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t b = blocks_.size(); b-- > 0;) {
      Block& block = blocks_[b];
      for (const int next : block.next)
        block.out.add_all(blocks_[static_cast<std::size_t>(next)].in);
      changed |= block.in.become(block.reads, block.out, block.writes);
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

// Backwards through a block, from what is live at its end.
void Liveness::add_segments(const Block& block, std::vector<Interval>& all) const {
  std::vector<int>& end = end_;  // of the segment a register is in, -1: it is dead here
  const auto close = [&](std::size_t r, int start) {
    all[r].live.push_back({start, end[r]});
    end[r] = -1;
  };
  block.out.for_each([&](std::size_t r) { end[r] = 2 * block.last - 1; });
  for (int i = block.last; i-- > block.first;) {
    const CodeItem& item = code_.items[static_cast<std::size_t>(i)];
    const bool first_early = item.early || item.reads_first || item.keeps_rest;
    for (int k = 0; k < item.count; ++k) {
      const CodeOperand& operand = item.operands[static_cast<std::size_t>(k)];
      const bool writes = (k == 0 && item.defines) || k >= item.count - item.temps;
      if (!operand.is_virtual() || !writes) continue;
      const auto r = static_cast<std::size_t>(operand.value);
      if (end[r] < 0) end[r] = 2 * i + 1;
      close(r, first_early || k > 0 ? 2 * i : 2 * i + 1);
    }
    for (int k = 0; k < item.count - item.temps; ++k) {
      const CodeOperand& operand = item.operands[static_cast<std::size_t>(k)];
      const bool reads = k > 0 || !item.defines || item.reads_first || item.keeps_rest;
      if (!operand.is_virtual() || !reads) continue;
      int& at = end[static_cast<std::size_t>(operand.value)];
      if (at < 0) at = 2 * i;
    }
  }
  block.in.for_each([&](std::size_t r) {
    if (end[r] >= 0) close(r, 2 * block.first);
  });
}

// Segments that meet become one; the interval spans all.
void Liveness::join_segments(Interval& interval) {
  std::vector<LiveRange>& live = interval.live;
  if (live.empty()) return;
  std::sort(live.begin(), live.end(),
            [](const LiveRange& a, const LiveRange& b) { return a.start < b.start; });
  std::size_t kept = 0;
  for (std::size_t s = 1; s < live.size(); ++s) {
    if (live[s].start <= live[kept].end + 1) {
      live[kept].end = std::max(live[kept].end, live[s].end);
    } else {
      live[++kept] = live[s];
    }
  }
  live.resize(kept + 1);
  interval.start = live.front().start;
  interval.end = live.back().end;
}

std::vector<Interval> Liveness::intervals() {
  std::vector<Interval> all(code_.is_pair.size());
  for (std::size_t r = 0; r < all.size(); ++r) all[r].vreg = static_cast<int>(r);
  end_.assign(all.size(), -1);
  for (const Block& block : blocks_) add_segments(block, all);
  const std::vector<int> depth = loop_depths();
  for (std::size_t i = 0; i < code_.items.size(); ++i) {
    const CodeItem& item = code_.items[i];
    const double weight = std::pow(8.0, std::min(depth[i], 6));
    for (int k = 0; k < item.count; ++k) {
      const CodeOperand& operand = item.operands[static_cast<std::size_t>(k)];
      if (operand.is_virtual()) all[static_cast<std::size_t>(operand.value)].weight += weight;
    }
  }
  for (Interval& interval : all) join_segments(interval);
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
