#include "pimjit/plugins/upmem/compiler/spill.h"

#include <optional>

namespace pimjit::upmem {
namespace {

bool writes(const CodeItem& item, int k) {
  return (k == 0 && item.defines) || k >= item.count - item.temps;
}

// The only item that writes the register.
std::optional<std::size_t> only_definition(const Code& code, int vreg) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < code.items.size(); ++i) {
    const CodeItem& item = code.items[i];
    for (int k = 0; k < item.count; ++k) {
      const CodeOperand& operand = item.operands[static_cast<std::size_t>(k)];
      if (!operand.is_virtual() || operand.value != vreg || !writes(item, k)) continue;
      if (found) return std::nullopt;
      found = i;
    }
  }
  return found;
}

// One instruction that gives the same whenever its sources are the same.
bool repeatable(const CodeItem& item) {
  if (item.group != Group::none || !item.defines || item.reads_first || item.keeps_rest ||
      item.extend != Extend::none || item.operands[0].kind != CodeOperand::Kind::reg)
    return false;
  for (int k = 1; k < item.count; ++k) {
    const CodeOperand::Kind kind = item.operands[static_cast<std::size_t>(k)].kind;
    if (kind == CodeOperand::Kind::cond || kind == CodeOperand::Kind::label) return false;
  }
  if (item.op == Op::lw) return item.unchanging;
  const OpKind kind = kind_of(item.op);
  return kind == OpKind::alu && item.op != Op::addc && item.op != Op::subc;
}

const Interval* interval_of(const std::vector<Interval>& intervals, int vreg) {
  for (const Interval& interval : intervals)
    if (interval.vreg == vreg) return &interval;
  return nullptr;
}

constexpr std::size_t kLongestChain = 3;
// Of more than one instruction only where few loops are around the uses.
constexpr double kRareUse = 3 * 64;

// The instructions, in order, that compute the register from constants, words of the host and
// registers that are live wherever `own` is.
bool collect_chain(const Code& code, const std::vector<Interval>& intervals, const Interval& own,
                   int vreg, std::vector<CodeItem>& chain) {
  if (code.is_pair[static_cast<std::size_t>(vreg)] || chain.size() >= kLongestChain) return false;
  const auto at = only_definition(code, vreg);
  if (!at || !repeatable(code.items[*at])) return false;
  const CodeItem& definition = code.items[*at];
  for (const CodeItem& known : chain)
    if (known.operands[0] == definition.operands[0]) return true;
  for (int k = 1; k < definition.count; ++k) {
    const CodeOperand& source = definition.operands[static_cast<std::size_t>(k)];
    if (!source.is_virtual()) continue;
    const Interval* interval = interval_of(intervals, source.vreg().id);
    const bool lives =
        interval && interval->end >= own.end && only_definition(code, source.vreg().id);
    if (!lives && !collect_chain(code, intervals, own, source.vreg().id, chain)) return false;
  }
  chain.push_back(definition);
  return chain.size() == 1 || (chain.size() <= kLongestChain && own.weight <= kRareUse);
}

// The chain again, its last instruction writing to `result`.
void append_chain(Code& code, const std::vector<CodeItem>& chain, VReg result, int statement,
                  std::vector<CodeItem>& items) {
  std::vector<std::pair<CodeOperand, VReg>> names;
  for (CodeItem item : chain) {
    item.statement = statement;
    for (int k = 1; k < item.count; ++k)
      for (const auto& [old, name] : names)
        if (item.operands[static_cast<std::size_t>(k)] == old)
          item.operands[static_cast<std::size_t>(k)] = name;
    const CodeOperand old = item.operands[0];
    const bool last = old == chain.back().operands[0];
    names.emplace_back(old, last ? result : code.make(false, true));
    item.operands[0] = names.back().second;
    items.push_back(item);
  }
}

bool is_move_of(const CodeItem& item, int vreg) {
  return item.group == Group::none && item.op == Op::or_ && item.count == 3 &&
         item.extend == Extend::none && item.defines && !item.keeps_rest &&
         item.operands[0].kind == CodeOperand::Kind::reg &&
         item.operands[1] == CodeOperand(VReg{vreg}) && item.operands[2] == CodeOperand(0);
}

CodeItem access(const CodeItem& user, Op op, VReg reg, std::int64_t address) {
  CodeItem item;
  const bool load = op == Op::lw || op == Op::ld;
  item.statement = user.statement;
  item.op = op;
  item.count = 3;
  item.defines = load;
  const CodeOperand id8 = fixed(kCodeId + 3);
  if (load)
    item.operands = {reg, id8, address};
  else
    item.operands = {id8, address, reg};
  return item;
}

}  // namespace

bool rematerialise(Code& code, const std::vector<Interval>& intervals, int vreg) {
  const Interval* own = interval_of(intervals, vreg);
  std::vector<CodeItem> chain;
  if (!own || !collect_chain(code, intervals, *own, vreg, chain)) return false;
  std::vector<CodeItem> items;
  items.reserve(code.items.size() + 8);
  for (const CodeItem& old : code.items) {
    if (writes(old, 0) && old.operands[0] == CodeOperand(VReg{vreg})) continue;
    CodeItem item = old;
    if (is_move_of(item, vreg)) {
      append_chain(code, chain, item.operands[0].vreg(), item.statement, items);
      continue;
    }
    VReg local;
    for (int k = 0; k < item.count; ++k) {
      CodeOperand& operand = item.operands[static_cast<std::size_t>(k)];
      if (!operand.is_virtual() || operand.value != vreg) continue;
      if (local.id < 0) local = code.make(false, true);
      operand.value = local.id;
    }
    if (local.id >= 0) append_chain(code, chain, local, item.statement, items);
    items.push_back(item);
  }
  code.items = std::move(items);
  return true;
}

void spill(Code& code, int vreg, std::int64_t address) {
  std::vector<CodeItem> items;
  items.reserve(code.items.size());
  const bool pair = code.is_pair[static_cast<std::size_t>(vreg)];
  for (CodeItem item : code.items) {
    bool reads = false, writes = false;
    VReg local;
    for (int k = 0; k < item.count; ++k) {
      CodeOperand& operand = item.operands[static_cast<std::size_t>(k)];
      if (!operand.is_virtual() || operand.value != vreg) continue;
      if (local.id < 0) local = code.make(pair, true);
      operand.value = local.id;
      const bool temp = k >= item.count - item.temps;
      const bool written = (k == 0 && item.defines) || temp;
      reads |= !temp && (!written || item.reads_first || item.keeps_rest ||
                         operand.kind != CodeOperand::Kind::reg);
      writes |= written && !temp;
    }
    if (reads) items.push_back(access(item, pair ? Op::ld : Op::lw, local, address));
    if (reads && writes && item.operands[0].kind != CodeOperand::Kind::reg) item.keeps_rest = true;
    const bool jumps = writes && item.group == Group::none && item.count > 2 &&
                       item.operands[item.count - 1u].kind == CodeOperand::Kind::label;
    if (jumps) {
      // The store has to come before the jump, which then tests the value again.
      CodeItem test = item;
      test.op = Op::sub;
      test.defines = test.reads_first = false;
      test.count = 5;
      test.operands = {fixed(kCodeZero), local, 0, item.operands[item.count - 2u],
                       item.operands[item.count - 1u]};
      item.count = static_cast<std::uint8_t>(item.count - 2);
      items.push_back(item);
      items.push_back(access(item, pair ? Op::sd : Op::sw, local, address));
      items.push_back(test);
      continue;
    }
    items.push_back(item);
    if (writes) items.push_back(access(item, pair ? Op::sd : Op::sw, local, address));
  }
  code.items = std::move(items);
}

}  // namespace pimjit::upmem
