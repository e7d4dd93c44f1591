#ifndef PIMJIT_CORE_PLUGIN_KIT_KERNEL_H_
#define PIMJIT_CORE_PLUGIN_KIT_KERNEL_H_

#include <cstdint>
#include <string>
#include <vector>

namespace pimjit::kit {

// A kernel as flat arrays of plain structs, in the form a compiler wants to walk: operands stand
// before their users, references are indices. Meaning of everything: docs/ir.md. Made by
// read_kernel().

enum class Type : uint8_t { b1 = 0, i8 = 1, i16 = 2, i32 = 3, i64 = 4, f32 = 5 };
constexpr int bytes_of(Type t) {
  return t == Type::i64 ? 8 : t == Type::i32 || t == Type::f32 ? 4 : t == Type::i16 ? 2 : 1;
}
constexpr bool is_index(Type t) {
  return t == Type::i32 || t == Type::i64;
}

enum class ExprKind : uint8_t {
#define PIMJIT_EXPR(Name, code) Name = code,
#include "pimjit/core/ir/nodes.def"
};
enum class StmtKind : uint8_t {
#define PIMJIT_STMT(Name, code) Name = code,
#include "pimjit/core/ir/nodes.def"
};
enum class BinaryOp : uint8_t {
#define PIMJIT_BINARY(Name, code, text, result) Name = code,
#include "pimjit/core/ir/nodes.def"
};
enum class LevelKind : uint8_t { independent = 0, lockstep = 1, lane = 2, time = 3 };
enum class LoopKind : uint8_t { serial = 0, unrolled = 1, vectorized = 2, parallel = 3 };
enum class CombineOp : uint8_t { sum = 1, prod = 2, min = 3, max = 4 };

inline constexpr int kNone = -1;

struct Expr {
  ExprKind kind = ExprKind::IntImm;
  Type type = Type::i32;
  BinaryOp op = BinaryOp::add;  // Binary
  int index = kNone;  // Var, LevelIndex, Param, Load: entry of vars, levels, params, buffers
  int a = kNone, b = kNone,
      c = kNone;  // operands, in exprs. Select: condition, if_true, if_false. Load: a is the index
  int64_t value = 0;  // IntImm
  float real = 0;     // FloatImm
};

struct Stmt {
  StmtKind kind = StmtKind::Seq;
  LoopKind loop = LoopKind::serial;  // For
  int unroll = 0;                    // For, unrolled: copies of the body, 0 for all
  int var = kNone;                   // For, Let
  int level = kNone;                 // Barrier, Combine
  int link = kNone;                  // Copy
  int dst = kNone, src = kNone;      // buffers. Store, Combine: dst
  // In exprs. For: min, extent. If: condition. Let: value. Store: index, value. Copy: dst_index,
  // src_index, elements. Combine: index.
  int a = kNone, b = kNone, c = kNone;
  int body = kNone, else_body = kNone;  // in stmts. For, Let, If
  int first = 0, count = 0;             // Seq: children[first .. first + count) are its statements
  CombineOp op = CombineOp::sum;
  int64_t elements = 0, stride = 0, group = 0;  // Combine; group is its `count`
};

struct Level {
  std::string name;
  LevelKind kind = LevelKind::independent;
  int64_t count = 1;
};
struct Scope {
  std::string name;
  int level = kNone;  // -1: one for the whole device
};
struct Link {
  std::string name;
  int from = 0, to = 0;
};
struct Param {
  std::string name;
  Type type = Type::i64;
};
struct Var {
  std::string name;
  Type type = Type::i32;
};
struct Buffer {
  std::string name;
  Type type = Type::i32;
  int scope = 0;
  int64_t elements = 0;
  int64_t align = 1;
  int param = kNone;  // of a device buffer: the launch argument with its byte offset; local buffers
                      // have none
  bool written = false;
  bool has_range = false;
  int64_t low = 0, high = 0;
  bool is_local() const { return param == kNone; }
  int64_t bytes() const { return elements * bytes_of(type); }
};

struct Kernel {
  int version = 0;
  std::string name;
  std::vector<Level> levels;
  std::vector<Scope> scopes;
  std::vector<Link> links;
  std::vector<Param> params;
  std::vector<Buffer> buffers;
  std::vector<Var> vars;
  std::vector<Expr> exprs;
  std::vector<Stmt> stmts;
  std::vector<int> children;
  int body = kNone;  // in stmts
};

}  // namespace pimjit::kit

#endif  // PIMJIT_CORE_PLUGIN_KIT_KERNEL_H_
