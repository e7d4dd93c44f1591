#include "pimjit/plugins/upmem/isa/condition.h"

#include <array>
#include <initializer_list>

namespace pimjit::upmem {
namespace {

struct Name {
  std::string_view text;
  Condition condition;
};

// In order of the enumeration, aliases last.
constexpr Name kNames[] = {
#define PIMJIT_CONDITION(name) {#name, Condition::name},
#define PIMJIT_CONDITION_ALIAS(text, name)
#include "pimjit/plugins/upmem/isa/conditions.def"
#undef PIMJIT_CONDITION
#undef PIMJIT_CONDITION_ALIAS
#define PIMJIT_CONDITION(name)
#define PIMJIT_CONDITION_ALIAS(text, name) {#text, Condition::name},
#include "pimjit/plugins/upmem/isa/conditions.def"
#undef PIMJIT_CONDITION
#undef PIMJIT_CONDITION_ALIAS
};

constexpr int kNoCode = -1;

struct ClassTable {
  std::array<std::int8_t, 64> code_of{};       // by condition
  std::array<std::int8_t, 64> condition_of{};  // by code; the first name of a code wins
};

struct Entry {
  Condition condition;
  std::int8_t code;
};

constexpr ClassTable make_table(std::initializer_list<Entry> entries) {
  ClassTable table;
  for (auto& code : table.code_of) code = kNoCode;
  for (auto& condition : table.condition_of) condition = kNoCode;
  for (const Entry& entry : entries) {
    table.code_of[static_cast<int>(entry.condition)] = entry.code;
    auto& condition = table.condition_of[entry.code];
    if (condition == kNoCode) condition = static_cast<std::int8_t>(entry.condition);
  }
  return table;
}

constexpr std::array<ClassTable, 32> make_tables() {
  using enum Condition;
  return {
#define PIMJIT_CLASS(name, ...) make_table({__VA_ARGS__}),
#include "pimjit/plugins/upmem/isa/condition_classes.def"
#undef PIMJIT_CLASS
  };
}

constexpr auto kTables = make_tables();

}  // namespace

const char* to_string(Condition condition) {
  if (condition == Condition::always) return "true";
  if (condition == Condition::never) return "false";
  return kNames[static_cast<int>(condition)].text.data();
}

std::optional<Condition> find_condition(std::string_view text) {
  if (text == "true") return Condition::always;
  if (text == "false") return Condition::never;
  for (const Name& name : kNames)
    if (name.text == text) return name.condition;
  return std::nullopt;
}

std::optional<std::uint8_t> condition_code(ConditionClass cls, Condition condition) {
  const int code = kTables[static_cast<int>(cls)].code_of[static_cast<int>(condition)];
  if (code == kNoCode) return std::nullopt;
  return static_cast<std::uint8_t>(code);
}

std::optional<Condition> condition_of_code(ConditionClass cls, std::uint8_t code) {
  const int condition = kTables[static_cast<int>(cls)].condition_of[code & 63];
  if (condition == kNoCode) return std::nullopt;
  return static_cast<Condition>(condition);
}

std::string condition_names(ConditionClass cls) {
  std::string names;
  for (int code = 0; code < 64; ++code) {
    const auto condition = condition_of_code(cls, static_cast<std::uint8_t>(code));
    if (!condition) continue;
    if (!names.empty()) names += ' ';
    names += to_string(*condition);
  }
  return names;
}

}  // namespace pimjit::upmem
