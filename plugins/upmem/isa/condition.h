#ifndef PIMJIT_PLUGINS_UPMEM_ISA_CONDITION_H_
#define PIMJIT_PLUGINS_UPMEM_ISA_CONDITION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pimjit::upmem {

// A predicate on the result, the source operand or the flags; docs/dpu.md has the table of
// meanings.
enum class Condition : std::uint8_t {
#define PIMJIT_CONDITION(name) name,
#define PIMJIT_CONDITION_ALIAS(text, name)
#include "pimjit/plugins/upmem/isa/conditions.def"
#undef PIMJIT_CONDITION
#undef PIMJIT_CONDITION_ALIAS
};

// The same predicate has different codes in different groups of instructions: the class decides.
enum class ConditionClass : std::uint8_t {
#define PIMJIT_CLASS(name, ...) name,
#include "pimjit/plugins/upmem/isa/condition_classes.def"
#undef PIMJIT_CLASS
};

const char* to_string(Condition condition);
// The condition with this spelling, its aliases included.
std::optional<Condition> find_condition(std::string_view text);

std::optional<std::uint8_t> condition_code(ConditionClass cls, Condition condition);
std::optional<Condition> condition_of_code(ConditionClass cls, std::uint8_t code);
// "true, z, nz, ..." for messages.
std::string condition_names(ConditionClass cls);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_ISA_CONDITION_H_
