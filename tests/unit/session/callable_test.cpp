#include "pimjit/jit/session/callable.h"

#include <atomic>
#include <chrono>
#include <cstring>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pimjit/jit/session/callable_state.h"
#include "pimjit/tests/unit/session/sessions.h"

namespace pimjit {
namespace {

using test::CallData;
using test::Dlpack;
using test::session_options;
using ::testing::HasSubstr;

constexpr char kOneThread[] = "bind(i, unit)";
constexpr char kTwoRows[] = "i.0, i.1 = split(i, 2); reorder(i.0, i.1); bind(i.0, unit)";

Callable compiled(const Session& session, const Workload& w, const std::string& target = "toy") {
  auto callable = session.compile(w, target);
  EXPECT_TRUE(callable) << callable.error().message();
  return *callable;
}

// Code that says when it is entered, freed, and waits until it may go on.
struct Probe {
  std::atomic<int> alive = 0, running = 0;
  std::atomic<bool> go = false;
};
class ProbeCode : public Code {
 public:
  ProbeCode(Probe& probe, std::string origin)
      : Code(CodeInfo{"toy", "", std::move(origin), {}, {}}), probe_(probe) {
    ++probe_.alive;
  }
  ~ProbeCode() override { --probe_.alive; }
  Result<RunReport> run(std::span<const TensorView>, bool) const override {
    ++probe_.running;
    while (!probe_.go) std::this_thread::yield();
    return RunReport{};
  }
  void forget(const void*) const override {}

 private:
  Probe& probe_;
};

TEST(CodeSlot, KeepsReplacedCodeUntilCallsHaveEnded) {
  Probe old_probe, new_probe;
  CodeSlot slot(std::make_shared<ProbeCode>(old_probe, "old"));
  std::thread caller([&] {
    const auto code = slot.load();
    EXPECT_TRUE(code->run({}, false));
    EXPECT_EQ(code->info()->origin, "old");
  });
  while (old_probe.running == 0) std::this_thread::yield();
  slot.replace(std::make_shared<ProbeCode>(new_probe, "new"));
  EXPECT_EQ(slot.load()->info()->origin, "new");
  EXPECT_EQ(slot.replacements(), 1u);
  EXPECT_EQ(old_probe.alive, 1) << "a call is under way";
  old_probe.go = true;
  caller.join();
  EXPECT_EQ(old_probe.alive, 0);
  EXPECT_EQ(new_probe.alive, 1);
}

TEST(Callable, FreesItsCodeWithTheLastOwner) {
  SessionOptions options = session_options();
  options.kept_kernels = 0;
  const Session session(std::move(options));
  const Workload w = test::workload("va", {{"i", 64}});
  {
    const Callable first = compiled(session, w);
    const Callable second = first;
    EXPECT_EQ(session.counters().compiles, 1u);
    compiled(session, w);
    EXPECT_EQ(session.counters().compiles, 1u);
  }
  compiled(session, w);
  EXPECT_EQ(session.counters().compiles, 2u);
}

TEST(Callable, TakesDlpackTensors) {
  const Session session(session_options());
  const Workload w = test::workload("mtv", {{"i", 31}, {"k", 9}});
  const Callable callable = compiled(session, w);
  CallData data(w);
  Dlpack a(data.inputs[0]), b(data.inputs[1]), c(data.output);
  const auto report = callable.call({&a.tensor, &b.tensor, &c.tensor});
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_TRUE(data.right());
}

TEST(Callable, ReplacesItsKernelBetweenCalls) {
  const Session session(session_options());
  const Workload w = test::workload("mtv", {{"i", 40}, {"k", 16}});
  const Callable callable = compiled(session, w), other = compiled(session, w);
  const std::string before = callable.code()->schedule;
  const auto old = callable.code();
  CallData data(w);
  ASSERT_TRUE(callable.replace(std::string(kTwoRows)));
  const auto report = callable.call(data.views());
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_TRUE(data.right());
  EXPECT_EQ(report->code->origin, "given schedule");
  EXPECT_NE(report->code->schedule, before);
  EXPECT_EQ(other.code(), callable.code()) << "Callables of one key share the slot";
  EXPECT_EQ(old->schedule, before);
  // What cannot be compiled changes nothing.
  const Status refused = callable.replace(std::string("splt(i, 2)"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "bad_trace");
  EXPECT_EQ(callable.replacements(), 1u);
}

TEST(Callable, ReplacesWhileOthersCall) {
  const Session session(session_options());
  const Workload w = test::workload("mtv", {{"i", 24}, {"k", 8}});
  const Callable callable = compiled(session, w);
  std::atomic<bool> stop = false;
  std::atomic<int> calls = 0, wrong = 0;
  std::vector<std::thread> callers;
  for (uint64_t t = 0; t < 3; ++t) {
    callers.emplace_back([&, t] {
      CallData data(w, t + 1);
      const Callable mine = callable;
      do {
        std::memset(data.output.data(), 0x5a, static_cast<size_t>(data.output.bytes()));
        if (!mine.call(data.views()) || !data.right()) ++wrong;
        ++calls;
      } while (!stop);
    });
  }
  for (int round = 0; round < 10; ++round) {
    ASSERT_TRUE(callable.replace(std::string(round % 2 == 0 ? kTwoRows : kOneThread)));
  }
  while (calls < 6) std::this_thread::yield();
  stop = true;
  for (auto& t : callers) t.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(callable.replacements(), 10u);
}

extern "C" int add_rows(const int32_t* A, const int32_t* B, int32_t* C, int64_t i) {
  for (int64_t n = 0; n < i; ++n) C[n] = A[n] + B[n];
  return 0;
}
extern "C" int always_fails(const int32_t*, const int32_t*, int32_t*, int64_t) {
  return 5;
}

TEST(Callable, RunsKernelsOfTheApplication) {
  const Session session(session_options());
  const Workload w = test::workload("va", {{"i", 50}});
  const Callable callable = compiled(session, w);
  callable.replace(ForeignFunction::at(reinterpret_cast<void*>(add_rows), "add_rows"));
  CallData data(w);
  auto views = data.views();
  views[0].strides = {-1};  // handed over as a copy
  views[0].data = data.inputs[0].data() + 4 * 49;
  const auto report = callable.call(views);
  ASSERT_TRUE(report) << report.error().message();
  for (int64_t i = 0; i < 50; ++i)
    EXPECT_EQ(data.output.integer(i),
              wrap_to(DType::i32, data.inputs[0].integer(49 - i) + data.inputs[1].integer(i)));
  EXPECT_EQ(report->code->origin, "foreign kernel add_rows");
  EXPECT_EQ(report->times.phase(RunPhase::kernel).origin, TimeOrigin::measured);
  callable.replace(ForeignFunction::at(reinterpret_cast<void*>(always_fails), "always_fails"));
  const auto failed = callable.call(data.views());
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message(),
            "always_fails returned 5, not 0\n  int f(const int32_t* A, const int32_t* B, int32_t* "
            "C, int64_t i)\n  hint: a function that has succeeded returns 0");
}

TEST(Callable, HasAPackedEntry) {
  const Session session(session_options());
  const Workload w = test::workload("mtv", {{"i", 31}, {"k", 9}});
  const Callable::Packed packed = compiled(session, w).packed();
  CallData data(w);
  Dlpack a(data.inputs[0]), b(data.inputs[1]), c(data.output);
  pj_value arguments[4] = {};
  const DLTensor* tensors[] = {&a.tensor, &b.tensor, &c.tensor};
  for (int i = 0; i < 3; ++i) arguments[i] = {PJ_VALUE_TENSOR, 0, {tensors[i]}};
  EXPECT_EQ(packed.entry(packed.context(), arguments, 3), 0);
  EXPECT_TRUE(data.right());

  char text[200];
  arguments[3].kind = PJ_VALUE_MESSAGE;
  arguments[3].as.message = {text, sizeof text};
  EXPECT_EQ(packed(arguments, 4), 0);
  b.shape = {8};
  b.tensor.shape = b.shape.data();
  EXPECT_EQ(packed(arguments, 4), 1);
  EXPECT_THAT(text, HasSubstr("tensor B has shape [8], the computation needs [9]"));
  arguments[3].as.message.size = 9;  // cut to fit
  EXPECT_EQ(packed(arguments, 4), 1);
  EXPECT_STREQ(text, "tensor B");
  EXPECT_EQ(packed(arguments, 2), 1);
  EXPECT_EQ(packed(nullptr, 3), 1);
  EXPECT_EQ(packed(arguments, -1), 1);
  arguments[3].as.message.size = sizeof text;
  arguments[1].kind = 17;
  EXPECT_EQ(packed(arguments, 4), 1);
  EXPECT_THAT(text, HasSubstr("argument 1 has kind 17, not 1 (a tensor)"));
}

TEST(Callable, HasATypedEntry) {
  const Session session(session_options());
  const Workload w = test::workload("gemv", {{"i", 20}, {"k", 10}});
  ASSERT_EQ(w.tensors[0].shape.size(), 0u) << "gemv begins with a scalar";
  CFunction function = compiled(session, w).typed().value();
  CallData data(w);
  const auto pointer = [](HostTensor& t) { return reinterpret_cast<int32_t*>(t.data()); };
  const auto gemv = function.as<int(int32_t, const int32_t*, const int32_t*, int32_t*)>();
  EXPECT_EQ(gemv(static_cast<int32_t>(data.inputs[0].integer(0)), pointer(data.inputs[1]),
                 pointer(data.inputs[2]), pointer(data.output)),
            0);
  EXPECT_TRUE(data.right());
  EXPECT_EQ(gemv(1, nullptr, pointer(data.inputs[2]), pointer(data.output)), 1);
}

TEST(Callable, ChecksDeclaredRangesWhereAsked) {
  const Session session(session_options());
  const auto callable =
      session.compile("C[i] = A[i] + B[i] where A in 0..9", {.sizes = {{"i", 8}}}, "toy");
  ASSERT_TRUE(callable) << callable.error().message();
  CallData data(callable->workload());
  data.inputs[0].set_integer(3, 10);
  EXPECT_TRUE(callable->call(data.views()));
  const auto refused = callable->call(data.views(), {.check_ranges = true});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "out_of_range");
}

}  // namespace
}  // namespace pimjit
