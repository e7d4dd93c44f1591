count = 3
.equ size, count * 4 + (1 << 2)
.tasklets 11
.text
start: move r0, table
 jump . + 2
.data
first: .byte 1, 2, 'a'
 .align 4
table: .word start, size, -1
.host
input: .space size, 255
.bss
stack: .space 1024
.mram
blob: .asciz "hi\n"
 .align 8
more: .quad 0x1122334455667788
.mram.noinit
tail: .space 64
