#ifndef PIMJIT_PLUGINS_UPMEM_ELF_READER_H_
#define PIMJIT_PLUGINS_UPMEM_ELF_READER_H_

#include <cstdint>
#include <span>

#include "pimjit/plugins/upmem/elf/image.h"
#include "pimjit/plugins/upmem/support/error.h"

namespace pimjit::upmem {

// Reads a DPU executable the way the host's loader does: 32-bit little-endian ET_EXEC for machine
// 245, with .symtab, .strtab and .shstrtab found by name, every PT_LOAD checked against the memory
// its address names. Entry point, e_flags and the OS/ABI byte are kept, not checked. Any input is
// safe to pass; errors are user/bad_elf with the field, its value and the limit.
Expected<Image> read_elf(std::span<const std::uint8_t> bytes);

}  // namespace pimjit::upmem

#endif  // PIMJIT_PLUGINS_UPMEM_ELF_READER_H_
