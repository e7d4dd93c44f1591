#ifndef PIMJIT_CORE_TARGET_TOML_SCAN_H_
#define PIMJIT_CORE_TARGET_TOML_SCAN_H_

#include <string>

#include "pimjit/core/support/error.h"

namespace pimjit {

// Looks through a text before the TOML library sees it, for what the library does not survive: keys
// nested without bound, and characters beyond ASCII where it asks whether they are blank. Errors
// (of `origin`): "toml_too_large" beyond 256 KiB or 200 dots in one line; "toml_not_ascii" for
// characters beyond ASCII that stand neither in a comment nor in a text. Texts of several lines in
// """ must be ASCII too.
Status scan_toml(const std::string& text, const std::string& file, Origin origin);

}  // namespace pimjit

#endif  // PIMJIT_CORE_TARGET_TOML_SCAN_H_
