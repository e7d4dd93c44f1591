#ifndef PIMJIT_CORE_IR_TEXT_NAMES_H_
#define PIMJIT_CORE_IR_TEXT_NAMES_H_

#include <string>
#include <string_view>
#include <vector>

#include "pimjit/core/ir/kernel.h"

namespace pimjit {

// Words of the text form that stand for themselves; as names they are quoted.
bool is_reserved_word(std::string_view word);

// A name as the text form writes it: plain where it can be, else in quotes.
std::string quoted_name(const std::string& name);

// What refers to each entry of a table: its name, with "#position" where the name occurs more than
// once.
std::vector<std::string> reference_texts(const std::vector<std::string>& names);

const char* level_kind_text(LevelKind kind);

template <typename Entry>
std::vector<std::string> names_of(const std::vector<Entry>& table) {
  std::vector<std::string> names;
  names.reserve(table.size());
  for (const Entry& entry : table) names.push_back(entry.name);
  return names;
}

}  // namespace pimjit

#endif  // PIMJIT_CORE_IR_TEXT_NAMES_H_
