// The language: sections, symbols, expressions, and what every kind of mistake says.
#include "pimjit/plugins/upmem/assembler/assembler.h"

#include <cstring>

#include <gtest/gtest.h>

#include "pimjit/plugins/upmem/assembler/disassembler.h"
#include "pimjit/plugins/upmem/elf/reader.h"

namespace pimjit::upmem {
namespace {

Image image_of(const std::string& source) {
  const auto elf = assemble_elf(source, "t.s");
  EXPECT_TRUE(elf) << elf.error().message();
  const auto image = read_elf(*elf);
  EXPECT_TRUE(image) << image.error().message();
  return *image;
}

std::string error_of(const std::string& source) {
  const auto elf = assemble_elf(source, "t.s");
  EXPECT_FALSE(elf) << source;
  return elf ? "" : elf.error().message();
}

const Segment* segment_at(const Image& image, std::uint32_t address) {
  for (const Segment& segment : image.segments)
    if (segment.address <= address && address < segment.address + segment.memory_size)
      return &segment;
  return nullptr;
}

std::uint32_t word_at(const Image& image, const char* name) {
  const Symbol* symbol = image.find(name);
  EXPECT_NE(symbol, nullptr) << name;
  const Segment* segment = segment_at(image, symbol->value);
  EXPECT_NE(segment, nullptr) << name;
  std::uint32_t value = 0;
  std::memcpy(&value, segment->bytes.data() + (symbol->value - segment->address), 4);
  return value;
}

TEST(Assembler, PlacesSectionsAndSizesSymbols) {
  const Image image = image_of(R"(
// every section, with symbols of known size
.equ count, 3
size = count * 4 + (1 << 2)     # 16
.text
start:  move r0, table          ; a WRAM address
        jump start
.data
first:  .byte 1, 2, 'a'
        .align 4
table:  .word start, target, size, -1
.host
input:  .space size
.bss
stack:  .space 1024
.mram
blob:   .asciz "hi\n"
        .align 8
more:   .quad 0x1122334455667788
.mram.noinit
tail:   .space 4096
.text
target: nop
.tasklets 11
)");
  EXPECT_EQ(image.find("start")->value, 0x80000000u);
  EXPECT_EQ(image.find("target")->value, 0x80000010u);
  EXPECT_EQ(image.find("first")->value, 8u);
  EXPECT_EQ(image.find("table")->value, 12u);
  EXPECT_EQ(image.find("table")->size, 16u);
  EXPECT_EQ(image.find("input")->value, 32u);
  EXPECT_EQ(image.find("input")->size, 16u);
  EXPECT_EQ(image.find("stack")->value, 48u);
  EXPECT_EQ(image.find("blob")->value, 0x08000000u);
  EXPECT_EQ(image.find("more")->value, 0x08000008u);
  EXPECT_EQ(image.find("tail")->size, 4096u);
  EXPECT_EQ(image.find("NR_TASKLETS")->value, 11u);
  EXPECT_EQ(image.find_for_host("__sys_used_mram_end")->value, 0x08000000u + 16 + 4096);
  EXPECT_EQ(image.find("__sys_heap_pointer_reset")->value, 48u + 1024u);
  EXPECT_EQ(word_at(image, "table"), 0u);  // a function pointer is an instruction index
  EXPECT_EQ(word_at(image, "first"), 0x00610201u);
  EXPECT_EQ(word_at(image, "more"), 0x55667788u);
  EXPECT_NE(image.find_for_host("input"), nullptr);
  EXPECT_EQ(image.find_for_host("table"), nullptr);
  EXPECT_EQ(segment_at(image, 64), nullptr);  // .bss is not loaded
}

TEST(Assembler, LabelsAreIndicesOffsetsAndAddresses) {
  const Image image = image_of(R"(
.text
        nop
here:   jump    . + 2
        move    r0, here
        move    r1, blob + 8
        call    r23, here
.mram
        .space 16
blob:   .space 16
)");
  const auto lines = disassemble(image);
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_EQ(lines[1].text, "jump here+2");
  EXPECT_EQ(lines[2].text, "move r0, 1");
  EXPECT_EQ(lines[3].text, "move r1, 24");
  EXPECT_EQ(lines[4].text, "call r23, here");
  EXPECT_EQ(lines[1].labels, std::vector<std::string>{"here"});
}

TEST(Assembler, AtomicsAreHandedOutFrom200) {
  const Image image = image_of(".atomic a\n.atomic b\n.text\n acquire zero, b, nz, .\n");
  EXPECT_EQ(disassemble(image)[0].text, "acquire zero, 201, nz, 0");
  EXPECT_EQ(image.find("a")->value, 200u);
}

TEST(Assembler, LocalLabelsStayOutOfTheSymbolTable) {
  const Image image = image_of(".text\n.Lloop: jump .Lloop\nmain: nop\n");
  EXPECT_EQ(image.find(".Lloop"), nullptr);
  EXPECT_NE(image.find("main"), nullptr);
}

TEST(Assembler, DumpShowsMapSectionsSymbolsAndCode) {
  const std::string text = dump(image_of(".text\nmain: jump main\n.host\nvalue: .word 3\n"));
  for (const char* part :
       {"Memory map", "IRAM  0x00000000..0x00000008", "WRAM  0x00000008..0x00000010", "Sections",
        "  0x80000000         8 bytes  contents  .text", "Symbols", "host  value",
        "main:\n     0  8c6300000000  jump main\n"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nin\n" << text;
}

TEST(Assembler, MistakesSayWhereAndWhatWasExpected) {
  const std::pair<const char*, const char*> cases[] = {
      {".text\n addd r0, r1, r2\n", "t.s:2:2: expected a mnemonic or a directive, found `addd`"},
      {".text\n add r0, r1\n",
       "t.s:2:12: operand 3 of `add`: expected a register r0..r23, or a number "
       "-2147483648..4294967295"},
      {".text\n lw r0, r1, 9000000\n",
       "t.s:2:13: operand 3 of `lw`: expected a number -8388608..8388607"},
      {".text\n lsl r0, r1, 32\n",
       "t.s:2:14: operand 3 of `lsl`: expected a register r0..r23, or a number 0..31"},
      {".text\n add r0, r1, r2, lts, 0\n",
       "t.s:2:18: operand 4 of `add`: expected a condition of: true z nz xz xnz pl mi sz snz spl "
       "smi ov "
       "nov c nc nc5 nc6 nc7 nc8 nc9 nc10 nc11 nc12 nc13 nc14"},
      {".text\n ld r1, r0, 0\n", "t.s:2:5: operand 1 of `ld`: expected a pair d0, d2 .. d22"},
      {".text\n ld d1, r0, 0\n", "t.s:2:5: `d1` is not defined"},
      {".text\n add r24, r0, r1\n", "t.s:2:6: `r24` is not defined"},
      {".text\n add r0, r1, id\n",
       "t.s:2:14: operand 3 of `add`: expected a register r0..r23, or a number "
       "-2147483648..4294967295"},
      {".text\n mul_step d0, zero, d0, 1\n",
       "t.s:2:15: operand 2 of `mul_step`: expected a register other than zero"},
      {".text\n jump missing\n", "t.s:2:7: `missing` is not defined"},
      {".text\n nop nop\n", "t.s:2:6: `nop` is not defined"},
      {".text\n add r0 r1, r2\n", "t.s:2:9: expected `,` or the end of the line"},
      {".text\n add r0, r1, (2\n", "t.s:2:16: expected `)`"},
      {".text\n add r0, r1, 2 /\n", "t.s:2:17: expected a number, a name or `(`"},
      {".text\n add r0, r1, 2 / 0\n", "t.s:2:16: division by zero"},
      {".text\n add r0, r1, 0x\n", "t.s:2:16: expected a digit of base 16"},
      {".text\n add r0, r1, 12ab\n", "t.s:2:16: expected a digit of base 10"},
      {".text\n add r0, r1, 99999999999999999999\n", "t.s:2:14: number does not fit 64 bits"},
      {".text\n add r0, r1, \x01\n", "t.s:2:14: unexpected character"},
      {".text\nx: nop\nx: nop\n", "t.s:3:1: `x` is already defined in line 2"},
      {".text\nr5: nop\n", "t.s:2:1: `r5` names a register or condition, not a symbol"},
      {".text\nz: nop\n", "t.s:2:1: `z` names a register or condition, not a symbol"},
      {"NR_TASKLETS = 4\n", "t.s:1:1: `NR_TASKLETS` is predefined"},
      {".text\n .word 5\n",
       "t.s:2:2: expected an instruction, data goes into .data, .host or .mram"},
      {".data\n add r0, r1, r2\n", "t.s:2:2: expected a directive, instructions go into .text"},
      {".data\n .wort 5\n", "t.s:2:2: unknown directive `.wort`"},
      {".data\n .byte 256\n", "t.s:2:8: expected a value of 1 bytes, found 256"},
      {".data\n .byte 1 2\n", "t.s:2:10: expected the end of the line"},
      {".data\n .space -1\n", "t.s:2:9: expected a size 0..67108864"},
      {".data\n .space 65536 * 2\n", "t.s:2:2: .data grows beyond the 65536 bytes of WRAM"},
      {".data\nhere: .space here\n",
       "t.s:2:14: `here` is a label, expected a constant defined above"},
      {".data\n .align 3\n", "t.s:2:9: expected a power of two 1..65536"},
      {".bss\n .word 3\n", "t.s:2:2: expected .space or .align, .bss has no contents"},
      {".data\n .ascii 5\n", "t.s:2:9: expected a string"},
      {".data\n .ascii \"abc\n", "t.s:2:9: expected a closing quote"},
      {".data\n .ascii \"\\q\"\n", "t.s:2:11: expected an escape of: n t r 0 \\ \" '"},
      {".data\n .byte 'ab'\n", "t.s:2:8: expected one character between single quotes"},
      {".equ 5, 6\n", "t.s:1:6: expected a name"},
      {".equ a 6\n", "t.s:1:8: expected `,`"},
      {"a = b\nb = a\n.text\n add r0, r0, a\n", nullptr},
      {".tasklets 25\n", "t.s:1:11: expected a number of tasklets 1..24"},
      {".text 5\n", "t.s:1:7: expected the end of the line"},
      {"5: nop\n", "t.s:1:1: expected a label, a mnemonic or a directive"},
      {".data\nx: .word 1\n", "t.s: the program has no instruction"},
  };
  for (const auto& [source, message] : cases) {
    const std::string text = error_of(source);
    if (message) {
      EXPECT_EQ(text, message);
    } else {
      EXPECT_NE(text.find("depends on itself"), std::string::npos) << text;
    }
  }
}

TEST(Assembler, TooManyInstructionsOrAtomics) {
  std::string code = ".text\n", bits;
  for (int i = 0; i < 4097; ++i) code += " nop\n";
  EXPECT_EQ(error_of(code), "t.s:4098:2: .text grows beyond the 32768 bytes of IRAM");
  for (int i = 0; i < 57; ++i) bits += ".atomic a" + std::to_string(i) + "\n";
  EXPECT_EQ(error_of(bits), "t.s:57:9: no atomic bit is left: 200..255 are in use");
}

TEST(Assembler, WramSectionsTogetherMustFit) {
  EXPECT_EQ(error_of(".text\n nop\n.data\n .space 40000\n.bss\n .space 40000\n"),
            "t.s: .bss ends at byte 80008, WRAM has 65536");
}

}  // namespace
}  // namespace pimjit::upmem
