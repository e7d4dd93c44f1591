#ifndef PIMJIT_CORE_SUPPORT_DATA_PATH_H_
#define PIMJIT_CORE_SUPPORT_DATA_PATH_H_

#include <string>

namespace pimjit {

// Where a file of the user's lies: the value of the environment variable, else pimjit/NAME in
// $XDG_DATA_HOME, else in ~/.local/share; "" when the environment has none of them. Makes nothing.
// Thread-safe as long as nothing changes the environment.
std::string data_path(const char* variable, const std::string& name);

}  // namespace pimjit

#endif  // PIMJIT_CORE_SUPPORT_DATA_PATH_H_
