#include "pimjit/core/ir/statement_lines.h"

#include "pimjit/core/ir/printer.h"
#include "pimjit/core/ir/visitor.h"

namespace pimjit {
namespace {

// Appends the numbers of the statements that have a line, in the order of the lines. Sequences have
// a number and no line. `next` is the number that the next statement gets.
void number(const Stmt& s, int& next, std::vector<int>& in_order) {
  const size_t place = in_order.size();
  const bool has_line = s->kind != StmtKind::Seq;
  if (has_line) in_order.push_back(-1);
  for_each_substatement(*s, [&](const Stmt& inner) { number(inner, next, in_order); });
  if (has_line) in_order[place] = next;
  ++next;
}

bool only_closes(const std::string& line) {
  const size_t first = line.find_first_not_of(' ');
  return first != std::string::npos && line[first] == '}';
}

}  // namespace

std::vector<StatementLine> statement_lines(const Kernel& kernel) {
  int next = 0;
  std::vector<int> numbers;
  number(kernel.body, next, numbers);
  std::vector<StatementLine> lines;
  const std::string text = to_text(kernel.body, kernel);
  size_t statement = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = text.find('\n', begin);
    StatementLine line{text.substr(begin, end - begin), -1};
    if (!only_closes(line.text) && statement < numbers.size())
      line.statement = numbers[statement++];
    lines.push_back(std::move(line));
    if (end == std::string::npos) break;
    begin = end + 1;
  }
  return lines;
}

}  // namespace pimjit
