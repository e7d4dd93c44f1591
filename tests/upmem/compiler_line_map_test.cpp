#include <set>
#include <string>

#include <gtest/gtest.h>

#include "pimjit/core/ir/parser.h"
#include "pimjit/core/ir/serialize.h"
#include "pimjit/core/plugin_kit/kernel_reader.h"
#include "pimjit/plugins/upmem/assembler/builder.h"
#include "pimjit/plugins/upmem/compiler/compiler.h"
#include "pimjit/plugins/upmem/compiler/line_map.h"
#include "pimjit/plugins/upmem/elf/reader.h"
#include "pimjit/plugins/upmem/executor/executor.h"

namespace pimjit::upmem {
namespace {

constexpr const char* kText = R"(kernel k {
  level unit independent 2
  level thread independent 2
  scope bank at unit
  scope scratch at unit
  link load bank -> scratch
  link store scratch -> bank
  param a i32
  param c i32
  buffer A i32 device bank elements 64 align 8 base a readonly
  buffer C i32 device bank elements 64 align 8 base c
  buffer x i32 local scratch elements 64 align 8
  buffer z i32 local scratch elements 64 align 8
  var i i32
  body {
    copy load x[@thread * 32] <- A[@thread * 32] count 32
    for i = 0 count 32 {
      z[@thread * 32 + i] = x[@thread * 32 + i] * x[@thread * 32 + i]
    }
    copy store C[@thread * 32] <- z[@thread * 32] count 32
  }
})";

kit::Kernel kernel_of(const std::string& text) {
  const auto parsed = parse_kernel(text, "test");
  EXPECT_TRUE(parsed) << parsed.error().message();
  const auto bytes = serialize(*parsed);
  EXPECT_TRUE(bytes);
  kit::Kernel kernel;
  EXPECT_EQ(kit::read_kernel(bytes->data(), bytes->size(), kernel), "");
  return kernel;
}

// Accesses of the DMA engine and single elements stand under the statements that ask for them.
TEST(LineMap, NamesTheStatementOfEachInstruction) {
  const kit::Kernel kernel = kernel_of(kText);
  for (const CodeStyle style : {CodeStyle::tuned, CodeStyle::plain}) {
    const auto compiled = compile_kernel(kernel, {style});
    ASSERT_TRUE(compiled) << compiled.error().message();
    const auto map = read_line_map(compiled->elf);
    ASSERT_TRUE(map) << map.error().message();
    const auto program = Executor::from_elf(compiled->elf);
    ASSERT_TRUE(program);
    std::set<kit::StmtKind> seen;
    const auto image = read_elf(compiled->elf);
    ASSERT_TRUE(image);
    for (const Segment& segment : image->segments) {
      if (space_of(segment.address) != Space::iram) continue;
      for (std::uint32_t pc = 0; pc < compiled->instructions; ++pc) {
        std::uint64_t word = 0;
        for (std::size_t k = 0; k < 6; ++k)
          word |= std::uint64_t{segment.bytes[pc * 8 + k]} << 8 * k;
        const auto instruction = decode(word);
        ASSERT_TRUE(instruction);
        const Op op = instruction->shape().op;
        const auto statement = map->statement_of(pc);
        if (op == Op::boot || op == Op::stop || op == Op::mul_step) {
          EXPECT_FALSE(statement) << pc;
        }
        if (op != Op::ldma && op != Op::sdma && op != Op::sw) continue;
        ASSERT_TRUE(statement) << pc;
        const kit::Stmt& s = kernel.stmts[static_cast<std::size_t>(*statement)];
        seen.insert(s.kind);
        EXPECT_EQ(s.kind, op == Op::sw ? kit::StmtKind::Store : kit::StmtKind::Copy) << pc;
      }
    }
    EXPECT_EQ(seen.size(), 2u);
    EXPECT_FALSE(map->statement_of(compiled->instructions));
  }
}

TEST(LineMap, EncodesAndDecodes) {
  LineMap map;
  map.add(0, LineMap::kNoStatement);
  map.add(3, 5);
  map.add(3, 6);
  map.add(9, 6);
  map.add(200, 1000);
  const std::vector<LineMap::Run> runs{{0, -1}, {3, 6}, {200, 1000}};
  EXPECT_EQ(map.runs, runs);
  const auto again = decode_line_map(encode_line_map(map));
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(again->runs, runs);
  EXPECT_EQ(again->statement_of(2), std::nullopt);
  EXPECT_EQ(again->statement_of(199), 6);
  EXPECT_EQ(again->statement_of(200), 1000);
}

TEST(LineMap, RefusesWhatIsCutOffOrOutOfRange) {
  const auto refused = [](std::vector<std::uint8_t> bytes) {
    const auto map = decode_line_map(bytes);
    return map ? "accepted" : map.error().message();
  };
  EXPECT_EQ(
      refused({0, 1, 128}),
      ".pimjit.lines: the run at byte 2 of 3 is cut off or beyond the program's instructions");
  EXPECT_EQ(
      refused({0, 1, 0, 2}),
      ".pimjit.lines: the run at byte 2 of 4 is cut off or beyond the program's instructions");
  EXPECT_EQ(
      refused({129, 32, 1}),
      ".pimjit.lines: the run at byte 0 of 3 is cut off or beyond the program's instructions");
  EXPECT_EQ(
      refused({5}),
      ".pimjit.lines: the run at byte 0 of 1 is cut off or beyond the program's instructions");
}

TEST(LineMap, OfAnExecutableWithoutOneIsEmpty) {
  Builder b;
  b.emit("stop", {Condition::always, 0});
  const auto elf = b.finish(1);
  ASSERT_TRUE(elf) << elf.error().message();
  const auto map = read_line_map(*elf);
  ASSERT_TRUE(map);
  EXPECT_TRUE(map->runs.empty());
}

}  // namespace
}  // namespace pimjit::upmem
