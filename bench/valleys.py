#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whether searches of a large space end in the same place, on a GPU's own times.

    valleys.py [RECORDING] > valleys.txt

The best configurations of examples/cuda/gemm lie in valleys that differ in four
parameters or more. Their times on an H100, and those of a thousand others around
them, are in examples/recordings/gemm-h100.json.gz; here they are spread to the
whole space of 3.9 million: what a parameter's other values cost is a factor, each
pair of values makes a configuration a little faster or slower by chance, and each
timing has 0.5 % of noise. Searches go through `warpwright ask`, 17 configurations
at a time, and the five best are timed again with a third of the noise. Prints how
far their winners are behind the best of all, and ends with code 1 if one of them
is more than 1 % behind.

WARPWRIGHT  the program (warpwright)     STRATEGY     auto
SEEDS       searches of each space (20)  SPACES       draws of the chance (2)
EVALUATIONS of a search (400)            PROCESSES    at once (all)
"""
import concurrent.futures
import gzip
import json
import math
import os
import random
import sys
import zlib

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(SOURCE, "sdk", "python"))
import warpwright_ask  # noqa: E402

TASK = os.path.join(SOURCE, "examples", "cuda", "gemm", "task.json")
RECORDING = sys.argv[1] if len(sys.argv) > 1 else os.path.join(
    SOURCE, "examples", "recordings", "gemm-h100.json.gz")
SEEDS = int(os.environ.get("SEEDS", "20"))
SPACES = int(os.environ.get("SPACES", "2"))
EVALUATIONS = int(os.environ.get("EVALUATIONS", "400"))
STRATEGY = os.environ.get("STRATEGY", "auto")
NOISE, CHANCE, OUT = 0.005, 0.001, 17
FINALISTS = 5
# What is recorded of each parameter, and what it costs to be elsewhere: the
# value that stands for another one, and a factor.
CORE = {"BLOCK_M": (64, 128, 256), "BLOCK_N": (64, 128, 256),
        "BLOCK_K": (8, 16, 32), "THREAD_M": (4, 8, 16),
        "THREAD_N": (4, 8, 16), "PAD": (0, 4), "UNROLL_K": (8, 16),
        "GROUP_M": (1, 4), "MIN_BLOCKS": (1, 2)}
ELSEWHERE = {
    "BLOCK_M": {16: (64, 2.0), 32: (64, 1.35)},
    "BLOCK_N": {16: (64, 2.0), 32: (64, 1.35)},
    "BLOCK_K": {4: (8, 1.12)},
    "THREAD_M": {1: (4, 2.2), 2: (4, 1.45)},
    "THREAD_N": {1: (4, 2.2), 2: (4, 1.45)},
    "UNROLL_K": {1: (8, 1.1), 2: (8, 1.05), 4: (8, 1.015), 32: (16, 1.01)},
    "GROUP_M": {2: (1, 1.0), 8: (4, 1.001), 16: (4, 1.001)},
    "MIN_BLOCKS": {3: (2, 1.03)}}
OTHERS = {"VECTOR": {1: 1.08, 2: 1.03, 4: 1.0},
          "DOUBLE_BUFFER": {False: 1.1, True: 1.0},
          "SPLIT_K": {1: 1.0, 2: 1.025, 4: 1.06, 8: 1.12, 16: 1.25}}
# How unlike two recorded configurations are, a doubling of each.
WEIGHTS = {"PAD": 0.35, "UNROLL_K": 0.4, "GROUP_M": 0.1, "MIN_BLOCKS": 0.3}


def recorded():
    with gzip.open(RECORDING, "rt") as file:
        entries = json.load(file)["cache"].values()
    return {tuple(e[name] for name in CORE): e["time"] for e in entries
            if isinstance(e["time"], float)}


def unlike(a, b):
    return sum(WEIGHTS.get(name, 1.0) *
               abs(math.log2(max(x, 1)) - math.log2(max(y, 1)))
               for name, x, y in zip(CORE, a, b))


class Space:
    """Times of one draw of the chance."""

    def __init__(self, number):
        self.number = number
        self.known = recorded()

    def core(self, key):
        """A recorded time, or that of the likest one and something more."""
        if key not in self.known:
            distance, time = min((unlike(key, other), time) for other, time
                                 in self.known.items())
            self.known[key] = time * (1 + 0.08 * distance)
        return self.known[key]

    def luck(self, config):
        words = ["%s=%s" % pair for pair in config.items()]
        product = 1.0
        for i, one in enumerate(words):
            for other in words[:i]:
                draw = zlib.crc32(("%d %s %s" % (self.number, one, other))
                                  .encode()) / 2**31 - 1
                product *= 1 + CHANCE * draw
        return product

    def time(self, config):
        factor = 1.0
        key = []
        for name in CORE:
            value = config[name]
            if value not in CORE[name]:
                value, more = ELSEWHERE[name][value]
                factor *= more
            key.append(value)
        for name, factors in OTHERS.items():
            factor *= factors[config[name]]
        return self.core(tuple(key)) * factor * self.luck(config)


def search(order):
    """The true time of the winner, and the winner."""
    number, seed = order
    space, draw = Space(number), random.Random("%d %d" % order)
    best, waiting = [], []
    with warpwright_ask.Session(
            TASK, strategy=STRATEGY, arguments=["--store", ":memory:"],
            settings={"search.seed": seed, "search.patience": 0,
                      "search.warm_start": False, "search.max_rounds": 100000,
                      "search.max_evaluations": EVALUATIONS}) as session:
        while not session.finished or waiting:
            if not session.finished and len(waiting) < OUT:
                new = session.ask(OUT - len(waiting))
                waiting += new
                if new:
                    continue
            if waiting:
                trial = waiting.pop(0)
                true = space.time(trial.config)
                seen = true * math.exp(draw.gauss(0, NOISE))
                session.tell(trial, time_ms=seen)
                best = sorted(best + [(seen, true, json.dumps(
                    trial.config, sort_keys=True))])[:FINALISTS]
    again = min((true * math.exp(draw.gauss(0, NOISE / 3)), true, config)
                for _, true, config in best)
    return again[1:]


def main():
    orders = [(number, seed) for number in range(1, SPACES + 1)
              for seed in range(1, SEEDS + 1)]
    workers = int(os.environ.get("PROCESSES", os.cpu_count()))
    with concurrent.futures.ProcessPoolExecutor(workers) as pool:
        ends = list(pool.map(search, orders))
    worst = 0
    print("strategy %s, %d evaluations, %d searches of each space" % (
        STRATEGY, EVALUATIONS, SEEDS))
    for number in range(1, SPACES + 1):
        mine = [end for order, end in zip(orders, ends) if order[0] == number]
        least = min(mine)[0]
        behind = [time / least - 1 for time, _ in mine]
        worst = max(worst, *behind)
        print("space %d: %d winners, best %.4f ms; behind it: mean %.2f %%, "
              "worst %.2f %%, %d of %d more than 1 %%" % (
                  number, len({config for _, config in mine}), least,
                  100 * sum(behind) / len(behind), 100 * max(behind),
                  sum(b > 0.01 for b in behind), len(behind)))
    return worst > 0.01


if __name__ == "__main__":
    sys.exit(main())
