#include "pimjit/plugins/upmem/target/statement_place.h"

namespace pimjit::upmem {
namespace {

class Places {
 public:
  explicit Places(const kit::Kernel& kernel) : k_(kernel), texts_(kernel.stmts.size()) {}

  std::vector<std::string> run() {
    if (k_.body != kit::kNone) walk(k_.body);
    return std::move(texts_);
  }

 private:
  template <typename Table>
  static const std::string& name(const Table& table, int index) {
    static const std::string kUnknown = "?";
    const auto i = static_cast<std::size_t>(index);
    return index >= 0 && i < table.size() ? table[i].name : kUnknown;
  }

  std::string what(const kit::Stmt& s) const {
    switch (s.kind) {
      case kit::StmtKind::Seq:
        return "{}";
      case kit::StmtKind::For:
        return "for " + name(k_.vars, s.var);
      case kit::StmtKind::If:
        return "if";
      case kit::StmtKind::Let:
        return "let " + name(k_.vars, s.var);
      case kit::StmtKind::Store:
        return name(k_.buffers, s.dst) + "[] =";
      case kit::StmtKind::Copy:
        return "copy " + name(k_.links, s.link) + ' ' + name(k_.buffers, s.dst) + " <- " +
               name(k_.buffers, s.src);
      case kit::StmtKind::Barrier:
        return "barrier " + name(k_.levels, s.level);
      case kit::StmtKind::Combine:
        return "combine " + name(k_.levels, s.level) + ' ' + name(k_.buffers, s.dst);
    }
    return "?";
  }

  void walk(int index) {
    const kit::Stmt& s = k_.stmts[static_cast<std::size_t>(index)];
    std::string& text = texts_[static_cast<std::size_t>(index)];
    text = '`' + what(s) + '`';
    if (!loops_.empty()) {
      text += loops_.size() == 1 ? " in loop " : " in loops ";
      for (std::size_t i = 0; i < loops_.size(); ++i) text += (i == 0 ? "" : ", ") + loops_[i];
    }
    if (s.kind == kit::StmtKind::For) loops_.push_back(name(k_.vars, s.var));
    if (s.body != kit::kNone) walk(s.body);
    if (s.else_body != kit::kNone) walk(s.else_body);
    if (s.kind == kit::StmtKind::Seq)
      for (int i = 0; i < s.count; ++i) walk(k_.children[static_cast<std::size_t>(s.first + i)]);
    if (s.kind == kit::StmtKind::For) loops_.pop_back();
  }

  const kit::Kernel& k_;
  std::vector<std::string> texts_, loops_;
};

}  // namespace

std::vector<std::string> statement_places(const kit::Kernel& kernel) {
  return Places(kernel).run();
}

}  // namespace pimjit::upmem
