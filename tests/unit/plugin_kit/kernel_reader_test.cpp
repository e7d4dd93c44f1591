#include "pimjit/core/plugin_kit/kernel_reader.h"

#include <functional>

#include <gtest/gtest.h>

#include "pimjit/tests/unit/plugin_kit/kernel_bytes.h"

namespace pimjit::kit {
namespace {

std::string read(const std::vector<uint8_t>& bytes, Kernel& kernel) {
  return read_kernel(bytes.data(), bytes.size(), kernel);
}
std::string read(const std::vector<uint8_t>& bytes) {
  Kernel kernel;
  return read(bytes, kernel);
}

// for i = 0 count n: b[i] = 7
KernelBytes loop() {
  KernelBytes k = KernelBytes::tables();
  k.u32(6);
  k.constant(0);
  k.u8(5).u32(1);
  k.u8(3).u32(0);
  k.constant(7);
  k.u8(69).u32(0);
  k.u8(66).u32(0).u8(0).u32(0);
  return k;
}

TEST(KernelReader, ReadsIntoFlatArrays) {
  Kernel kernel;
  ASSERT_EQ(read(loop().whole(), kernel), "");
  EXPECT_EQ(kernel.name, "k");
  EXPECT_EQ(kernel.version, 1);
  EXPECT_EQ(kernel.levels[0].count, 2);
  EXPECT_EQ(kernel.buffers[0].elements, 8);
  EXPECT_EQ(kernel.buffers[0].param, 0);
  EXPECT_FALSE(kernel.buffers[0].is_local());
  const Stmt& body = kernel.stmts[static_cast<size_t>(kernel.body)];
  EXPECT_EQ(body.kind, StmtKind::For);
  EXPECT_EQ(kernel.exprs[static_cast<size_t>(body.a)].value, 0);
  EXPECT_EQ(kernel.exprs[static_cast<size_t>(body.b)].kind, ExprKind::Param);
  const Stmt& store = kernel.stmts[static_cast<size_t>(body.body)];
  EXPECT_EQ(kernel.exprs[static_cast<size_t>(store.a)].kind, ExprKind::Var);
  EXPECT_EQ(kernel.exprs[static_cast<size_t>(store.b)].value, 7);
}

TEST(KernelReader, EnvelopeMessages) {
  const std::vector<uint8_t> good = loop().whole();
  EXPECT_EQ(read({}), "these 0 bytes are too few for a kernel");
  std::vector<uint8_t> bytes = good;
  bytes[0] = 'X';
  EXPECT_EQ(read(bytes), "byte 0, magic: this is not a kernel");
  EXPECT_EQ(read(loop().whole(2)),
            "byte 4, version: the kernel has version 2, this reader knows 1 to 1");
  EXPECT_EQ(read(loop().whole(0)),
            "byte 4, version: the kernel has version 0, this reader knows 1 to 1");
  bytes = good;
  bytes.pop_back();
  EXPECT_EQ(read(bytes), "byte 8, size: the kernel states " + std::to_string(good.size()) +
                             " bytes, there are " + std::to_string(good.size() - 1));
  bytes = good;
  bytes[20] ^= 1;
  EXPECT_EQ(read(bytes),
            "byte " + std::to_string(good.size() - 8) + ", hash: the kernel is damaged");
}

// A body of the given nodes, which must be refused with a text that contains `why`.
void refuse(uint32_t nodes, const std::function<void(KernelBytes&)>& body, const std::string& why) {
  KernelBytes k = KernelBytes::tables();
  k.u32(nodes);
  body(k);
  const std::string error = read(k.whole());
  EXPECT_NE(error.find(why), std::string::npos) << "got: " << error << "\nwanted: " << why;
}

TEST(KernelReader, BodyMessages) {
  refuse(
      1, [](KernelBytes& k) { k.u8(200); }, "node tag: no node has the tag 200");
  refuse(
      1, [](KernelBytes& k) { k.u8(64); }, "node tag: no node has the tag 64");
  refuse(
      1, [](KernelBytes& k) { k.u8(3).u32(9); }, "variable: index 9 of a table of 1");
  refuse(
      1, [](KernelBytes& k) { k.u8(69).u32(0); }, "an operand is missing");
  refuse(
      1, [](KernelBytes& k) { k.u8(65).u32(1); }, "sequence length: statements are missing");
  refuse(
      1, [](KernelBytes& k) { k.constant(3); }, "body: 1 expressions are not used");
  refuse(
      2, [](KernelBytes& k) { k.u8(65).u32(0).u8(65).u32(0); },
      "body: it leaves 2 statements, not one");
  refuse(
      0, [](KernelBytes&) {}, "body: it leaves 0 statements, not one");
  refuse(
      1, [](KernelBytes& k) { k.u8(65).u32(0).u8(1); }, "body: 1 bytes are left over");
  refuse(
      1, [](KernelBytes& k) { k.constant(300, 1); }, "constant value: 300 is no value of i8");
  refuse(
      3, [](KernelBytes& k) { k.constant(1).constant(1, 4).u8(6).u8(1); },
      "an operand of type i32 instead of i64");
  refuse(
      3, [](KernelBytes& k) { k.constant(1, 0).constant(1, 0).u8(6).u8(1); },
      "operation 1 does not exist for b1");
  refuse(
      3, [](KernelBytes& k) { k.constant(1).constant(1).u8(6).u8(12); },
      "operation 12 does not exist for i32");
  refuse(
      3, [](KernelBytes& k) { k.constant(1).constant(1).u8(6).u8(99); },
      "no operation has the code 99");
  refuse(
      2, [](KernelBytes& k) { k.constant(1).u8(9).u8(0); }, "cast type: there is no cast to b1");
  refuse(
      2, [](KernelBytes& k) { k.constant(1, 1).u8(10).u32(0); }, "an index or size of type i8");
  refuse(
      3, [](KernelBytes& k) { k.constant(1).constant(1, 4).u8(69).u32(0); },
      "an operand of type i64 instead of i32");
  refuse(
      4, [](KernelBytes& k) { k.u8(65).u32(0).constant(0).constant(1).u8(66).u32(0).u8(0).u32(3); },
      "unroll: 3");
  refuse(
      2, [](KernelBytes& k) { k.constant(0).u8(72).u32(0).u8(9).u32(0).i64(1).i64(1).i64(1); },
      "combine op: no operation has the code 9");
}

TEST(KernelReader, DepthIsBounded) {
  const auto nested = [](int depth) {
    KernelBytes k = KernelBytes::tables();
    k.u32(static_cast<uint64_t>(depth) + 2);
    k.constant(0);
    k.constant(1);
    for (int i = 1; i < depth; ++i) k.u8(9).u8(3);
    k.u8(69).u32(0);
    return read(k.whole());
  };
  // The last node is the store; a chain of casts of length depth - 1 stands on a leaf.
  EXPECT_NE(nested(513).find("expressions are nested too deep"), std::string::npos);
  EXPECT_EQ(nested(512).find("nested too deep"), std::string::npos);
}

TEST(KernelReader, TableMessages) {
  EXPECT_NE(read(KernelBytes::tables(0).u32(0).whole()).find("level count: 0 is less than 1"),
            std::string::npos);
  KernelBytes strings;
  strings.u32(70000);
  EXPECT_NE(read(strings.whole()).find("strings: 70000 is more than the limit of 65536"),
            std::string::npos);
  KernelBytes few;
  few.u32(1000);
  EXPECT_NE(read(few.whole()).find("strings: 1000 do not fit into the bytes left"),
            std::string::npos);
}

// Every single byte changed to every value of a few, with a right hash: an answer, and no crash.
TEST(KernelReader, SurvivesChangedBytes) {
  const std::vector<uint8_t> good = loop().whole();
  int refused = 0;
  for (size_t at = 12; at + 8 < good.size(); ++at) {
    for (unsigned value : {0u, 1u, 2u, 0x7Fu, 0x80u, 0xFFu}) {
      std::vector<uint8_t> bytes(good.begin(), good.end() - 8);
      bytes[at] = static_cast<uint8_t>(value);
      uint64_t hash = 0xcbf29ce484222325u;
      for (uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3u;
      for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<uint8_t>(hash >> (8 * i)));
      refused += read(bytes).empty() ? 0 : 1;
    }
  }
  EXPECT_GT(refused, 200);
}

}  // namespace
}  // namespace pimjit::kit
