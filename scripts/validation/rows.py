"""Every number of the reference data, with what the model says of it or why it says nothing."""
import math
import re
import statistics
import tomllib
from dataclasses import dataclass

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
}
LIMITS = {"kernel, issue-bound": 0.05, "kernel, dma-bound": 0.15, "kernel, corrected": 0.05,
          "host phase": 0.30, "whole call": 0.30, "launch floor": 0.30, "constant": 0.05}
# A program's slot count is told from its times only if it was timed this often.
CORRECTED_FROM = 3


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


class Rows:
    def __init__(self, reference, parameters, tool):
        self.p, self.tool = parameters, tool
        self.hardware, self.published = reference["hardware"], reference["published"]
        self.rows, self.nests, self.waiting, self.totals = [], {}, [], []

    def add(self, source, name, group, hardware, model):
        self.rows.append(Row(source, name, group, hardware, model))

    def skip(self, source, name, group, hardware, reason):
        self.rows.append(Row(source, name, group, hardware, None, reason))

    def kernel(self, source, name, hardware, dpus, tasklets, program, nest_of):
        """A row whose model is known once all nests are timed. `nest_of` takes a factor on the
        slots of `program`."""
        nest = nest_of(1)
        row = Row(source, name, f"kernel, {nest.bound(self.p.clock)}-bound", hardware)
        self.rows.append(row)
        self.waiting.append((row, dpus, tasklets, program, nest_of))

    def times(self, factors):
        nests = {f"n{i}": nest_of(factors.get(program, 1))
                 for i, (_, _, _, program, nest_of) in enumerate(self.waiting)}
        cycles = replay.time(nests, self.p.clock, self.tool)
        return [self.p.kernel_ms(dpus, tasklets, cycles[f"n{i}"])
                for i, (_, dpus, tasklets, _, _) in enumerate(self.waiting)]

    def finish(self):
        """Models of the kernels; then again with one slot count per program, told from its times:
        what is left is the error of mapping and clock."""
        ratios = {}
        for (row, dpus, tasklets, program, _), ms in zip(self.waiting, self.times({})):
            row.model = ms
            floor = self.p.kernel_ms(dpus, tasklets, 0)
            if row.group == "kernel, issue-bound" and row.hardware > floor:
                ratios.setdefault(program, []).append((row.hardware - floor) / (ms - floor))
        factors = {program: statistics.median(values) for program, values in ratios.items()
                   if len(values) >= CORRECTED_FROM}
        for (row, _, _, program, _), ms in zip(self.waiting, self.times(factors)):
            if program in factors and row.group == "kernel, issue-bound":
                self.rows.append(Row(row.source, f"{row.name}, slots x {factors[program]:.2f}",
                                     "kernel, corrected", row.hardware, ms))

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
                shape, cache = ([n, 64], 64) if op == "mtv" else ([n], 256)
                moved = {"va": (8 * n / dpus, 4 * n / dpus), "red": (8 * n / dpus, 0),
                         "mtv": (256 * n / dpus + 256, 4 * n / dpus)}[op]
                self.kernel("kernel", name, entry["ms"], dpus, 16, ("suite", suite),
                            lambda f, a=(op, shape, dpus, 16, cache): replay.blocked(*a, f))
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
        slots = {"VA": replay.SLOTS["va"], "RED": replay.SLOTS["red"],
                 "GEMV": 64 * replay.SUITE_SLOTS["mtv"]}
        for entry in self.hardware["kernel_fit"]:
            suite, dpus = entry["benchmark"], entry["dpus"]
            self.add("kernel_fit", f"{suite} on {dpus}, floor ms", "launch floor", entry["fixed_ms"],
                     self.p.kernel_ms(dpus, 16, 0))
            row = ("kernel_fit", f"{suite} on {dpus}, ns per item", "kernel, issue-bound",
                   entry["ns_per_item"])
            if suite in slots:
                self.add(*row, slots[suite] * 1e3 / self.p.clock_mhz)
            else:
                self.skip(*row, "no_operator")

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

    def phases(self, who, entry, dpus, tasklets, factor, nest_of):
        op, shape = entry["op"], entry["shape"]
        name = f"{op} {'x'.join(map(str, shape))} {who}"
        kernel = entry[f"{who}_kernel_ms"]
        self.kernel(entry["group"], name, kernel, dpus, tasklets, (who, op), nest_of)
        pushed = padded(4 * shape[-1] / factor) if op in replay.PRODUCTS else 0
        h2d = entry[f"{who}_h2d_ms"]
        if pushed == 0:
            self.skip(entry["group"], f"{name}, h2d", "host phase", h2d, "resident")
        else:
            self.add(entry["group"], f"{name}, h2d", "host phase", h2d,
                     self.p.transfer_ms("push", dpus, pushed))
        back, summed = self.after(op, shape, dpus, factor, who == "atim")
        after = self.p.transfer_ms("pull", dpus, back) + self.p.sum_ms(summed)
        if op == "red" and who != "atim":
            # Each DPU's sum is fetched on its own there.
            self.skip(entry["group"], f"{name}, after", "host phase", entry[f"{who}_after_ms"],
                      "mapping_unknown")
        else:
            self.add(entry["group"], f"{name}, after", "host phase", entry[f"{who}_after_ms"], after)

    def operators(self):
        schedules = {(s["op"], tuple(s["shape"])): s for s in self.published["schedule"]}
        for entry in self.published["op"]:
            op, shape = entry["op"], entry["shape"]
            schedule = schedules[(op, tuple(shape))]
            best, dpus, tasklets, cache = (
                int(n) for n in re.findall(r"\d+", schedule["prim_dpus_and_prim_search"]))
            self.phases("prim", entry, best, 16, 1,
                        lambda f, a=(op, shape, best, 16, 256): replay.blocked(*a, f))
            self.phases("prim_search", entry, dpus, tasklets, 1,
                        lambda f, a=(op, shape, dpus, tasklets, cache): replay.blocked(*a, f))
            factors = [int(n) for n in re.findall(r"\d+", schedule["rfactor"])]
            self.phases("atim", entry, schedule["dpus"], schedule["tasklets"],
                        factors[0] if factors else 1,
                        lambda f, a=(op, schedule): replay.tiled(*a, f))
            name = f"{op} {'x'.join(map(str, shape))}"
            for key, value in entry.items():
                if key.startswith("simplepim"):
                    self.skip(entry["group"], f"{name} {key}", "kernel, issue-bound", value,
                              "mapping_unknown")
                elif key == "cpu_ms":
                    self.skip(entry["group"], f"{name} {key}", "whole call", value, "not_a_device")
            self.waiting_total(entry, name)

    def waiting_total(self, entry, name):
        """Totals are sums of rows, added once these are known."""
        for who in ("prim", "prim_search", "atim"):
            self.totals.append((entry, f"{name} {who}", entry[f"{who}_total_ms"]))

    def ablation(self, experiment, entry, slots):
        """Rows or blocks of a ragged size; products write two rows at a time."""
        length, dpus = entry["L"], entry["dpus"]
        tasklets, tile = entry["tasklets"], entry["tile"]
        if experiment.startswith("va"):
            busy, blocks = replay.shares(length * 100000 / tile, dpus, tasklets)
            return lambda f: Nest(busy, blocks, 1, 2, 4 * tile, f * slots["va"] * tile, 1, 4 * tile)
        rows, columns = (256 if side == "256" else length
                         for side in experiment.split()[1].split("x"))
        busy, pairs = replay.shares(math.ceil(rows / 2), 1, tasklets)
        steps = math.ceil(columns / tile)
        return lambda f: Nest(busy, pairs, 2 * steps, 2, 4 * tile,
                              f * slots["mtv"] * columns / steps, 1, 8)

    def ablations(self):
        for entry in self.published["pass_ablation"]:
            experiment, length = entry["experiment"], entry["L"]
            dpus, tasklets, tile = entry["dpus"], entry["tasklets"], entry["tile"]
            slots = {"prim_kernel_ms": replay.SUITE_SLOTS, "o4_hoist_ms": replay.SLOTS}
            for key, value in entry.items():
                if not key.endswith("_ms"):
                    continue
                row = ("pass_ablation", f"{experiment}, L={length}, {key[:-3]}", value)
                if key in slots:
                    self.kernel(*row, dpus, tasklets, (key, experiment[:2]),
                                self.ablation(experiment, entry, slots[key]))
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
            mine = [parts[group, name + suffix] for suffix in ("", ", h2d", ", after")]
            if any(row.model is None and row.reason != "resident" for row in mine):
                self.skip(group, f"{name}, total", "whole call", total, "mapping_unknown")
            else:
                self.add(group, f"{name}, total", "whole call", total,
                         sum(row.model or 0 for row in mine))
        return self.rows


def evaluate(reference, parameters, tool):
    return Rows(reference, parameters, tool).all()
