// The lines between a tuning process and its workers: there and back, and what is refused.
#include "pimjit/search/measure/worker_messages.h"

#include <gtest/gtest.h>

namespace pimjit {
namespace {

std::string problem_with_task(const std::string& line) {
  const Result<WorkerTask> task = task_from_json_line(line);
  return task ? "" : task.error().what;
}

TEST(WorkerMessages, TasksReadBack) {
  WorkerTask task;
  task.notation = "C[i] += A[i,k] * B[k]";
  task.options.sizes = {{"i", 4096}, {"k", 7}};
  task.options.dtypes = {{"A", DType::i8}, {"B", DType::i8}, {"C", DType::i64}};
  task.options.ranges = {{"A", {-5, 5}}};
  task.workload = "key \"quoted\"";
  task.target = "sim:units=8";
  task.plugin = "/a path/with\nline.toml";
  task.seed = UINT64_MAX;
  task.memory_bytes = int64_t{1} << 40;
  const std::string line = to_json_line(task);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const Result<WorkerTask> read = task_from_json_line(line);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->notation, task.notation);
  EXPECT_EQ(read->options.sizes, task.options.sizes);
  EXPECT_EQ(read->options.dtypes, task.options.dtypes);
  EXPECT_EQ(read->options.ranges, task.options.ranges);
  EXPECT_EQ(read->workload, task.workload);
  EXPECT_EQ(read->target, task.target);
  EXPECT_EQ(read->plugin, task.plugin);
  EXPECT_EQ(read->seed, task.seed);
  EXPECT_EQ(read->memory_bytes, task.memory_bytes);
}

TEST(WorkerMessages, OutcomesReadBack) {
  Outcome outcome;
  outcome.verdict = Verdict::ok;
  outcome.total_ns = 1234.5;
  outcome.phase_ns = {0, 1, 2, 3, 4, 5};
  outcome.origin = TimeOrigin::measured;
  outcome.runs = 7;
  outcome.spread = 0.25;
  outcome.verified = {"exact, units", 64, 4, 0, 2};
  outcome.build_s = 0.5;
  outcome.gate_s = 0.125;
  const Result<Outcome> read = outcome_from_json_line(to_json_line(outcome));
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->total_ns, outcome.total_ns);
  EXPECT_EQ(read->phase_ns, outcome.phase_ns);
  EXPECT_EQ(read->origin, outcome.origin);
  EXPECT_EQ(read->runs, 7);
  EXPECT_EQ(read->spread, 0.25);
  EXPECT_EQ(read->verified.method, "exact, units");
  EXPECT_EQ(read->verified.units, 4);
  EXPECT_EQ(read->build_s, 0.5);
  EXPECT_EQ(read->gate_s, 0.125);

  Outcome wrong;
  wrong.verdict = Verdict::wrong;
  wrong.detail = "wrong_result: 3 of 64 \xff differ";  // not UTF-8
  const Result<Outcome> again = outcome_from_json_line(to_json_line(wrong));
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(again->verdict, Verdict::wrong);
}

TEST(WorkerMessages, GreetingsReadBack) {
  EXPECT_TRUE(read_greeting(greeting_line({})));
  const Error error = target_error("plugin_error", "open is broken", "toy", "mend it");
  const Status read = read_greeting(greeting_line(fail(error)));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().origin, Origin::target);
  EXPECT_EQ(read.error().message(), error.message());
}

TEST(WorkerMessages, RefusesWhatIsNoMessage) {
  EXPECT_EQ(problem_with_task("{"), "between pimjit and its worker: a line is no JSON object");
  EXPECT_EQ(problem_with_task("{}"), "between pimjit and its worker: a line has no \"protocol\"");
  EXPECT_EQ(problem_with_task("{\"protocol\":2}"),
            "between pimjit and its worker: protocol 2, this worker speaks 1");
  EXPECT_EQ(problem_with_task("{\"protocol\":1,\"sizes\":[]}"),
            "between pimjit and its worker: \"sizes\" has the wrong type");
  EXPECT_EQ(problem_with_task(
                R"({"protocol":1,"sizes":{"i":"4"},"tensors":{},"seed":1,"memory_bytes":0})"),
            "between pimjit and its worker: axis i has no extent");
  EXPECT_EQ(
      problem_with_task(
          R"({"protocol":1,"sizes":{},"tensors":{"A":{"type":"i9"}},"seed":1,"memory_bytes":0})"),
      "between pimjit and its worker: tensor A has no type");
  const Result<std::string> trial = read_trial("{\"trace\":7}");
  ASSERT_FALSE(trial);
  EXPECT_EQ(trial.error().what, "between pimjit and its worker: \"trace\" has the wrong type");
  const Result<Outcome> outcome = outcome_from_json_line("{\"record\":\"{}\",\"seconds\":[]}");
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, "bad_message");
}

}  // namespace
}  // namespace pimjit
