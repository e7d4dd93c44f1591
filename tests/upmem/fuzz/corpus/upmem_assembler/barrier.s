.equ N, 4
.text
 jump end
end: stop true, end

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
