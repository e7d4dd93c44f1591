#include "pimjit/core/ir/rewrite.h"

namespace pimjit {
namespace {

// Operands never change sides: the left one guards the loads of the right one (docs/ir.md).
constexpr Rule kRules[] = {
    {"x && true", "x", nullptr, RuleTypes::conditions},
    {"true && x", "x", nullptr, RuleTypes::conditions},
    {"x && false", "false", nullptr, RuleTypes::conditions},
    {"false && x", "false", nullptr, RuleTypes::conditions},
    {"x && x", "x", nullptr, RuleTypes::conditions},
    {"x && !x", "false", nullptr, RuleTypes::conditions},
    {"!x && x", "false", nullptr, RuleTypes::conditions},
    {"x && y && x", "x && y", nullptr, RuleTypes::conditions},
    {"x && y && y", "x && y", nullptr, RuleTypes::conditions},
    {"x || true", "true", nullptr, RuleTypes::conditions},
    {"true || x", "true", nullptr, RuleTypes::conditions},
    {"x || false", "x", nullptr, RuleTypes::conditions},
    {"false || x", "x", nullptr, RuleTypes::conditions},
    {"x || x", "x", nullptr, RuleTypes::conditions},
    {"x || !x", "true", nullptr, RuleTypes::conditions},
    {"!x || x", "true", nullptr, RuleTypes::conditions},
    {"!!x", "x", nullptr, RuleTypes::conditions},
    {"x == true", "x", nullptr, RuleTypes::conditions},
    {"x == false", "!x", nullptr, RuleTypes::conditions},
    {"x != true", "!x", nullptr, RuleTypes::conditions},
    {"x != false", "x", nullptr, RuleTypes::conditions},
    {"select(true, x, y)", "x", nullptr, RuleTypes::all},
    {"select(false, x, y)", "y", nullptr, RuleTypes::all},
    {"select(x, y, y)", "y", nullptr, RuleTypes::all},
    {"select(!x, y, z)", "select(x, z, y)", nullptr, RuleTypes::all},
    {"select(x, true, false)", "x", nullptr, RuleTypes::conditions},
    {"select(x, false, true)", "!x", nullptr, RuleTypes::conditions},
};

}  // namespace

std::span<const Rule> logic_rules() {
  return kRules;
}

}  // namespace pimjit
