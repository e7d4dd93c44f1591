#include "pimjit/tests/sim/timing/random_kernel.h"

#include <string_view>

#include "pimjit/core/support/random.h"
#include "pimjit/tests/upmem/runtime_source.h"

namespace pimjit::sim::testing {
namespace {

// Registers: r0..r6 belong to run-time routines and short sequences, r8..r13 hold data, r14..r16
// count loops, r17 is a ticket, r18 this thread's MRAM, r20 a generator of pseudo-random numbers,
// r21 this thread's words, r22 its buffer for transfers, r23 the link.
class Generator {
 public:
  Generator(std::uint64_t seed, const KernelShape& shape)
      : random_(seed, "kernel"), shape_(shape) {}

  std::string text() {
    prologue();
    for (int i = between(2, 7); i > 0; --i) {
      block(0, true);
      // Nobody may be at one barrier twice before all others have left it the first time, and what
      // follows a handshake must not overtake its partner.
      if (chance(0.3)) meeting();
    }
    if (shape_.faults) fault();
    line("jump end");
    routines();
    return std::move(text_);
  }

 private:
  int between(int low, int high) { return static_cast<int>(random_.between(low, high)); }
  bool chance(double probability) { return random_.chance(probability); }
  void line(const std::string& code) { text_ += "  " + code + "\n"; }
  std::string label() { return "l" + std::to_string(labels_++); }
  void place(const std::string& name) { text_ += name + ":\n"; }
  std::string data() { return "r" + std::to_string(between(8, 13)); }
  static std::string number(int n) { return std::to_string(n); }

  void prologue() {
    const std::string last = number(shape_.tasklets - 1);
    text_ = ".tasklets " + number(shape_.tasklets) + "\n.equ N, " + number(shape_.tasklets) +
            "\n.text\n";
    const int counter = between(0, 2);
    const std::string start = label();
    if (counter > 0) {
      line("jneq id, 0, " + start);
      line("move r0, " + number(counter == 1 ? 3 : 5));
      line("time_cfg r1, r0");
      place(start);
    }
    if (chance(0.5)) {  // one boots the next, or the first boots all
      line("jeq id, " + last + ", main");
      line("boot id, 1");
    } else if (shape_.tasklets > 1) {
      line("jneq id, 0, main");
      line("move r0, 1");
      place("boots");
      line("boot r0, 0");
      line("add r0, r0, 1");
      line("jneq r0, " + number(shape_.tasklets) + ", boots");
    }
    text_ += "  jump main\nend: stop true, end\nmain:\n";
    line("lsl r21, id, 6");
    line("add r21, r21, words");
    line("lsl r22, id, 11");
    line("add r22, r22, buffers");
    line("lsl r18, id, 16");
    line("move r20, " + number(between(1, 1 << 30)));
    line("lsl_add r20, r20, id, 9");
    for (int r = 8; r <= 13; ++r) line("add r" + number(r) + ", id, " + number(between(0, 999)));
  }

  void next_random() {
    line("lsl_add r20, r20, r20, 13");
    line("lsr_add r20, r20, r20, 17");
    line("add r20, r20, " + number(between(1, 9999)));
  }

  // `everyone`: every thread comes here, and equally often.
  void block(int depth, bool everyone) {
    switch (between(0, depth < 3 ? 11 : 7)) {
      case 0:
      case 1:
        straight(between(1, 40));
        break;
      case 2:
        words();
        break;
      case 3:
      case 4:
        transfer();
        break;
      case 5:
        critical_section();
        break;
      case 6:
        product();
        break;
      case 7:
        chance(0.3) ? by_the_clock() : straight(between(1, 4));
        break;
      case 8:
      case 9:
        loop(depth, everyone);
        break;
      case 10:
        branch(depth);
        break;
      default:
        line("call r23, routine");
    }
  }

  void straight(int count) {
    constexpr std::string_view kOps[] = {"add", "sub", "xor", "and", "or", "lsl", "lsr"};
    for (; count > 0; --count) {
      const std::string op(kOps[between(0, 6)]);
      const bool shift = op == "lsl" || op == "lsr";
      const std::string source = shift || chance(0.4) ? number(between(1, 15)) : data();
      line(op + " " + data() + ", " + data() + ", " + source);
    }
  }

  void words() {
    for (int i = between(1, 6); i > 0; --i) {
      const std::string at = number(4 * between(0, 15));
      chance(0.5) ? line("lw " + data() + ", r21, " + at) : line("sw r21, " + at + ", " + data());
    }
  }

  void transfer() {
    const int bytes = chance(0.3) ? 8 * between(1, 8) : 8 * between(1, 256);
    line("add r1, r18, " + number(8 * between(0, 500)));
    line(std::string(chance(0.5) ? "ldma" : "sdma") + " r22, r1, " + number(bytes / 8 - 1));
    if (chance(0.5)) line("lw " + data() + ", r22, 4");
    if (chance(0.5)) line("sw r22, " + number(bytes - 8) + ", " + data());
  }

  // Who comes first gets the lower ticket.
  void critical_section() {
    const std::string lock = "lock" + number(between(0, 2)), word = "shared_" + lock;
    line("acquire zero, " + lock + ", nz, .");
    line("lw r17, zero, " + word);
    line("add r17, r17, " + number(between(1, 7)));
    straight(between(0, 12));
    if (chance(0.2)) transfer();
    line("sw zero, " + word + ", r17");
    line("release zero, " + lock + ", nz, . + 1");
    if (chance(0.5)) wait_for("r17", between(1, 31));
  }

  // Some instructions, as many as a register says.
  void wait_for(const std::string& count, int mask) {
    const std::string again = label();
    line("and r0, " + count + ", " + number(mask));
    place(again);
    line("add r0, r0, -1, pl, " + again);
  }

  void by_the_clock() {
    line("time r0");
    line("add r9, r9, r0");
    wait_for("r0", 15);
  }

  void product() {
    next_random();
    line("and r0, r20, " + number((1 << between(1, 20)) - 1));
    line("move r1, " + data());
    line("call r23, mulsi3");
    line("move " + data() + ", r0");
  }

  void loop(int depth, bool everyone) {
    const std::string counter = "r" + number(14 + depth), again = label();
    const bool same = everyone && chance(0.5);
    if (same || chance(0.4)) {
      line("move " + counter + ", " + number(between(0, 12 >> depth)));
    } else if (chance(0.5)) {
      line("and " + counter + ", id, " + number(between(1, 15 >> depth)));
    } else {
      next_random();
      line("and " + counter + ", r20, " + number(between(1, 15 >> depth)));
    }
    place(again);
    for (int i = between(1, 3); i > 0; --i) block(depth + 1, same);
    if (same && depth == 0 && chance(0.2)) meeting();
    line("sub " + counter + ", " + counter + ", 1, pl, " + again);
  }

  void branch(int depth) {
    const std::string other = label(), join = label();
    next_random();
    line("and r0, r20, " + number(between(1, 7)));
    line("jz r0, " + other);
    block(depth + 1, false);
    line("jump " + join);
    place(other);
    if (chance(0.5)) block(depth + 1, false);
    place(join);
  }

  void meeting() {
    switch (between(0, 3)) {
      case 0:
      case 1:
        line("move r0, barrier");
        line("call r23, barrier_wait");
        break;
      case 2:
        handshakes();
        break;
      default:
        semaphore();
    }
  }

  // Each thread waits for the one before it and tells the one behind it.
  void handshakes() {
    const std::string first = label(), last = label();
    line("jeq id, 0, " + first);
    line("add r0, id, -1");
    line("call r23, handshake_wait_for");
    place(first);
    straight(between(0, 10));
    line("jeq id, N - 1, " + last);
    line("call r23, handshake_notify");
    place(last);
  }

  // Three threads at a time.
  void semaphore() {
    line("move r0, semaphore");
    line("call r23, semaphore_take");
    straight(between(0, 20));
    if (chance(0.5)) transfer();
    line("move r0, semaphore");
    line("call r23, semaphore_give");
  }

  void fault() {
    const std::string fine = label();
    line("jneq id, " + number(between(0, shape_.tasklets - 1)) + ", " + fine);
    straight(between(0, 30));
    switch (between(0, 3)) {
      case 0:
        line("move r0, 0x10000");
        line("lw r1, r0, 0");
        break;
      case 1:
        line("move r0, 3");
        line("sw r0, 0, r8");
        break;
      case 2:
        line("move r0, 0x4000000");
        line("ldma r22, r0, 0");
        break;
      default:
        line("fault 7");
    }
    place(fine);
    for (int i = between(1, 3); i > 0; --i) block(0, false);
    if (chance(0.3)) {  // a second one, of all threads
      line("move r0, 0x20000");
      line("sw r0, 0, r8");
    }
  }

  void routines() {
    text_ += "routine:\n";
    straight(between(1, 20));
    line("jump r23");
    text_ += upmem::testing::multiply_routine();
    text_ += upmem::testing::kBarrier;
    text_ += upmem::testing::kHandshake;
    text_ += upmem::testing::kSemaphore;
    text_ += ".atomic lock0\n.atomic lock1\n.atomic lock2\n.atomic semaphore_lock\n.data\n";
    text_ += "shared_lock0: .word 0\nshared_lock1: .word 0\nshared_lock2: .word 0\n";
    text_ += "semaphore: .byte 0xff, 3, 3, semaphore_lock\n";
    text_ += ".align 8\nwords: .space 24 * 64, 0x5a\n.bss\nbuffers: .space 24 * 2048\n";
  }

  RandomStream random_;
  KernelShape shape_;
  std::string text_;
  int labels_ = 0;
};

}  // namespace

std::string random_kernel(std::uint64_t seed, const KernelShape& shape) {
  return Generator(seed, shape).text();
}

}  // namespace pimjit::sim::testing
