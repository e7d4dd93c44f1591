#ifndef PIMJIT_CORE_TARGET_ENUM_NAMES_H_
#define PIMJIT_CORE_TARGET_ENUM_NAMES_H_

// The names that enumerations of a target description have in files, keys and messages, in the
// order of their values.
namespace pimjit::target_names {

inline constexpr const char* kLevelKinds[] = {"independent", "lockstep", "lane", "time"};
inline constexpr const char* kSelects[] = {"all", "range", "mask"};
inline constexpr const char* kHostAccesses[] = {"none", "copy", "direct", "broadcast"};
inline constexpr const char* kElementAccesses[] = {"none", "read", "read_write"};
inline constexpr const char* kSupports[] = {"native", "emulated", "absent"};
inline constexpr const char* kConfidences[] = {"spec", "measured", "fitted", "guess"};
inline constexpr const char* kTimeOrigins[] = {"measured", "modelled"};
inline constexpr const char* kSumOrders[] = {"sequential", "tree", "any"};
inline constexpr const char* kNumericOps[] = {"add", "sub",     "mul",     "div",  "mod",  "min",
                                              "max", "compare", "convert", "load", "store"};
// Bit i of a CombineSet is 1 << (i + 1): the values of CombineOp begin at 1.
inline constexpr const char* kCombineOps[] = {"sum", "prod", "min", "max"};

}  // namespace pimjit::target_names

#endif  // PIMJIT_CORE_TARGET_ENUM_NAMES_H_
