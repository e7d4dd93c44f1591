"""Every number of the reference data, with what the model says of it or why it says nothing."""
import math
import re
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
LIMITS = {"kernel, issue-bound": 0.05, "kernel, dma-bound": 0.15, "host phase": 0.30,
          "whole call": 0.30, "constant": 0.05}


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
        self.rows, self.nests, self.waiting = [], {}, []

    def add(self, source, name, group, hardware, model):
        self.rows.append(Row(source, name, group, hardware, model))

    def skip(self, source, name, group, hardware, reason):
        self.rows.append(Row(source, name, group, hardware, None, reason))

    def kernel(self, source, name, hardware, dpus, nest):
        """A row whose model is known once all nests are timed."""
        key = f"n{len(self.nests)}"
        self.nests[key] = nest
        row = Row(source, name, f"kernel, {nest.bound(self.p.clock)}-bound", hardware)
        self.rows.append(row)
        self.waiting.append((row, key, dpus, nest.tasklets))

    def finish(self):
        cycles = replay.time(self.nests, self.p.clock, self.tool)
        for row, key, dpus, tasklets in self.waiting:
            row.model = self.p.kernel_ms(dpus, tasklets, cycles[key])
        return self.rows

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
            nests = {str(n): Nest(1, 100, 1, int(reads), n, 3 + 0 * n, int(not reads), n)
                     for n in sizes}
            cycles = {int(k): v / 100 for k, v in replay.time(nests, clock, self.tool).items()}
            slope = (cycles[2048] - cycles[8]) / 2040
            issue = 11 * (4 if reads else 5)  # other instructions of the loop around a transfer
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
            if suite == "VA":
                nest = replay.blocked("va", [n * dpus if False else n], dpus, 16, 256)
                moved = (8 * n / dpus, 4 * n / dpus)
            elif suite == "RED":
                nest = replay.blocked("red", [n], dpus, 16, 256)
                moved = (8 * n / dpus, 0)
            elif suite == "GEMV":
                nest = replay.blocked("mtv", [n, 64], dpus, 16, 64)
                moved = (256 * n / dpus + 256, 4 * n / dpus)
            if moved is None:
                self.skip("kernel", name, "kernel, issue-bound", entry["ms"], "no_operator")
            else:
                self.kernel("kernel", name, entry["ms"], dpus, nest)
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
                 "GEMV": 64 * replay.SLOTS["mtv"]}
        for entry in self.hardware["kernel_fit"]:
            suite, dpus = entry["benchmark"], entry["dpus"]
            self.add("kernel_fit", f"{suite} on {dpus}, floor ms", "host phase", entry["fixed_ms"],
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

    def phases(self, who, entry, dpus, factor, nest):
        op, shape = entry["op"], entry["shape"]
        name = f"{op} {'x'.join(map(str, shape))} {who}"
        kernel = entry[f"{who}_kernel_ms"]
        self.kernel(entry["group"], name, kernel, dpus, nest)
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
            self.phases("prim", entry, best, 1, replay.blocked(op, shape, best, 16, 256))
            self.phases("prim_search", entry, dpus, 1,
                        replay.blocked(op, shape, dpus, tasklets, cache))
            factors = [int(n) for n in re.findall(r"\d+", schedule["rfactor"])]
            self.phases("atim", entry, schedule["dpus"], factors[0] if factors else 1,
                        replay.tiled(op, schedule))
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

    def ablations(self):
        for entry in self.published["pass_ablation"]:
            experiment, length = entry["experiment"], entry["L"]
            dpus, tasklets, tile = entry["dpus"], entry["tasklets"], entry["tile"]
            if experiment.startswith("va"):
                nest = replay.blocked("va", [length * 100000], dpus, tasklets, tile)
            else:
                rows, columns = (256 if side == "256" else length
                                 for side in experiment.split()[1].split("x"))
                nest = Nest(tasklets, 2 * math.ceil(rows / 2 / tasklets), math.ceil(columns / tile),
                            2, 4 * tile,
                            replay.SLOTS["mtv"] * columns / math.ceil(columns / tile), 1, 8)
            for key, value in entry.items():
                if not key.endswith("_ms"):
                    continue
                row = ("pass_ablation", f"{experiment}, L={length}, {key[:-3]}", value)
                if key in ("o4_hoist_ms", "prim_kernel_ms"):
                    self.kernel(*row, dpus, nest)
                else:
                    self.skip(row[0], row[1], "kernel, issue-bound", value, "no_vendor_code")

    def all(self):
        self.totals = []
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
