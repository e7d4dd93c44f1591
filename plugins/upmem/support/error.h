#ifndef PIMJIT_PLUGINS_UPMEM_SUPPORT_ERROR_H_
#define PIMJIT_PLUGINS_UPMEM_SUPPORT_ERROR_H_

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace pimjit::upmem {

// Whose mistake it is; the tools turn it into their exit status (user 1, target 2, internal 3).
enum class Origin { user, target, internal };

// Why something did not work. Plugins may include only the plugin contract of core, hence a type of
// their own with the same parts as core's: a code, one sentence with the numbers that conflict, the
// place, one suggestion.
struct Error {
  Origin origin = Origin::internal;
  std::string code;
  std::string what;
  std::string where;
  std::string hint;

  // "where: what\n  hint: ..." without a trailing newline.
  std::string message() const {
    std::string text = where.empty() ? what : where + ": " + what;
    if (!hint.empty()) text += "\n  hint: " + hint;
    return text;
  }
};

template <typename T>
using Expected = tl::expected<T, Error>;
using Status = tl::expected<void, Error>;

inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

inline tl::unexpected<Error> fail(Origin origin, std::string code, std::string what,
                                  std::string where = {}, std::string hint = {}) {
  return fail(Error{origin, std::move(code), std::move(what), std::move(where), std::move(hint)});
}

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_SUPPORT_ERROR_H_
