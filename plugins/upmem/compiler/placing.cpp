#include "pimjit/plugins/upmem/compiler/placing.h"

#include <optional>

#include "pimjit/plugins/upmem/arithmetic/arithmetic.h"

namespace pimjit::upmem {
namespace {

using Kind = CodeOperand::Kind;

class Placer {
 public:
  explicit Placer(Code& code)
      : code_(code), reads_(code.is_pair.size(), 0), writes_(code.is_pair.size(), 0) {
    for (const CodeItem& item : code.items)
      for (int k = 0; k < item.count; ++k) {
        const CodeOperand& operand = item.operands[static_cast<std::size_t>(k)];
        if (!operand.is_virtual()) continue;
        const auto v = static_cast<std::size_t>(operand.value);
        const bool written = k == 0 && item.defines;
        writes_[v] += written;
        reads_[v] += !written || item.reads_first;
      }
  }

  void run() {
    for (std::size_t call = 0; call < code_.items.size(); ++call) {
      if (!takes_words(code_.items[call])) continue;
      for (const int argument : {2, 1}) place_argument(call, argument);
      place_result(call);
    }
  }

 private:
  static bool takes_words(const CodeItem& item) {
    return item.group == Group::routine && item.call && item.routine != Routine::mul_i64 &&
           item.routine != Routine::mul_i64_general && item.routine != Routine::div_i64 &&
           item.routine != Routine::rem_i64 && item.routine != Routine::f32_of_i64 &&
           item.routine != Routine::i64_of_f32;
  }
  // A word written once and read once.
  bool single(const CodeOperand& x) const {
    if (x.kind != Kind::reg) return false;
    const auto v = static_cast<std::size_t>(x.value);
    return !code_.is_pair[v] && reads_[v] == 1 && writes_[v] == 1;
  }
  static bool mentions(const CodeItem& item, const CodeOperand& x) {
    for (int k = 0; k < item.count; ++k)
      if (item.operands[static_cast<std::size_t>(k)] == x) return true;
    return false;
  }
  static bool barrier(const CodeItem& item) { return item.group != Group::none; }

  void place_argument(std::size_t call, int argument) {
    CodeOperand& operand = code_.items[call].operands[static_cast<std::size_t>(argument)];
    const CodeOperand place = fixed(Workspace{}.t[static_cast<std::size_t>(argument - 1)].code);
    if (!single(operand)) return;
    // The other argument must not be moved over this one.
    for (const int k : {1, 2})
      if (k != argument && code_.items[call].operands[static_cast<std::size_t>(k)] == place) return;
    for (std::size_t i = call; i-- > 0;) {
      CodeItem& item = code_.items[i];
      if (barrier(item)) return;
      if (item.defines && item.operands[0] == operand) {
        if (item.reads_first || item.extend != Extend::none) return;
        item.operands[0] = place;
        item.defines = false;
        operand = place;
        return;
      }
      if (mentions(item, place)) return;
    }
  }

  void place_result(std::size_t call) {
    CodeOperand& result = code_.items[call].operands[0];
    const CodeOperand place = fixed(Workspace{}.t[0].code);
    if (!code_.items[call].defines || !single(result)) return;
    for (std::size_t i = call + 1; i < code_.items.size(); ++i) {
      CodeItem& item = code_.items[i];
      if (barrier(item)) return;
      for (int k = 0; k < item.count; ++k) {
        CodeOperand& operand = item.operands[static_cast<std::size_t>(k)];
        if (operand != result) continue;
        operand = place;
        result = place;
        code_.items[call].defines = false;
        return;
      }
      if (mentions(item, place)) return;
    }
  }

  Code& code_;
  std::vector<int> reads_, writes_;
};

}  // namespace

void place_arguments(Code& code) {
  Placer(code).run();
}

}  // namespace pimjit::upmem
