"""Published mappings as schedules of this project, compiled to plain code and run on one simulated
DPU: what the busiest DPU of a published launch does."""
import json
import math
import re
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

PRODUCTS = ("mtv", "gemv", "ttv", "mmtv")
# Issue slots per item of the vendor's code in steady state, on data 0..49, counted on executables
# built by it (docs/simulator.md, "Slots"); red sums 64-bit items.
PUBLISHED_SLOTS = {"va": 11.2, "geva": 39, "red": 8.2, "mtv": 19.3, "gemv": 30}
# Slots of the loop around a product: two pointers, counter, branch. Unrolling saves them.
LOOP_OF_PRODUCT = 3.2
# A general compiler unrolls innermost loops of constant length completely when what comes out is
# short: 150 operations of its own, at about seven for a product.
WHOLE_LOOP = 20


@dataclass(frozen=True)
class Code:
    """One kernel on `dpus` DPUs. `axes`: extents by name. `tasklets`: that have something to do."""

    op: str
    axes: tuple
    trace: str
    tasklets: int
    dpus: int = 1
    without: str = ""  # passes of lowering
    last_blocks: int = 0  # items of a DPU in a loop that the suite has apart
    unrolled: bool = False

    def items(self):
        """Of a DPU, about."""
        return math.prod(extent for _, extent in self.axes) / self.dpus

    def command(self, clock):
        options = ",".join(f"clock.{key}={value:g}" for key, value in sorted(clock.items()))
        sizes = ",".join(f"{name}={extent}" for name, extent in self.axes)
        words = ["run", self.op, "--size", sizes, "--dtype", "i64" if self.op == "red" else "i32",
                 "--target", f"sim:dpus={self.dpus},code=plain,host_threads=1,{options}"]
        inputs = {"red": "A", "geva": "A B alpha beta", "gemv": "A B alpha"}.get(self.op, "A B")
        for name in inputs.split():
            words += ["--range", f"{name}=0..49"]
        if self.without:
            words += ["--no-pass", self.without]
        return words + ["--profile", "--json"]


@dataclass
class Counted:
    cycles: float = 0
    instructions: float = 0  # of all DPUs
    busy: float = 0  # cycles of the transfer engine, of all DPUs
    problem: str = ""


def pace(code, reissue):
    """Cycles per issue slot where transfers are hidden."""
    return max(1, reissue / code.tasklets)


@dataclass
class Machine:
    """Runs codes with the command `pimjit` of a built tree; the same one only once."""

    pimjit: Path
    known: dict = field(default_factory=dict)

    def run_all(self, codes, clock):
        key = tuple(sorted(clock.items()))
        missing = [code for code in dict.fromkeys(codes) if (code, key) not in self.known]
        with ThreadPoolExecutor(2) as pool:
            for code, counted in zip(missing, pool.map(lambda c: self.run(c, clock), missing)):
                self.known[code, key] = counted
        return {code: self.known[code, key] for code in codes}

    def run(self, code, clock):
        with tempfile.NamedTemporaryFile("w", suffix=".trace") as file:
            file.write(code.trace)
            file.flush()
            done = subprocess.run([self.pimjit, *code.command(clock), "--schedule", file.name],
                                  capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return Counted(problem=(done.stdout + done.stderr).strip())
        counters = json.loads(done.stdout)["counters"]
        return Counted(counters["cycles"], counters["instructions"], counters["dma.busy"])


def lines(*parts):
    return "\n".join(part for part in parts if part) + "\n"


def unrolled(loops, most):
    """Unrolls `loops`, innermost last, as long as at most `most` copies of the body come out."""
    text, copies = [], 1
    for name, extent in reversed(loops):
        copies *= extent
        if copies > most:
            break
        if extent > 1:
            text.append(f"unroll({name}, {extent})")
    return "\n".join(text)


def scalars(op):
    names = {"gemv": ("alpha",), "geva": ("alpha", "beta")}.get(op, ())
    return "\n".join(f"cache_read({name}, wram)" for name in names)


def product_op(op):
    """A DPU has one vector, whatever the operator."""
    return "gemv" if op == "gemv" else "mtv"


def pairs_of_rows(op, rows, columns, tasklets, cache):
    """The suite's product: rows in pairs, since two results fill the smallest transfer, dealt
    evenly; the vector is fetched for every row. What is left when all tasklets have had as many
    pairs is a code of its own."""
    even = rows // (2 * tasklets) * 2 * tasklets
    parts = []
    for part, busy in ((even, tasklets), (rows - even, math.ceil((rows - even) / 2))):
        if part > 0:
            each = math.ceil(part / (2 * busy))
            parts.append(product(op, busy * each * 2, columns, busy, each, cache, True))
    return parts


def product(op, rows, columns, busy, pairs, cache, by_hand, without=""):
    cache = min(cache, columns)
    most = WHOLE_LOOP if columns % cache == 0 else 1
    last = rows * (columns % cache or cache) if by_hand else 0
    trace = lines(f"i.0, i.1, i.2, i.3 = split(i, {busy}, {pairs}, 2)",
                  f"k.0, k.1 = split(k, {cache})",
                  "reorder(i.0, i.1, i.2, i.3, k.0, k.1)", "bind(i.0, dpu)", "bind(i.1, tasklet)",
                  "cache_write(wram, at=i.2)", "cache_read(A, wram, at=k.0)",
                  "cache_read(B, wram, at=k.0)", scalars(op), unrolled([("k.1", cache)], most))
    return Code(product_op(op), (("i", rows), ("k", columns)), trace, busy, 1, without, last,
                cache <= most)


def dealt_blocks(op, items, tasklets, cache):
    """The suite's vectors and sums: blocks dealt to tasklets in turn."""
    count = math.ceil(items / cache)
    even = count // tasklets
    parts = []
    if even > 0:
        parts.append(blocks(op, even * tasklets * cache, tasklets, even, cache))
    if count % tasklets > 0:
        parts.append(blocks(op, count % tasklets * cache, count % tasklets, 1, cache))
    return parts


def blocks(op, items, busy, each, cache, dpus=1, without=""):
    split = f"i.0, i.1, i.2, i.3 = split(i, {busy}, {each}, {cache})"
    start = ["reorder(i.0, i.1, i.2, i.3)", "bind(i.0, dpu)", "bind(i.1, tasklet)"]
    if op == "red":
        trace = lines(split, *start, "rfactor(i.1)", "cache_write(wram, at=i.1)",
                      "cache_read(A, wram, at=i.2)")
    else:
        trace = lines(split, *start, "cache_read(A, wram, at=i.2)", "cache_read(B, wram, at=i.2)",
                      "cache_write(wram, at=i.2)", scalars(op))
    return Code(op, (("i", items),), trace, busy, dpus, without)


def blocked(op, shape, dpus, tasklets, cache):
    if op in PRODUCTS:
        rows = math.ceil(math.prod(shape[:-1]) / dpus)
        return pairs_of_rows(op, rows, shape[-1], tasklets, cache)
    return dealt_blocks(op, math.ceil(shape[0] / dpus), tasklets, cache)


def lists(text):
    return [[int(n) for n in re.findall(r"\d+", part)] for part in re.findall(r"\[[^]]*\]", text)]


def numbers(text):
    return [int(n) for n in re.findall(r"\d+", text)]


def tiled(op, schedule):
    """A tuned schedule: tiles per axis, and the loops that the caches sit at. No code when these
    were not recorded."""
    tiles = lists(schedule["tiles"])
    most = max(WHOLE_LOOP, *numbers(schedule["unroll"]))
    caches = numbers(schedule["cache_write_read"])
    if len(caches) < 2:
        return []
    write, read = caches[:2]
    if op not in PRODUCTS:
        return tiled_vector(op, tiles[0], write, read, most)
    factored = len(numbers(schedule["rfactor"])) > 0
    return tiled_product(op, tiles[:-1], tiles[-1], read - factored, most)


def tiled_vector(op, tile, write, read, most):
    """Loops S0 to S4; S0 is the DPUs', S1 the tasklets'."""
    names = [f"i.{n}" for n in range(5)]
    loops = [(name, extent) for name, extent in zip(names, tile)]
    trace = lines(f"{', '.join(names)} = split(i, {tile[1]}, {tile[2]}, {tile[3]}, {tile[4]})",
                  f"reorder({', '.join(names)})", "bind(i.0, dpu)", "bind(i.1, tasklet)",
                  f"cache_write(wram, at=i.{write - 1})", f"cache_read(A, wram, at=i.{read - 1})",
                  f"cache_read(B, wram, at=i.{read - 1})", scalars(op),
                  unrolled(loops[max(read, write):], most))
    return [Code(op, (("i", math.prod(tile[1:])),), trace, tile[1])]


def tiled_product(op, spatial, reduced, read, most):
    """Loops S0, S1, S2 of all axes, R0, S3, R1, S4, R2; `read` of them are outside of the operands'
    caches. Each row of a tile is a transfer of its own. Axes but the last have their parts inside a
    DPU run one after another."""
    last = list(spatial[-1])
    last[2] *= math.prod(math.prod(axis[1:]) for axis in spatial[:-1])
    s1, s2, s3, s4 = last[1:]
    r0, r1, r2 = reduced
    inside_r1 = read > 4 * len(spatial) + 1
    inner = ["i.3", "k.1", "i.4", "k.2"] if inside_r1 else ["i.3", "i.4", "k.1", "k.2"]
    extents = {"i.3": s3, "i.4": s4, "k.1": r1, "k.2": r2}
    vector_at = "k.1" if inside_r1 else "k.0"
    rows = s4 if inside_r1 else s3 * s4
    inside = inner.index(vector_at) + 1 if inside_r1 else 0
    trace = lines(f"i.0, i.1, i.2, i.3, i.4 = split(i, {s1}, {s2}, {s3}, {s4})",
                  f"k.0, k.1, k.2 = split(k, {r1}, {r2})",
                  f"reorder(i.0, i.1, i.2, k.0, {', '.join(inner)})", "bind(i.0, dpu)",
                  "bind(i.1, tasklet)", "cache_write(wram, at=i.2)",
                  f"cache_read(A, wram, at={'i.4' if rows > 1 else vector_at})",
                  f"cache_read(B, wram, at={vector_at})", scalars(op),
                  unrolled([(name, extents[name]) for name in inner[inside:]], most))
    return [Code(product_op(op), (("i", s1 * s2 * s3 * s4), ("k", r0 * r1 * r2)), trace, s1)]


STEADY_ITEMS = 128


def steady(op):
    """Two codes whose instructions differ by STEADY_ITEMS items of a loop that is not unrolled."""
    if op in ("mtv", "gemv"):
        return [product(op, 2, n, 1, 1, n, False) for n in (STEADY_ITEMS, STEADY_ITEMS * 3 // 2)]
    return [blocks(op, n, 1, 1, n) for n in (STEADY_ITEMS, 2 * STEADY_ITEMS)]


def rows_of_one_block():
    """Two codes of the suite's product at the columns that the slots of a last block are known for."""
    return [blocked("mtv", [rows, 64], 1, 16, 256)[0] for rows in (512, 1024)]


def ablation(experiment, length, dpus, tasklets, tile, without):
    """Ragged sizes: what the passes that deal with edges are worth. Without any to leave out: the
    suite's code."""
    if experiment.startswith("va"):
        items = length * 100000
        if not without:
            return dealt_blocks("va", math.ceil(items / dpus), tasklets, tile)
        each = math.ceil(items / dpus / tile / tasklets)
        return [blocks("va", items, tasklets, each, tile, dpus, without)]
    rows, columns = (256 if side == "256" else length
                     for side in experiment.split()[1].split("x"))
    if not without:
        return pairs_of_rows("mtv", rows, columns, tasklets, tile)
    pairs = math.ceil(rows / 2 / tasklets)
    return [product("mtv", rows, columns, tasklets, pairs, tile, False, without)]
