#ifndef PIMJIT_CORE_LOWER_KERNEL_BUILDER_H_
#define PIMJIT_CORE_LOWER_KERNEL_BUILDER_H_

#include <functional>
#include <optional>
#include <vector>

#include "pimjit/core/ir/kernel.h"
#include "pimjit/core/lower/boundary.h"
#include "pimjit/core/lower/nest_values.h"
#include "pimjit/core/schedule/layout.h"

namespace pimjit {

// One scheduled stage -> one kernel. Internal to lowering: the pass "device_kernels" uses it. The
// first form is sound on every machine: tiles move as whole padded blocks, the innermost statement
// is guarded, single elements of scopes that kernels cannot access go through copies of granules.
// docs/lowering.md, "Device kernels".
class KernelBuilder {
 public:
  KernelBuilder(const Workload& w, const TargetDesc& target, const StageSchedule& schedule,
                const Stage& stage, const StageLayout& layout);
  // Kernel parameter i is the base of device buffer i of the stage: the reads in order of accesses,
  // then the result.
  Kernel build(const std::string& name);
  // Of the kernel's buffers, once it is built.
  const std::vector<BufferTraits>& traits() const { return traits_; }

 private:
  struct Place {  // a storage as the kernel sees it
    const Storage* storage = nullptr;
    int buffer = -1;
    const OperandLayout* operand = nullptr;
  };

  // kernel_builder.cpp: structure
  void declare_target();
  void declare_operand(const OperandLayout& operand, const std::string& name, bool written);
  std::optional<std::pair<int64_t, int64_t>> range_of(const OperandLayout& operand) const;
  int declare_buffer(const std::string& name, DType t, int scope, int64_t elements, BufferKind kind,
                     bool written);
  void declare_loops();
  Stmt nest_from(int position);
  Stmt bind_levels(Stmt body);
  Stmt wrap_loop(LoopId id, Stmt body);
  Expr level_digit(LoopId id) const;

  // compute_code.cpp: the innermost statement
  Stmt compute();
  Expr body_value(std::vector<Stmt>& before);
  Expr operand_value(int access, std::vector<Stmt>& before);
  Stmt store_result(const Expr& value, std::vector<Stmt>& before);
  Stmt store_value(const Expr& value, std::vector<Stmt>& before);
  Stmt store_staged(const std::function<Expr(const Expr&)>& update, std::vector<Stmt>& before);
  Stmt unguarded_start();
  Expr staged_load(const OperandLayout& operand, int home, int staging, const Expr& element,
                   std::vector<Stmt>& before);
  Expr staging_slot(const OperandLayout& operand) const;

  // storage_code.cpp: results of a tile from start to end
  void fill_reads(int position, std::vector<Stmt>& out);
  void enter_results(int position, std::vector<Stmt>& out);
  void flush_results(int position, std::vector<Stmt>& out);
  Stmt initialise(const Place& place, int from_position);
  Stmt load_tile(const Place& parent, const Place& cache);
  Stmt store_tile(const Place& parent, const Place& cache);
  Stmt move_tile(const Place& from, const Place& to, int link);
  Stmt move_elements(const Place& from, const Place& to, const Place& cache);
  int64_t partial_results(const Storage& cache) const;
  Stmt fold_partials(const Place& cache);
  Stmt fold_one(const Place& cache, const Expr& target, int64_t from, int64_t count,
                int64_t distance, bool apart);
  Stmt fold_in_pairs(const Place& cache, const Expr& target, int64_t partials, int64_t distance);
  void combine_instances(const Place& cache, std::vector<Stmt>& out);

  // tile_copy.cpp: tiles between a home and a cache
  using CopyAt = std::function<Stmt(const Expr& at, int64_t elements)>;
  Stmt move_block(const Place& from, const Place& to, int link, const Place& cache);
  Stmt move_rows(const Storage& home, const OperandLayout& operand, const CopyAt& copy_at);
  Stmt move_whole(const Storage& home, const CopyAt& copy_at);
  Expr piece_in_bounds(const OperandLayout& operand, const std::vector<Expr>& leaf) const;
  Stmt move_shared_block(const Expr& from_base, const Expr& to_base, const Place& from,
                         const Place& to, int link, const Place& cache);
  static int64_t piece_elements(const Storage& home, int64_t members);

  // `link` is the target's number
  Stmt copy(int link, int dst, Expr dst_index, int src, Expr src_index, int64_t elements) const;

  // addresses
  Expr home_tile_base(const OperandLayout& operand) const;
  Expr cache_base(const Storage& cache) const;
  Expr element_address(const Place& place, const std::vector<Expr>& leaf) const;
  std::vector<Expr> native_index(const OperandLayout& operand, const std::vector<Expr>& leaf) const;
  Expr native_address(const OperandLayout& operand, const std::vector<Expr>& leaf) const;
  Expr native_in_bounds(const OperandLayout& operand, const std::vector<Expr>& leaf) const;

  // facts about the nest
  bool takes_part(const Loop& loop) const;
  bool serial_loop_between(int from, int to) const;
  Expr first_visit(int position) const;  // null: always
  Expr leads_group() const;              // digit 0 of every level that combines; null: always
  int sharing_level(const Storage& cache) const;
  std::pair<Expr, int64_t> member(
      const Storage& cache) const;  // index among and number of the instances sharing a tile
  Expr constant(int64_t v) const { return make_int(index_type_, v); }
  Expr neutral() const;

  const Workload& w_;
  const TargetDesc& target_;
  const StageSchedule& s_;
  const Stage& stage_;
  const StageLayout& layout_;
  Kernel kernel_;
  std::vector<BufferTraits> traits_;  // per buffer
  DType index_type_ = DType::i32;
  std::vector<Expr> leaf_;                 // expression of every loop of the nest
  std::vector<std::vector<Place>> reads_;  // per access: home, caches
  std::vector<Place> result_;              // home, caches
  std::vector<int>
      kernel_link_;  // per link of the target: its number in the kernel, -1 for links of the host
  std::vector<int> staging_;  // per access, then the result: staging buffer or -1
  bool any_native_ = false;
  bool starts_apart_ = false;  // results are initialised where decompose_reduction says
};

BinaryOp binary_of(Reducer reducer);
CombineOp combine_of(Reducer reducer);

}  // namespace pimjit

#endif  // PIMJIT_CORE_LOWER_KERNEL_BUILDER_H_
