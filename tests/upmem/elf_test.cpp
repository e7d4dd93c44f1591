// The ELF writer's output, and the reader on files with any field wrong.
#include <cstring>
#include <random>

#include <gtest/gtest.h>

#include "pimjit/plugins/upmem/assembler/assembler.h"
#include "pimjit/plugins/upmem/elf/reader.h"
#include "pimjit/plugins/upmem/elf/writer.h"
#include "pimjit/plugins/upmem/executor/executor.h"

namespace pimjit::upmem {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes sample() {
  const auto elf = assemble_elf(
      ".text\nmain: stop true, main\n.host\nvalue: .word 1\n.bss\nstack: .space 64\n.mram\nblob: "
      ".quad 7\n",
      "t.s");
  EXPECT_TRUE(elf);
  return *elf;
}

std::uint32_t word(const Bytes& bytes, std::size_t at) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, 4);
  return value;
}
void put(Bytes& bytes, std::size_t at, std::uint32_t value, int size) {
  std::memcpy(bytes.data() + at, &value, static_cast<std::size_t>(size));
}

std::string error_of(const Bytes& bytes) {
  const auto image = read_elf(bytes);
  EXPECT_FALSE(image);
  return image ? "" : image.error().message();
}

TEST(Elf, HeaderFieldsAreThoseTheLoaderChecks) {
  const Bytes elf = sample();
  EXPECT_EQ(std::memcmp(elf.data(),
                        "\x7f"
                        "ELF\1\1\1",
                        7),
            0);
  EXPECT_EQ(elf[16] | elf[17] << 8, 2);
  EXPECT_EQ(elf[18] | elf[19] << 8, 245);
  EXPECT_EQ(word(elf, 20), 1u);
  EXPECT_EQ(word(elf, 24), 0x80000000u);
  const auto image = read_elf(elf);
  ASSERT_TRUE(image) << image.error().message();
  for (const char* name :
       {".text", ".symtab", ".strtab", ".shstrtab", ".data.__sys_host", ".mram"}) {
    bool found = false;
    for (const Section& section : image->sections) found |= section.name == name;
    EXPECT_TRUE(found) << name;
  }
  EXPECT_EQ(image->segments.size(), 4u);  // code, word zero of WRAM, host data, MRAM; not .bss
  for (const Segment& segment : image->segments) EXPECT_EQ(segment.address % 8, 0u);
}

// Field, its offset, a wrong value, its size, the message.
TEST(Elf, EveryWrongHeaderFieldIsNamed) {
  struct Case {
    std::size_t at;
    std::uint32_t value;
    int size;
    const char* message;
  };
  const Case cases[] = {
      {0, 0x7e, 1, "e_ident: the file does not start with the ELF magic bytes 7f 45 4c 46"},
      {4, 2, 1, "e_ident[4]: class is 2, expected 1 (32 bits)"},
      {5, 2, 1, "e_ident[5]: byte order is 2, expected 1 (little endian)"},
      {6, 0, 1, "e_ident[6]: version is 0, expected 1"},
      {16, 1, 2, "e_type: type is 1, expected 2 (executable)"},
      {18, 62, 2, "e_machine: machine is 62, expected 245 (DPU)"},
      {20, 2, 4, "e_version: version is 2, expected 1"},
      {40, 64, 2, "e_ehsize: header size is 64, expected 52"},
      {42, 56, 2, "e_phentsize: entry size is 56, expected 32"},
      {46, 64, 2, "e_shentsize: entry size is 64, expected 40"},
      {48, 0, 2, "e_shnum: there are no section headers; the loader needs them"},
      {50, 99, 2, "e_shstrndx: index of the section names is 99, there are"},
      {50, 1, 2, "e_shstrndx: section 1 is of type 1, expected 3 (string table)"},
      {28, 0x7fffffff, 4,
       "e_phoff: 4 program headers at 0x7fffffff reach beyond the end of the file"},
      {32, 0xfffffff0, 4, "e_shoff:"},
      {44, 0xffff, 2, "e_phoff: 65535 program headers"},
  };
  for (const Case& one : cases) {
    Bytes elf = sample();
    put(elf, one.at, one.value, one.size);
    EXPECT_EQ(error_of(elf).rfind(one.message, 0), 0u) << error_of(elf) << " for " << one.message;
  }
}

TEST(Elf, EveryWrongSegmentFieldIsNamed) {
  struct Case {
    std::size_t field;
    std::uint32_t value;
    const char* message;
  };
  // The first program header is the code.
  const Case cases[] = {
      {4, 0xfffffff8, "program header 0: contents at 0xfffffff8 of 0x8 bytes reach beyond the end"},
      {16, 0x1000000, "program header 0: file size 0x1000000 exceeds memory size 0x8"},
      {20, 0x10000,
       "program header 0: 0x10000 bytes at 0x80000000 end at 0x10000, IRAM has 0x8000"},
      {20, 12,
       "program header 0: address 0x80000000 or size 0xc is not a multiple of 8 as IRAM needs"},
      {8, 0xfffc, "program header 0: 0x8 bytes at 0xfffc end at 0x10004, WRAM has 0x10000"},
      {8, 0x0bfffffc,
       "program header 0: 0x8 bytes at 0xbfffffc end at 0x4000004, MRAM has 0x4000000"},
      {8, 0x102,
       "program header 0: address 0x102 or size 0x8 is not a multiple of 4 as WRAM needs"},
      {8, 0xf0000000,
       "program header 0: 0x8 bytes at 0xf0000000 end at 0x70000008, IRAM has 0x8000"},
  };
  for (const Case& one : cases) {
    Bytes elf = sample();
    put(elf, 52 + one.field, one.value, 4);
    EXPECT_EQ(error_of(elf).rfind(one.message, 0), 0u) << error_of(elf);
  }
}

std::size_t section_header(const Bytes& elf, const char* name) {
  const std::size_t table = word(elf, 32);
  const std::size_t count = elf[48] | elf[49] << 8, names = elf[50] | elf[51] << 8;
  const std::size_t text = word(elf, table + names * 40 + 16);
  for (std::size_t i = 0; i < count; ++i)
    if (std::strcmp(reinterpret_cast<const char*>(elf.data() + text + word(elf, table + i * 40)),
                    name) == 0)
      return table + i * 40;
  ADD_FAILURE() << name;
  return 0;
}

TEST(Elf, WrongSectionsAndSymbolsAreNamed) {
  const Bytes good = sample();
  Bytes elf = good;
  put(elf, section_header(good, ".symtab") + 0, 0, 4);
  EXPECT_EQ(error_of(elf), "section .symtab is missing; the loader finds it by name");
  elf = good;
  put(elf, section_header(good, ".strtab") + 0, 0, 4);
  EXPECT_EQ(error_of(elf), "section .strtab is missing; the loader finds it by name");
  elf = good;
  put(elf, section_header(good, ".symtab") + 36, 24, 4);
  EXPECT_NE(error_of(elf).find("in entries of 24, expected entries of 16"), std::string::npos);
  elf = good;
  put(elf, section_header(good, ".symtab") + 4, 1, 4);
  EXPECT_EQ(error_of(elf), ".symtab is of type 1, expected 2");
  elf = good;
  put(elf, section_header(good, ".strtab") + 20, 1, 4);
  EXPECT_NE(error_of(elf).find("lies outside the string table of 0x1 bytes"), std::string::npos)
      << error_of(elf);
  elf = good;
  put(elf, section_header(good, ".text") + 0, 0xffffff, 4);
  EXPECT_NE(error_of(elf).find("section header 1: name offset 0xffffff lies outside"),
            std::string::npos);
  elf = good;
  put(elf, section_header(good, ".text") + 20, 0xffffff, 4);
  EXPECT_NE(error_of(elf).find("section header 1: contents at"), std::string::npos);
  elf = good;
  const std::size_t symbols = word(good, section_header(good, ".symtab") + 16);
  put(elf, symbols + 16 + 14, 200, 2);
  EXPECT_NE(error_of(elf).find("symbol 1: section index 200, there are"), std::string::npos);
}

TEST(Elf, AnImageWithoutInstructionZeroDoesNotRun) {
  Bytes elf = sample();
  put(elf, 52 + 8, 0x80000010, 4);
  EXPECT_EQ(Program::from_elf(elf).error().message(),
            "no segment holds instruction 0, where a launch starts (address 0x80000000)");
}

TEST(Elf, TruncationAtEveryLengthIsAnError) {
  const Bytes good = sample();
  for (std::size_t size = 0; size < good.size(); ++size) {
    const Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(read_elf(cut)) << size;
  }
}

TEST(Elf, OverlappingHeadersCannotAskForUnboundedMemory) {
  Bytes elf = sample();
  elf.resize(4 << 20, 'a');
  const std::uint32_t count = 60000;
  const auto headers = static_cast<std::uint32_t>(elf.size());
  elf.resize(elf.size() + count * 32, 0);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::size_t at = headers + i * 32;
    put(elf, at, 1, 4);
    put(elf, at + 8, 0x08000000, 4);
    put(elf, at + 16, 3 << 20, 4);
    put(elf, at + 20, 3 << 20, 4);
  }
  put(elf, 28, headers, 4);
  put(elf, 44, count, 2);
  EXPECT_NE(error_of(elf).find("all memories of a DPU hold"), std::string::npos);
}

// Random damage: any answer but a crash, and what is accepted can be run.
TEST(Elf, RandomDamageNeverCrashes) {
  std::mt19937_64 random(9);
  const Bytes good = sample();
  int accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    Bytes elf = good;
    const int changes = 1 + static_cast<int>(random() % 4);
    for (int i = 0; i < changes; ++i)
      elf[random() % elf.size()] = static_cast<std::uint8_t>(random());
    if (!read_elf(elf)) continue;
    ++accepted;
    if (round % 40 != 0) continue;
    const auto program = Program::from_elf(elf);
    if (!program) continue;
    RunOptions options;
    options.max_instructions = 1000;
    Executor(*program).run(options);
  }
  EXPECT_GT(accepted, 100);
}

TEST(Elf, WriterRefusesSectionsOutsideTheirMemory) {
  OutputFile file;
  file.sections.push_back({".text", kIramBase, 0, 8, Bytes(4097 * 8, 0)});
  EXPECT_EQ(write_elf(file).error().message(), "section .text ends at byte 32776, IRAM has 32768");
  file.sections[0] = {".data", 4, 0, 8, Bytes(8, 0)};
  EXPECT_EQ(write_elf(file).error().message(), "section .data starts at 4, not a multiple of 8");
  file.sections[0] = {".data", 8, 0, 8, Bytes(8, 0)};
  file.symbols.push_back({"x", 8, 4, SymbolKind::object, false, 3});
  EXPECT_EQ(write_elf(file).error().message(), "symbol x names section 3 of 1");
}

}  // namespace
}  // namespace pimjit::upmem
