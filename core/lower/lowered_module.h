#ifndef PIMJIT_CORE_LOWER_LOWERED_MODULE_H_
#define PIMJIT_CORE_LOWER_LOWERED_MODULE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pimjit/core/ir/kernel.h"
#include "pimjit/core/schedule/final_reduction.h"
#include "pimjit/core/schedule/schedule.h"
#include "pimjit/core/target/target_desc.h"
#include "pimjit/core/workload/workload.h"

namespace pimjit {

// A computation ready for a machine: device kernels, and the host program that feeds them, as a DAG
// of operations with resources, unit sets, bytes and dependencies. Values; immutable after
// lowering; any thread may read. docs/lowering.md.

// Host memory an operation works on.
enum class HostBufferKind : uint8_t { tensor = 0, staging = 1 };
struct HostBuffer {
  std::string name;
  HostBufferKind kind;
  int tensor;  // of `tensor`: Workload::tensors
  DType dtype;
  int64_t elements;  // staging: slices * slice elements
};

// Memory in every instance of a scope, bound at launch by base offset.
struct DeviceBuffer {
  std::string name;
  int scope;
  DType dtype;
  int64_t elements;       // per instance
  int64_t alignment;      // bytes
  int tensor;             // what it holds; the stage's output for partial results
  bool resident = false;  // uploaded once, kept between calls
  bool native = false;    // direct scopes: it is the memory of a host buffer ...
  int host_buffer = -1;   // ... this one: the tensor's own, or staging of partial results
  int within = -1;        // a part of that device buffer, which one copy fills ...
  int64_t offset = 0;     // ... from this byte on
  int64_t bytes() const { return elements * bytes_of(dtype); }
};

// Elements of a staging buffer <-> elements of a tensor. Digit d is a loop over [0, extent); it
// moves the slice by slice_stride slices or the position inside a slice by element_stride elements.
// index[dim] and guard are expressions over Var d (type i64) of the digits. Positions whose index
// lies outside the tensor, or whose guard is false, are padding: packing writes `pad` there,
// unpacking skips them.
struct MapDigit {
  int64_t extent;
  int64_t slice_stride;
  int64_t element_stride;
  bool reduce = false;  // unpacking adds up over this digit in ascending order, beginning with the
                        // first position that is no padding; an element without one stays as it is
};
struct TransferMap {
  std::vector<MapDigit> digits;  // outer to inner, the last one is the fastest in staging
  std::vector<Expr> index;       // one per tensor dimension, i64
  Expr guard;                    // null: always true
  std::optional<DType> narrow;  // the type of staging where it is not the tensor's, of maps that do
                                // not add up; packing drops the high bits of values outside it
  int64_t slices = 1;
  int64_t slice_elements = 1;  // padding included
  bool fill_padding =
      false;  // packing must write `pad` to padding; otherwise its contents do not matter
  int64_t pad_integer = 0;
  double pad_real = 0;
};

// Which slice of a staging buffer belongs to unit u: sum over digits ((u / unit_stride) % extent) *
// slice_stride.
struct UnitDigit {
  int64_t unit_stride, extent, slice_stride;
};

// Where the slices of a transfer lie in the tensor itself, when each is one contiguous piece of a
// row-major tensor in the order the units hold it: copies then use the tensor's memory, and the
// host moves only the slices in `staged`, whose padding is none of the tensor's memory (to the
// device: past its end; from the device: anything but elements of that slice). Slice s begins at
// element first + sum over digits ((s / slice_stride) % extent) * tensor_stride.
struct InPlace {
  struct Digit {
    int64_t slice_stride, extent, tensor_stride;
  };
  bool possible = false;
  int64_t first = 0;
  std::vector<Digit> digits;
  std::vector<int64_t> staged;  // ascending
  int64_t offset(int64_t slice) const {
    int64_t at = first;
    for (const Digit& d : digits) at += slice / d.slice_stride % d.extent * d.tensor_stride;
    return at;
  }
  bool stages(int64_t slice) const;
};

// Slices of a staging buffer that a join puts side by side with others: behind `offset` bytes of
// each joined slice, as many as the device buffer has.
struct JoinPart {
  int host_buffer;    // staging
  int device_buffer;  // part of the one that the joined slices are copied to
  int64_t slices;     // as many as the join has, or one that goes into all
};

enum class OpKind : uint8_t { pack, copy, broadcast, launch, copy_back, reduce, stage, fill, join };
// What an operation occupies while it runs.
enum class Resource : uint8_t { host, link, device };

struct HostOp {
  OpKind kind;
  Resource resource;
  std::string name;        // "pack A", "launch mtv" ... for people
  std::vector<int> after;  // operations that must have finished, ascending
  int host_buffer = -1;    // pack, join: staging written; copy, broadcast: source; copy_back:
                           // staging written; reduce: staging read; fill: tensor
  int tensor_buffer = -1;  // pack: tensor read; reduce: tensor written (a host buffer number)
  int device_buffer = -1;  // copies
  int64_t units = 0;       // instances of the device buffer's scope / of the unit level
  int64_t bytes = 0;       // copies: per instance; join: written; pack, reduce, fill: bytes touched
                           // in staging or tensor when tensors are row-major without gaps
  std::vector<UnitDigit> unit_digits;  // copy, copy_back: slice of each instance
  TransferMap map;                     // pack, reduce; of a join the size of its slices alone
  InPlace in_place;                    // pack, and copy_back with its reduce (both the same)
  std::vector<JoinPart> parts;         // join
  Reducer reducer = Reducer::none;     // reduce: none means plain unpacking
  FinalReduction how;                  // reduce
  int kernel = -1;  // launch: LoweredModule::kernels; stage: LoweredModule::host_kernels
  std::vector<int>
      arguments;  // launch: device buffer whose base offset (bytes) is passed, per kernel parameter
  int link = -1;  // copies: target link
  bool upload = false;  // part of making a tensor resident: skipped once it is
  int fused = -1;       // reduce and stage: each other's operation, where the stage may take every
                        // piece of the tensor as soon as it is added up
  bool passed_on = false;  // a fused reduce: nobody else reads the tensor, whose contents do not
                           // matter afterwards
  int row_kernel = -1;  // a fused stage's for pieces of rows (host_kernels): arguments behind the
                        // tensors are the row's coordinates, the first element, their number
};

// A stage that runs on the host: a kernel without levels whose device buffers are the tensors, by
// number of host buffer.
struct HostKernel {
  Kernel kernel;
  std::vector<int> buffers;  // per kernel buffer: host buffer (of kind tensor)
};

struct LoweredModule {
  std::shared_ptr<const Workload> workload;
  std::shared_ptr<const TargetDesc> target;
  Schedule schedule;
  std::vector<Kernel> kernels;
  std::vector<int64_t> kernel_units;  // per kernel: instances of the unit level it runs on, from 0
  std::vector<int> kernel_stages;     // per kernel: the stage it computes
  std::vector<HostKernel> host_kernels;
  std::vector<HostBuffer> host_buffers;
  std::vector<DeviceBuffer> device_buffers;
  std::vector<HostOp> ops;  // topologically ordered
};

const char* to_string(OpKind kind);
const char* to_string(Resource resource);

// The host program as text, one operation per line: name, resource, units, bytes, dependencies.
std::string host_program_text(const LoweredModule& module);

// Structure of the host program: indices in range, order topological, staging sizes, maps inside
// their buffers, links obeyed. Used after lowering in debug builds and by tests.
Status verify_host_program(const LoweredModule& module);

// When each operation starts and ends if operations of one resource run one after another and
// dependencies are kept; `duration` in ns per operation. The one routine that predicts, models and
// reports totals. `total` is the critical path.
struct Makespan {
  std::vector<double> start, end;
  double total = 0;
};
Makespan makespan(const std::vector<HostOp>& ops, const std::vector<double>& duration);

}  // namespace pimjit

#endif  // PIMJIT_CORE_LOWER_LOWERED_MODULE_H_
