// Commands whose parts this build does not have.
#include <algorithm>
#include <iterator>

#include "pimjit/core/support/text.h"
#include "pimjit/tools/pimjit/command.h"

namespace pimjit::cli {
namespace {

constexpr struct {
  const char* name;
  const char* lacks;
} kMissing[] = {
    {"replay", "record database"},
    {"db", "record database"},
};

}  // namespace

Status refuse_missing_command(const std::string& name) {
  const auto* at = std::find_if(std::begin(kMissing), std::end(kMissing),
                                [&name](const auto& missing) { return name == missing.name; });
  if (at == std::end(kMissing)) return {};
  return fail(user_error(
      "missing_part", cat("this build has no ", at->lacks, ", which `pimjit ", name, "` needs")));
}

}  // namespace pimjit::cli
