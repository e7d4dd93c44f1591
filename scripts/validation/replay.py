"""Published mappings as nests of transfers and issue slots, timed by sim_replay."""
import math
import re
import subprocess

# Issue slots per item of code of the vendor's compiler, steady state, data 0..49: counted on
# executables built by it (docs/simulator.md, Slots). red sums 64-bit items.
SLOTS = {"va": 11.2, "geva": 39, "red": 8.2, "mtv": 19.3, "ttv": 19.3, "mmtv": 19.3, "gemv": 30}
# The benchmark suite's own matrix-vector code, from the slope of its published times.
SUITE_SLOTS = SLOTS | {"mtv": 24.05, "ttv": 24.05, "mmtv": 24.05, "gemv": 24.05 + 30 - 19.3}
PRODUCTS = ("mtv", "gemv", "ttv", "mmtv")


def element_bytes(op):
    return 8 if op == "red" else 4


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

    def bound(self, clock):
        """What limits the kernel: "issue" slots or "dma"."""
        repeats = self.outer * self.inner
        slots = repeats * self.slots * max(self.tasklets, clock["reissue"])
        half = clock["per_byte"]
        engine = self.tasklets * (
            repeats * self.reads * (clock["engine_start"] + half * self.read_bytes)
            + self.outer * self.writes * (clock["engine_start"] + half * self.write_bytes))
        return "issue" if slots >= engine else "dma"


def shares(items, dpus, tasklets):
    """Tasklets that have something to do, and the most that one of them does."""
    mine = math.ceil(items / dpus)
    each = math.ceil(mine / tasklets)
    return math.ceil(mine / each), each


def blocked(op, shape, dpus, tasklets, cache, factor=1):
    """The mapping of the hand-written benchmarks: rows or blocks over DPUs and tasklets."""
    slots = factor * SUITE_SLOTS[op] * cache
    if op in PRODUCTS:
        # Two rows at a time: their results fill the 8 bytes of the smallest transfer.
        rows = math.ceil(math.prod(shape[:-1]) / dpus)
        busy, pairs = shares(math.ceil(rows / 2), 1, tasklets)
        return Nest(busy, pairs, min(rows, 2) * shape[-1] / cache, 2, 4 * cache, slots, 1, 8)
    busy, blocks = shares(shape[0] / cache, dpus, tasklets)
    size = element_bytes(op) * cache
    if op == "red":
        return Nest(busy, 1, blocks, 1, size, slots)
    return Nest(busy, blocks, 1, 2, size, slots, 1, size)


def lists(text):
    return [[int(n) for n in re.findall(r"\d+", part)] for part in re.findall(r"\[[^]]*\]", text)]


def tiled(op, schedule, factor=1):
    """A tuned schedule: tiles per axis, and the loops that the caches sit at."""
    tasklets, tiles = schedule["tasklets"], lists(schedule["tiles"])
    slots = factor * SLOTS[op]
    factors = [int(n) for n in re.findall(r"\d+", schedule["rfactor"])]
    if op == "red":
        block = tiles[0][-1]
        return Nest(tasklets, 1, factors[-1] / block, 1, 8 * block, slots * block)
    write, read = (int(n) for n in re.findall(r"\d+", schedule["cache_write_read"])[:2])
    if op not in PRODUCTS:
        tile, out = math.prod(tiles[0][read:]), math.prod(tiles[0][write:])
        blocks = math.prod(tiles[0][2:]) / tile
        return Nest(tasklets, blocks * tile / out, out / tile if out > tile else 1, 2, 4 * tile,
                    slots * min(tile, out), 1, 4 * out)
    spatial, reduced = tiles[:-1], tiles[-1]
    # Loops from the outside: the factored part, S0, S1, S2, R0, S3, R1, S4, R2.
    loops = [("f", 1)] if factors else []
    for step in (0, 1, 2, "r0", 3, "r1", 4, "r2"):
        if isinstance(step, str):
            loops.append(("r", reduced[int(step[1])]))
        else:
            loops += [("s" if step >= 2 else "bound", axis[step]) for axis in spatial]
    rows = math.prod(n for kind, n in loops[read:] if kind == "s")
    columns = math.prod(n for kind, n in loops[read:] if kind == "r")
    all_rows = math.prod(n for kind, n in loops if kind == "s")
    # Of several spatial axes only the last is bound to tasklets.
    all_rows *= math.prod(axis[1] for axis in spatial[:-1])
    written = max(1, math.prod(n for kind, n in loops[write:] if kind == "s"))
    outer = all_rows / written
    inner = all_rows * math.prod(reduced) / (rows * columns) / outer
    return Nest(tasklets, outer, max(1, inner), rows + 1, 4 * columns,
                slots * rows * columns * min(1, inner), 1, 4 * written)


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
