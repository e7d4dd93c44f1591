#include "pimjit/search/measure/problem.h"

#include <new>

#include "pimjit/core/support/text.h"
#include "pimjit/core/verify/test_data.h"

namespace pimjit {

Result<std::shared_ptr<const Problem>> make_problem(std::shared_ptr<const Workload> workload,
                                                    OpenTarget target, uint64_t seed) {
  try {
    auto problem = std::make_shared<Problem>(
        Problem{workload, std::move(target), timing_inputs(*workload, seed),
                gate_inputs(*workload, seed + 1), seed,
                cat("uniform in the declared ranges, seed ", seed)});
    return std::shared_ptr<const Problem>(std::move(problem));
  } catch (const std::bad_alloc&) {
    return fail(
        user_error("out_of_memory", "the inputs do not fit into memory", {}, "use smaller sizes"));
  }
}

}  // namespace pimjit
