#ifndef PIMJIT_TESTS_SEARCH_TOY_PROBLEM_H_
#define PIMJIT_TESTS_SEARCH_TOY_PROBLEM_H_

#include <stdexcept>
#include <string>

#include "pimjit/build_paths.h"
#include "pimjit/core/plugin/discovery.h"
#include "pimjit/search/measure/problem.h"
#include "pimjit/tests/support/lowered_samples.h"

namespace pimjit::test {

inline std::shared_ptr<const Problem> toy_problem(const std::string& computation,
                                                  const std::string& sizes,
                                                  const std::string& target = "toy",
                                                  DType dtype = DType::i32) {
  auto opened =
      open_target(target, discover(search_places({PIMJIT_BINARY_DIR "/tests/plugins"}, "")));
  if (!opened) throw std::runtime_error(opened.error().message());
  auto problem = make_problem(sample_workload(computation, sizes, dtype), std::move(*opened), 1);
  if (!problem) throw std::runtime_error(problem.error().message());
  return *problem;
}

}  // namespace pimjit::test

#endif  // PIMJIT_TESTS_SEARCH_TOY_PROBLEM_H_
