#include "pimjit/core/ir/verify_kernel.h"

#include <gtest/gtest.h>

#include "pimjit/core/ir/parser.h"
#include "pimjit/core/support/text.h"
#include "pimjit/tests/unit/ir/sample_kernel.h"

namespace pimjit {
namespace {

using sample::bin;
using sample::i32;

const std::string kTables = R"(kernel k {
  level unit independent 4
  level thread independent 8
  level bank lockstep 2
  scope bank at unit
  scope pad at unit
  link read bank -> pad
  link write pad -> bank
  param n i32
  buffer A i32 device bank elements 64 align 8 base n readonly
  buffer C i32 device bank elements 64 align 8 base n
  buffer t i32 local pad elements 64 align 8
  buffer s i16 local pad elements 64 align 8
  buffer c i32 local pad elements 4 align 8 range 0..3
  var i i32
  var j i32
  body {
)";

Kernel parsed(const std::string& body) {
  const Result<Kernel> k = parse_kernel(kTables + body + "\n}}");
  EXPECT_TRUE(k) << k.error().message();
  return k.value_or(Kernel{});
}

KernelRules machine(const Kernel& k) {
  KernelRules rules = KernelRules::permissive(k);
  if (rules.scopes.size() < 2) return rules;
  rules.scopes[0] = {false, 8, INT64_MAX};
  rules.scopes[1] = {true, 8, 1024};
  rules.links[0] = rules.links[1] = {8, 128, 8, 8};
  rules.levels[0] = {false, 0};
  rules.levels[1] = {true, 0};
  return rules;
}

std::string first(const Kernel& k, KernelStage stage = KernelStage::complete) {
  const auto found = violations(k, stage, machine(k));
  if (found.empty()) return "none";
  return cat(found[0].code, ": ", found[0].what, " | ", found[0].place);
}
std::string first(const std::string& body, KernelStage stage = KernelStage::complete) {
  return first(parsed(body), stage);
}

TEST(VerifyKernel, AcceptsGoodKernels) {
  EXPECT_EQ(first(R"(
    for i = 0 count 2 {
      copy read t[@thread * 8] <- A[i * 32 + @thread * 4] count 4
      barrier thread
      if @thread == 0 { t[1] = t[0] + i32(s[3]) }
      barrier thread
      let j = t[i] { t[2] = select(j < 0, 0, j) }
      copy write C[i * 2] <- t[0] count 2
    })"),
            "none");
  const Kernel k = sample::everything();
  EXPECT_TRUE(violations(k, KernelStage::structure, KernelRules::permissive(k)).empty());
  EXPECT_TRUE(verify_kernel(k, KernelStage::structure, KernelRules::permissive(k)));
}

TEST(VerifyKernel, ErrorsNameCheckAndPlace) {
  const Kernel k = parsed("barrier unit");
  const Status status = verify_kernel(k, KernelStage::placed, machine(k));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().origin, Origin::internal);
  EXPECT_EQ(status.error().code, "kernel_invalid");
  EXPECT_EQ(status.error().what, "barriers: level unit has no barrier");
  EXPECT_EQ(status.error().where, "kernel k, barrier unit");
  EXPECT_TRUE(verify_kernel(k, KernelStage::structure, machine(k)));
}

std::string tables_error(void (*change)(Kernel&)) {
  Kernel k = sample::everything();
  change(k);
  const auto found = violations(k, KernelStage::structure, KernelRules::permissive(k));
  return found.empty() ? "none" : cat(found[0].code, ": ", found[0].what, " | ", found[0].place);
}

TEST(VerifyKernel, Tables) {
  EXPECT_EQ(tables_error([](Kernel& k) { k.levels[0].count = 0; }),
            "tables: 0 instances where at least 1 is needed | level unit");
  EXPECT_EQ(tables_error([](Kernel& k) { k.scopes[0].level = 2; }),
            "tables: level 2 does not exist | scope bank");
  EXPECT_EQ(tables_error([](Kernel& k) { k.scopes[0].level = -2; }),
            "tables: level -2 does not exist | scope bank");
  EXPECT_EQ(tables_error([](Kernel& k) { k.links[0].to = 3; }),
            "tables: scopes 0 and 3 do not both exist | link read");
  EXPECT_EQ(tables_error([](Kernel& k) { k.params[0].dtype = DType::f32; }),
            "tables: type f32 where i32 or i64 is needed | parameter A_base");
  EXPECT_EQ(tables_error([](Kernel& k) { k.vars[0].dtype = DType::b1; }),
            "tables: a variable of type b1 | variable i");
  EXPECT_EQ(tables_error([](Kernel& k) { k.buffers[0].scope = 9; }),
            "tables: scope 9 does not exist | buffer A");
  EXPECT_EQ(tables_error([](Kernel& k) { k.buffers[0].param = -1; }),
            "tables: launch argument -1 does not exist | buffer A");
  EXPECT_EQ(tables_error([](Kernel& k) { k.buffers[2].param = 0; }),
            "tables: a local buffer has no launch argument | buffer t");
  EXPECT_EQ(tables_error([](Kernel& k) { k.buffers[0].align = 12; }),
            "tables: alignment 12 is not a power of two in 1 .. 2^30 | buffer A");
  EXPECT_EQ(tables_error([](Kernel& k) { k.buffers[0].elements = -1; }),
            "tables: -1 elements are not 0 .. 2^60 bytes | buffer A");
  EXPECT_EQ(tables_error([](Kernel& k) {
              k.buffers[0].range = {3, 2};
            }),
            "tables: 3..2 is no range of i32 | buffer A");
  EXPECT_EQ(tables_error([](Kernel& k) {
              k.buffers[3].range = {0, 2};
            }),
            "tables: 0..2 is no range of f32 | buffer f");
  EXPECT_EQ(tables_error([](Kernel& k) { k.buffers[2].dtype = DType::b1; }),
            "tables: a buffer of type b1 | buffer t");
  const Kernel k = sample::everything();
  EXPECT_EQ(violations(k, KernelStage::structure, {}).at(0).what,
            "the rules are not those of the kernel's tables");
}

std::string body_error(Stmt body) {
  Kernel k = parsed("");
  k.body = std::move(body);
  return first(k, KernelStage::structure);
}

// Nodes that make_* would stop in debug builds are built directly.
TEST(VerifyKernel, Types) {
  const Expr wide = make_int(DType::i64, 0);
  EXPECT_EQ(body_error({}), "types: a statement is missing | body");
  EXPECT_EQ(body_error(Stmt(new Store(2, i32(0), {}))),
            "types: an expression is missing | t[0] = ?");
  EXPECT_EQ(body_error(Stmt(new Store(9, i32(0), i32(0)))),
            "types: buffer 9 of 5 does not exist | ?9[0] = 0");
  EXPECT_EQ(body_error(Stmt(new Store(2, i32(0), wide))),
            "types: the value has type i64, needed is i32 | t[0] = 0:i64");
  EXPECT_EQ(body_error(Stmt(new Store(2, make_float(0), i32(0)))),
            "types: the index has type f32, needed is i32 or i64 | t[0f] = 0");
  const Expr mixed(new Binary(DType::i32, BinaryOp::add, i32(0), wide));
  EXPECT_EQ(body_error(make_store(2, i32(0), mixed)),
            "types: operands of + have types i32 and i64 | t[0] = 0 + 0:i64");
  const Expr odd(new Binary(DType::f32, BinaryOp::mod, make_float(1), make_float(1)));
  EXPECT_EQ(body_error(make_store(2, i32(0), make_cast(DType::i32, odd))),
            "types: % does not exist for f32 | t[0] = i32(1f % 1f)");
  EXPECT_EQ(body_error(make_store(2, i32(0), Expr(new Cast(DType::i32, i32(1))))),
            "types: a cast from i32 to i32 | t[0] = i32(1)");
  EXPECT_EQ(body_error(make_store(2, i32(0), make_var(DType::i32, 5))),
            "types: variable 5 of 2 does not exist | t[0] = ?5");
  EXPECT_EQ(body_error(make_store(2, make_var(DType::i64, 0), i32(0))),
            "types: a variable of type i64 declared as i32 | t[i] = 0");
  EXPECT_EQ(body_error(make_store(2, make_param(DType::i64, 0), i32(0))),
            "types: a parameter of type i64 declared as i32 | t[$n] = 0");
  EXPECT_EQ(body_error(make_store(2, i32(0), make_load(DType::i32, 3, i32(0)))),
            "types: an element of type i32 declared as i16 | t[0] = s[0]");
  EXPECT_EQ(body_error(make_store(2, make_level_index(DType::i32, 3), i32(0))),
            "types: level 3 of 3 does not exist | t[@?3] = 0");
  EXPECT_EQ(body_error(make_barrier(4)), "types: level 4 of 3 does not exist | barrier ?4");
  EXPECT_EQ(body_error(Stmt(new If(i32(1), make_seq({}), {}))),
            "types: the condition has type i32, needed is b1 | if 1 {");
  EXPECT_EQ(body_error(Stmt(new For(0, wide, wide, LoopKind::serial, 0, make_seq({})))),
            "types: the first value has type i64, needed is i32 | for i = 0:i64 count 0:i64 {");
  EXPECT_EQ(body_error(make_let(0, wide, make_seq({}))),
            "types: the value has type i64, needed is i32 | let i = 0:i64 {");
  EXPECT_EQ(body_error(make_copy(5, 2, i32(0), 0, i32(0), i32(2))),
            "types: link 5 of 2 does not exist | copy ?5 t[0] <- A[0] count 2");
  EXPECT_EQ(body_error(make_combine(1, CombineOp::sum, 2, i32(0), 1, 1, 3)),
            "types: elements 1, stride 1, count 3 do not fit 8 instances | combine thread sum t[0] "
            "elements 1 stride 1 count 3");
  const Expr no_bool(new Select(i32(1), i32(1), i32(1)));
  EXPECT_EQ(body_error(make_store(2, i32(0), no_bool)),
            "types: the condition of select has type i32 | t[0] = select(1, 1, 1)");
  Stmt deep = make_seq({});
  for (int i = 0; i < 100000; ++i) deep = make_if(make_bool(true), deep);
  EXPECT_NE(body_error(deep).find("types: a statement is nested deeper than 512"),
            std::string::npos);
}

TEST(VerifyKernel, Variables) {
  EXPECT_EQ(first("t[i] = 0"),
            "variables: variable i is used outside of its loop or let | t[i] = 0");
  EXPECT_EQ(first("for i = i count 2 { }"),
            "variables: variable i is used outside of its loop or let | for i = i count 2 {");
  EXPECT_EQ(first("for i = 0 count 2 { } t[i] = 0"),
            "variables: variable i is used outside of its loop or let | t[i] = 0");
  EXPECT_EQ(first("for i = 0 count 2 { let i = 3 { t[0] = i } }"),
            "variables: variable i is bound again inside its own body | let i = 3 {");
  EXPECT_EQ(first("for i = 0 count 2 { t[i] = 0 } for i = 0 count 2 { t[i] = 0 }"), "none");
}

TEST(VerifyKernel, WrittenAndParallel) {
  const KernelStage stage = KernelStage::structure;
  EXPECT_EQ(first("A[0] = 1", stage), "written: buffer A is read-only | A[0] = 1");
  EXPECT_EQ(first("copy write A[0] <- t[0] count 2", stage),
            "written: buffer A is read-only | copy write A[0] <- t[0] count 2");
  EXPECT_EQ(first("combine thread sum A[0] elements 1 stride 1 count 8", stage).substr(0, 30),
            "written: buffer A is read-only");
  EXPECT_EQ(first("for i = 0 count 2 parallel { barrier thread }", stage),
            "parallel: instances meet inside a parallel loop | barrier thread");
  EXPECT_EQ(first("for i = 0 count 2 vectorized { barrier thread }", stage), "none");
}

TEST(VerifyKernel, LinksAndElementAccess) {
  EXPECT_EQ(first("copy read C[0] <- t[0] count 2"),
            "links: link read leads from bank to pad, the copy from pad to bank | copy read C[0] "
            "<- t[0] count 2");
  EXPECT_EQ(first("copy write C[0] <- s[0] count 4"),
            "links: copy from i16 to i32 | copy write C[0] <- s[0] count 4");
  EXPECT_EQ(first("C[0] = 1"),
            "element_access: scope bank is reached by copies only, buffer C is stored to element "
            "by element | C[0] = 1");
  EXPECT_EQ(first("if A[0] < 1 { }"),
            "element_access: scope bank is reached by copies only, buffer A is loaded from element "
            "by element | if A[0] < 1 {");
  EXPECT_EQ(first("C[0] = A[0]", KernelStage::structure), "none");
}

TEST(VerifyKernel, BarriersAreReachedByAll) {
  const std::string prefix = "barriers: not reached by all instances of level thread, because of: ";
  EXPECT_EQ(first("if @thread < 3 { barrier thread }"),
            prefix + "if @thread < 3 { | barrier thread");
  EXPECT_EQ(first("if t[0] < 3 { barrier thread }"), prefix + "if t[0] < 3 { | barrier thread");
  EXPECT_EQ(first("for i = 0 count @thread { barrier thread }"),
            prefix + "for i = 0 count @thread { | barrier thread");
  EXPECT_EQ(first("let j = @thread * 2 { if j < 3 { barrier thread } }"),
            prefix + "if j < 3 { | barrier thread");
  EXPECT_EQ(first("for i = @thread count 2 { if i < 3 { barrier thread } }"),
            prefix + "if i < 3 { | barrier thread");
  EXPECT_EQ(first("for i = @thread count 2 { barrier thread }"), "none");
  EXPECT_EQ(first("if @unit < 3 && $n < 2 { barrier thread }"), "none");
  EXPECT_EQ(first("combine thread sum t[0] elements 1 stride 1 count 8"),
            "barriers: level thread cannot combine by sum | combine thread sum t[0] elements 1 "
            "stride 1 count 8");
  EXPECT_EQ(first("combine thread sum t[0] elements 1 stride 1 count 8", KernelStage::placed),
            "none");
  EXPECT_NE(first("combine unit sum t[0] elements 1 stride 1 count 4", KernelStage::placed),
            "none");
}

TEST(VerifyKernel, Copies) {
  EXPECT_EQ(
      first("copy read t[0] <- A[0] count 1"),
      "copies: copies at most 4 bytes, link read at least 8 | copy read t[0] <- A[0] count 1");
  EXPECT_EQ(
      first("copy read t[0] <- A[0] count 0"),
      "copies: copies at most 0 bytes, link read at least 8 | copy read t[0] <- A[0] count 0");
  EXPECT_EQ(
      first("copy read t[0] <- A[0] count 64"),
      "copies: copies at least 256 bytes, link read at most 128 | copy read t[0] <- A[0] count 64");
  EXPECT_EQ(first("copy read t[0] <- A[0] count 3"),
            "copies: the number of bytes is never a multiple of 8, the unit of link read | copy "
            "read t[0] <- A[0] count 3");
  EXPECT_EQ(first("copy read t[1] <- A[0] count 2"),
            "copies: the address in t is never a multiple of 8, as link read needs | copy read "
            "t[1] <- A[0] count 2");
  EXPECT_EQ(first("copy read t[0] <- A[@thread * 2 + 1] count 2"),
            "copies: the address in A is never a multiple of 8, as link read needs | copy read "
            "t[0] <- A[@thread * 2 + 1] count 2");
  EXPECT_EQ(first("copy read t[64] <- A[0] count 2"),
            "copies: leaves buffer t of 64 elements | copy read t[64] <- A[0] count 2");
  EXPECT_EQ(first("copy read t[0] <- A[0 - 2] count 2"),
            "copies: leaves buffer A of 64 elements | copy read t[0] <- A[0 - 2] count 2");
  EXPECT_EQ(first("for i = 62 count 2 { copy read t[i] <- A[0] count 4 }"),
            "copies: leaves buffer t of 64 elements | copy read t[i] <- A[0] count 4");
  EXPECT_EQ(first("copy read t[@thread] <- A[$n] count $n"), "none");
  Kernel k = parsed("copy read t[0] <- A[0] count 2");
  k.buffers[0].align = 4;
  EXPECT_EQ(
      first(k),
      "copies: buffer A is aligned to 4 bytes, link read needs 8 | copy read t[0] <- A[0] count 2");
}

TEST(VerifyKernel, Bounds) {
  EXPECT_EQ(first("t[64] = 0"),
            "bounds: index 64..64 is outside of buffer t of 64 elements | t[64] = 0");
  EXPECT_EQ(first("t[@thread - 8] = 0"),
            "bounds: index -8..-1 is outside of buffer t of 64 elements | t[@thread - 8] = 0");
  EXPECT_EQ(first("t[0] = t[@thread + 64]"),
            "bounds: index 64..71 is outside of buffer t of 64 elements | t[0] = t[@thread + 64]");
  EXPECT_EQ(first("t[0] = select($n < 3, t[64], 0)"), "none");
  // What never runs is not wrong.
  EXPECT_EQ(first("for i = 0 count 0 { t[64] = 0 }"), "none");
  EXPECT_EQ(first("for i = 0 count @thread - 8 { t[64] = 0 }"), "none");
  EXPECT_EQ(first("if @thread < 0 { t[64] = 0 }"), "none");
  EXPECT_EQ(first("if @thread < 0 { t[0] = 0 } else { t[64] = 0 }"),
            "bounds: index 64..64 is outside of buffer t of 64 elements | t[64] = 0");
  EXPECT_EQ(first("if @thread < 8 { t[0] = 0 } else { t[64] = 0 }"), "none");
  const auto without_lockstep = [](const std::string& body) {
    Kernel k = parsed(body);
    k.levels[2].kind = LevelKind::lane;
    return first(k);
  };
  EXPECT_EQ(without_lockstep("if $n < 3 && t[64] < 3 { }"), "none");
  EXPECT_EQ(without_lockstep("t[60 + c[0]] = 0"), "none");
  EXPECT_EQ(first("t[64 + c[0]] = 0"),
            "bounds: index 64..67 is outside of buffer t of 64 elements | t[64 + c[0]] = 0");
  EXPECT_EQ(first("for i = 0 count 100 { if 64 <= i { t[i] = 0 } }"),
            "bounds: index 64..99 is outside of buffer t of 64 elements | t[i] = 0");
}

TEST(VerifyKernel, Capacity) {
  Kernel k = parsed("");
  k.buffers[2].elements = 220;  // 880 bytes and 128 and 16
  EXPECT_EQ(first(k), "none");
  k.buffers[2].elements = 221;
  EXPECT_EQ(first(k), "capacity: local buffers need 1032 bytes, there are 1024 | scope pad");
  k = parsed("");
  k.buffers[3].align = 4;
  EXPECT_EQ(first(k), "capacity: aligned to 4 bytes, scope pad needs 8 | buffer s");
  k.buffers[3].align = 8;
  k.buffers[3].elements = int64_t{1} << 59;
  EXPECT_EQ(first(k).substr(0, 36), "capacity: local buffers need 1152921");
}

TEST(VerifyKernel, ControlFlow) {
  const auto without = [](const std::string& body) {
    const Kernel k = parsed(body);
    KernelRules rules = machine(k);
    rules.control_flow = false;
    const auto found = violations(k, KernelStage::complete, rules);
    return found.empty() ? "none" : cat(found[0].code, ": ", found[0].what, " | ", found[0].place);
  };
  EXPECT_EQ(without("if $n < 3 { }"),
            "control_flow: a condition where the target has none | if $n < 3 {");
  EXPECT_EQ(without("for i = 0 count $n { }"),
            "control_flow: a count that is no constant where the target has no conditions | for i "
            "= 0 count $n {");
  EXPECT_EQ(without("for i = $n count 4 { t[0] = select($n < 3, 1, 2) }"), "none");
  EXPECT_EQ(first("if $n < 3 { }"), "none");
}

TEST(VerifyKernel, Lockstep) {
  const std::string tail =
      " depends on the instance of level bank or on data; its instances run in lockstep | ";
  EXPECT_EQ(first("if @bank < 1 { }"), "lockstep: the condition" + tail + "if @bank < 1 {");
  EXPECT_EQ(first("if t[0] < 1 { }"), "lockstep: the condition" + tail + "if t[0] < 1 {");
  EXPECT_EQ(first("for i = 0 count @bank { }"),
            "lockstep: the count" + tail + "for i = 0 count @bank {");
  EXPECT_EQ(first("for i = @bank count 1 { }"),
            "lockstep: the first value" + tail + "for i = @bank count 1 {");
  EXPECT_EQ(first("t[@bank] = 0"), "lockstep: the index" + tail + "t[@bank] = 0");
  EXPECT_EQ(first("t[0] = t[@bank]"), "lockstep: the index" + tail + "t[0] = t[@bank]");
  EXPECT_EQ(first("let j = t[0] { t[j] = 0 }"), "lockstep: the index" + tail + "t[j] = 0");
  EXPECT_EQ(first("copy read t[0] <- A[@bank * 2] count 2"),
            "lockstep: the index of the source" + tail + "copy read t[0] <- A[@bank * 2] count 2");
  EXPECT_EQ(first("t[0] = select(t[1] < 0, t[2], 0)"),
            "lockstep: the condition before a load" + tail + "t[0] = select(t[1] < 0, t[2], 0)");
  EXPECT_EQ(first("let j = t[1] { t[0] = select(j < 0, j + @bank, 0) }"), "none");
  EXPECT_EQ(first("for i = 0 count 4 { t[i] = t[i] + @bank }"), "none");
}

}  // namespace
}  // namespace pimjit
