// Why a lookup found nothing, by the field of the key that differs.
#include <algorithm>
#include <sstream>

#include "pimjit/core/support/text.h"
#include "pimjit/search/database/database.h"

namespace pimjit {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// The first line that is in one description and not in the other.
std::string first_difference(const std::string& theirs, const std::string& ours) {
  const std::vector<std::string> a = lines_of(theirs), b = lines_of(ours);
  for (size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    const std::string left = i < a.size() ? a[i] : "(nothing)";
    const std::string right = i < b.size() ? b[i] : "(nothing)";
    if (left != right) return cat("there '", left, "', here '", right, "'");
  }
  return "the descriptions read the same";
}

std::string finding(const RecordGroup& r, const RecordKey& key, const std::string& structure_text,
                    const std::string& plugin_build) {
  const std::string found =
      cat(r.records, " records (", r.ok, " ok) of ", r.notation, " ", r.sizes, " on ", r.target);
  std::vector<std::string> why;
  if (r.key.computation != key.computation) {
    why.push_back(cat("another computation: ", r.key.computation));
  } else if (r.key.workload != key.workload) {
    why.push_back(cat("other sizes: ", r.sizes));
  }
  if (r.key.structure != key.structure) {
    why.push_back(cat("another structure of the target: ",
                      first_difference(r.structure_text, structure_text)));
  } else if (r.key.model != key.model) {
    why.push_back(
        r.plugin_build != plugin_build
            ? cat("another build of the plugin: ", r.plugin_build, ", here ", plugin_build)
            : std::string("other costs in the target's description"));
  }
  if (why.empty()) return cat(found, ": the same key", r.ok == 0 ? ", none verified" : "");
  return cat(found, ": ", join(why, "; "));
}

}  // namespace

Result<std::vector<std::string>> Database::explain(const RecordKey& key,
                                                   const std::string& structure_text,
                                                   const std::string& plugin_build) const {
  constexpr int kFindings = 8;
  const Result<std::vector<RecordGroup>> nearest = nearest_groups(key, kFindings);
  if (!nearest) return fail(nearest.error());
  std::vector<std::string> findings;
  for (const RecordGroup& group : *nearest) {
    findings.push_back(finding(group, key, structure_text, plugin_build));
  }
  if (findings.empty()) findings.push_back("the database holds no records");
  return findings;
}

}  // namespace pimjit
