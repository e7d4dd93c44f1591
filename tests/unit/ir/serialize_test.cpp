#include "pimjit/core/ir/serialize.h"

#include <algorithm>
#include <cstring>

#include <gtest/gtest.h>

#include "pimjit/core/ir/printer.h"
#include "pimjit/core/support/random.h"
#include "pimjit/core/support/text.h"
#include "pimjit/tests/unit/ir/sample_kernel.h"

namespace pimjit {
namespace {

using sample::bin;
using sample::i32;
using Bytes = std::vector<uint8_t>;

Bytes bytes_of(const Kernel& k) {
  const Result<Bytes> bytes = serialize(k);
  EXPECT_TRUE(bytes) << bytes.error().message();
  return bytes.value_or(Bytes{});
}

// Written from docs/ir.md, apart from the library's.
void sign(Bytes& bytes) {
  const auto size = static_cast<uint32_t>(bytes.size());
  std::memcpy(bytes.data() + 8, &size, 4);
  uint64_t hash = 14695981039346656037u;
  for (size_t i = 0; i + 8 < bytes.size(); ++i) hash = (hash ^ bytes[i]) * 1099511628211u;
  std::memcpy(bytes.data() + bytes.size() - 8, &hash, 8);
}

std::string error_of(const Bytes& bytes) {
  const Result<Kernel> k = deserialize(bytes);
  return k ? "no error" : cat(k.error().code, ": ", k.error().what, " @ ", k.error().where);
}

TEST(Serialize, RoundTrips) {
  Kernel k = sample::everything();
  k.links[0].name = std::string("\0\xff", 2);
  const Result<Kernel> back = deserialize(bytes_of(k));
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_TRUE(equal(*back, k));
  EXPECT_EQ(bytes_of(*back), bytes_of(k));
}

TEST(Serialize, TheLayoutIsTheFormatPages) {
  Kernel k;
  k.name = "k";
  k.levels = {{"k", LevelKind::lane, 2}};
  k.body = make_barrier(0);
  const Bytes expected = {
      'P', 'J', 'K', 'N', 1,  0, 0, 0, 83,  0, 0, 0,     // magic, version, reserved, size
      1,   0,   0,   0,   1,  0, 0, 0, 'k', 0, 0, 0, 0,  // strings, kernel name
      1,   0,   0,   0,   0,  0, 0, 0, 2,   2, 0, 0, 0, 0, 0, 0, 0,           // levels
      0,   0,   0,   0,   0,  0, 0, 0, 0,   0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  // the other tables
      1,   0,   0,   0,   71, 0, 0, 0, 0};  // one node: barrier of level 0
  Bytes signed_bytes = expected;
  signed_bytes.resize(expected.size() + 8);
  sign(signed_bytes);
  Bytes actual = bytes_of(k);
  EXPECT_EQ(actual.size(), signed_bytes.size());
  EXPECT_EQ(actual, signed_bytes);
}

TEST(Serialize, RefusesWhatCannotBeRead) {
  Kernel k = sample::tables();
  const auto error = [&](int version = 1) {
    const auto bytes = serialize(k, version);
    return bytes ? "no error" : cat(bytes.error().code, ": ", bytes.error().what);
  };
  EXPECT_EQ(error(), "kernel_malformed: kernel cannot be serialised: a statement is missing");
  k.body = make_barrier(7);
  EXPECT_EQ(error(), "kernel_malformed: kernel cannot be serialised: level 7 of 2 does not exist");
  k.body = make_store(2, i32(0), make_var(DType::i32, 0));
  EXPECT_EQ(error(),
            "kernel_malformed: kernel cannot be serialised: variable 0 of 0 does not exist");
  Expr deep = i32(0);
  for (int i = 0; i < 512; ++i) deep = bin(BinaryOp::add, deep, i32(1));
  k.body = make_store(2, i32(0), deep);
  EXPECT_EQ(
      error(),
      "kernel_malformed: kernel cannot be serialised: an expression is nested deeper than 512");
  k.body = make_seq({});
  k.name = std::string(5000, 'x');
  EXPECT_EQ(error(),
            "kernel_malformed: kernel cannot be serialised: a name of 5000 bytes where at most "
            "4096 are allowed");
  EXPECT_EQ(error(0),
            "kernel_version: the kernel needs format version 1, the reader knows up to 0");
}

TEST(Serialize, HeaderErrors) {
  Bytes bytes = bytes_of(sample::everything());
  EXPECT_EQ(
      error_of({}),
      "kernel_bytes: serialised kernel: ends early, 4 bytes needed and 0 left @ byte 0, magic");
  Bytes wrong = bytes;
  wrong[0] = 'X';
  EXPECT_EQ(error_of(wrong),
            "kernel_bytes: serialised kernel: this is no kernel, the first bytes are not \"PJKN\" "
            "@ byte 0, magic");
  wrong = bytes;
  wrong[4] = 2;
  EXPECT_EQ(error_of(wrong),
            "kernel_version: serialised kernel has format version 2, this reader knows 1..1 @ byte "
            "4, version");
  wrong = bytes;
  wrong[6] = 1;
  EXPECT_EQ(error_of(wrong), "kernel_bytes: serialised kernel: is not zero @ byte 6, reserved");
  wrong = bytes;
  wrong.push_back(0);
  EXPECT_EQ(error_of(wrong), cat("kernel_bytes: serialised kernel: the kernel has ", bytes.size(),
                                 " bytes, given are ", bytes.size() + 1, " @ byte 8, size"));
  wrong = bytes;
  wrong[bytes.size() / 2] ^= 1;
  EXPECT_EQ(error_of(wrong),
            cat("kernel_bytes: serialised kernel: the hash does not fit the contents @ byte ",
                bytes.size() - 8, ", hash"));
}

// A kernel with empty tables except one level, one local i32 buffer, one i32 variable; `nodes` is
// the body with its count.
Bytes with_nodes(uint8_t count, const Bytes& nodes) {
  Bytes bytes = {'P', 'J', 'K', 'N', 1, 0, 0, 0, 0, 0, 0, 0, 1, 0,     0, 0, 0, 0, 0, 0, 0, 0, 0,
                 0,   1,   0,   0,   0, 0, 0, 0, 0, 0, 4, 0, 0, 0,     0, 0, 0, 0, 1, 0, 0, 0, 0,
                 0,   0,   0,   0,   0, 0, 0, 0, 0, 0, 0, 0, 0, 0,     0, 1, 0, 0, 0, 0, 0, 0, 0,
                 3,   1,   1,   0,   0, 0, 0, 9, 0, 0, 0, 0, 0, 0,     0, 8, 0, 0, 0, 0, 0, 0, 0,
                 255, 255, 255, 255, 1, 0, 0, 0, 0, 0, 0, 0, 3, count, 0, 0, 0};
  bytes.insert(bytes.end(), nodes.begin(), nodes.end());
  bytes.resize(bytes.size() + 8);
  sign(bytes);
  return bytes;
}
const Bytes kOne = {1, 3, 1, 0, 0, 0, 0, 0, 0, 0};  // IntImm i32 1
const Bytes kTrue = {1, 0, 1, 0, 0, 0, 0, 0, 0, 0};

Bytes join(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

std::string body_error(uint8_t count, const Bytes& nodes) {
  const std::string text = error_of(with_nodes(count, nodes));
  return text.substr(0, text.find(" @ byte"));
}

TEST(Serialize, BodyErrors) {
  const std::string prefix = "kernel_bytes: serialised kernel: ";
  EXPECT_EQ(body_error(1, {65, 0, 0, 0, 0}), "no error");
  EXPECT_EQ(body_error(0, {}), prefix + "0 statements where the body is one");
  EXPECT_EQ(body_error(1, {0}), prefix + "0 is not a tag of a node");
  EXPECT_EQ(body_error(1, {64}), prefix + "64 is not a tag of a node");
  EXPECT_EQ(body_error(1, {200}), prefix + "200 is not a tag of a node");
  EXPECT_EQ(body_error(1, {6, 1}), prefix + "an operand is missing");
  EXPECT_EQ(body_error(3, join({kOne, kOne, {6, 99}})), prefix + "unknown operation");
  EXPECT_EQ(body_error(3, join({kOne, kTrue, {6, 1}})), prefix + "operands of types i32 and b1");
  EXPECT_EQ(body_error(3, join({kTrue, kTrue, {6, 1}})), prefix + "+ does not exist for b1");
  EXPECT_EQ(body_error(2, join({kOne, {7}})), prefix + "operand of type i32 where b1 is needed");
  EXPECT_EQ(body_error(2, join({kOne, {9, 3}})), prefix + "a cast from i32 to itself");
  EXPECT_EQ(body_error(2, join({kOne, {9, 0}})), prefix + "0 is not a code of 1..5");
  EXPECT_EQ(body_error(1, {1, 1, 200, 0, 0, 0, 0, 0, 0, 0}), prefix + "200 is no value of i8");
  EXPECT_EQ(body_error(1, {3, 1, 0, 0, 0}), prefix + "1 where 1 exist");
  EXPECT_EQ(body_error(1, {5, 0, 0, 0, 0}), prefix + "0 where 0 exist");
  EXPECT_EQ(body_error(2, join({kTrue, {10, 0, 0, 0, 0}})),
            prefix + "operand of type b1 where i32 or i64 is needed");
  EXPECT_EQ(body_error(2, join({kOne, {65, 0, 0, 0, 0}})),
            prefix + "1 expressions are used by no node");
  EXPECT_EQ(body_error(2, {71, 0, 0, 0, 0, 65, 1, 0, 0, 0}),
            prefix + "a sequence of one statement");
  EXPECT_EQ(body_error(3, {65, 0, 0, 0, 0, 71, 0, 0, 0, 0, 65, 2, 0, 0, 0}),
            prefix + "a sequence directly inside a sequence");
  EXPECT_EQ(body_error(1, {65, 9, 0, 0, 0}), prefix + "9 statements needed and 0 there");
  EXPECT_EQ(body_error(4, join({kOne, kOne, {71, 0, 0, 0, 0, 66, 0, 0, 0, 0, 0, 3, 0, 0, 0}})),
            prefix + "3 does not fit the kind of the loop");
  EXPECT_EQ(body_error(3, join({kTrue, kOne, {69, 0, 0, 0, 0}})),
            prefix + "operand of type b1 where i32 or i64 is needed");
  EXPECT_EQ(body_error(1, {65, 0, 0, 0, 0, 0}), prefix + "1 bytes are left over");
  EXPECT_EQ(body_error(9, {65, 0, 0, 0, 0}), prefix + "9 entries do not fit into the bytes left");
}

TEST(Serialize, RefusesTreesThatAreTooDeep) {
  Bytes nodes = kTrue;
  for (int i = 0; i < 100; ++i) nodes.push_back(7);
  EXPECT_EQ(body_error(101, nodes).find("deeper"), std::string::npos);
  Kernel k = sample::tables();
  Expr e = make_bool(true);
  for (int i = 1; i < 512; ++i) e = make_not(e);
  k.body = make_if(e, make_seq({}));
  Bytes bytes = bytes_of(k);
  EXPECT_TRUE(deserialize(bytes));
  // One more `not` in front of the sequence's node and one node more in the count.
  const Bytes tail = {65, 0, 0, 0, 0, 67, 0};
  const auto at = std::search(bytes.begin(), bytes.end(), tail.begin(), tail.end());
  ASSERT_NE(at, bytes.end());
  const auto count_at = at - 511 - 10 - 4;
  ASSERT_EQ(count_at[0] + 256 * count_at[1], 514);
  count_at[0] += 1;
  bytes.insert(at, 7);
  sign(bytes);
  EXPECT_NE(error_of(bytes).find("an expression is nested deeper than 512"), std::string::npos)
      << error_of(bytes);
}

TEST(Serialize, EveryTruncationIsRefused) {
  const Bytes bytes = bytes_of(sample::everything());
  for (size_t size = 0; size < bytes.size(); ++size) {
    Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(deserialize(cut)) << size;
    if (size < 20) continue;
    sign(cut);  // a truncated kernel with a fitting size and hash
    EXPECT_FALSE(deserialize(cut)) << size;
  }
}

TEST(Serialize, ChangedBytesNeverBreakTheReader) {
  const Bytes bytes = bytes_of(sample::everything());
  RandomStream random(1, "serialize_test");
  int accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    Bytes changed = bytes;
    for (int64_t edits = random.between(1, 3); edits > 0; --edits) {
      changed[static_cast<size_t>(random.between(4, static_cast<int64_t>(bytes.size()) - 9))] =
          static_cast<uint8_t>(random.next());
    }
    sign(changed);
    const Result<Kernel> k = deserialize(changed);
    if (!k) continue;
    ++accepted;
    const Result<Kernel> again = deserialize(bytes_of(*k));
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_TRUE(equal(*again, *k));
    EXPECT_FALSE(to_text(*k).empty());
  }
  EXPECT_GT(accepted, 0);
}

}  // namespace
}  // namespace pimjit
