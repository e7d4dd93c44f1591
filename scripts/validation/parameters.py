"""The parameters of the simulated machine, read from its description."""
import copy
import tomllib
from dataclasses import dataclass


def plain(value):
    return value["value"] if isinstance(value, dict) and "value" in value else value


def interpolate(pairs, at):
    if at <= pairs[0][0]:
        return pairs[0][1]
    for (x0, y0), (x1, y1) in zip(pairs, pairs[1:]):
        if at <= x1:
            return y0 + (y1 - y0) * (at - x0) / (x1 - x0)
    return pairs[-1][1]


# Start of programs of the vendor's compiler, whose tasklets spin on the allocator's lock: 15,000
# cycles with 16 tasklets and 20,700 with 24 for three allocations, measured on ten executables;
# linear in tasklets and in allocations.
STARTUP_CYCLES = (1200, 237.5)
# The suite's product multiplies the last block of a row in a loop of its own, which looks at each
# step whether it leaves the block: slots of an item there, from the slope of the suite's times at
# 64 columns, which are one such block.
SUITE_LAST_BLOCK = 24.05


@dataclass
class Parameters:
    clock_mhz: float
    clock: dict
    links: dict
    host: dict
    startup: tuple = STARTUP_CYCLES
    last_block: float = SUITE_LAST_BLOCK

    @classmethod
    def load(cls, path):
        with open(path, "rb") as file:
            text = tomllib.load(file)
        links = {link["name"]: link["cost"] for link in text["link"]}
        return cls(text["target"]["clock_mhz"],
                   {k: plain(v) for k, v in text["plugin"]["clock"].items()},
                   {name: links[name] for name in ("push", "pull")},
                   {k: plain(v) for k, v in text["host"].items()})

    def transfer_ms(self, link, dpus, bytes_per_dpu):
        if dpus == 0 or bytes_per_dpu == 0:
            return 0.0
        cost = self.links[link]
        rate = interpolate(cost["table"], bytes_per_dpu) * interpolate(cost["units"], dpus)
        return (cost["fixed_ns"] + cost["per_unit_ns"] * dpus + dpus * bytes_per_dpu / rate) / 1e6

    def sum_ms(self, read_bytes):
        """A serial final sum on the host."""
        return read_bytes / self.host["reduce_bytes_per_ns"] / 1e6

    def launch_ms(self, dpus):
        return (self.host["launch_ns"] + self.host["launch_per_unit_ns"] * dpus) / 1e6

    def kernel_ms(self, dpus, tasklets, cycles, allocations):
        start = allocations * (self.startup[0] + self.startup[1] * tasklets)
        return self.launch_ms(dpus) + (cycles + start) / self.clock_mhz / 1e3

    def fitted(self):
        """Names of what was fitted, each with a function that scales it."""
        def scaled(change):
            def apply(factor):
                changed = copy.deepcopy(self)
                change(changed, factor)
                return changed
            return apply

        def scale_pairs(link, key):
            def change(p, factor):
                pairs = p.links[link][key]
                p.links[link][key] = [[at, rate * factor] for at, rate in pairs]
            return change

        def scale(table, key):
            def change(p, factor):
                target = p.links[table] if table in p.links else getattr(p, table)
                target[key] *= factor
            return change

        changes = {"clock.engine_start": scale("clock", "engine_start")}
        for link in ("push", "pull"):
            for key in ("fixed_ns", "per_unit_ns"):
                changes[f"{link}.{key}"] = scale(link, key)
            changes[f"{link}.table"] = scale_pairs(link, "table")
        for key in ("reduce_bytes_per_ns", "launch_ns", "launch_per_unit_ns"):
            changes[f"host.{key}"] = scale("host", key)

        def startup(p, factor):
            p.startup = tuple(part * factor for part in p.startup)
        changes["start of vendor code"] = startup

        def last_block(p, factor):
            p.last_block *= factor
        changes["suite's last block"] = last_block
        return {name: scaled(change) for name, change in changes.items()}
