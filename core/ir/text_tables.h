#ifndef PIMJIT_CORE_IR_TEXT_TABLES_H_
#define PIMJIT_CORE_IR_TEXT_TABLES_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pimjit/core/ir/kernel.h"
#include "pimjit/core/ir/text_lexer.h"

namespace pimjit {

// The names of one table of a kernel being read, and how the text refers to its entries.
class NameIndex {
 public:
  explicit NameIndex(const char* what) : what_(what) {}
  void add(const std::string& name) { positions_[name].push_back(count_++); }
  const char* what() const { return what_; }
  // Positions of the entries of that name, in order; empty when there is none.
  const std::vector<int>& find(const std::string& name) const;
  std::vector<std::string> names() const;

 private:
  const char* what_;
  int count_ = 0;
  std::map<std::string, std::vector<int>> positions_;
};

// What the parts of the kernel parser share: the tokens, the first problem, the tables. After a
// problem nothing is read any more, and all functions give zeros.
struct TextSource {
  TextLexer lexer;
  std::optional<Error> problem;
  Kernel kernel;
  NameIndex levels{"level"}, scopes{"scope"}, links{"link"}, params{"parameter"}, buffers{"buffer"},
      vars{"variable"};

  TextSource(std::string_view text, const std::string& file) : lexer(text, file) {}
  bool ok() const { return !problem; }
  void complain(Error error) {
    if (ok()) problem = std::move(error);
  }
  void complain_at(const std::string& what, size_t offset) {
    complain(lexer.error_at(what, offset));
  }
  void expect(std::string_view spelling);  // steps over it
  bool take(std::string_view spelling) { return ok() && lexer.take(spelling); }

  std::string name(const char* what);  // a declared name
  int reference(const NameIndex& table);
  int64_t integer(const char* what);
  DType dtype(const char* what);
};

// "kernel NAME {" and the tables, up to the word "body".
void parse_tables(TextSource& source);

}  // namespace pimjit

#endif  // PIMJIT_CORE_IR_TEXT_TABLES_H_
