#include "pimjit/core/plugin_kit/simulated.h"

#include <cstring>

#include "pimjit/core/plugin_kit/kernel_reader.h"

namespace pimjit::kit {
namespace {

std::vector<Reason> reasons_of(const Evaluator& program, ReasonsAgainst against) {
  if (!program.problem().empty())
    return {{"not_runnable", program.kernel().name, 0, 0, program.problem()}};
  return against == nullptr ? std::vector<Reason>() : against(program);
}

}  // namespace

pj_plugin_api simulated_table(const char* name, const char* build) {
  pj_plugin_api api = {};
  api.struct_size = sizeof api;
  api.abi_major = PJ_ABI_MAJOR;
  api.abi_minor = PJ_ABI_MINOR;
  api.kernel_version = kKernelVersion;
  api.name = text(name);
  api.build = text(build);
  api.wait = wait_finished;
  api.query = query_finished;
  api.release_event = release_finished;
  api.counters = counters_finished;
  return api;
}

pj_error* read_program(const void* bytes, uint64_t size, int unit_level,
                       std::unique_ptr<Evaluator>* out) {
  Kernel kernel;
  std::string wrong = read_kernel(bytes, size, kernel);
  if (!wrong.empty()) return error(PJ_BAD_KERNEL, std::move(wrong));
  *out = std::make_unique<Evaluator>(std::move(kernel), unit_level);
  return nullptr;
}

pj_error* check_program(const pj_kernel* kernel, int unit_level, ReasonsAgainst against,
                        pj_reasons** out) {
  return guarded([&]() -> pj_error* {
    std::unique_ptr<Evaluator> program;
    if (pj_error* e = read_program(kernel->bytes, kernel->size, unit_level, &program)) return e;
    *out = make_reasons(reasons_of(*program, against));
    return nullptr;
  });
}

pj_error* build_program(const pj_kernel* kernel, int unit_level, ReasonsAgainst against,
                        pj_image** out) {
  return guarded([&]() -> pj_error* {
    std::unique_ptr<Evaluator> program;
    if (pj_error* e = read_program(kernel->bytes, kernel->size, unit_level, &program)) return e;
    std::vector<Reason> reasons = reasons_of(*program, against);
    const auto* bytes = static_cast<const unsigned char*>(kernel->bytes);
    *out = reasons.empty() ? make_image({bytes, bytes + kernel->size})
                           : make_rejection(std::move(reasons));
    return nullptr;
  });
}

pj_error* alloc_in(Arena& arena, uint32_t scope, uint64_t bytes, uint64_t alignment,
                   pj_memory* out) {
  if ((alignment & (alignment - 1)) != 0) {
    return error(PJ_INVALID_ARGUMENT,
                 "an alignment of " + std::to_string(alignment) + ", which is no power of two");
  }
  uint64_t base = 0;
  if (!arena.take(bytes, alignment, &base)) {
    return error(PJ_OUT_OF_MEMORY, std::to_string(bytes) +
                                       " bytes do not fit: " + std::to_string(arena.free_bytes()) +
                                       " of " + std::to_string(arena.capacity()) + " are free");
  }
  write(pj_memory{sizeof(pj_memory), scope, base, base, bytes, nullptr}, out);
  return nullptr;
}

pj_error* free_in(Arena& arena, const pj_memory& memory) {
  if (arena.give_back(memory.base)) return nullptr;
  return error(PJ_INVALID_ARGUMENT, "no memory is reserved at byte " + std::to_string(memory.base));
}

pj_error* copy_in(Arena& arena, const pj_copy& copy, CopyRules rules,
                  const std::function<unsigned char*(uint64_t)>& memory_of, FinishedEvent* event,
                  uint64_t* moved) {
  *moved = 0;
  rules.memory_bytes = copy.memory.bytes;
  if (arena.bytes_at(copy.memory.base) < copy.memory.bytes) {
    return error(PJ_INVALID_ARGUMENT,
                 "no memory is reserved at byte " + std::to_string(copy.memory.base));
  }
  if (pj_error* e = check_copy(copy, rules)) return e;
  event->failure = failure_of(copy.after);
  if (event->failure != nullptr || copy.bytes == 0) return nullptr;
  for (uint64_t i = 0; i < copy.units.count; ++i) {
    void* host = host_address(copy, i);
    if (host == nullptr) continue;
    unsigned char* device = memory_of(copy.units.first + i) + copy.memory.base + copy.offset;
    if (copy.direction == PJ_TO_DEVICE) {
      std::memcpy(device, host, copy.bytes);
    } else {
      std::memcpy(host, device, copy.bytes);
    }
    *moved += copy.bytes;
  }
  return nullptr;
}

pj_error* launch_units(const pj_launch& launch, const UnitLaunch& how, FinishedEvent* event) {
  if (pj_error* e = check_units(launch.units, how.units)) return e;
  if (launch.constant_count != 0)
    return error(PJ_INVALID_ARGUMENT, "no kernel declares per-unit constants");
  RunOptions options;
  options.budget = how.budget;
  options.arguments.assign(launch.arguments, launch.arguments + launch.argument_count);
  if (how.host != nullptr)
    options.cancelled = [&] { return how.host->cancelled(how.host->self) != 0; };
  const Evaluator& program = *how.program;
  if (std::string wrong = program.check_arguments(options.arguments); !wrong.empty()) {
    return error(PJ_INVALID_ARGUMENT, std::move(wrong));
  }
  const uint64_t built_for = program.units();
  if (launch.units.first + launch.units.count > built_for) {
    return error(PJ_OUT_OF_RANGE, "a launch up to unit " +
                                      std::to_string(launch.units.first + launch.units.count) +
                                      " of a kernel for " + std::to_string(built_for) + " units");
  }
  event->failure = failure_of(launch.after);
  Counters all;
  for (uint64_t i = 0; event->failure == nullptr && i < launch.units.count; ++i) {
    const uint64_t unit = launch.units.first + i;
    options.position = program.position_of(unit);
    const std::unique_ptr<UnitMemory> memory = how.unit_memory(unit);
    Counters counters;
    Outcome outcome = program.run(*memory, options, counters);
    if (!outcome.ok()) {
      event->failure =
          std::make_shared<Failure>(Failure{outcome.code, std::move(outcome.message), {}, nullptr});
    }
    event->duration_ns = std::max(event->duration_ns, how.cost_ns(counters));
    all.add(counters);
  }
  event->counters = figures_of(all, program.kernel());
  return nullptr;
}

std::vector<Figure> figures_of(const Counters& counters, const Kernel& kernel) {
  std::vector<Figure> figures;
  const auto add = [&](std::string name, const char* unit, uint64_t n) {
    if (n != 0) figures.push_back({std::move(name), unit, static_cast<double>(n)});
  };
#define PIMJIT_BINARY(Name, code, text, result)                     \
  add(#Name ".i", "operations", counters.integer_operations[code]); \
  add(#Name ".f", "operations", counters.real_operations[code]);
#include "pimjit/core/ir/nodes.def"
  add("conversions", "operations", counters.conversions);
  add("selects", "operations", counters.selects);
  add("loads", "operations", counters.loads);
  add("stores", "operations", counters.stores);
  add("iterations", "operations", counters.iterations);
  add("branches", "operations", counters.branches);
  add("barriers", "meetings", counters.barriers);
  add("combines", "meetings", counters.combines);
  for (size_t l = 0; l < counters.links.size(); ++l) {
    add("copies." + kernel.links[l].name, "copies", counters.links[l].copies);
    add("bytes." + kernel.links[l].name, "B", counters.links[l].bytes);
  }
  return figures;
}

}  // namespace pimjit::kit
