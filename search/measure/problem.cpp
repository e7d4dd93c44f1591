#include "pimjit/search/measure/problem.h"

#include <new>

#include "pimjit/core/support/text.h"
#include "pimjit/core/verify/test_data.h"
#include "pimjit/version.h"

namespace pimjit {
namespace {

Record stem_of(const Problem& problem) {
  const OpenTarget& target = problem.target;
  Record r;
  r.key = key_of(*problem.workload, *target.description, target.plugin.build());
  r.notation = to_text(*problem.workload);
  r.sizes = sizes_text(*problem.workload);
  r.target = target.name;
  r.plugin_build = target.plugin.build();
  r.structure_text = structure_text(*target.description);
  r.data = cat("uniform in the declared ranges, seed ", problem.seed);
  r.version = PIMJIT_VERSION_STRING;
  return r;
}

}  // namespace

Result<std::shared_ptr<const Problem>> make_problem(std::shared_ptr<const Workload> workload,
                                                    OpenTarget target, uint64_t seed) {
  try {
    auto problem = std::make_shared<Problem>(Problem{workload,
                                                     std::move(target),
                                                     timing_inputs(*workload, seed),
                                                     gate_inputs(*workload, seed + 1),
                                                     seed,
                                                     {}});
    problem->stem = stem_of(*problem);
    return std::shared_ptr<const Problem>(std::move(problem));
  } catch (const std::bad_alloc&) {
    return fail(
        user_error("out_of_memory", "the inputs do not fit into memory", {}, "use smaller sizes"));
  }
}

}  // namespace pimjit
