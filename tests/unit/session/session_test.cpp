#include "pimjit/jit/session/session.h"

#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pimjit/tests/unit/session/sessions.h"

namespace pimjit {
namespace {

using test::CallData;
using test::session_options;
using ::testing::HasSubstr;

class OnTarget : public ::testing::TestWithParam<const char*> {};

TEST_P(OnTarget, CompilesAndCalls) {
  const Session session(session_options());
  for (const auto& w :
       {test::workload("mtv", {{"i", 100}, {"k", 70}}), test::workload("va", {{"i", 333}}),
        test::workload("D[i] = max(A[i] + B[i], 0)", {{"i", 65}})}) {
    const auto callable = session.compile(w, GetParam());
    ASSERT_TRUE(callable) << callable.error().message();
    for (uint64_t seed = 1; seed < 4; ++seed) {
      CallData data(w, seed);
      const auto report = callable->call(data.views());
      ASSERT_TRUE(report) << report.error().message();
      EXPECT_TRUE(data.right()) << to_text(w);
      EXPECT_GT(report->times.total_ns, 0);
      EXPECT_EQ(report->code->target, GetParam());
      EXPECT_EQ(report->code->origin, "default schedule");
      EXPECT_THAT(report->code->schedule, HasSubstr("bind("));
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Session, OnTarget, ::testing::Values("toy", "lockstep", "cpu"));

TEST(Session, CompilesTheSameKeyOnce) {
  const Session session(session_options());
  const Workload w = test::workload("mtv", {{"i", 20}, {"k", 30}});
  const Workload renamed = test::workload("Y[a] += M[a,b] * X[b]", {{"a", 20}, {"b", 30}});
  for (const Workload& same : {w, w, renamed}) ASSERT_TRUE(session.compile(same, "toy"));
  EXPECT_EQ(session.counters().compiles, 1u);
  EXPECT_EQ(session.counters().found, 2u);
  EXPECT_EQ(session.counters().opened, 1u);
  // What makes another key.
  ASSERT_TRUE(session.compile(test::workload("mtv", {{"i", 20}, {"k", 31}}), "toy"));
  ASSERT_TRUE(session.compile(test::workload("mtv", {{"i", 20}, {"k", 30}}, DType::i16), "toy"));
  ASSERT_TRUE(session.compile(w, "toy:units=4"));
  ASSERT_TRUE(session.compile(w, "toy", {.without_passes = {"convert_copies"}}));
  EXPECT_EQ(session.counters().compiles, 5u);
  EXPECT_EQ(session.counters().opened, 2u);
}

TEST(Session, NamesTensorsAsEachCallerDoes) {
  const Session session(session_options());
  const auto first = session.compile("mtv", {.sizes = {{"i", 4}, {"k", 3}}}, "toy");
  const auto second =
      session.compile("Y[a] += M[a,b] * X[b]", {.sizes = {{"a", 4}, {"b", 3}}}, "toy");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(session.counters().compiles, 1u);
  CallData data(second->workload());
  auto views = data.views();
  views[1].shape = {2};
  const auto refused = second->call(views);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, HasSubstr("tensor X has shape [2]"));
}

TEST(Session, CompilesOnceForThreadsThatAskAtTheSameTime) {
  const Session session(session_options());
  const Workload w = test::workload("gemm", {{"i", 33}, {"j", 17}, {"k", 20}});
  constexpr int kThreads = 8;
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      const auto callable = session.compile(w, "toy");
      if (!callable) return;
      CallData data(w, static_cast<uint64_t>(t) + 1);
      if (callable->call(data.views()) && data.right()) ++right;
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(right, kThreads);
  const SessionCounters c = session.counters();
  EXPECT_EQ(c.compiles, 1u);
  EXPECT_EQ(c.opened, 1u);
  EXPECT_EQ(c.compiles + c.found + c.waited, static_cast<uint64_t>(kThreads));
}

TEST(Session, GivesThreadsThatAskAtTheSameTimeTheSameError) {
  const Session session(session_options());
  const Workload w = test::workload("mtv", {{"i", 20}, {"k", 30}});
  std::vector<std::string> messages(6);
  std::vector<std::thread> threads;
  for (auto& message : messages) {
    threads.emplace_back([&] {
      const auto callable =
          session.compile(w, "toy", {.schedules = given_schedule("bind(i, unti)")});
      message = callable ? "compiled" : callable.error().message();
    });
  }
  for (auto& t : threads) t.join();
  for (const auto& message : messages) EXPECT_EQ(message, messages[0]);
  EXPECT_THAT(messages[0], HasSubstr("unti"));
  EXPECT_EQ(session.counters().compiles, 0u);
}

TEST(Session, KeepsTheLastFewKernels) {
  SessionOptions options = session_options();
  options.kept_kernels = 2;
  const Session session(std::move(options));
  const auto compile = [&](int64_t i) {
    EXPECT_TRUE(session.compile(test::workload("va", {{"i", i}}), "toy"));
    return session.counters().compiles;
  };
  EXPECT_EQ(compile(10), 1u);
  EXPECT_EQ(compile(20), 2u);
  EXPECT_EQ(compile(10), 2u);  // kept, and now the last one asked for
  EXPECT_EQ(compile(30), 3u);  // drops 20
  EXPECT_EQ(compile(10), 3u);
  EXPECT_EQ(compile(20), 4u);
  session.clear();
  EXPECT_EQ(compile(20), 5u);
}

TEST(Session, MayGoBeforeItsCallables) {
  const Workload w = test::workload("va", {{"i", 100}});
  auto session = std::make_unique<Session>(session_options());
  const auto callable = session->compile(w, "toy");
  ASSERT_TRUE(callable);
  session.reset();
  CallData data(w);
  ASSERT_TRUE(callable->call(data.views()));
  EXPECT_TRUE(data.right());
  ASSERT_TRUE(callable->replace(std::string("i.0, i.1 = split(i, 10); bind(i.0, unit)")));
  ASSERT_TRUE(callable->call(data.views()));
  EXPECT_TRUE(data.right());
}

TEST(Session, ReportsWhereTheTimeWent) {
  const Session session(session_options());
  const auto first = session.compile("va", {.sizes = {{"i", 100}}}, "toy");
  const auto second = session.compile("va", {.sizes = {{"i", 200}}}, "toy");
  ASSERT_TRUE(first && second);
  const CompileTimes times = first->code()->times;
  EXPECT_GT(times.open_ns, 0);
  EXPECT_GT(times.schedule_ns, 0);
  EXPECT_GT(times.lower_ns, 0);
  EXPECT_GT(times.build_ns, 0);
  EXPECT_GT(times.load_ns, 0);
  EXPECT_EQ(second->code()->times.open_ns, 0);
}

TEST(Session, RefusesWhatItCannotCompile) {
  const Session session(session_options());
  const Workload w = test::workload("mtv", {{"i", 4}, {"k", 3}});
  const auto error = [&](const Workload& computation, const std::string& target,
                         CompileRequest options = {}) {
    const auto callable = session.compile(computation, target, options);
    return callable ? Error{} : callable.error();
  };
  EXPECT_EQ(error(w, "toyy").code, "unknown_target");
  EXPECT_THAT(error(w, "toyy").what, HasSubstr("there is no target \"toyy\""));
  EXPECT_EQ(error(w, "auto").code, "no_automatic_target");
  EXPECT_EQ(error(w, "toy:").code, "bad_target_string");
  EXPECT_EQ(error(w, "toy:untis=3").code, "unknown_option");
  EXPECT_EQ(error(w, "toy", {.without_passes = {"peel"}}).code, "unknown_pass");
  EXPECT_EQ(error(w, "toy", {.schedules = given_schedule("splt(i, 2)")}).code, "bad_trace");
  Workload broken = w;
  broken.stages[0].output = 17;
  EXPECT_EQ(error(broken, "toy").code, "bad_workload");
  const auto unknown = session.compile("mtvv", {}, "toy");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().message(), "'mtvv' is no operator\n  hint: did you mean 'mtv'?");
  EXPECT_EQ(session.counters().compiles, 0u);
}

}  // namespace
}  // namespace pimjit
