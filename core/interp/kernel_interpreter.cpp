#include "pimjit/core/interp/kernel_interpreter.h"

#include <algorithm>

#include "pimjit/core/interp/machine.h"
#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

Error mismatch(const Kernel& kernel, std::string what) {
  return internal_error("launch_mismatch", std::move(what), cat("kernel ", kernel.name));
}

Status check_rules(const Kernel& kernel, const TargetDesc& target) {
  if (kernel.scopes.size() != target.scopes.size()) {
    return fail(mismatch(kernel, cat("it knows ", kernel.scopes.size(), " scopes, the target has ",
                                     target.scopes.size())));
  }
  for (const KernelLink& k : kernel.links) {
    const bool known = std::any_of(target.links.begin(), target.links.end(), [&](const Link& l) {
      return l.name == k.name && l.from == k.from && l.to == k.to;
    });
    if (!known) return fail(mismatch(kernel, cat("the target has no link ", k.name, " like it")));
  }
  return {};
}

Status check_launch(const Kernel& kernel, const std::vector<int64_t>& arguments,
                    const std::vector<KernelMemory>& memory) {
  if (arguments.size() != kernel.params.size() || memory.size() != kernel.buffers.size()) {
    return fail(mismatch(
        kernel, cat("it got ", arguments.size(), " arguments and ", memory.size(),
                    " buffers, declared ", kernel.params.size(), " and ", kernel.buffers.size())));
  }
  std::vector<int64_t> counts;
  for (const KernelLevel& l : kernel.levels) counts.push_back(l.count);
  const InstanceTree tree(counts);
  for (size_t i = 0; i < memory.size(); ++i) {
    const KernelBuffer& b = kernel.buffers[i];
    if (b.kind != BufferKind::device) continue;
    const int64_t base = arguments[static_cast<size_t>(b.param)];
    if (base < 0 || base % b.align != 0) {
      return fail(mismatch(kernel, cat("buffer ", b.name, " begins at byte ", base,
                                       ", which is no multiple of its alignment ", b.align)));
    }
    const ShadowMemory* m = memory[i].memory;
    const int64_t need = tree.instances(kernel.scopes[static_cast<size_t>(b.scope)].level);
    if (m == nullptr || m->instances() < need || m->bytes() < b.bytes()) {
      return fail(mismatch(
          kernel, cat("buffer ", b.name, " needs ", b.bytes(), " B in ", need, " instances, has ",
                      m == nullptr ? 0 : m->bytes(), " B in ", m == nullptr ? 0 : m->instances())));
    }
  }
  return {};
}

// Distinct memories of a launch, by first buffer: two buffers may be bound to one memory.
std::vector<ShadowMemory> snapshot(const std::vector<KernelMemory>& memory) {
  std::vector<ShadowMemory> copies(memory.size());
  for (size_t i = 0; i < memory.size(); ++i) {
    if (memory[i].memory != nullptr) copies[i] = *memory[i].memory;
  }
  return copies;
}

std::vector<KernelMemory> bind_copies(const std::vector<KernelMemory>& memory,
                                      std::vector<ShadowMemory>& copies) {
  std::vector<KernelMemory> bound(memory.size());
  for (size_t i = 0; i < memory.size(); ++i) {
    for (size_t j = 0; j <= i; ++j) {
      if (memory[i].memory == nullptr || memory[j].memory != memory[i].memory) continue;
      bound[i].memory = &copies[j];
      break;
    }
  }
  return bound;
}

Status compare(const Kernel& kernel, const std::vector<KernelMemory>& first,
               const std::vector<KernelMemory>& second) {
  const char* const hint = "the result must not depend on the order in which instances run";
  for (size_t i = 0; i < first.size(); ++i) {
    if (first[i].memory == nullptr) continue;
    const MemoryDifference d = first_difference(*first[i].memory, *second[i].memory);
    if (!d.found) continue;
    const KernelBuffer& b = kernel.buffers[i];
    return fail(internal_error(
        "order_dependence",
        cat("buffer ", b.name, ", element ", d.byte / bytes_of(b.dtype), " of scope instance ",
            d.instance, " differs between ascending and descending order of instances"),
        cat("kernel ", kernel.name), hint));
  }
  return {};
}

}  // namespace

Status interpret_kernel(const Kernel& kernel, const TargetDesc* target,
                        const std::vector<int64_t>& arguments,
                        const std::vector<KernelMemory>& memory,
                        const InterpreterOptions& options) {
  const auto code = compile_for_interpreter(kernel);
  if (!code) return fail(code.error());
  if (target != nullptr) {
    if (auto ok = check_rules(kernel, *target); !ok) return ok;
  }
  if (auto ok = check_launch(kernel, arguments, memory); !ok) return ok;

  std::vector<ShadowMemory> copies;
  if (options.second_order) copies = snapshot(memory);
  Machine ascending(kernel, *code, target, arguments, options, InstanceOrder::ascending);
  if (auto ok = ascending.run(memory); !ok) return ok;
  if (!options.second_order) return {};

  const std::vector<KernelMemory> bound = bind_copies(memory, copies);
  Machine descending(kernel, *code, target, arguments, options, InstanceOrder::descending);
  if (auto ok = descending.run(bound); !ok) return ok;
  if (auto ok = compare(kernel, memory, bound); !ok) return ok;
  const auto& a = ascending.local_digests();
  const auto& b = descending.local_digests();
  for (size_t d = 0; d < a.size(); ++d) {
    if (a[d] == b[d]) continue;
    return fail(
        internal_error("order_dependence",
                       "local memory differs between ascending and descending order of instances",
                       cat("kernel ", kernel.name)));
  }
  return {};
}

}  // namespace pimjit
