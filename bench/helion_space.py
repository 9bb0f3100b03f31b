#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Which strategy suits the spaces that Helion derives from a kernel?

    helion_space.py > helion_space.txt

A product as wide as Helion has it (tiles, warps, stages, the order and grouping
of the tiles, and a dozen switches of its loops and loads that matter little but
for a few) on machines that do not exist, with synthetic_spaces.py's model of what
a block costs. The search is that of examples/helion: 16 configurations at a time,
its settings, its rule about registers. It begins at a good default, as Helion's
heuristics find one, and at a poor one. Printed is the best time of all runs on the
machine divided by the best so far, after 25, 50, 100 and 200 configurations.

WARPWRIGHT  the program (warpwright)     STRATEGIES  comma-separated
SEEDS       runs of each (8)             MACHINES    how many (3)
"""
import os
import random
import sys
import tempfile

import synthetic_spaces as spaces

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "sdk", "python"))
import warpwright_ask  # noqa: E402

STRATEGIES = os.environ.get("STRATEGIES", "pattern,auto,lfbo,random").split(",")
SEEDS = int(os.environ.get("SEEDS", "8"))
MACHINES = int(os.environ.get("MACHINES", "3"))
POINTS = (25, 50, 100, 200)
BATCH = 16
SIZE = 4096
REGISTERS, WARP = 255, 32
# Values, and how far a switch moves the time by itself.
TILES = {"block_m": (16, 256), "block_n": (16, 256), "block_k": (16, 256),
         "num_warps": (1, 32), "l2_grouping": (1, 64), "sm_multiplier": (1, 8)}
SWITCHES = {
    "loop_order": (["0_1", "1_0"], 0.08),
    "pid_type": (["flat", "xyz", "persistent_blocked",
                  "persistent_interleaved"], 0.1),
    "unroll_0": (["0", "1", "2", "3", "4"], 0.04),
    "unroll_1": (["0", "1", "2", "3", "4"], 0.15),
    "range_stages_0": (["0", "1", "2", "3", "4"], 0.04),
    "range_stages_1": (["0", "1", "2", "3", "4"], 0.1),
    **{name: (["unset", "false", "true"], 0.03) for name in (
        "multi_buffer_0", "multi_buffer_1", "flatten_0", "flatten_1")},
    **{"indexing_%d" % i: (["pointer", "block_ptr", "descriptor"], 0.06)
       for i in range(3)},
    **{"eviction_%d" % i: (["unset", "first", "last"], 0.02)
       for i in range(2)},
}
STARTS = {
    "good": {"block_m": 128, "block_n": 128, "block_k": 64, "num_warps": 8,
             "num_stages": 3},
    "poor": {"block_m": 16, "block_n": 16, "block_k": 16, "num_warps": 4,
             "num_stages": 1},
}


def task(start):
    parameters = [{"name": name, "type": "power_of_two", "range": list(ends),
                   "default": start.get(name, ends[0])}
                  for name, ends in TILES.items()]
    parameters.append({"name": "num_stages", "type": "int", "range": [1, 8],
                       "default": start["num_stages"]})
    parameters += [{"name": name, "type": "enum", "values": values,
                    "default": values[0]}
                   for name, (values, _) in SWITCHES.items()]
    return {"name": "invented", "parameters": parameters, "constraints": [
        "block_m * block_n <= %d * num_warps" % (REGISTERS * WARP)]}


class Product:
    """The time of a configuration on one machine, or None."""

    def __init__(self, number):
        rng = random.Random("helion %d" % number)
        self.machine = spaces.Machine(rng)
        # Tiles are of two bytes an element; 228 KiB in the model's words.
        self.machine.shared = 57 * 1024
        self.machine.rough = rng.uniform(0.002, 0.008)
        self.known = {}

    def time(self, p):
        key = tuple(p.values())
        if key not in self.known:
            self.known[key] = self.model(p)
        return self.known[key]

    def model(self, p):
        threads = WARP * p["num_warps"]
        per = p["block_m"] * p["block_n"] / threads
        work = spaces.up(SIZE, p["block_m"]) * spaces.up(SIZE, p["block_n"]) * \
            spaces.up(SIZE, p["block_k"])
        reuse = 0.3 + 0.7 / min(8, p["l2_grouping"])
        stages = 0.2 + 0.8 / p["num_stages"]
        time = self.machine.time(
            (SIZE // p["block_m"]) * (SIZE // p["block_n"]), threads,
            32 + per * 1.1, p["block_k"] * (p["block_m"] + p["block_n"]) *
            p["num_stages"] // 2, 2 * work * (1 + 3 / per ** 0.5) *
            (1 + 8 / p["block_k"]), 2 * (work / p["block_m"] + work /
                                         p["block_n"]) * reuse * stages,
            1 + per / 32)
        if isinstance(time, str):
            return None
        for name, (values, reach) in SWITCHES.items():
            time *= 1 + reach * spaces.draw(self.machine.seed, name, p[name])
        if p["pid_type"].startswith("persistent"):
            time *= 1 + 0.04 * abs(p["sm_multiplier"].bit_length() - 2)
        return time * self.machine.roughness(list(p.values()))


def search(product, start, strategy, seed):
    """The best time after each configuration."""
    noise = random.Random(seed)
    so_far, best = [], float("inf")
    settings = {"search.max_evaluations": POINTS[-1], "search.seed": seed,
                "search.max_rounds": 1000, "search.patience": 0,
                "search.warm_start": False,
                "store.path": os.path.join(PLACE, "store.db")}
    with warpwright_ask.Session(task(start), strategy, settings) as session:
        while len(so_far) < POINTS[-1]:
            trials = session.ask(BATCH)
            if not trials:
                break
            for trial in trials:
                time = product.time(trial.config)
                if time is None:
                    session.tell(trial, status="out_of_resources")
                else:
                    session.tell(trial, time_ms=time * noise.gauss(1, 0.004))
                    best = min(best, time)
                so_far.append(best)
    return so_far


def main():
    products = [Product(i) for i in range(MACHINES)]
    runs = {}
    for name, start in STARTS.items():
        for strategy in STRATEGIES:
            runs[name, strategy] = [
                (product, search(product, start, strategy, seed))
                for product in products for seed in range(1, SEEDS + 1)]
    best = {id(product): min(run[-1] for all_of in runs.values()
                             for of, run in all_of if of is product)
            for product in products}
    print("%d machines, %d seeds" % (MACHINES, SEEDS))
    for (name, strategy), all_of in runs.items():
        if strategy == STRATEGIES[0]:
            print("\na %s default, %.3f\n\n| strategy | %s |\n|%s" % (
                name, sum(best[id(p)] / run[0] for p, run in all_of) /
                len(all_of), " | ".join(map(str, POINTS)),
                " --- |" * (1 + len(POINTS))))
        print("| %s | %s |" % (strategy, " | ".join(
            "%.3f" % (sum(best[id(p)] / run[min(n, len(run)) - 1]
                          for p, run in all_of) / len(all_of))
            for n in POINTS)), flush=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as PLACE:
        main()
