#ifndef PIMJIT_CORE_SUPPORT_ERROR_H_
#define PIMJIT_CORE_SUPPORT_ERROR_H_

#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace pimjit {

// Whose mistake it is. The command line turns it into its exit status: user 1, target 2,
// internal 3.
enum class Origin { user, target, internal };

// Why something did not work. An error says what happened, where, the numbers that conflict, and
// one suggestion. Errors are values: nothing in the library throws for an expected failure, prints,
// or ends the process.
struct Error {
  Origin origin = Origin::internal;
  std::string code;  // stable short name in snake_case, an anchor in docs/errors.md
  std::string what;  // one sentence without a final full stop, numbers included
  std::string
      where;  // file:line:column, the computation with a caret, a pass, a plugin; may be empty
  std::string hint;                    // one suggestion; may be empty
  std::shared_ptr<const Error> cause;  // the error beneath this one; may be null

  // "what\n  where\n  hint: ..." and the causes, one block, no trailing newline.
  std::string message() const;
};

Error user_error(std::string code, std::string what, std::string where = {}, std::string hint = {});
Error target_error(std::string code, std::string what, std::string where = {},
                   std::string hint = {});
Error internal_error(std::string code, std::string what, std::string where = {},
                     std::string hint = {});

// `error` as the cause of `outer`.
Error with_cause(Error outer, Error error);

const char* to_string(Origin origin);

template <typename T>
using Result = tl::expected<T, Error>;
using Status = tl::expected<void, Error>;

inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

// The entry of `known` nearest to `name` by edit distance, or "" when none is near enough to be
// meant.
std::string nearest_name(const std::string& name, const std::vector<std::string>& known);

}  // namespace pimjit

#endif  // PIMJIT_CORE_SUPPORT_ERROR_H_
