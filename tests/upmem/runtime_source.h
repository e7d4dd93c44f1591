#ifndef PIMJIT_TESTS_UPMEM_RUNTIME_SOURCE_H_
#define PIMJIT_TESTS_UPMEM_RUNTIME_SOURCE_H_

#include <string>

// Run-time primitives in DPU assembly, in the manner of the vendor's runtime: queues of sleeping
// threads kept as circular lists of byte links, woken by resume.
namespace pimjit::upmem::testing {

// Boots tasklets 1..n-1 and continues in `main` on each; `end` is where a tasklet goes when done.
inline std::string bootstrap(int tasklets) {
  return ".tasklets " + std::to_string(tasklets) + "\n.equ N, " + std::to_string(tasklets) + R"(
.text
        jeq     id, N - 1, main
        boot    id, 1
        jump    main
end:    stop    true, end
)";
}

// barrier_wait(r0 = {last waiter, count, initial count, lock}); clobbers r1..r6.
inline constexpr const char* kBarrier = R"(
.text
barrier_wait:
        lbs     r1, r0, 3
        acquire r1, 0, nz, .
        lbu     r2, r0, 1
        lbu     r3, r0, 0
        move    r5, id
        jeq     r2, 1, barrier_last
        jeq     r3, 0xff, barrier_first
        lbu     r4, r3, links
        sb      id, links, r4
        sb      r3, links, r5
        jump    barrier_sleep
barrier_first:
        sb      id, links, r5
barrier_sleep:
        sb      r0, 0, r5
        add     r2, r2, -1
        sb      r0, 1, r2
        release r1, 0, nz, . + 1
        stop    false, 0
        jump    r23
barrier_last:
        jeq     r3, 0xff, barrier_done
        lbu     r4, r3, links
barrier_wake:
        lbu     r6, r4, links
        resume  r4, 0, nz, .
        jeq     r4, r3, barrier_reset
        move    r4, r6, true, barrier_wake
barrier_reset:
        move    r4, 0xff
        sb      r0, 0, r4
        lbu     r4, r0, 2
        sb      r0, 1, r4
barrier_done:
        release r1, 0, nz, . + 1
        jump    r23
.atomic barrier_lock
.data
links:  .space 24, 0xff
barrier: .byte 0xff, N, N, barrier_lock
)";

// handshake_wait_for(r0 = thread) and handshake_notify(); clobber r1, r2.
inline constexpr const char* kHandshake = R"(
.text
handshake_wait_for:
        acquire zero, handshake_lock, nz, .
        lbu     r1, r0, handshakes
        jeq     r1, 0xff, wait_first
        sb      r0, handshakes, -1
        release zero, handshake_lock, nz, . + 1
        resume  r0, 0, nz, .
        jump    r23
wait_first:
        move    r2, id
        sb      r0, handshakes, r2
        release zero, handshake_lock, nz, . + 1
        stop
        jump    r23
handshake_notify:
        acquire zero, handshake_lock, nz, .
        lbu     r1, id, handshakes
        jeq     r1, 0xff, notify_first
        sb      id, handshakes, -1
        release zero, handshake_lock, nz, . + 1
        resume  r1, 0, nz, .
        jump    r23
notify_first:
        sb_id   id, handshakes, 0
        release zero, handshake_lock, nz, . + 1
        stop
        jump    r23
.atomic handshake_lock
.data
handshakes: .space 24, 0xff
)";

// semaphore_take(r0), semaphore_give(r0) on {last waiter, count, initial, lock}; clobber r1..r5.
inline constexpr const char* kSemaphore = R"(
.text
semaphore_take:
        lbu     r1, r0, 3
        acquire r1, 0, nz, .
        lbs     r2, r0, 1
        add     r2, r2, -1
        sb      r0, 1, r2
        jges    r2, 0, semaphore_return
        lbu     r3, r0, 0
        move    r5, id
        sb      r0, 0, r5
        jeq     r3, 0xff, semaphore_alone
        lbu     r4, r3, semaphore_links
        sb      id, semaphore_links, r4
        sb      r3, semaphore_links, r5
        jump    semaphore_sleep
semaphore_alone:
        sb      id, semaphore_links, r5
semaphore_sleep:
        release r1, 0, nz, . + 1
        stop
        jump    r23
semaphore_give:
        lbu     r1, r0, 3
        acquire r1, 0, nz, .
        lbs     r2, r0, 1
        add     r2, r2, 1
        sb      r0, 1, r2
        jgts    r2, 0, semaphore_return
        lbu     r3, r0, 0
        lbu     r4, r3, semaphore_links
        jneq    r3, r4, semaphore_unlink
        sb      r0, 0, -1
        jump    semaphore_wake
semaphore_unlink:
        lbu     r5, r4, semaphore_links
        sb      r3, semaphore_links, r5
semaphore_wake:
        release r1, 0, nz, . + 1
        resume  r4, 0, nz, .
        jump    r23
semaphore_return:
        release r1, 0, nz, . + 1
        jump    r23
.data
semaphore_links: .space 24, 0xff
)";

// mem_alloc(r0 = size) -> r0; fault 1 when the heap wraps, a memory fault when it leaves WRAM.
inline constexpr const char* kAllocate = R"(
.text
mem_alloc:
        acquire zero, heap_lock, nz, .
        lw      r1, zero, heap
        jz      r0, mem_alloc_done
        add     r1, r1, 7
        and     r1, r1, -8
        add     r0, r0, r1, nc, . + 2
        fault   1
        lbu     r2, r0, -1
        sw      zero, heap, r0
mem_alloc_done:
        move    r0, r1
        release zero, heap_lock, nz, . + 1
        jump    r23
.atomic heap_lock
.data
heap:   .word __sys_heap_pointer_reset
)";

// mulsi3(r0, r1) -> r0 with r2 clobbered: the smaller operand is the multiplier.
inline std::string multiply_routine() {
  std::string text = R"(
.text
mulsi3: jgtu    r1, r0, mulsi3_swap
        move    r2, r0
        move    r0, r1, true, mulsi3_start
mulsi3_swap:
        move    r2, r1
        move    r0, r0, true, mulsi3_start
mulsi3_start:
        move    r1, 0
)";
  for (int step = 0; step < 32; ++step)
    text += "        mul_step d0, r2, d0, " + std::to_string(step) + ", z, mulsi3_exit\n";
  return text + R"(mulsi3_exit:
        move    r0, r1
        jump    r23
)";
}

// udiv32(r0, r1) -> quotient r0, remainder r1; r3, r4 clobbered; fault 2 on division by zero.
inline std::string divide_routine() {
  std::string text = R"(
.text
udiv32: clz     r3, r1, max, udiv32_zero
        clz     r4, r0
        sub     r3, r4, r3, gtu, udiv32_small
        move    r4, r1
        move.u  d0, r0
        jump    r3, udiv32_last
udiv32_small:
        move    r1, r0
        move    r0, 0, true, udiv32_exit
udiv32_zero:
        fault   2
)";
  for (int shift = 31; shift >= 0; --shift) {
    if (shift == 0) text += "udiv32_last:\n";
    text += "        div_step d0, r4, d0, " + std::to_string(shift) + "\n";
  }
  return text + R"(udiv32_exit:
        jump    r23
)";
}

}  // namespace pimjit::upmem::testing

#endif  // PIMJIT_TESTS_UPMEM_RUNTIME_SOURCE_H_
