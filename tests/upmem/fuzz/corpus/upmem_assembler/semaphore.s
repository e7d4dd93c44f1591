.equ N, 4
.text
 jump end
end: stop true, end

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
