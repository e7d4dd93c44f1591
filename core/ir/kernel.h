#ifndef PIMJIT_CORE_IR_KERNEL_H_
#define PIMJIT_CORE_IR_KERNEL_H_

#include <optional>
#include <string>
#include <vector>

#include "pimjit/core/ir/stmt.h"

namespace pimjit {

// One device program with everything needed to read it alone: the levels it runs on, the scopes and
// links it uses, its arguments and buffers. A value; nodes are shared and immutable. Semantics:
// docs/ir.md, "Kernels".

enum class LevelKind : uint8_t { independent = 0, lockstep = 1, lane = 2, time = 3 };

struct KernelLevel {
  std::string name;
  LevelKind kind;
  int64_t count;  // instances launched per parent instance, >= 1
  bool operator==(const KernelLevel&) const = default;
};
struct KernelScope {
  std::string name;
  int level;  // one instance of the scope per instance of this level; -1: one for the whole device
  bool operator==(const KernelScope&) const = default;
};
struct KernelLink {
  std::string name;
  int from, to;  // scopes
  bool operator==(const KernelLink&) const = default;
};

struct KernelVar {
  std::string name;
  DType dtype;
  bool operator==(const KernelVar&) const = default;
};
struct KernelParam {
  std::string name;
  DType dtype;  // i32 or i64
  bool operator==(const KernelParam&) const = default;
};

enum class BufferKind : uint8_t {
  device = 0,  // bound at launch: starts at the byte offset given by launch argument `param`
  local = 1,   // allocated by the kernel in its scope for the time of the launch; contents
               // unspecified at start
};

struct KernelBuffer {
  std::string name;
  DType dtype;
  int scope;
  int64_t elements;  // in one instance of the scope
  BufferKind kind;
  int param = -1;       // device: the launch argument with its offset in bytes
  int64_t align = 8;    // bytes; every base is a multiple of it
  bool written = true;  // whether the kernel may write it
  std::optional<std::pair<int64_t, int64_t>> range;  // declared bounds of the values read from it
  int64_t bytes() const { return elements * bytes_of(dtype); }
  bool operator==(const KernelBuffer&) const = default;
};

struct Kernel {
  std::string name;
  std::vector<KernelLevel> levels;  // all levels of the target, outer to inner
  std::vector<KernelScope> scopes;  // all scopes of the target
  std::vector<KernelLink> links;    // all device-side links of the target
  std::vector<KernelParam> params;
  std::vector<KernelBuffer> buffers;
  std::vector<KernelVar> vars;
  Stmt body;

  int add_var(std::string var_name, DType t);  // returns its id
};

// Tables and bodies equal, names included; and a hash that agrees with it.
bool equal(const Kernel& a, const Kernel& b);
uint64_t hash_of(const Kernel& kernel);

}  // namespace pimjit

#endif  // PIMJIT_CORE_IR_KERNEL_H_
