#include "pimjit/tools/pimjit/measuring_options.h"

#include <algorithm>
#include <filesystem>
#include <thread>

#include <unistd.h>

#include "pimjit/core/support/text.h"
#include "pimjit/search/measure/local_measurer.h"
#include "pimjit/search/measure/worker_measurer.h"
#include "pimjit/tools/pimjit/number_checks.h"

namespace pimjit::cli {
namespace {

namespace fs = std::filesystem;

std::string worker_program() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  return (self.parent_path() / "pimjit-worker").string();
}

int64_t memory_of_machine() {
  return static_cast<int64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGESIZE);
}

}  // namespace

void MeasuringOptions::add_to(CLI::App* command) {
  command
      ->add_option("--jobs", jobs,
                   "measure so many at once (one per core; 1 where times are measured)")
      ->type_name("N")
      ->check(at_least_zero());
  command->add_flag("--isolate,!--no-isolate", isolate,
                    "measure in processes of their own, which may hang or crash (where times are "
                    "measured)");
  command->add_option("--timeout", timeout, "with --isolate: seconds for one schedule (30)")
      ->type_name("S")
      ->check(above_zero());
  command
      ->add_option("--memory", memory_megabytes,
                   "with --isolate: memory of one job in MB (the machine's, shared)")
      ->type_name("MB")
      ->check(above_zero());
}

Status MeasuringOptions::check(TimeOrigin origin) const {
  if (isolate.value_or(origin == TimeOrigin::measured)) return {};
  if (timeout <= 0 && memory_megabytes <= 0) return {};
  return fail(user_error("contradictory_options",
                         cat(timeout > 0 ? "--timeout" : "--memory",
                             " needs processes that can be ended, and there are none"),
                         {}, "add --isolate"));
}

Result<std::unique_ptr<Measurer>> MeasuringOptions::measurer(
    const std::shared_ptr<const Problem>& problem) const {
  const TimeOrigin origin = problem->target.description->origin;
  if (Status sound = check(origin); !sound) return fail(sound.error());
  const bool measured = origin == TimeOrigin::measured;
  const auto cores = static_cast<int64_t>(std::max(1U, std::thread::hardware_concurrency()));
  // Measured times would disturb each other.
  const auto count = static_cast<int>(jobs > 0 ? jobs : measured ? 1 : cores);
  if (!isolate.value_or(measured)) return make_local_measurer(problem, count);
  WorkerLimits limits;
  if (timeout > 0) limits.seconds = timeout;
  limits.memory_bytes =
      memory_megabytes > 0 ? memory_megabytes * 1'000'000 : memory_of_machine() / count;
  return make_worker_measurer(problem, count, worker_program(), limits);
}

}  // namespace pimjit::cli
