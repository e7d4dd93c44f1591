.text
 nop
 move r0, 5
 move r3, 0x12345678
 move r1, r2
 add r0, r1, r2
 add r22, r22, 16
 add r4, r4, -1, pl, 10
 addc r6, r8, r10
 sub r5, r6, r7
 sub r5, 0, r6
 sub r2, r3, r4, ltu
 jltu r1, r2, 0x20
 jneq r1, -3, 7
 jump r23
 jump 0x40
 call r23, 0x123
 and r1, r2, 0xff
 xor r1, r2, r3
 lsl r1, r2, 20
 asr r1, r2, r3
 lsl_add r1, r2, r3, 2
 extsb r1, r2
 clz r3, r1, max, 9
 mul_sl_sl r1, r2, r3
 mul_ul_ul r1, r2, r3
 mul_step d0, r2, d0, 17, z, 42
 div_step d0, r4, d0, 31
 lw r3, r22, -8
 lbs r3, r5, 1
 ld d4, r5, 8
 sw r22, 4, r7
 sd r22, 8, d22
 sw zero, 64, -1
 sb r1, 3, 0x7f
 ldma r2, r0, 255
 sdma r2, r0, 0
 acquire zero, 200, nz, 5
 release zero, 200, nz, 6
 boot id, 1
 resume r1, 0, nz, 3
 stop true, 0
 stop
 fault 2
 time r1
 time_cfg r1, r2
 move.s d0, r0
 movd d2, d0
 jeq id, 23, 4
 jnz id, 6
 ld d22, id8, 0x120
 bkp
