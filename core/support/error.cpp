#include "pimjit/core/support/error.h"

#include <algorithm>

namespace pimjit {
namespace {

Error make(Origin origin, std::string code, std::string what, std::string where, std::string hint) {
  return Error{origin,           std::move(code), std::move(what),
               std::move(where), std::move(hint), nullptr};
}

size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string Error::message() const {
  std::string text = what;
  if (!where.empty()) text += "\n  " + where;
  if (!hint.empty()) text += "\n  hint: " + hint;
  if (cause) text += "\n  because: " + cause->message();
  return text;
}

Error user_error(std::string code, std::string what, std::string where, std::string hint) {
  return make(Origin::user, std::move(code), std::move(what), std::move(where), std::move(hint));
}
Error target_error(std::string code, std::string what, std::string where, std::string hint) {
  return make(Origin::target, std::move(code), std::move(what), std::move(where), std::move(hint));
}
Error internal_error(std::string code, std::string what, std::string where, std::string hint) {
  return make(Origin::internal, std::move(code), std::move(what), std::move(where),
              std::move(hint));
}

Error with_cause(Error outer, Error error) {
  outer.cause = std::make_shared<const Error>(std::move(error));
  return outer;
}

const char* to_string(Origin origin) {
  switch (origin) {
    case Origin::user:
      return "user";
    case Origin::target:
      return "target";
    case Origin::internal:
      return "internal";
  }
  return "internal";
}

std::string nearest_name(const std::string& name, const std::vector<std::string>& known) {
  std::string best;
  size_t best_distance = std::max<size_t>(2, name.size() / 3) + 1;
  for (const std::string& candidate : known) {
    const size_t distance = edit_distance(name, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace pimjit
