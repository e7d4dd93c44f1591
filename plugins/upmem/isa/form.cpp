#include "pimjit/plugins/upmem/isa/form.h"

#include <initializer_list>
#include <string>
#include <unordered_map>
#include <vector>

namespace pimjit::upmem {
namespace {

// How destinations are encoded: in the fields of the addition or the logic group, or directly.
enum class Group : std::uint8_t { add, logic, direct };

enum Destination : std::uint8_t { R = 1, Z = 2, S = 4, U = 8, P = 16, N = 32, B = 64 };

struct FieldList {
  std::array<Field, 3> fields{};
  std::uint8_t count = 0;
  constexpr FieldList(std::initializer_list<Field> list) {
    for (Field field : list) fields[count++] = field;
  }
};

struct Family {
  Group group;
  std::uint64_t fixed;
  std::uint8_t code_at;
  FieldList wide, narrow, wide_zero, narrow_zero;
  Field set_field, branch_field;
};

enum class FamilyName : std::uint8_t {
#define PIMJIT_FAMILY(name, ...) name,
#include "pimjit/plugins/upmem/isa/families.def"
#undef PIMJIT_FAMILY
};

const Family& family_of(FamilyName name) {
  using enum Field;
  static constexpr Family kFamilies[] = {
#define FIELDS(...) \
  FieldList {       \
    __VA_ARGS__     \
  }
#define PIMJIT_FAMILY(name, group, ...) Family{Group::group, __VA_ARGS__},
#include "pimjit/plugins/upmem/isa/families.def"
#undef PIMJIT_FAMILY
#undef FIELDS
  };
  return kFamilies[static_cast<int>(name)];
}

struct Row {
  Op op, action;
  FamilyName family;
  std::uint32_t code;
  std::uint8_t destinations;
  ConditionClass set_class, branch_class;
  const char* refused;
};

#define PIMJIT_OP(...)
#define PIMJIT_ROW(op, action, family, code, destinations, set_class, branch_class, reason) \
  Row{Op::op,                                                                               \
      Op::action,                                                                           \
      FamilyName::family,                                                                   \
      code,                                                                                 \
      destinations,                                                                         \
      ConditionClass::set_class,                                                            \
      ConditionClass::branch_class,                                                         \
      reason},
#define PIMJIT_ENCODING(op, ...) PIMJIT_ROW(op, op, __VA_ARGS__, nullptr)
#define PIMJIT_ENCODING_AS(op, action, ...) PIMJIT_ROW(op, action, __VA_ARGS__, nullptr)
#define PIMJIT_REFUSED(op, ...) PIMJIT_ROW(op, op, __VA_ARGS__)
constexpr Row kRows[] = {
#include "pimjit/plugins/upmem/isa/instructions.def"
};
#undef PIMJIT_OP
#undef PIMJIT_ROW
#undef PIMJIT_ENCODING
#undef PIMJIT_ENCODING_AS
#undef PIMJIT_REFUSED

struct OpName {
  const char* text;
  OpKind kind;
};
constexpr OpName kOps[] = {
#define PIMJIT_OP(op, text, kind) {text, OpKind::kind},
#define PIMJIT_ENCODING(...)
#define PIMJIT_ENCODING_AS(...)
#define PIMJIT_REFUSED(...)
#include "pimjit/plugins/upmem/isa/instructions.def"
#undef PIMJIT_OP
#undef PIMJIT_ENCODING
#undef PIMJIT_ENCODING_AS
#undef PIMJIT_REFUSED
};

void add_operand(Form& form, Field field) {
  form.operands[form.operand_count++] = field;
  form.mask &= ~field_info(field).mask;
}

// The destination operand and the bits that select the group and the extension.
void add_destination(Form& form, Group group, Destination destination) {
  constexpr std::uint64_t kSigned = std::uint64_t{1} << 39;
  constexpr std::uint64_t kZeroAdd = std::uint64_t{3} << 44, kZeroLogic = std::uint64_t{3} << 42;
  const bool pair = destination == S || destination == U;
  if (group == Group::add) form.fixed |= std::uint64_t{3} << 42;
  if (group == Group::add && pair) form.fixed |= std::uint64_t{1} << 46;
  if (group == Group::logic) form.fixed |= std::uint64_t{pair ? 9u : 8u} << 44;
  if (destination == S) form.fixed |= kSigned;
  switch (destination) {
    case R:
      add_operand(form, group == Group::add ? Field::c_add : Field::c_logic);
      break;
    case S:
    case U:
      add_operand(form, group == Group::add ? Field::d_add : Field::d_logic);
      form.extend = destination == S ? Extend::sign : Extend::zero;
      break;
    case P:
      add_operand(form, Field::c_pair);
      break;
    case Z:
      if (group == Group::add) form.fixed |= kZeroAdd;
      if (group == Group::logic) form.fixed |= kZeroLogic;
      add_operand(form, Field::zero);
      break;
    case N:
    case B:
      break;
  }
}

Form make_form(const Row& row, Destination destination, Style style) {
  const Family& family = family_of(row.family);
  Form form{};
  form.op = row.op;
  form.action = row.action;
  form.style = style;
  form.refused = row.refused;
  form.operands.fill(Field::none);
  form.fixed = family.fixed | std::uint64_t{row.code} << family.code_at;
  form.mask = (std::uint64_t{1} << 48) - 1;
  add_destination(form, family.group, destination);
  const bool zero = destination == Z, narrow = style == Style::branch;
  const FieldList& sources = zero     ? (narrow ? family.narrow_zero : family.wide_zero)
                             : narrow ? family.narrow
                                      : family.wide;
  for (int i = 0; i < sources.count; ++i) add_operand(form, sources.fields[i]);
  if (style == Style::set) {
    form.condition_class = row.set_class;
    add_operand(form, family.set_field);
  } else if (style == Style::branch) {
    form.condition_class = row.branch_class;
    add_operand(form, family.branch_field);
    add_operand(form, Field::pc);
  }
  return form;
}

struct Table {
  std::vector<Form> forms;
  std::array<std::uint16_t, static_cast<int>(Op::count) + 1> first{};
  std::unordered_map<std::string, Mnemonic> mnemonics;
};

void add_forms(Table& table, const Row& row) {
  for (Destination destination : {R, Z, S, U, P, N, B}) {
    if ((row.destinations & destination) == 0) continue;
    if (destination != B) table.forms.push_back(make_form(row, destination, Style::plain));
    if (row.set_class != ConditionClass::none)
      table.forms.push_back(make_form(row, destination, Style::set));
    if (row.branch_class != ConditionClass::none)
      table.forms.push_back(make_form(row, destination, Style::branch));
  }
}

Table make_table() {
  Table table;
  for (const Row& row : kRows) {
    add_forms(table, row);
    table.first[static_cast<int>(row.op) + 1] = static_cast<std::uint16_t>(table.forms.size());
  }
  for (const Form& form : table.forms) {
    constexpr const char* kSuffix[] = {"", ".s", ".u"};
    table.mnemonics.emplace(
        std::string(to_string(form.op)) + kSuffix[static_cast<int>(form.extend)],
        Mnemonic{form.op, form.extend});
  }
  return table;
}

const Table& table() {
  static const Table instance = make_table();
  return instance;
}

}  // namespace

int Form::operand_of_kind(FieldKind kind) const {
  for (int i = 0; i < operand_count; ++i)
    if (field_info(operands[i]).kind == kind) return i;
  return -1;
}

std::span<const Form> forms() {
  return table().forms;
}

std::span<const Form> forms_of(Op op) {
  const Table& all = table();
  const int index = static_cast<int>(op);
  return std::span<const Form>(all.forms).subspan(all.first[index],
                                                  all.first[index + 1] - all.first[index]);
}

FormId form_id(const Form& form) {
  return static_cast<FormId>(&form - forms().data());
}

const char* to_string(Op op) {
  return kOps[static_cast<int>(op)].text;
}

OpKind kind_of(Op op) {
  return kOps[static_cast<int>(op)].kind;
}

const char* to_string(OpKind kind) {
  constexpr const char* kNames[] = {"alu", "multiply", "step", "control", "load", "store",
                                    "dma", "atomic",   "run",  "time",    "other"};
  return kNames[static_cast<int>(kind)];
}

std::optional<Mnemonic> find_mnemonic(std::string_view text) {
  const auto found = table().mnemonics.find(std::string(text));
  if (found == table().mnemonics.end()) return std::nullopt;
  return found->second;
}

}  // namespace pimjit::upmem
