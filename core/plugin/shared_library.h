#ifndef PIMJIT_CORE_PLUGIN_SHARED_LIBRARY_H_
#define PIMJIT_CORE_PLUGIN_SHARED_LIBRARY_H_

#include <string>

#include "pimjit/core/support/error.h"

namespace pimjit {

// The one place of the library that loads code. What is loaded stays mapped for good. Any thread.

// Maps the regular file open as `descriptor`, so that the file which was checked is the file that
// runs. On success the descriptor may have been kept: `kept` says so. Errors, target:
// plugin_unloadable with what the loader says, `path` being the file's name.
Result<void*> map_library(int descriptor, const std::string& path, bool& kept);
// The address of an exported name, or null.
void* symbol_in(void* library, const char* name);

// A function of a library that the user names: the file is taken as it is. A path without a slash
// is one in the working directory; the system's folders are not searched. Errors (user):
// library_missing, library_unloadable, symbol_missing.
Result<void*> load_symbol(const std::string& path, const std::string& symbol);

}  // namespace pimjit

#endif  // PIMJIT_CORE_PLUGIN_SHARED_LIBRARY_H_
