#ifndef PIMJIT_CORE_TARGET_PARSE_PARTS_H_
#define PIMJIT_CORE_TARGET_PARSE_PARTS_H_

#include <functional>
#include <string>

#include "pimjit/core/target/table_reader.h"
#include "pimjit/core/target/target_desc.h"

namespace pimjit {

// The tables of a target description, one function each. They fill their part of `target`, in this
// order; the first error stays in the reader's context.
void parse_levels(TableReader& root, TargetDesc& target);
void parse_scopes(TableReader& root, TargetDesc& target);
void parse_links(TableReader& root, TargetDesc& target);
void parse_reduction(TableReader& root, TargetDesc& target);
void parse_numerics(TableReader& root, TargetDesc& target);
void parse_limits(TableReader& root, TargetDesc& target);
void parse_host(TableReader& root, TargetDesc& target);
void parse_intrinsics(TableReader& root, TargetDesc& target);
void parse_modes(TableReader& root, TargetDesc& target);
void parse_plugin_table(TableReader& root, TargetDesc& target);

// Entries of [plugin] that refer to another number of the description get its text. Errors: user
// unknown_name at the entry.
Status resolve_plugin_references(TargetDesc& target);

// Calls `read` with each table of the array of tables `key`, its path "key.<name>" by the table's
// own name, and then finishes it. Errors: not an array of tables, a name used twice.
void each_table(TableReader& root, const std::string& key,
                const std::function<void(TableReader&)>& read);

// The index of `name` among `names`; on an unknown one an error at `key` of `reader`, and -1.
int resolve(TableReader& reader, const std::string& key, const std::string& name,
            const Names& names);

Names level_names(const TargetDesc& target);
Names scope_names(const TargetDesc& target);
Names link_names(const TargetDesc& target);

}  // namespace pimjit

#endif  // PIMJIT_CORE_TARGET_PARSE_PARTS_H_
