#include "pimjit/core/plugin/shared_library.h"

#include <cerrno>
#include <cstring>

#include <dlfcn.h>
#include <link.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

struct LoadedSearch {
  dev_t device;
  ino_t inode;
  std::string name;  // the result
};

int is_same_file(dl_phdr_info* info, size_t, void* data) {
  auto* search = static_cast<LoadedSearch*>(data);
  struct stat status = {};
  if (info->dlpi_name == nullptr || std::strncmp(info->dlpi_name, "/proc/self/fd/", 14) != 0)
    return 0;
  if (::stat(info->dlpi_name, &status) != 0) return 0;
  if (status.st_dev != search->device || status.st_ino != search->inode) return 0;
  search->name = info->dlpi_name;
  return 1;
}

std::string loader_text() {
  const char* text = ::dlerror();
  return text == nullptr ? "no reason given" : text;
}

bool is_data(void* address) {
  Dl_info info = {};
  ElfW(Sym)* found = nullptr;
  return ::dladdr1(address, &info, reinterpret_cast<void**>(&found), RTLD_DL_SYMENT) != 0 &&
         found != nullptr && (found->st_info & 0xf) == STT_OBJECT;
}

}  // namespace

// The loader remembers libraries by name, hence the descriptor of a mapped library stays open for
// good (its number names that library), and a library that is already mapped is asked for under its
// first name.
Result<void*> map_library(int descriptor, const std::string& path, bool& kept) {
  struct stat status = {};
  LoadedSearch search{};
  if (::fstat(descriptor, &status) == 0) {
    search.device = status.st_dev, search.inode = status.st_ino;
    dl_iterate_phdr(is_same_file, &search);
  }
  const bool loaded = !search.name.empty();
  const std::string name = loaded ? search.name : cat("/proc/self/fd/", descriptor);
  void* library = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) {
    return fail(target_error("plugin_unloadable",
                             cat("the plugin library does not load: ", loader_text()), path,
                             "look for missing libraries with 'ldd'"));
  }
  kept = !loaded;
  return library;
}

void* symbol_in(void* library, const char* name) {
  return ::dlsym(library, name);
}

Result<void*> load_symbol(const std::string& path, const std::string& symbol) {
  // A bare name would be looked for in the system's folders.
  const std::string file = path.find('/') == std::string::npos ? cat("./", path) : path;
  if (::access(file.c_str(), R_OK) != 0) {
    return fail(user_error("library_missing",
                           cat("cannot open the library: ", std::strerror(errno)), path));
  }
  void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) {
    return fail(user_error("library_unloadable", cat("the library does not load: ", loader_text()),
                           path, "a shared library for this machine is needed: cc -shared -fPIC"));
  }
  void* address = ::dlsym(library, symbol.c_str());
  if (address == nullptr) {
    return fail(user_error("symbol_missing", cat("the library does not export '", symbol, "'"),
                           path,
                           cat("`nm -D ", path, "` lists what it does; C++ needs extern \"C\"")));
  }
  if (is_data(address)) {
    return fail(user_error("symbol_missing", cat("'", symbol, "' is data, not a function"), path));
  }
  return address;
}

}  // namespace pimjit
