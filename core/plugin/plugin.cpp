#include "pimjit/core/plugin/plugin.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pimjit/core/plugin/abi_read.h"
#include "pimjit/core/plugin/shared_library.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

constexpr char kQuerySymbol[] = "pj_plugin_query";

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int value() const { return fd_; }
  int keep() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

Status check_file(int fd, const std::string& path, struct stat* status) {
  if (::fstat(fd, status) != 0) {
    return fail(target_error(
        "plugin_missing", cat("cannot examine the plugin library: ", std::strerror(errno)), path));
  }
  if (!S_ISREG(status->st_mode)) {
    return fail(
        target_error("plugin_not_a_library", "the plugin library is not a regular file", path));
  }
  if ((status->st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return fail(target_error("plugin_unsafe",
                             "the plugin library can be written by others than its owner", path,
                             cat("chmod go-w ", path)));
  }
  if (status->st_uid != 0 && status->st_uid != ::geteuid()) {
    return fail(target_error("plugin_unsafe",
                             cat("the plugin library belongs to user ", status->st_uid,
                                 ", neither to this user (", ::geteuid(), ") nor to root"),
                             path));
  }
  return {};
}

std::string machine_name(int machine, int elf_class) {
  const char* bits = elf_class == ELFCLASS64 ? "64-bit " : elf_class == ELFCLASS32 ? "32-bit " : "";
  switch (machine) {
    case EM_X86_64:
      return cat(bits, "x86-64");
    case EM_386:
      return cat(bits, "x86");
    case EM_AARCH64:
      return cat(bits, "AArch64");
    case EM_ARM:
      return cat(bits, "Arm");
    case EM_RISCV:
      return cat(bits, "RISC-V");
    case EM_PPC64:
      return cat(bits, "POWER");
    case EM_S390:
      return cat(bits, "s390");
    default:
      return cat(bits, "ELF machine ", machine);
  }
}

using ElfHeader = std::conditional_t<sizeof(void*) == 8, Elf64_Ehdr, Elf32_Ehdr>;

// The ELF header of this very program tells what a library must be built for.
Status check_header(int fd, const std::string& path) {
  ElfHeader header = {};
  ElfHeader own = {};
  const Descriptor self(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  if (self.value() < 0 || ::pread(self.value(), &own, sizeof own, 0) != ssize_t{sizeof own}) {
    return fail(
        internal_error("plugin_unloadable", "cannot read /proc/self/exe", {}, "mount /proc"));
  }
  const ssize_t got = ::pread(fd, &header, sizeof header, 0);
  // e_machine stands at the same place in both classes, so a shorter header is enough to name the
  // machine.
  if (got < 20 || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) {
    return fail(target_error("plugin_not_a_library",
                             "the plugin library is not a shared library: it has no ELF header",
                             path));
  }
  if (header.e_machine != own.e_machine || header.e_ident[EI_CLASS] != own.e_ident[EI_CLASS]) {
    return fail(
        target_error("plugin_wrong_architecture",
                     cat("the plugin library is built for ",
                         machine_name(header.e_machine, header.e_ident[EI_CLASS]),
                         ", this program for ", machine_name(own.e_machine, own.e_ident[EI_CLASS])),
                     path, "build the plugin on this machine"));
  }
  if (header.e_type != ET_DYN) {
    return fail(target_error("plugin_not_a_library",
                             cat("the plugin library is an ELF file of type ", header.e_type,
                                 ", not a shared library (", ET_DYN, ")"),
                             path));
  }
  return {};
}

void* host_allocate(void*, uint64_t bytes, uint64_t alignment) {
  if ((alignment & (alignment - 1)) != 0 || bytes > UINT64_MAX / 2) return nullptr;
  const uint64_t align = std::max<uint64_t>(alignment, alignof(std::max_align_t));
  void* memory = nullptr;
  return ::posix_memalign(&memory, align, std::max<uint64_t>(bytes, 1)) == 0 ? memory : nullptr;
}
void host_release(void*, void* memory) {
  std::free(memory);
}

void host_log(void* self, int32_t level, pj_text message) {
  const auto& services = static_cast<PluginState*>(self)->services;
  if (!services.log) return;
  const int32_t known = std::clamp<int32_t>(level, PJ_LOG_DEBUG, PJ_LOG_ERROR);
  services.log(static_cast<PluginLogLevel>(known), read_text(message));
}

int32_t host_cancelled(void* self) {
  const auto& services = static_cast<PluginState*>(self)->services;
  return services.cancelled && services.cancelled() ? 1 : 0;
}

Status check_table(PluginState& state) {
  const pj_plugin_api& api = state.api;
  state.name = read_text(api.name);
  state.build = read_text(api.build);
  if (api.abi_major != PJ_ABI_MAJOR) {
    return fail(target_error(
        "plugin_version",
        cat("the plugin speaks version ", api.abi_major, '.', api.abi_minor,
            " of the plugin ABI, this program ", PJ_ABI_MAJOR, '.', PJ_ABI_MINOR),
        state.place(kQuerySymbol), "use a plugin and a pimjit of the same major version"));
  }
  if (state.name.empty()) return fail(misbehaves(state, kQuerySymbol, "its table has no name"));
  if (api.create == nullptr)
    return fail(misbehaves(state, kQuerySymbol, "its table lacks create()"));
  if (api.destroy == nullptr)
    return fail(misbehaves(state, kQuerySymbol, "its table lacks destroy()"));
  if (api.build_kernel == nullptr)
    return fail(misbehaves(state, kQuerySymbol, "its table lacks build_kernel()"));
  return {};
}

Result<std::shared_ptr<PluginState>> create(const pj_plugin_api* api, const std::string& path,
                                            const PluginOptions& options, HostServices services) {
  auto state = std::make_shared<PluginState>();
  state->path = path;
  if (api == nullptr) {
    return fail(target_error("plugin_version",
                             cat("the plugin refuses version ", PJ_ABI_MAJOR, '.', PJ_ABI_MINOR,
                                 " of the plugin ABI, which this program speaks"),
                             path, "use a plugin and a pimjit of the same major version"));
  }
  state->api = read_struct(*api);
  if (auto status = check_table(*state); !status) return fail(status.error());
  state->services = std::move(services);
  state->host.struct_size = sizeof(pj_host);
  state->host.abi_major = PJ_ABI_MAJOR;
  state->host.abi_minor = PJ_ABI_MINOR;
  state->host.self = state.get();
  state->host.allocate = host_allocate;
  state->host.release = host_release;
  state->host.log = host_log;
  state->host.cancelled = host_cancelled;
  const OptionList list(options);
  pj_plugin* handle = nullptr;
  if (pj_error* error = state->api.create(&state->host, list.get(), &handle)) {
    return fail(take_error(error, *state, "create", true));
  }
  if (handle == nullptr) return fail(misbehaves(*state, "create", "success without a plugin"));
  state->handle = handle;
  return state;
}

}  // namespace

Result<Plugin> load_plugin(const std::string& path, const PluginOptions& options,
                           HostServices services) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.value() < 0) {
    return fail(target_error("plugin_missing",
                             cat("cannot open the plugin library: ", std::strerror(errno)), path));
  }
  struct stat status = {};
  if (auto checked = check_file(file.value(), path, &status); !checked)
    return fail(checked.error());
  if (auto checked = check_header(file.value(), path); !checked) return fail(checked.error());
  bool kept = false;
  const Result<void*> library = map_library(file.value(), path, kept);
  if (!library) return fail(library.error());
  if (kept) file.keep();
  void* symbol = symbol_in(*library, kQuerySymbol);
  if (symbol == nullptr) {
    return fail(
        target_error("plugin_not_a_plugin",
                     cat("the library is no pimjit plugin: it does not export ", kQuerySymbol),
                     path, "docs/plugins.md tells what a plugin exports"));
  }
  const auto query = reinterpret_cast<pj_plugin_query_fn>(symbol);
  auto state = create(query(PJ_ABI_MAJOR, PJ_ABI_MINOR), path, options, std::move(services));
  if (!state) return fail(state.error());
  return Plugin(std::move(*state));
}

Result<Plugin> make_plugin(const pj_plugin_api* api, const PluginOptions& options,
                           HostServices services) {
  auto state = create(api, {}, options, std::move(services));
  if (!state) return fail(state.error());
  return Plugin(std::move(*state));
}

}  // namespace pimjit
