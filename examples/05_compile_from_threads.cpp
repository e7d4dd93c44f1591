// Threads that need the same kernel at the same time: one of them compiles it.
#include <cstdio>
#include <thread>
#include <vector>

#include "pimjit/jit/session/session.h"

int main(int argc, char** argv) {
  const pimjit::Session session;
  const std::string target = argc > 1 ? argv[1] : "cpu";
  std::vector<std::string> answers(4);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < answers.size(); ++t) {
    threads.emplace_back([&, t] {
      const auto add = session.compile("va", {.sizes{{"i", 1000}}}, target);
      if (!add) {
        answers[t] = add.error().message();
        return;
      }
      pimjit::HostTensor a(pimjit::DType::i32, {1000}), b = a, c = a;
      a.set_integer(999, 40);
      b.set_integer(999, static_cast<int64_t>(t));
      const auto report = add->call({a.view(), b.view(), c.view()});
      answers[t] = report ? "C[999] = " + std::to_string(c.integer(999)) : report.error().message();
    });
  }
  for (auto& thread : threads) thread.join();
  for (const std::string& answer : answers) std::printf("%s\n", answer.c_str());
  std::printf("compiled %d time(s)\n", static_cast<int>(session.counters().compiles));
  return session.counters().compiles == 1 ? 0 : 1;
}
