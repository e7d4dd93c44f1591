#include "pimjit/core/workload/builder.h"

#include <algorithm>

#include "pimjit/core/support/text.h"
#include "pimjit/core/workload/program.h"

namespace pimjit {

void Element::state(const char* op, const ScalarExpr& value) {
  owner_->statements_.push_back(cat(text(), " ", op, " ", value.text()));
}

Element TensorExpr::element(const std::vector<IndexExpr>& indices) const {
  std::vector<std::string> parts;
  for (const IndexExpr& index : indices) parts.push_back(index.text());
  return {owner_, cat(name_, "[", join(parts, ","), "]")};
}

bool Computation::declare(const std::string& name) {
  const bool twice = std::find(names_.begin(), names_.end(), name) != names_.end();
  const bool valid = notation::is_valid_name(name);
  names_.push_back(name);
  if (valid && !twice) return true;
  if (!error_) {
    error_ = user_error(
        "name_conflict",
        valid ? cat("'", name, "' is declared twice") : cat("'", name, "' cannot be a name"), {},
        "names are letters, digits and _, each for one axis or tensor");
  }
  return false;
}

IndexExpr Computation::axis(const std::string& name, int64_t extent) {
  if (declare(name)) options_.sizes[name] = extent;
  return IndexExpr(name);
}

TensorExpr Computation::input(const std::string& name, DType dtype,
                              std::optional<ValueRange> range) {
  if (declare(name)) {
    options_.dtypes[name] = dtype;
    if (range) options_.ranges[name] = *range;
  }
  return {this, name};
}

TensorExpr Computation::output(const std::string& name, std::optional<DType> dtype) {
  if (declare(name) && dtype) options_.dtypes[name] = *dtype;
  return {this, name};
}

std::string Computation::text() const {
  return join(statements_, "; ");
}

Result<Workload> Computation::build() const {
  if (error_) return fail(*error_);
  return parse_workload(text(), options_);
}

}  // namespace pimjit
