.equ N, 4
.text
 jump end
end: stop true, end

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
