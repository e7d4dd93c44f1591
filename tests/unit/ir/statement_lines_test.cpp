#include "pimjit/core/ir/statement_lines.h"

#include <gtest/gtest.h>

#include "pimjit/core/ir/parser.h"
#include "pimjit/core/ir/printer.h"
#include "pimjit/core/ir/serialize.h"
#include "pimjit/core/plugin_kit/kernel_reader.h"

namespace pimjit {
namespace {

constexpr const char* kText = R"(kernel k {
  level unit independent 2
  level thread independent 4
  scope bank at unit
  scope scratch at unit
  link load bank -> scratch
  param a i32
  buffer A i32 device bank elements 64 align 8 base a
  buffer x i32 local scratch elements 64 align 8
  var i i32
  var j i32
  var l i32
  body {
    let l = @unit * 2 {
      for i = 0 count 4 {
        copy load x[i * 8] <- A[i * 8] count 8
        if l < 1 {
          x[i] = 1
          x[i + 1] = 2
        } else {
          for j = 0 count 2 {
            x[j] = 3
          }
        }
      }
    }
    barrier thread
  }
})";

// The number of a line is the place of its statement in the serialised kernel.
TEST(StatementLines, AreNumberedAsTheReadersOfSerialisedKernelsDo) {
  const auto kernel = parse_kernel(kText, "k");
  ASSERT_TRUE(kernel) << kernel.error().message();
  const auto bytes = serialize(*kernel);
  ASSERT_TRUE(bytes);
  kit::Kernel read;
  ASSERT_EQ(kit::read_kernel(bytes->data(), bytes->size(), read), "");

  const std::vector<StatementLine> lines = statement_lines(*kernel);
  std::string text;
  std::vector<kit::StmtKind> kinds;
  for (const StatementLine& line : lines) {
    text += line.text + "\n";
    if (line.statement < 0) continue;
    ASSERT_LT(static_cast<size_t>(line.statement), read.stmts.size());
    kinds.push_back(read.stmts[static_cast<size_t>(line.statement)].kind);
  }
  EXPECT_EQ(text, to_text(kernel->body, *kernel));
  using Kind = kit::StmtKind;
  EXPECT_EQ(kinds, (std::vector<Kind>{Kind::Let, Kind::For, Kind::Copy, Kind::If, Kind::Store,
                                      Kind::Store, Kind::For, Kind::Store, Kind::Barrier}));
  EXPECT_EQ(lines[4].text, "      x[i] = 1");
  EXPECT_EQ(read.stmts[static_cast<size_t>(lines[4].statement)].kind, Kind::Store);
  EXPECT_EQ(lines[6].text, "    } else {");
  EXPECT_EQ(lines[6].statement, -1);
}

TEST(StatementLines, OfAnEmptyBodyAreNone) {
  Kernel kernel;
  kernel.body = make_seq({});
  EXPECT_TRUE(statement_lines(kernel).empty());
}

}  // namespace
}  // namespace pimjit
