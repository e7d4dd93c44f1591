.equ N, 4
.text
 jump end
end: stop true, end

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
