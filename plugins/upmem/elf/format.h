#ifndef PIMJIT_PLUGINS_UPMEM_ELF_FORMAT_H_
#define PIMJIT_PLUGINS_UPMEM_ELF_FORMAT_H_

#include <cstdint>

// The parts of the 32-bit little-endian ELF format that DPU executables use (System V ABI, chapter
// 4).
namespace pimjit::upmem::elf {

inline constexpr std::uint32_t kHeaderSize = 52;
inline constexpr std::uint32_t kProgramHeaderSize = 32;
inline constexpr std::uint32_t kSectionHeaderSize = 40;
inline constexpr std::uint32_t kSymbolSize = 16;

inline constexpr std::uint8_t kMagic[4] = {0x7f, 'E', 'L', 'F'};
inline constexpr std::uint8_t kClass32 = 1, kLittleEndian = 1, kVersion = 1;
inline constexpr std::uint16_t kExecutable = 2, kMachineDpu = 245;
inline constexpr std::uint32_t kLoad = 1;                            // segment type
inline constexpr std::uint32_t kExecute = 1, kWrite = 2, kRead = 4;  // segment flags

inline constexpr std::uint32_t kNull = 0, kProgbits = 1, kSymtab = 2, kStrtab = 3, kNobits = 8;
inline constexpr std::uint32_t kShfWrite = 1, kShfAlloc = 2, kShfExec = 4;

inline constexpr std::uint16_t kUndefinedIndex = 0, kReservedIndex = 0xff00,
                               kAbsoluteIndex = 0xfff1, kCommonIndex = 0xfff2;

inline constexpr std::uint8_t kObject = 1, kFunction = 2, kSectionSymbol = 3, kFile = 4;

}  // namespace pimjit::upmem::elf

#endif  // PIMJIT_PLUGINS_UPMEM_ELF_FORMAT_H_
