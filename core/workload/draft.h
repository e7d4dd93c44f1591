#ifndef PIMJIT_CORE_WORKLOAD_DRAFT_H_
#define PIMJIT_CORE_WORKLOAD_DRAFT_H_

#include <map>
#include <string>
#include <vector>

#include "pimjit/core/workload/program.h"

// The steps of resolve(), in this order; each may rely on the ones before it. Private to
// core/workload.
namespace pimjit::notation {

struct Draft {
  const Program& program;
  const NotationOptions& options;
  std::map<std::string, int> axis_column{};       // every axis, where it first stands
  Workload workload{};                            // filled step by step
  std::vector<std::vector<int>> use_of_access{};  // [stage][access] -> position in Statement::uses
  std::vector<std::vector<int>> access_of_use{};  // [stage][use] -> access
};

// The tensors with their roles, in the order of Workload::tensors, dtype and shape still open.
Status resolve_tensors(Draft& draft);
// Stages with axes (extents 0), accesses and reducers.
Status resolve_stages(Draft& draft);
// Types of all tensors and stages, then the bodies, whose constants depend on them.
Status resolve_types(Draft& draft);
Status resolve_bodies(Draft& draft);
// Extents of the axes, then shapes, coverage of intermediates.
Status resolve_sizes(Draft& draft);
Status resolve_shapes(Draft& draft);
Status resolve_ranges(Draft& draft);

// "; did you mean X?" as a hint for a name that is none of `known`, or the list of them.
std::string suggestion(const std::string& name, const std::vector<std::string>& known,
                       const std::string& kind);

}  // namespace pimjit::notation

#endif  // PIMJIT_CORE_WORKLOAD_DRAFT_H_
