#include "pimjit/plugins/upmem/target/kernel_limits.h"

#include <algorithm>

#include "pimjit/plugins/upmem/elf/image.h"

namespace pimjit::upmem {
namespace {

using kit::Reason;

// Sums of buffers saturate far above what a DPU has.
constexpr std::int64_t kHuge = std::int64_t{1} << 40;

std::int64_t padded(const kit::Buffer& buffer) {
  return (std::min(buffer.bytes(), kHuge) + 7) / 8 * 8;
}

std::string number(std::int64_t n) {
  return std::to_string(n);
}

class Limits {
 public:
  explicit Limits(const kit::Kernel& kernel) : kernel_(kernel) {}

  std::vector<Reason> find() {
    if (!check_levels()) return std::move(reasons_);
    check_memories();
    return std::move(reasons_);
  }

 private:
  void add(std::string code, std::string place, std::int64_t have, std::int64_t limit,
           std::string message) {
    reasons_.push_back({std::move(code), std::move(place), have, limit, std::move(message)});
  }

  // Whether the levels are a DPU and its tasklets, so that the rest can be looked at.
  bool check_levels() {
    const std::size_t levels = kernel_.levels.size();
    bool fit = levels == 1 || levels == 2;
    for (const kit::Level& level : kernel_.levels)
      fit = fit && level.kind == kit::LevelKind::independent;
    if (!fit) {
      add("wrong_machine", kernel_.name, static_cast<std::int64_t>(levels), 2,
          "the kernel's levels are not a DPU and its tasklets");
      return false;
    }
    const std::int64_t dpus = kernel_.levels[0].count;
    if (dpus > kMaxDpus)
      add("too_many_dpus", kernel_.levels[0].name, dpus, kMaxDpus,
          "the kernel is for " + number(dpus) + " DPUs, the largest machine has " +
              number(kMaxDpus));
    if (levels == 2) tasklets_ = kernel_.levels[1].count;
    if (tasklets_ > kThreads)
      add("too_many_tasklets", kernel_.levels[1].name, tasklets_, kThreads,
          "the kernel is for " + number(tasklets_) + " tasklets, a DPU runs " + number(kThreads));
    return true;
  }

  void check_memories() {
    std::int64_t wram = 0, mram = 0;
    const kit::Buffer *widest = nullptr, *largest = nullptr;
    for (const kit::Buffer& buffer : kernel_.buffers) {
      const bool own = kernel_.scopes[static_cast<std::size_t>(buffer.scope)].level == 1;
      std::int64_t bytes = padded(buffer);
      if (buffer.is_local() && own) bytes *= std::clamp<std::int64_t>(tasklets_, 1, kThreads);
      std::int64_t& sum = buffer.is_local() ? wram : mram;
      const kit::Buffer*& most = buffer.is_local() ? widest : largest;
      sum = std::min(sum + bytes, kHuge);
      if (most == nullptr || buffer.bytes() > most->bytes()) most = &buffer;
    }
    if (wram > kWramBytes)
      add("wram_exceeded", widest->name, wram, kWramBytes,
          "the kernel's local buffers take " + number(wram) + " bytes of WRAM, a DPU has " +
              number(kWramBytes));
    if (mram > kMramBytes)
      add("mram_exceeded", largest->name, mram, kMramBytes,
          "the kernel's device buffers take " + number(mram) + " bytes of MRAM, a DPU has " +
              number(kMramBytes));
  }

  const kit::Kernel& kernel_;
  std::int64_t tasklets_ = 1;
  std::vector<Reason> reasons_;
};

}  // namespace

std::vector<kit::Reason> reasons_against(const kit::Kernel& kernel) {
  return Limits(kernel).find();
}

}  // namespace pimjit::upmem
