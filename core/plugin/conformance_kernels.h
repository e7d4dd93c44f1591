#ifndef PIMJIT_CORE_PLUGIN_CONFORMANCE_KERNELS_H_
#define PIMJIT_CORE_PLUGIN_CONFORMANCE_KERNELS_H_

#include <functional>
#include <optional>
#include <vector>

#include "pimjit/core/ir/kernel.h"
#include "pimjit/core/target/target_desc.h"

namespace pimjit::conformance {

// Small kernels for any machine. Every innermost instance of a unit owns one tile of `elements`
// elements of the input A and the output B in the home scope. Where kernels can work on the home
// scope they do; else each tile is copied into a buffer that they can work on, and back.
class KernelMaker {
 public:
  // Nothing when no scope of the machine is such that kernels can compute in it. `target` outlives
  // it.
  static std::optional<KernelMaker> create(const TargetDesc& target, DType dtype);

  int64_t tile_elements() const { return elements_; }
  int64_t instances() const { return instances_; }  // innermost ones in one unit
  int64_t unit_elements() const { return elements_ * instances_; }
  DType dtype() const { return dtype_; }

  // What stands in a body: element `index` of the own tile, and who runs.
  struct Tile {
    Kernel* kernel;
    std::function<Expr(Expr)> input, output;       // loads
    std::function<Stmt(Expr, Expr)> store_output;  // index, value
    Expr instance;                                 // number of the instance in the unit, i32
    int unit_level;
  };
  // A kernel with the launch arguments A, B and then `extra` i32 ones, which reads A's tile, runs
  // `body`, and writes B's tile. With `keep`, B's tile is read first, so that what the body leaves
  // alone stays.
  Kernel make(const char* name, int extra, bool keep,
              const std::function<Stmt(const Tile&)>& body) const;

  // B = A, by copies where the machine has them.
  Kernel copy_through() const;
  // B[i] = A[i] * 3 + A[i], or A[i] + A[i] where there is no product.
  Kernel arithmetic(bool multiply) const;
  // B[i] = the unit's position * 100 + the instance's number.
  Kernel who_am_i() const;
  // B[i] = A[i] for i < launch argument 2; the rest of B stays.
  Kernel run_time_bound() const;
  // B[i] = element 0 of A's tile of the next instance, through a shared buffer and a barrier at
  // `level`.
  std::optional<Kernel> exchange(int level) const;
  // B[i] = the sum over the instances of `level` of element 0 of A's tile.
  std::optional<Kernel> sum(int level) const;

 private:
  KernelMaker(const TargetDesc& target, DType dtype) : target_(&target), dtype_(dtype) {}
  bool choose_scopes();
  bool choose_sizes(int64_t most_instances);
  // Number of the running instance among those inside one instance of `level`.
  Expr linear(int level) const;
  int64_t count_inside(int level) const;
  std::optional<int> shared_scope(int level) const;
  Kernel tables(const char* name, int extra) const;

  const TargetDesc* target_;
  DType dtype_;
  int home_ = 0, work_ = 0;      // scopes; equal where kernels compute in the home scope
  int load_ = -1, store_ = -1;   // device links, positions in Kernel::links
  std::vector<int64_t> counts_;  // by level
  int64_t elements_ = 0, instances_ = 1;
};

}  // namespace pimjit::conformance

#endif  // PIMJIT_CORE_PLUGIN_CONFORMANCE_KERNELS_H_
