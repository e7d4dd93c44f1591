// Records: what looking up, explaining and adding cost in a file of 100,000.
#include <filesystem>

#include <benchmark/benchmark.h>
#include <unistd.h>

#include "pimjit/core/schedule/default_schedule.h"
#include "pimjit/core/support/text.h"
#include "pimjit/search/database/lookup.h"
#include "pimjit/tests/support/lowered_samples.h"

namespace pimjit {
namespace {

constexpr int64_t kRecords = 100'000;
constexpr int64_t kSizes = 500;

// A file of kRecords: kSizes sizes of one computation, measured on two models of one machine.
class File {
 public:
  File() : path_(std::filesystem::temp_directory_path() / cat("pimjit_bench_", getpid(), ".db")) {
    const Database database = Database::open(path_).value();
    std::vector<std::string> traces;
    for (int64_t size = 0; size < kSizes; ++size) {
      const auto w = workload(size);
      traces.push_back(canonical_trace(default_schedule(*w, *target_).value(), *w, *target_));
    }
    std::vector<Record> records;
    for (int64_t n = 0; n < kRecords; ++n) {
      const auto w = workload(n % kSizes);
      Record& r = records.emplace_back();
      r.key = key_of(*w, *target_, n % (2 * kSizes) < kSizes ? "build 1" : "build 2");
      r.notation = to_text(*w);
      r.sizes = sizes_text(*w);
      r.structure_text = structure_text(*target_);
      r.target = "simple";
      r.trace = traces[static_cast<size_t>(n % kSizes)];
      r.session = cat("session ", n % kSizes);
      r.trial = n;
      r.total_ns = 1000.0 + static_cast<double>(n * 7919 % kRecords);
      r.verified = {"exact", 64, 4, 0, 7};
      if (n % 10 == 0) r.verdict = Verdict::rejected;
    }
    database.add_all(records).value();
  }
  ~File() {
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path_.string() + end);
  }
  static std::shared_ptr<const Workload> workload(int64_t number) {
    return test::sample_workload("C[i] += A[i,k] * B[k]", cat("i=", 64 * (number + 1), ",k=64"));
  }
  const TargetDesc& target() const { return *target_; }
  Database open() const { return Database::open(path_, {.read_only = true}).value(); }

 private:
  std::filesystem::path path_;
  std::shared_ptr<const TargetDesc> target_ = test::sample_target("simple");
};
const File& file() {
  static const File made;
  return made;
}

// In a database that was just opened, as a new process does.
void find(benchmark::State& state, const std::shared_ptr<const Workload>& w, const char* build) {
  file();
  for (auto _ : state) {
    const auto found = find_schedule(file().open(), *w, file().target(), build);
    if (!found.value()) state.SkipWithError("nothing is found");
  }
}
BENCHMARK_CAPTURE(find, exact, File::workload(77), "build 1")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(find, other_model, File::workload(77), "build 3")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(find, other_sizes, test::sample_workload("C[i] += A[i,k] * B[k]", "i=999,k=64"),
                  "build 1")
    ->Unit(benchmark::kMillisecond);

void explain(benchmark::State& state) {
  const auto w = test::sample_workload("C[i] += A[i,k] * B[k]", "i=999,k=64");
  const RecordKey key = key_of(*w, file().target(), "build 1");
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        file().open().explain(key, structure_text(file().target()), "build 1").value());
  }
}
BENCHMARK(explain)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace pimjit
