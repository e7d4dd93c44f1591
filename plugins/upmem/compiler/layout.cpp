#include "pimjit/plugins/upmem/compiler/layout.h"

#include <algorithm>

namespace pimjit::upmem {
namespace {

using kit::Kernel;

Status check_levels(const Kernel& kernel, Layout& layout) {
  const std::size_t levels = kernel.levels.size();
  if (levels == 0 || levels > 2)
    return refuse("the kernel has " + std::to_string(levels) +
                  " levels; a DPU program has 1 or 2: the DPU and its tasklets");
  for (const kit::Level& level : kernel.levels)
    if (level.kind != kit::LevelKind::independent)
      return refuse("level '" + level.name +
                    "' is not of independent control; DPUs and tasklets are");
  if (levels == 1) return {};
  const kit::Level& threads = kernel.levels[1];
  if (threads.count > kThreads)
    return refuse("level '" + threads.name + "' has " + std::to_string(threads.count) +
                  " instances, a DPU has " + std::to_string(kThreads) + " tasklets");
  layout.tasklets = static_cast<int>(threads.count);
  layout.tasklet_level = 1;
  return {};
}

Status check_scopes(const Kernel& kernel, Layout& layout) {
  layout.in_mram.assign(kernel.scopes.size(), false);
  for (const kit::Buffer& buffer : kernel.buffers)
    if (!buffer.is_local()) layout.in_mram[static_cast<std::size_t>(buffer.scope)] = true;
  for (const kit::Buffer& buffer : kernel.buffers) {
    const kit::Scope& scope = kernel.scopes[static_cast<std::size_t>(buffer.scope)];
    const bool mram = layout.in_mram[static_cast<std::size_t>(buffer.scope)];
    if (scope.level < 0 || (mram && scope.level != 0))
      return refuse("buffer '" + buffer.name + "' is in scope '" + scope.name +
                    "', which is not memory of one DPU");
    if (mram && buffer.is_local())
      return refuse("local buffer '" + buffer.name + "' is in MRAM, where only device buffers are");
  }
  return {};
}

Status check_nodes(const Kernel& kernel, const Layout& layout) {
  const auto mram = [&](int buffer) {
    return layout
        .in_mram[static_cast<std::size_t>(kernel.buffers[static_cast<std::size_t>(buffer)].scope)];
  };
  const auto element = [&](int buffer) {
    return refuse("single elements of buffer '" +
                  kernel.buffers[static_cast<std::size_t>(buffer)].name +
                  "' are used, but it is in MRAM, which is reached by copies only");
  };
  for (const kit::Expr& e : kernel.exprs)
    if (e.kind == kit::ExprKind::Load && mram(e.index)) return element(e.index);
  for (const kit::Stmt& s : kernel.stmts) {
    if (s.kind == kit::StmtKind::Store && mram(s.dst)) return element(s.dst);
    if (s.kind == kit::StmtKind::Combine && mram(s.dst)) return element(s.dst);
    if (s.kind == kit::StmtKind::Copy && mram(s.dst) == mram(s.src))
      return refuse("a copy joins buffers of one memory; transfers are between MRAM and WRAM");
    if ((s.kind == kit::StmtKind::Barrier || s.kind == kit::StmtKind::Combine) &&
        s.level != layout.tasklet_level)
      return refuse("instances of level '" + kernel.levels[static_cast<std::size_t>(s.level)].name +
                    "' meet; only the tasklets of one DPU can");
  }
  return {};
}

std::int64_t align_up(std::int64_t value, std::int64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

Status place_buffers(const Kernel& kernel, Layout& layout, Builder& builder) {
  std::int64_t end = builder.wram_end();
  for (const kit::Buffer& buffer : kernel.buffers) {
    layout.address.push_back(0);
    layout.stride.push_back(0);
    if (!buffer.is_local()) continue;
    const bool own = kernel.scopes[static_cast<std::size_t>(buffer.scope)].level == 1;
    const std::int64_t align = std::max<std::int64_t>(8, buffer.align);
    const std::int64_t bytes = align_up(std::min<std::int64_t>(buffer.bytes(), 1 << 30), align);
    layout.address.back() = align_up(end, align);
    layout.stride.back() = own ? bytes : 0;
    end = layout.address.back() + bytes * (own ? layout.tasklets : 1);
    if (end > (std::int64_t{1} << 40)) break;
  }
  if (end > kWramBytes)
    return refuse("the kernel needs " + std::to_string(end) + " bytes of WRAM, a DPU has " +
                      std::to_string(kWramBytes),
                  "use smaller tiles or fewer tasklets");
  const std::uint32_t begin = builder.wram_end();
  builder.wram("", static_cast<std::uint32_t>(end) - begin, Placement::reserved, 1);
  return {};
}

}  // namespace

tl::unexpected<Error> refuse(std::string what, std::string hint) {
  return fail(Origin::user, "kernel_refused", std::move(what), {}, std::move(hint));
}

Expected<Layout> lay_out(const Kernel& kernel, Builder& builder) {
  Layout layout;
  for (const auto check : {check_levels, check_scopes})
    if (const Status status = check(kernel, layout); !status) return fail(status.error());
  if (const Status status = check_nodes(kernel, layout); !status) return fail(status.error());
  layout.arguments =
      builder.wram("args", 8 * static_cast<std::uint32_t>(kernel.params.size()), Placement::host);
  layout.unit = builder.wram("unit", 8, Placement::host);
  const std::uint8_t waiting[4] = {static_cast<std::uint8_t>(layout.tasklets), 0, 0, 0};
  layout.barrier = builder.wram("", 4, Placement::data, 4, waiting);
  if (std::any_of(kernel.stmts.begin(), kernel.stmts.end(),
                  [](const kit::Stmt& s) { return s.kind == kit::StmtKind::Combine; })) {
    const std::vector<std::uint8_t> nobody(4 * static_cast<std::size_t>(layout.tasklets), 0);
    layout.handshakes =
        builder.wram("", static_cast<std::uint32_t>(nobody.size()), Placement::data, 4, nobody);
  }
  if (const Status status = place_buffers(kernel, layout, builder); !status)
    return fail(status.error());
  return layout;
}

}  // namespace pimjit::upmem
