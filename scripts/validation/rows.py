"""Every number of the reference data, with what the model says of it or why it says nothing."""
import math
import tomllib
from dataclasses import dataclass

import compiled
import replay
from replay import Nest, padded

# Why a number cannot be reproduced.
REASONS = {
    "other_api": "measured through another interface than the one modelled",
    "other_chip": "another chip than v1A",
    "not_a_device": "measured on the host's cores",
    "not_a_time": "a property of a machine, no measurement that a model could reproduce",
    "mapping_unknown": "the published text does not say how the work was mapped",
    "no_operator": "a program that no tensor computation of this project stands for",
    "no_vendor_code": "depends on the vendor's compiler's code, whose slots are not published",
    "data_unknown": "depends on the data, which are not published",
    "bytes_unknown": "the published text does not say how many bytes were moved",
    "resident": "nothing was moved in the measured time",
    "not_compiled": "no code for the published mapping: too long, or too large for its memories",
    "impossible": "the published mapping takes a third more issue slots than the measured time has",
}
# What of the kernels bound by issue slots is held apart: times that a parameter was taken from,
# times that depend on one unknown number in the data, code with tests in its innermost loops.
CALIBRATION, SCALARS, GUARDED = "kernel, calibration", "kernel, unknown scalar", "kernel, guarded"
LIMITS = {"kernel, issue-bound": 0.05, "kernel, dma-bound": 0.15, "kernel, corrected": 0.05,
          CALIBRATION: 0.05, SCALARS: 0.05, GUARDED: 0.05,
          "host phase": 0.30, "whole call": 0.30, "launch floor": 0.30, "constant": 0.05}
# Allocations at the start of a program, which cost time: the suite's vectors are added in place.
SUITE_ALLOCATIONS = {"va": 2, "geva": 2, "red": 1}
SEARCHED_ALLOCATIONS = {"red": 1}
ALLOCATIONS = 3  # of all others
# Slots that the recorded code needs, as a share of what the recorded time has, from which on one of
# them is wrong.
IMPOSSIBLE = 4 / 3


@dataclass
class Row:
    source: str
    name: str
    group: str
    hardware: float
    model: float = None
    reason: str = None

    @property
    def error(self):
        return None if self.model is None else self.model / self.hardware - 1

    def as_dict(self):
        return {"source": self.source, "name": self.name, "group": self.group,
                "hardware": self.hardware, "model": self.model, "error": self.error,
                "reason": self.reason}


def load(folder):
    data = {}
    for name in ("hardware", "published"):
        with open(folder / f"{name}.toml", "rb") as file:
            data[name] = tomllib.load(file)
    return data


@dataclass
class Launch:
    """A measured kernel, whose model is known once its codes have run, one after another."""

    row: Row
    dpus: int
    tasklets: int  # started
    allocations: int
    codes: list
    by_hand: bool
    apart: str  # group, when it is bound by issue slots; "": no other than that


class Rows:
    def __init__(self, reference, parameters, tool, machine):
        self.p, self.tool, self.machine = parameters, tool, machine
        self.hardware, self.published = reference["hardware"], reference["published"]
        self.rows, self.launches, self.totals = [], [], []

    def add(self, source, name, group, hardware, model):
        self.rows.append(Row(source, name, group, hardware, model))

    def skip(self, source, name, group, hardware, reason):
        self.rows.append(Row(source, name, group, hardware, None, reason))

    def kernel(self, source, name, hardware, dpus, tasklets, codes, by_hand, apart=""):
        op = codes[0].op
        row = Row(source, name, "kernel, issue-bound", hardware)
        self.rows.append(row)
        allocations = SUITE_ALLOCATIONS if by_hand else SEARCHED_ALLOCATIONS
        self.launches.append(Launch(row, dpus, tasklets,
                                    allocations.get(op, ALLOCATIONS), codes, by_hand,
                                    SCALARS if op in ("gemv", "geva") else apart))

    def slots_of_items(self):
        """Per program, of this project's plain code."""
        codes = {op: compiled.steady(op) for op in compiled.PUBLISHED_SLOTS}
        counted = self.machine.run_all([c for pair in codes.values() for c in pair], self.p.clock)
        return {op: (counted[more].instructions - counted[less].instructions)
                / compiled.STEADY_ITEMS for op, (less, more) in codes.items()}

    def last_blocks(self, code):
        """Cycles that the suite's loop for the last block of a row takes more."""
        if code.last_blocks == 0:
            return 0
        less, more = compiled.rows_of_one_block()
        counted = self.machine.run_all([less, more], self.p.clock)
        own = counted[more].instructions - counted[less].instructions
        slots = self.p.last_block - own / (more.items() - less.items())
        if code.unrolled:
            slots += compiled.LOOP_OF_PRODUCT
        return slots * code.last_blocks * self.pace(code)

    def finish(self):
        """Models of the kernels; then again with the vendor's slots of an item."""
        own = self.slots_of_items()
        counted = self.machine.run_all([c for launch in self.launches for c in launch.codes],
                                       self.p.clock)
        for launch in self.launches:
            runs = [counted[code] for code in launch.codes]
            problem = self.problem_of(launch, runs)
            if problem:
                launch.row.reason = problem
                continue
            self.model(launch, runs, own[launch.codes[0].op])

    def problem_of(self, launch, runs):
        if any(run.problem for run in runs):
            return "not_compiled"
        at_least = sum(code.items() * compiled.PUBLISHED_SLOTS[code.op] * self.pace(code)
                       for code in launch.codes) / self.p.clock_mhz
        has = (launch.row.hardware - self.p.launch_ms(launch.dpus)) * 1e3
        return "impossible" if launch.by_hand and at_least > IMPOSSIBLE * has else None

    def model(self, launch, runs, own_slots):
        row, codes = launch.row, launch.codes
        slots = sum(run.instructions / code.dpus * self.pace(code)
                    for code, run in zip(codes, runs))
        busy = sum(run.busy / code.dpus for code, run in zip(codes, runs))
        cycles = sum(run.cycles + self.last_blocks(code) for code, run in zip(codes, runs))
        row.model = self.ms(launch, cycles)
        if slots < busy:
            row.group = "kernel, dma-bound"
        elif launch.apart:
            row.group = launch.apart
        else:
            more = sum((compiled.PUBLISHED_SLOTS[code.op] - own_slots) * code.items()
                       * self.pace(code) for code in codes)
            self.add(row.source, f"{row.name}, vendor's slots", "kernel, corrected", row.hardware,
                     self.ms(launch, max(cycles + more, busy)))

    def pace(self, code):
        return compiled.pace(code, self.p.clock["reissue"])

    def ms(self, launch, cycles):
        return self.p.kernel_ms(launch.dpus, launch.tasklets, cycles, launch.allocations)

    # ---- hardware.toml ----
    def constants(self):
        known = {"freq_mhz": self.p.clock_mhz, "iram_instructions": 4096, "wram_bytes": 65536,
                 "tasklets": 24, "reissue_distance_cycles": self.p.clock["reissue"],
                 "saturating_tasklets": self.p.clock["reissue"]}
        for kind in ("device", "pipeline", "system"):
            for entry in self.hardware[kind]:
                name = entry.get("model", entry.get("name", kind))
                for key, value in entry.items():
                    if not isinstance(value, (int, float)):
                        continue
                    if entry.get("model") == "v1B":
                        self.skip(kind, f"{name} {key}", "constant", value, "other_chip")
                    elif key in known and kind != "system":
                        self.add(kind, f"{name} {key}", "constant", value, known[key])
                    else:
                        self.skip(kind, f"{name} {key}", "constant", value, "not_a_time")

    def transfers_on_chip(self):
        clock = self.p.clock
        sizes = (8, 2048)
        for entry in self.hardware["mram_dma_model"]:
            reads = entry["direction"] == "read"
            nests = {str(n): Nest(1, 100, 1, int(reads), n, 3, int(not reads), n) for n in sizes}
            cycles = {int(k): v / 100 for k, v in replay.time(nests, clock, self.tool).items()}
            slope = (cycles[2048] - cycles[8]) / 2040
            issue = 11 * (3 if reads else 5)  # other instructions of the loop around a transfer
            self.add("mram_dma_model", f"{entry['direction']} cycles per byte", "constant",
                     entry["beta_cycles_per_byte"], slope)
            self.add("mram_dma_model", f"{entry['direction']} latency", "constant",
                     entry["alpha_cycles"], cycles[8] - 8 * slope - issue)
        nests = {"o": Nest(16, 1, 200, 1, 256, 4), "p": Nest(16, 1, 200, 1, 2048, 4)}
        cycles = replay.time(nests, clock, self.tool)
        for entry in self.hardware["mram_dma"]:
            # An upper bound: the model must not be above it.
            most = entry["occupancy_cycles_max"]
            mine = cycles["o"] / 3200
            self.add("mram_dma", "occupancy of 256 bytes, at most", "constant", most,
                     most if mine <= most else mine)
        for entry in self.hardware["mram_peak"]:
            if entry["kind"] == "theoretical":
                mine = entry["freq_mhz"] / clock["per_byte"]
            else:
                mine = 3200 * 2048 / cycles["p"] * entry["freq_mhz"]
            self.add("mram_peak", f"{entry['kind']} MB/s at {entry['freq_mhz']} MHz",
                     "kernel, dma-bound", entry["MBps"], mine)

    def host_transfers(self):
        for entry in self.hardware["host_xfer"]:
            link = "push" if entry["direction"] == "host_to_dpu" else "pull"
            dpus, size = entry["dpus"], entry.get("bytes_per_dpu")
            name = f"{link} {dpus} x {size or 'best size'}"
            if size is None:
                best = max(dpus * n / self.p.transfer_ms(link, dpus, n) / 1e6
                           for n in (2 ** k for k in range(10, 25)))
                self.add("host_xfer", name + ", GB/s", "host phase", entry["GBps"], best)
                continue
            ms = entry["latency_us"] / 1e3 if "latency_us" in entry else entry["ms"]
            if "direct" in entry.get("api", ""):
                self.skip("host_xfer", name, "host phase", ms, "other_api")
            else:
                self.add("host_xfer", name, "host phase", ms, self.p.transfer_ms(link, dpus, size))
        for entry in self.hardware["host_xfer_model"]:
            for ranks in (1, 2, 4, 8, 16, 32):
                rate = entry["a"] + entry["b"] * min(ranks, entry["knee"])
                name = f"push to {ranks} ranks, GB/s"
                if "disabled" in entry["api"]:
                    self.skip("host_xfer_model", name, "host phase", rate, "other_api")
                    continue
                best = max(64 * ranks * n / self.p.transfer_ms("push", 64 * ranks, n) / 1e6
                           for n in (2 ** k for k in range(14, 21)))
                self.add("host_xfer_model", name, "host phase", rate, best)

    def suite_kernels(self):
        for entry in self.hardware["kernel"]:
            suite, dpus, n = entry["benchmark"], entry["dpus"], entry["data_prep_param"]
            name = f"{suite} {n} on {dpus}"
            moved = None
            op = {"VA": "va", "RED": "red", "GEMV": "mtv"}.get(suite)
            if op is None:
                self.skip("kernel", name, "kernel, issue-bound", entry["ms"], "no_operator")
            else:
                shape = [n, 64] if op == "mtv" else [n]
                moved = {"va": (8 * n / dpus, 4 * n / dpus), "red": (8 * n / dpus, 0),
                         "mtv": (256 * n / dpus + 256, 4 * n / dpus)}[op]
                self.kernel("kernel", name, entry["ms"], dpus, 16,
                            compiled.blocked(op, shape, dpus, 16, 256), True,
                            CALIBRATION if op == "mtv" else "")
            for k, (key, link) in enumerate((("host_to_dpu_ms", "push"), ("dpu_to_host_ms", "pull"))):
                if not entry.get(key):
                    continue
                row = ("kernel", f"{name}, {link}", "host phase", entry[key])
                if moved is None or moved[k] == 0:
                    self.skip(*row, "bytes_unknown")
                else:
                    self.add(*row, self.p.transfer_ms(link, dpus, padded(moved[k])))
            if entry.get("inter_dpu_ms"):
                self.skip("kernel", f"{name}, between DPUs", "host phase", entry["inter_dpu_ms"],
                          "bytes_unknown")

    def suite_slopes(self):
        """Times per item of a DPU, and what is left without items."""
        sizes = {"VA": ("va", [1 << 16], [1 << 17]), "RED": ("red", [1 << 16], [1 << 17]),
                 "GEMV": ("mtv", [512, 64], [1024, 64])}
        codes = {suite: [compiled.blocked(op, shape, 1, 16, 256)[0] for shape in shapes]
                 for suite, (op, *shapes) in sizes.items()}
        counted = self.machine.run_all([c for pair in codes.values() for c in pair], self.p.clock)
        for entry in self.hardware["kernel_fit"]:
            suite, dpus = entry["benchmark"], entry["dpus"]
            floor = ("kernel_fit", f"{suite} on {dpus}, floor ms", "launch floor",
                     entry["fixed_ms"])
            slope = ("kernel_fit", f"{suite} on {dpus}, ns per item",
                     CALIBRATION if suite == "GEMV" else "kernel, issue-bound",
                     entry["ns_per_item"])
            if suite not in sizes:
                self.skip(*floor, "no_operator")
                self.skip(*slope, "no_operator")
                continue
            op, less, more = sizes[suite]
            cycles = [counted[code].cycles + self.last_blocks(code) for code in codes[suite]]
            each = (cycles[1] - cycles[0]) / (more[0] - less[0])
            self.add(*slope, each * 1e3 / self.p.clock_mhz)
            self.add(*floor, self.p.kernel_ms(dpus, 16, cycles[0] - less[0] * each,
                                              SUITE_ALLOCATIONS.get(op, ALLOCATIONS)))

    def arithmetic(self):
        # A loop of the benchmark: address, load, operation, store, step, branch.
        slots = {("add", "i32"): 6, ("sub", "i32"): 6, ("add", "i64"): 7, ("sub", "i64"): 7,
                 ("add", "f32"): 5 + 59, ("sub", "f32"): 5 + 60, ("mul", "f32"): 5 + 167}
        for entry in self.hardware["arith"]:
            key = (entry["op"], entry["dtype"])
            row = ("arith", " ".join(key) + ", million per second", "kernel, issue-bound",
                   entry["mops"])
            if key in slots:
                self.add(*row, self.p.clock_mhz / slots[key])
            else:
                self.skip(*row, "data_unknown" if key == ("mul", "i32") else "no_vendor_code")

    # ---- published.toml ----
    def after(self, op, shape, dpus, factor, tuned):
        """Bytes per DPU back, bytes that the final sum reads."""
        if op in ("va", "geva"):
            return padded(4 * shape[0] / dpus), 0
        if op == "red":
            return 8, 8 * dpus
        partial = padded(4 * math.prod(shape[:-1]) * factor / dpus)
        return partial, (dpus * partial if tuned and factor > 1 else 0)

    def phases(self, who, entry, mapping):
        """Kernel, transfers and total of one program; `mapping`: DPUs, tasklets, parts of the
        reduction on different DPUs, codes. None: all that the entry has is of unknown mapping."""
        op, shape, group = entry["op"], entry["shape"], entry["group"]
        name = f"{op} {'x'.join(map(str, shape))} {who}"
        times = {key: entry[f"{who}_{key}_ms"] for key in ("kernel", "h2d", "after", "total")
                 if f"{who}_{key}_ms" in entry}
        rows = {"kernel": (name, "kernel, issue-bound"), "h2d": (f"{name}, h2d", "host phase"),
                "after": (f"{name}, after", "host phase"), "total": (f"{name}, total", "whole call")}
        if mapping is None:
            for key, value in times.items():
                self.skip(group, *rows[key], value, "mapping_unknown")
            return
        dpus, tasklets, factor, codes = mapping
        if "kernel" in times and codes:
            self.kernel(group, name, times["kernel"], dpus, tasklets, codes, who != "atim")
        elif "kernel" in times:
            self.skip(group, *rows["kernel"], times["kernel"], "mapping_unknown")
        pushed = padded(4 * shape[-1] / factor) if op in compiled.PRODUCTS else 0
        if "h2d" in times and pushed == 0:
            self.skip(group, *rows["h2d"], times["h2d"], "resident")
        elif "h2d" in times:
            self.add(group, *rows["h2d"], times["h2d"], self.p.transfer_ms("push", dpus, pushed))
        back, summed = self.after(op, shape, dpus, factor, who == "atim")
        after = self.p.transfer_ms("pull", dpus, back) + self.p.sum_ms(summed)
        if "after" in times and op == "red" and who != "atim":
            # Each DPU's sum is fetched on its own there.
            self.skip(group, *rows["after"], times["after"], "mapping_unknown")
        elif "after" in times:
            self.add(group, *rows["after"], times["after"], after)
        if "total" in times:
            self.totals.append((entry, name, times["total"]))

    def mappings(self, op, shape, schedule):
        """Per program; without those that are not recorded."""
        known = {}
        points = compiled.numbers(schedule.get("prim_dpus_and_prim_search", ""))
        if points:
            known["prim"] = (points[0], 16, 1, compiled.blocked(op, shape, points[0], 16, 256))
        if len(points) == 4:
            dpus, tasklets, cache = points[1:]
            known["prim_search"] = (dpus, tasklets, 1,
                                    compiled.blocked(op, shape, dpus, tasklets, cache))
        if schedule.get("tiles"):
            factors = compiled.numbers(schedule["rfactor"])
            known["atim"] = (schedule["dpus"], schedule["tasklets"], factors[0] if factors else 1,
                             compiled.tiled(op, schedule))
        return known

    def operators(self):
        schedules = {(s["op"], tuple(s["shape"])): s for s in self.published["schedule"]}
        for entry in self.published["op"]:
            op, shape = entry["op"], entry["shape"]
            known = self.mappings(op, shape, schedules.get((op, tuple(shape)), {}))
            for who in ("prim", "prim_search", "atim"):
                self.phases(who, entry, known.get(who))
            name = f"{op} {'x'.join(map(str, shape))}"
            for key, value in entry.items():
                if key.startswith("simplepim"):
                    self.skip(entry["group"], f"{name} {key}", "kernel, issue-bound", value,
                              "mapping_unknown")
                elif key == "cpu_ms":
                    self.skip(entry["group"], f"{name} {key}", "whole call", value, "not_a_device")

    def ablations(self):
        """The passes that deal with edges, left out one after another."""
        without = {"prim_kernel_ms": "", "o4_hoist_ms": "peel_edges",
                   "o2_tighten_ms": "hoist_branches,peel_edges",
                   "o1_copy_ms": "tighten_bounds,hoist_branches,peel_edges"}
        for entry in self.published["pass_ablation"]:
            experiment, length = entry["experiment"], entry["L"]
            dpus, tasklets, tile = entry["dpus"], entry["tasklets"], entry["tile"]
            for key, value in entry.items():
                if not key.endswith("_ms"):
                    continue
                row = ("pass_ablation", f"{experiment}, L={length}, {key[:-3]}", value)
                if key in without:
                    codes = compiled.ablation(experiment, length, dpus, tasklets, tile,
                                              without[key])
                    self.kernel(*row, dpus, tasklets, codes, key.startswith("prim"),
                                GUARDED if key in ("o1_copy_ms", "o2_tighten_ms") else "")
                else:
                    self.skip(row[0], row[1], "kernel, issue-bound", value, "no_vendor_code")

    def all(self):
        for part in (self.constants, self.transfers_on_chip, self.host_transfers,
                     self.suite_kernels, self.suite_slopes, self.arithmetic, self.operators,
                     self.ablations):
            part()
        self.finish()
        parts = {(row.source, row.name): row for row in self.rows}
        for entry, name, total in self.totals:
            group = entry["group"]
            mine = [parts[group, name + suffix] for suffix in ("", ", h2d", ", after")
                    if (group, name + suffix) in parts]
            missing = [row.reason for row in mine if row.model is None and row.reason != "resident"]
            if missing:
                self.skip(group, f"{name}, total", "whole call", total, missing[0])
            else:
                self.add(group, f"{name}, total", "whole call", total,
                         sum(row.model or 0 for row in mine))
        return self.rows


def evaluate(reference, parameters, tool, machine):
    return Rows(reference, parameters, tool, machine).all()
