#include "pimjit/core/schedule/loop_tree_text.h"

#include "pimjit/core/schedule/guards.h"
#include "pimjit/core/schedule/trace_names.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

class Drawing {
 public:
  Drawing(const Workload& w, const TargetDesc& target, const Schedule& schedule, int stage)
      : w_(w),
        target_(target),
        schedule_(schedule),
        number_(stage),
        stage_(w.stages[static_cast<size_t>(stage)]),
        s_(schedule.stages[static_cast<size_t>(stage)]) {
    if (!s_.on_device()) return;
    auto layout = layout_stage(w, target, schedule, stage);
    if (layout) layout_ = std::move(*layout);
    has_layout_ = layout.has_value();
  }

  std::string run() {
    header();
    for (size_t p = 0; p <= s_.nest.size(); ++p) {
      caches(static_cast<int>(p));
      if (s_.has_init_at && s_.depth(s_.init_at) + 1 == static_cast<int>(p))
        line(cat("initialise ", output()));
      if (p == s_.nest.size()) break;
      line(loop(s_.nest[p]));
      ++indent_;
    }
    statement();
    memories();
    return text_;
  }

 private:
  const std::string& output() const { return w_.tensors[static_cast<size_t>(stage_.output)].name; }
  void line(const std::string& content) {
    text_ += std::string(static_cast<size_t>(2 * indent_), ' ') + content + '\n';
  }
  std::string name(LoopId id) const { return loop_name(w_, schedule_, number_, id); }

  void header() {
    std::string where = "on the host";
    if (s_.on_device()) where = "on the device";
    if (has_layout_)
      where +=
          cat(": ", layout_.units(), " units, ", layout_.instances_per_unit(), " instances each");
    line(cat("stage ", number_, " (", output(), ") ", where));
  }

  std::string loop(LoopId id) const {
    const Loop& l = s_.loops[static_cast<size_t>(id)];
    std::string text = cat(name(id), ": ", l.extent);
    if (l.axis_kind == AxisKind::reduction) text += "  reduction";
    if (l.level >= 0) text += cat("  ", target_.levels[static_cast<size_t>(l.level)].name);
    if (l.rfactored) text += "  factored";
    if (l.kind == LoopKind::unrolled)
      text += l.unroll == 0 ? "  unrolled" : cat("  unrolled by ", l.unroll);
    if (l.kind == LoopKind::vectorized) text += "  vectorized";
    if (l.kind == LoopKind::parallel) text += "  parallel";
    return text;
  }

  void caches(int position) {
    if (!has_layout_) {
      for (const Cache& c : s_.reads) plain_cache(c, position);
      for (const Cache& c : s_.writes) plain_cache(c, position);
      return;
    }
    for (const OperandLayout& o : layout_.reads) sized_caches(o, position);
    sized_caches(layout_.result, position);
  }
  void plain_cache(const Cache& c, int position) {
    if (s_.depth(c.at) + 1 == position)
      line(cat(verb(c.access), ' ', operand(c.access), " in ", scope(c.scope)));
  }
  void sized_caches(const OperandLayout& o, int position) {
    const int64_t element = bytes_of(o.type);
    for (const Storage& c : o.caches) {
      if (c.depth != position) continue;
      line(cat(verb(o.access), ' ', operand(o.access), " in ", scope(c.scope), ": ",
               c.useful_elements, c.useful_elements == 1 ? " element, " : " elements, ",
               readable_bytes(c.tile_elements * element), c.shared ? ", shared" : ""));
    }
  }
  static const char* verb(int access) { return access == kOutputAccess ? "write" : "read"; }
  std::string operand(int access) const {
    return access == kOutputAccess ? output() : access_name(w_, number_, access);
  }
  const std::string& scope(int number) const {
    return target_.scopes[static_cast<size_t>(number)].name;
  }

  void statement() {
    const bool as_guards = !s_.on_device() || (has_layout_ && pads_are_guards(layout_));
    std::vector<std::string> tests;
    for (LoopMask rest = guarded_loops(s_, as_guards); rest != 0; rest &= rest - 1) {
      const LoopId id = __builtin_ctzll(rest);
      tests.push_back(cat(name(id), " < ", s_.loops[static_cast<size_t>(id)].extent));
    }
    std::vector<std::string> operands;
    for (size_t a = 0; a < stage_.accesses.size(); ++a)
      operands.push_back(operand(static_cast<int>(a)));
    const std::string prefix = tests.empty() ? "" : cat("if ", join(tests, " and "), ": ");
    line(cat(prefix, "compute ", output(), operands.empty() ? "" : " from ", join(operands, ", ")));
  }

  void memories() {
    indent_ = 0;
    if (!has_layout_) return;
    for (size_t i = 0; i < target_.scopes.size(); ++i) {
      const Scope& s = target_.scopes[i];
      const int64_t homes = s.host == HostAccess::direct ? 0 : layout_.home_bytes[i];
      const int64_t used = homes + layout_.scope_elements_bytes[i];
      if (used > 0) line(cat(s.name, ": ", used, " of ", s.capacity, " B"));
    }
  }

  const Workload& w_;
  const TargetDesc& target_;
  const Schedule& schedule_;
  int number_;
  const Stage& stage_;
  const StageSchedule& s_;
  StageLayout layout_;
  bool has_layout_ = false;
  int indent_ = 0;
  std::string text_;
};

}  // namespace

std::string loop_tree_text(const Workload& workload, const TargetDesc& target,
                           const Schedule& schedule, int stage) {
  return Drawing(workload, target, schedule, stage).run();
}

}  // namespace pimjit
