"""Transfers and issue slots known by their number only, timed by sim_replay."""
import math
import subprocess


def padded(count):
    return (math.ceil(count) + 7) // 8 * 8


class Nest:
    """Per tasklet `outer` times: `inner` times (reads, slots), then writes. See sim_replay."""

    def __init__(self, tasklets, outer, inner, reads, read_bytes, slots, writes=0, write_bytes=8):
        pieces = max(1, math.ceil(read_bytes / 2048))
        self.tasklets, self.outer, self.inner = tasklets, math.ceil(outer), math.ceil(inner)
        self.reads, self.read_bytes = reads * pieces, min(padded(read_bytes), 2048)
        self.slots = round(slots)
        write_pieces = max(1, math.ceil(write_bytes / 2048))
        self.writes, self.write_bytes = writes * write_pieces, min(padded(write_bytes), 2048)

    def line(self, name):
        return (f"{name} {self.tasklets} {self.outer} {self.inner} {self.reads} {self.read_bytes} "
                f"{self.slots} {self.writes} {self.write_bytes}")


def time(nests, clock, tool):
    """Cycles by name."""
    if not nests:
        return {}
    keys = ("reissue", "read_latency", "write_latency", "per_byte", "engine_start")
    text = "".join(nest.line(name) + "\n" for name, nest in nests.items())
    done = subprocess.run([tool, *(f"{k}={clock[k]}" for k in keys)], input=text,
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"validate-sim: {done.stderr.strip()}")
    return {name: int(cycles) for name, cycles, _ in map(str.split, done.stdout.splitlines())}
