#include "pimjit/tests/support/pass_choices.h"

#include <algorithm>

#include "pimjit/core/lower/lower.h"

namespace pimjit::test {
namespace {

const std::vector<std::string>& optional_passes() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const PassInfo& pass : lowering_passes()) {
      if (pass.optional && std::find(names.begin(), names.end(), pass.name) == names.end())
        names.emplace_back(pass.name);
    }
    return names;
  }();
  return kNames;
}

}  // namespace

uint64_t pass_choices() {
  return uint64_t{1} << optional_passes().size();
}

std::vector<std::string> left_out(uint64_t choice) {
  std::vector<std::string> names;
  for (size_t i = 0; i < optional_passes().size(); ++i) {
    if ((choice >> i & 1) != 0) names.push_back(optional_passes()[i]);
  }
  return names;
}

}  // namespace pimjit::test
