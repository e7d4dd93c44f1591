#include <algorithm>
#include <set>

#include "pimjit/core/ir/visitor.h"
#include "pimjit/core/lower/lowered_module.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

bool in_table(int index, size_t size) {
  return index >= 0 && static_cast<size_t>(index) < size;
}

// What an operation reads and writes, as keys: host buffers are 2b, device buffers 2b + 1.
struct Effects {
  std::set<int> reads, writes;
};
int host_key(int buffer) {
  return 2 * buffer;
}
int device_key(int buffer) {
  return 2 * buffer + 1;
}

class Verifier {
 public:
  explicit Verifier(const LoweredModule& m) : m_(m) {}

  Status run() {
    check_tables();
    for (size_t i = 0; i < m_.ops.size() && problem_.empty(); ++i) check_op(i);
    if (problem_.empty()) check_order();
    if (problem_.empty()) return {};
    return fail(internal_error("host_program_malformed", problem_, where_));
  }

 private:
  bool complain(std::string what) {
    if (problem_.empty()) problem_ = std::move(what);
    return false;
  }

  void check_tables() {
    where_ = "host program";
    if (!m_.workload || !m_.target) return void(complain("it has no workload or no target"));
    if (m_.kernel_units.size() != m_.kernels.size()) {
      complain(cat(m_.kernels.size(), " kernels, ", m_.kernel_units.size(), " counts of units"));
    }
    for (const HostBuffer& b : m_.host_buffers) {
      if (b.elements < 0) complain(cat("buffer ", b.name, " has ", b.elements, " elements"));
      if (b.kind != HostBufferKind::tensor) continue;
      if (!in_table(b.tensor, m_.workload->tensors.size())) {
        complain(cat("buffer ", b.name, " is tensor ", b.tensor));
        continue;
      }
      const Tensor& t = m_.workload->tensors[static_cast<size_t>(b.tensor)];
      if (t.elements() != b.elements || t.dtype != b.dtype) {
        complain(
            cat("buffer ", b.name, " has ", b.elements, " elements, its tensor ", t.elements()));
      }
    }
    for (const DeviceBuffer& b : m_.device_buffers) {
      if (!in_table(b.scope, m_.target->scopes.size())) {
        complain(cat("device buffer ", b.name, " is in scope ", b.scope));
      }
      if (b.native) check_native(b);
      if (b.within != -1) check_part(b);
    }
  }

  void check_native(const DeviceBuffer& b) {
    if (!in_table(b.host_buffer, m_.host_buffers.size())) {
      return void(
          complain(cat("device buffer ", b.name, " is the memory of host buffer ", b.host_buffer)));
    }
    const HostBuffer& host = m_.host_buffers[static_cast<size_t>(b.host_buffer)];
    const bool other = host.kind == HostBufferKind::tensor && host.tensor != b.tensor;
    if (other || host.dtype != b.dtype || host.elements != b.elements)
      complain(cat("device buffer ", b.name, " has ", b.elements, " elements, host buffer ",
                   host.name, ", whose memory it is, has ", host.elements,
                   other ? " of another tensor" : ""));
  }

  void check_part(const DeviceBuffer& b) {
    if (!in_table(b.within, m_.device_buffers.size())) {
      return void(complain(cat("device buffer ", b.name, " is part of buffer ", b.within)));
    }
    const DeviceBuffer& whole = m_.device_buffers[static_cast<size_t>(b.within)];
    if (whole.within != -1 || whole.scope != b.scope || whole.native || b.native) {
      complain(cat("device buffer ", b.name, " cannot be part of ", whole.name));
    }
    if (b.offset < 0 || b.offset + b.bytes() > whole.bytes()) {
      complain(cat("device buffer ", b.name, " is bytes ", b.offset, " to ", b.offset + b.bytes(),
                   " of ", whole.name, ", which has ", whole.bytes()));
    }
    if (b.alignment > whole.alignment || b.offset % std::max<int64_t>(b.alignment, 1) != 0) {
      complain(cat("device buffer ", b.name, " needs addresses that are multiples of ", b.alignment,
                   " and is at byte ", b.offset, " of ", whole.name));
    }
  }

  void check_op(size_t number) {
    const HostOp& op = m_.ops[number];
    where_ = cat("operation ", number, " \"", op.name, "\"");
    for (size_t k = 0; k < op.after.size(); ++k) {
      if (op.after[k] < 0 || op.after[k] >= static_cast<int>(number)) {
        return void(complain(cat("it waits for operation ", op.after[k], ", which is not before")));
      }
      if (k > 0 && op.after[k - 1] >= op.after[k]) complain("its dependencies are not ascending");
    }
    switch (op.kind) {
      case OpKind::pack:
      case OpKind::reduce:
        if (op.fused >= 0) check_fused(op, number, OpKind::stage);
        return check_transfer(op);
      case OpKind::copy:
      case OpKind::broadcast:
      case OpKind::copy_back:
        return check_copy(op);
      case OpKind::launch:
        return check_launch(op);
      case OpKind::stage:
        if (op.fused >= 0) check_fused(op, number, OpKind::reduce);
        return check_stage(op);
      case OpKind::fill:
        return check_fill(op);
      case OpKind::join:
        return check_join(op);
    }
  }

  bool needs(const HostOp& op, Resource resource) {
    return op.resource == resource || complain(cat("it occupies the ", to_string(op.resource),
                                                   ", not the ", to_string(resource)));
  }
  bool is_buffer(int buffer, HostBufferKind kind, const char* role) {
    if (in_table(buffer, m_.host_buffers.size()) &&
        m_.host_buffers[static_cast<size_t>(buffer)].kind == kind) {
      return true;
    }
    return complain(cat("its ", role, " is host buffer ", buffer, " of ", m_.host_buffers.size(),
                        ", or of the wrong kind"));
  }

  void check_transfer(const HostOp& op) {
    if (!needs(op, Resource::host) ||
        !is_buffer(op.host_buffer, HostBufferKind::staging, "staging") ||
        !is_buffer(op.tensor_buffer, HostBufferKind::tensor, "tensor")) {
      return;
    }
    const HostBuffer& staging = m_.host_buffers[static_cast<size_t>(op.host_buffer)];
    const HostBuffer& tensor = m_.host_buffers[static_cast<size_t>(op.tensor_buffer)];
    const TransferMap& map = op.map;
    if (map.narrow && op.reducer != Reducer::none) complain("it adds up narrow values");
    if (map.narrow && (is_float(tensor.dtype) || is_float(*map.narrow) ||
                       bytes_of(*map.narrow) >= bytes_of(tensor.dtype)))
      complain(cat(to_string(*map.narrow), " is no narrower than ", to_string(tensor.dtype)));
    if (map.narrow && op.in_place.possible) complain("it narrows in place");
    if (staging.dtype != map.narrow.value_or(tensor.dtype))
      complain("staging and tensor have different types");
    if (map.slices * map.slice_elements != staging.elements) {
      complain(cat("its map has ", map.slices, " slices of ", map.slice_elements,
                   " elements, the staging buffer ", staging.elements, " elements"));
    }
    check_map(op, m_.workload->tensors[static_cast<size_t>(tensor.tensor)]);
    if (op.in_place.possible) check_in_place(op, tensor);
  }

  // Copies go straight to and from the tensor: no slice may leave it.
  void check_in_place(const HostOp& op, const HostBuffer& tensor) {
    const InPlace& in_place = op.in_place;
    for (const InPlace::Digit& d : in_place.digits) {
      if (d.slice_stride < 1 || d.extent < 1)
        return void(complain("a digit of its slices in place is not positive"));
    }
    if (!std::is_sorted(in_place.staged.begin(), in_place.staged.end()))
      complain("its staged slices are not ascending");
    for (int64_t s = 0; s < op.map.slices; ++s) {
      if (in_place.stages(s)) continue;
      const int64_t at = in_place.offset(s);
      if (at >= 0 && at <= tensor.elements - op.map.slice_elements) continue;
      return void(
          complain(cat("slice ", s, " in place is at element ", at, " with ", op.map.slice_elements,
                       " elements, ", tensor.name, " has ", tensor.elements)));
    }
  }

  void check_map(const HostOp& op, const Tensor& tensor) {
    const TransferMap& map = op.map;
    int64_t slice = 0, inside = 0;
    bool reduces = false, empty = false;
    for (const MapDigit& d : map.digits) {
      if (d.extent < 0 || d.slice_stride < 0 || d.element_stride < 0) {
        return void(complain("a digit of its map is negative"));
      }
      empty |= d.extent == 0;
      slice += (d.extent - 1) * d.slice_stride, inside += (d.extent - 1) * d.element_stride;
      reduces |= d.reduce && d.extent > 1;
    }
    if (!empty && (slice >= map.slices || inside >= map.slice_elements)) {
      complain(cat("its map reaches slice ", slice, " of ", map.slices, ", element ", inside,
                   " of ", map.slice_elements));
    }
    if (reduces && (op.kind == OpKind::pack || op.reducer == Reducer::none)) {
      complain("its map adds up, but it has no reducer");
    }
    if (map.index.size() != tensor.shape.size()) {
      complain(cat("its map has ", map.index.size(), " indices, tensor ", tensor.name, " ",
                   tensor.shape.size(), " dimensions"));
    }
    for (const Expr& e : map.index) check_expr(e, DType::i64, map.digits.size());
    if (map.guard) check_expr(map.guard, DType::b1, map.digits.size());
  }

  void check_expr(const Expr& e, DType type, size_t digits) {
    if (!e || e->dtype != type) {
      return void(complain(cat("an expression of its map is not of type ", to_string(type))));
    }
    for_each_expr(e, [&](const ExprNode& n) {
      const bool leaf =
          n.kind == ExprKind::Load || n.kind == ExprKind::Param || n.kind == ExprKind::LevelIndex;
      if (leaf) complain("an expression of its map reads more than digits");
      if (n.kind == ExprKind::Var && !in_table(as<Var>(n).id, digits)) {
        complain(cat("its map uses digit ", as<Var>(n).id, " of ", digits));
      }
    });
  }

  void check_copy(const HostOp& op) {
    if (!needs(op, Resource::link) ||
        !is_buffer(op.host_buffer, HostBufferKind::staging, "staging")) {
      return;
    }
    if (!in_table(op.device_buffer, m_.device_buffers.size())) {
      return void(complain(cat("it moves device buffer ", op.device_buffer)));
    }
    const DeviceBuffer& device = m_.device_buffers[static_cast<size_t>(op.device_buffer)];
    if (device.native)
      complain(cat("device buffer ", device.name, " is host memory, which needs no copy"));
    if (op.bytes < 0 || op.bytes > device.bytes()) {
      complain(
          cat("it moves ", op.bytes, " B, device buffer ", device.name, " has ", device.bytes()));
    }
    const int level = m_.target->scopes[static_cast<size_t>(device.scope)].level;
    if (op.units < 0 || op.units > m_.target->instances(level)) {
      complain(cat("it moves ", op.units, " units of ", m_.target->instances(level)));
    }
    check_slices(op);
    check_link(op, device);
  }

  void check_slices(const HostOp& op) {
    const HostBuffer& b = m_.host_buffers[static_cast<size_t>(op.host_buffer)];
    const int64_t bytes = b.elements * bytes_of(b.dtype);
    int64_t last = 0;
    for (const UnitDigit& d : op.unit_digits) {
      if (d.extent < 1 || d.unit_stride < 1 || d.slice_stride < 0) {
        return void(complain("a digit of its units is not positive"));
      }
      last += (d.extent - 1) * d.slice_stride;
    }
    if (op.kind == OpKind::broadcast && !op.unit_digits.empty() && last > 0) {
      complain("a broadcast has one slice");
    }
    if (op.bytes > 0 && op.units > 0 && (last + 1) * op.bytes > bytes) {
      complain(cat("slice ", last, " of ", op.bytes, " B lies outside ", b.name, ", which has ",
                   bytes, " B"));
    }
  }

  void check_link(const HostOp& op, const DeviceBuffer& device) {
    if (!in_table(op.link, m_.target->links.size())) {
      return void(complain(cat("it has no link (", op.link, ")")));
    }
    const Link& link = m_.target->links[static_cast<size_t>(op.link)];
    const bool back = op.kind == OpKind::copy_back;
    if (link.from != (back ? device.scope : kHost) || link.to != (back ? kHost : device.scope)) {
      complain(cat("link ", link.name, " does not lead where it moves data"));
    }
    if (op.kind == OpKind::broadcast && !link.broadcast) {
      complain(cat("link ", link.name, " cannot broadcast"));
    }
    if (op.bytes == 0 || op.units == 0) return;
    if (op.bytes < link.min_bytes || op.bytes > link.max_bytes || op.bytes % link.multiple != 0) {
      complain(cat("it moves ", op.bytes, " B per unit, link ", link.name, " moves ",
                   link.min_bytes, " to ", link.max_bytes, " B in multiples of ", link.multiple));
    }
  }

  void check_launch(const HostOp& op) {
    if (!needs(op, Resource::device)) return;
    if (!in_table(op.kernel, m_.kernels.size())) {
      return void(complain(cat("it launches kernel ", op.kernel, " of ", m_.kernels.size())));
    }
    const Kernel& kernel = m_.kernels[static_cast<size_t>(op.kernel)];
    if (op.arguments.size() != kernel.params.size()) {
      complain(cat("it passes ", op.arguments.size(), " arguments, kernel ", kernel.name, " takes ",
                   kernel.params.size()));
    }
    for (const int b : op.arguments) {
      if (!in_table(b, m_.device_buffers.size())) complain(cat("it passes device buffer ", b));
    }
    for (const KernelBuffer& b : kernel.buffers) {
      if (b.kind == BufferKind::device && !in_table(b.param, op.arguments.size())) {
        complain(cat("kernel buffer ", b.name, " has no argument"));
      }
    }
    if (op.units != m_.kernel_units[static_cast<size_t>(op.kernel)]) {
      complain(cat("it launches ", op.units, " units, kernel ", kernel.name, " runs on ",
                   m_.kernel_units[static_cast<size_t>(op.kernel)]));
    }
    int64_t units = 1;
    for (int l = 0; l <= m_.target->unit_level() && l < static_cast<int>(kernel.levels.size());
         ++l) {
      units *= kernel.levels[static_cast<size_t>(l)].count;
    }
    if (op.units != units) {
      complain(cat("it launches ", op.units, " units, the levels of kernel ", kernel.name, " make ",
                   units));
    }
  }

  void check_stage(const HostOp& op) {
    if (!needs(op, Resource::host)) return;
    if (!in_table(op.kernel, m_.host_kernels.size())) {
      return void(complain(cat("it runs host kernel ", op.kernel)));
    }
    const HostKernel& k = m_.host_kernels[static_cast<size_t>(op.kernel)];
    if (k.buffers.size() != k.kernel.buffers.size()) {
      return void(complain(cat("host kernel ", k.kernel.name, " has ", k.kernel.buffers.size(),
                               " buffers, bound are ", k.buffers.size())));
    }
    for (size_t i = 0; i < k.buffers.size(); ++i) {
      if (k.kernel.buffers[i].kind == BufferKind::device) {
        is_buffer(k.buffers[i], HostBufferKind::tensor, "tensor");
      }
    }
  }

  void check_fused(const HostOp& op, size_t number, OpKind kind) {
    const auto partner = static_cast<size_t>(op.fused);
    if (!in_table(op.fused, m_.ops.size()) || m_.ops[partner].kind != kind ||
        m_.ops[partner].fused != static_cast<int>(number)) {
      return void(complain(
          cat("it is fused with operation ", op.fused, ", which is no such ", to_string(kind))));
    }
    const HostOp& stage = kind == OpKind::stage ? m_.ops[partner] : op;
    const HostOp& reduce = kind == OpKind::stage ? op : m_.ops[partner];
    if (!in_table(stage.row_kernel, m_.host_kernels.size()))
      return void(complain(cat("it takes rows by host kernel ", stage.row_kernel)));
    for (const int before : stage.after) {
      const bool ready = before == stage.fused ||
                         std::binary_search(reduce.after.begin(), reduce.after.end(), before);
      if (!ready) complain(cat("what it is fused with does not wait for operation ", before));
    }
  }

  void check_fill(const HostOp& op) {
    if (needs(op, Resource::host)) is_buffer(op.host_buffer, HostBufferKind::tensor, "tensor");
  }

  void check_join(const HostOp& op) {
    if (!needs(op, Resource::host) ||
        !is_buffer(op.host_buffer, HostBufferKind::staging, "staging")) {
      return;
    }
    const HostBuffer& joined = m_.host_buffers[static_cast<size_t>(op.host_buffer)];
    const int64_t slice = op.map.slice_elements * bytes_of(joined.dtype);
    if (op.map.slices * op.map.slice_elements != joined.elements) {
      complain(cat("it joins ", op.map.slices, " slices of ", slice, " B, its staging has ",
                   joined.elements * bytes_of(joined.dtype), " B"));
    }
    int64_t end = 0;
    for (const JoinPart& part : op.parts) {
      if (!is_buffer(part.host_buffer, HostBufferKind::staging, "part")) return;
      if (!in_table(part.device_buffer, m_.device_buffers.size()))
        return void(complain(cat("it joins device buffer ", part.device_buffer)));
      const HostBuffer& source = m_.host_buffers[static_cast<size_t>(part.host_buffer)];
      const DeviceBuffer& device = m_.device_buffers[static_cast<size_t>(part.device_buffer)];
      const int64_t has = source.elements * bytes_of(source.dtype);
      if ((part.slices != 1 && part.slices != op.map.slices) ||
          part.slices * device.bytes() > has) {
        complain(cat("it joins ", part.slices, " slices of ", device.bytes(), " B of ", source.name,
                     ", which has ", has, " B, with ", op.map.slices, " slices"));
      }
      if (device.within < 0 || device.offset < end || device.offset + device.bytes() > slice)
        complain(cat("device buffer ", device.name, " has no place in its slices"));
      end = device.offset + device.bytes();
    }
  }

  // --- order: operations that touch the same memory, one of them writing, are ordered.
  Effects effects_of(const HostOp& op) const {
    Effects e;
    switch (op.kind) {
      case OpKind::pack:
        e.reads = {host_key(op.tensor_buffer)}, e.writes = {host_key(op.host_buffer)};
        break;
      case OpKind::reduce:
        e.reads = {host_key(op.host_buffer)}, e.writes = {host_key(op.tensor_buffer)};
        break;
      case OpKind::copy:
      case OpKind::broadcast:
        e.reads = {host_key(op.host_buffer)}, e.writes = {device_key(op.device_buffer)};
        break;
      case OpKind::copy_back:
        e.reads = {device_key(op.device_buffer)}, e.writes = {host_key(op.host_buffer)};
        break;
      case OpKind::fill:
        e.writes = {host_key(op.host_buffer)};
        break;
      case OpKind::join:
        for (const JoinPart& part : op.parts) e.reads.insert(host_key(part.host_buffer));
        e.writes = {host_key(op.host_buffer)};
        break;
      case OpKind::launch:
        for (const KernelBuffer& b : m_.kernels[static_cast<size_t>(op.kernel)].buffers) {
          if (b.kind != BufferKind::device) continue;
          const int number = op.arguments[static_cast<size_t>(b.param)];
          const DeviceBuffer& d = m_.device_buffers[static_cast<size_t>(number)];
          const int key =
              d.native ? host_key(d.host_buffer) : device_key(d.within < 0 ? number : d.within);
          (b.written ? e.writes : e.reads).insert(key);
        }
        break;
      case OpKind::stage: {
        const HostKernel& k = m_.host_kernels[static_cast<size_t>(op.kernel)];
        for (size_t i = 0; i < k.buffers.size(); ++i) {
          const KernelBuffer& b = k.kernel.buffers[i];
          if (b.kind == BufferKind::device) {
            (b.written ? e.writes : e.reads).insert(host_key(k.buffers[i]));
          }
        }
        break;
      }
    }
    return e;
  }

  static bool meet(const std::set<int>& a, const std::set<int>& b) {
    return std::any_of(a.begin(), a.end(), [&](int key) { return b.count(key) != 0; });
  }

  void check_order() {
    std::vector<std::vector<bool>> before(m_.ops.size());
    std::vector<Effects> effects;
    for (size_t i = 0; i < m_.ops.size(); ++i) {
      before[i].assign(m_.ops.size(), false);
      for (const int a : m_.ops[i].after) {
        const auto& theirs = before[static_cast<size_t>(a)];
        before[i][static_cast<size_t>(a)] = true;
        for (size_t k = 0; k < theirs.size(); ++k) {
          if (theirs[k]) before[i][k] = true;
        }
      }
      effects.push_back(effects_of(m_.ops[i]));
      for (size_t k = 0; k < i; ++k) {
        const bool clash = meet(effects[i].writes, effects[k].writes) ||
                           meet(effects[i].writes, effects[k].reads) ||
                           meet(effects[i].reads, effects[k].writes);
        if (!clash || before[i][k]) continue;
        where_ = cat("operation ", i, " \"", m_.ops[i].name, "\"");
        complain(cat("it uses memory that operation ", k, " \"", m_.ops[k].name,
                     "\" uses too, and does not wait for it"));
      }
    }
  }

  const LoweredModule& m_;
  std::string problem_, where_;
};

}  // namespace

Status verify_host_program(const LoweredModule& module) {
  return Verifier(module).run();
}

}  // namespace pimjit
