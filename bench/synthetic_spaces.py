#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes recordings of kernels that do not exist, to judge search strategies on
spaces that nobody tuned them to.

    synthetic_spaces.py FOLDER [--machines N] [--seed S]

Each family is a cost model of one kind of GPU kernel on an invented machine:
whole waves of blocks, occupancy limited by threads, registers and shared memory,
spilled registers, padding at the edges, memory and arithmetic time, bank
conflicts, switches that help or harm depending on the rest, and configurations
that need too much of something and fail. Roughness that the model does not
explain is a factor drawn from a hash of parameter pairs, so it is the same in
every measurement. The files are in Kernel Tuner's cache format.
"""
import argparse
import gzip
import hashlib
import itertools
import json
import math
import os
import random


def draw(*words):
    """A number from 0 to 1 that depends on the words alone."""
    digest = hashlib.blake2b(repr(words).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2.0 ** 64


def up(value, unit):
    return -(-value // unit) * unit


class Machine:
    def __init__(self, rng):
        self.seed = rng.random()
        self.processors = rng.choice([16, 36, 60, 84, 108, 132])
        self.warp = rng.choice([32, 32, 64])
        self.threads = rng.choice([1024, 1536, 2048])
        self.registers = 65536
        self.shared = rng.choice([48, 64, 100, 164]) * 1024
        self.flops = self.processors * rng.uniform(90e9, 260e9)
        self.bandwidth = rng.uniform(0.2e12, 2e12)
        self.rough = rng.uniform(0.02, 0.06)

    def roughness(self, values):
        factor = 1.0
        for pair in itertools.combinations(range(len(values)), 2):
            u = draw(self.seed, pair, values[pair[0]], values[pair[1]])
            factor *= 1 + self.rough * (u - 0.5) * 2
        return factor

    def time(self, blocks, threads, registers, shared, flops, bytes_, ilp):
        """Milliseconds, or what is wrong."""
        if threads > 1024 or shared > min(self.shared, 64 * 1024):
            return "RuntimeFailedConfig"
        if registers > 500:
            return "CompilationFailedConfig"
        spill = max(0, registers - 255) / 255
        registers = min(registers, 255)
        resident = min(self.threads // up(threads, self.warp),
                       self.registers // (up(registers, 8) *
                                          up(threads, self.warp)),
                       self.shared // shared if shared else 32, 32)
        if resident < 1:
            return "RuntimeFailedConfig"
        occupancy = resident * threads / self.threads
        hide = 1 - math.exp(-3.5 * occupancy * ilp)
        lanes = threads / up(threads, self.warp)
        waves = math.ceil(blocks / (resident * self.processors))
        balance = blocks / (waves * resident * self.processors)
        busy = max(flops / (self.flops * lanes), 1e-12)
        moved = bytes_ * (1 + 6 * spill) / self.bandwidth
        longest, other = max(busy, moved), min(busy, moved)
        return 1e3 * ((longest + 0.35 * other) / (hide * balance) +
                      waves * 1.5e-6 + 4e-6)


def product(machine, p, size):
    """C = A B with tiles, a depth, stages, a vector width and split K."""
    m, n, k = size
    threads = p["wx"] * p["wy"]
    if p["tm"] % p["wx"] or p["tn"] % p["wy"]:
        return None
    per = (p["tm"] // p["wx"]) * (p["tn"] // p["wy"])
    if per > 256 or threads < 32:
        return None
    blocks = math.ceil(m / p["tm"]) * math.ceil(n / p["tn"]) * p["split"]
    shared = 4 * p["depth"] * (p["tm"] + p["tn"]) * p["stages"]
    work = up(m, p["tm"]) * up(n, p["tn"]) * up(k, p["depth"] * p["split"])
    per_flop = 1 + 3.0 / math.sqrt(per) + (0.35 if p["vector"] == 1 else 0.1
                                           if p["vector"] == 2 else 0)
    loads = 4 * (work / p["tm"] + work / p["tn"]) * (0.25 + 0.75 /
                                                     p["stages"])
    loads += 4 * m * n * (2 * p["split"] - 1)
    registers = 24 + per * 1.15 + 4 * p["vector"] * p["stages"]
    return machine.time(blocks, threads, registers, shared,
                        2 * work * per_flop, loads / 3,
                        1 + per / 32)


def stencil(machine, p, size):
    """A filter over an image: tiles in shared memory or read directly."""
    width, height, radius = size
    threads = p["bx"] * p["by"]
    if threads < 32 or threads > 1024:
        return None
    tx, ty = p["bx"] * p["px"], p["by"] * p["py"]
    blocks = math.ceil(width / tx) * math.ceil(height / ty)
    outputs = up(width, tx) * up(height, ty)
    halo = (tx + 2 * radius) * (ty + 2 * radius) / (tx * ty)
    taps = (2 * radius + 1) ** 2
    shared = 0
    bytes_ = 4 * outputs * (1 + halo)
    flops = outputs * taps * 2.0
    if p["shared"]:
        pad = 0 if p["pad"] or p["bx"] % 32 else 1
        shared = 4 * (tx + 2 * radius + p["pad"]) * (ty + 2 * radius)
        flops *= 1 + 0.9 * pad + 0.25 / (p["px"] * p["py"])
    else:
        flops *= 1.5 if p["readonly"] else 2.2
        bytes_ *= 1 + taps / (8.0 * p["px"]) / (2 if p["readonly"] else 1)
    if p["bx"] < machine.warp:
        bytes_ *= machine.warp / p["bx"] * 0.6
    registers = 20 + p["px"] * p["py"] * (3 + p["unroll"] * 2 * radius / 3)
    flops *= 1.25 if p["unroll"] == 0 else 1
    return machine.time(blocks, threads, registers, shared, flops, bytes_,
                        1 + p["px"] * p["py"] / 6)


def reduction(machine, p, size):
    """Rows summed by blocks, warps or persistent blocks."""
    rows, columns, _ = size
    per_row = p["threads"]
    if p["kind"] == "warp":
        per_row = machine.warp
        if p["threads"] % machine.warp:
            return None
    rows_at_once = max(1, p["threads"] // per_row) * p["rows"]
    blocks = math.ceil(rows / rows_at_once)
    if p["kind"] == "persistent":
        blocks = min(blocks, machine.processors * 4)
    steps = math.ceil(columns / (per_row * p["vector"] * p["unroll"]))
    read = rows * steps * per_row * p["vector"] * p["unroll"]
    bytes_ = 4 * read * {1: 1.4, 2: 1.15, 4: 1.0, 8: 1.08}[p["vector"]]
    flops = read * 4.0 + rows * per_row * 30.0 * (2 if p["kind"] == "block"
                                                  else 1)
    if p["cache"] == "streaming":
        bytes_ *= 0.93 if columns * 4 > 32768 else 1.1
    registers = 16 + p["vector"] * p["unroll"] * p["rows"] * 1.3
    shared = 0 if p["kind"] == "warp" else 4 * p["threads"] * p["rows"]
    return machine.time(blocks, p["threads"], registers, shared, flops, bytes_,
                        1 + p["unroll"] * p["vector"] / 8)


def bodies(machine, p, size):
    """All pairs, tiled over both sides, with a choice of data layout."""
    n, _, _ = size
    per_block = p["threads"] * p["outer"]
    blocks = math.ceil(n / per_block) * p["slices"]
    pairs = up(n, per_block) * float(up(n, p["inner"] * p["slices"]))
    flops = pairs * 20 * (1 + 0.5 / p["inner_unroll"] + 0.3 / p["outer"])
    if p["layout"] == "structures":
        flops *= 1.12 if p["vector"] == 4 else 1.3
    elif p["vector"] > 2:
        flops *= 1.08
    flops *= 0.8 if p["fast_root"] else 1
    shared = 16 * p["inner"] * p["threads"] // 32 if p["local"] else 0
    bytes_ = 16 * pairs / per_block / (1 if p["local"] else 0.5)
    bytes_ += 16 * n * p["slices"] * 2
    registers = 20 + p["outer"] * (7 + 2 * p["inner_unroll"])
    return machine.time(blocks, p["threads"], registers, shared, flops, bytes_,
                        1 + p["outer"] * p["inner_unroll"] / 12)


FAMILIES = {
    "product": (product, {
        "tm": [16, 32, 64, 128, 256], "tn": [16, 32, 64, 128, 256],
        "depth": [8, 16, 32, 64], "wx": [4, 8, 16, 32], "wy": [4, 8, 16],
        "stages": [1, 2, 3, 4], "vector": [1, 2, 4],
        "split": [1, 4, 16]},
        [(4096, 4096, 4096), (64, 64, 65536), (1000, 333, 4096)]),
    "stencil": (stencil, {
        "bx": [8, 16, 32, 48, 64, 96, 128, 256], "by": [1, 2, 4, 6, 8, 16],
        "px": [1, 2, 3, 4, 6, 8], "py": [1, 2, 4, 8],
        "shared": [0, 1], "pad": [0, 1], "readonly": [0, 1],
        "unroll": [0, 1, 3]},
        [(4096, 4096, 8), (1920, 1080, 3), (8192, 8192, 1)]),
    "reduction": (reduction, {
        "kind": ["block", "warp", "persistent"],
        "threads": [32, 64, 96, 128, 192, 256, 384, 512, 768, 1024],
        "rows": [1, 2, 4, 8], "vector": [1, 2, 4, 8],
        "unroll": [1, 2, 3, 4, 8],
        "cache": ["default", "streaming", "bypass"]},
        [(65536, 512, 0), (128, 131072, 0), (8192, 3000, 0)]),
    "bodies": (bodies, {
        "threads": [32, 64, 128, 256, 512], "outer": [1, 2, 4, 8],
        "inner": [16, 32, 64, 128, 256], "inner_unroll": [1, 2, 4, 8],
        "slices": [1, 2, 4, 16], "layout": ["arrays", "structures"],
        "vector": [1, 2, 4], "fast_root": [0, 1], "local": [0, 1]},
        [(16384, 0, 0), (131072, 0, 0), (4000, 0, 0)]),
}


def record(family, number, rng):
    model, parameters, sizes = FAMILIES[family]
    machine = Machine(rng)
    size = sizes[number % len(sizes)]
    names = list(parameters)
    cache = {}
    for values in itertools.product(*parameters.values()):
        p = dict(zip(names, values))
        time = model(machine, p, size)
        if time is None:
            continue
        if not isinstance(time, str):
            time = float("%.6g" % (time * machine.roughness(values)))
        entry = dict(p)
        entry["time"] = time
        if not isinstance(time, str):
            entry["times"] = [time] * 3
        entry.update(compile_time=800.0, verification_time=0,
                     benchmark_time=50.0, strategy_time=0, framework_time=1.0)
        cache[",".join(str(value) for value in values)] = entry
    return {"device_name": "machine %d" % number, "kernel_name": family,
            "problem_size": "x".join(str(n) for n in size),
            "tune_params_keys": names, "tune_params": parameters,
            "objective": "time", "cache": cache}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("--machines", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    for family in FAMILIES:
        for number in range(options.machines):
            rng = random.Random("%s %d %d" % (family, number, options.seed))
            recording = record(family, number, rng)
            path = os.path.join(options.folder,
                                "%s-%d.json.gz" % (family, number))
            with gzip.open(path, "wt", compresslevel=3) as file:
                json.dump(recording, file)
            times = [e["time"] for e in recording["cache"].values()]
            good = sorted(t for t in times if not isinstance(t, str))
            print("%s-%d: %d configurations, %.1f %% fail, median / best "
                  "%.2f, within 5 %%: %d" % (
                      family, number, len(times),
                      100 * (1 - len(good) / len(times)),
                      good[len(good) // 2] / good[0],
                      sum(t < 1.05 * good[0] for t in good)))


if __name__ == "__main__":
    main()
