#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What results of the same kernel on other devices are worth.

    warm_start.py RECORDING… > warm_start.txt

Recordings of one kernel, by what stands before the "-" in their names, are taken
one after the other: `compare` searches it with the others as --warm-start, and
without. Without recordings, synthetic_spaces.py's kernels are taken, each on
machines drawn from a seed of their own.

WARPWRIGHT  the program (warpwright)     STRATEGIES  comma-separated
SEEDS       runs of each (20)            MACHINES    of each invented kernel (3)
MACHINE_SEED what machines are drawn from (2026)
"""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.environ.get("WARPWRIGHT", "warpwright")
STRATEGIES = os.environ.get("STRATEGIES", "random,auto")
SEEDS = os.environ.get("SEEDS", "20")
MACHINES = os.environ.get("MACHINES", "3")
MACHINE_SEED = os.environ.get("MACHINE_SEED", "2026")
BUDGETS = ("at_25", "at_85", "at_200")


def kernel(path):
    return os.path.basename(path).split("-")[0]


def compare(path, sources):
    """{strategy: [mean at each budget]}"""
    warm = ["--warm-start", ",".join(sources)] if sources else []
    answer = subprocess.run(
        [PROGRAM, "compare", path, "--strategies", STRATEGIES, "--seeds",
         SEEDS, "--max-evaluations", "200", "--json"] + warm,
        check=True, stdout=subprocess.PIPE, text=True)
    rows = [json.loads(line) for line in answer.stdout.splitlines()]
    return {row["strategy"]: [row[key] for key in BUDGETS]
            for row in rows if row["type"] == "compare"}


def show(paths):
    rows = {}
    for path in paths:
        others = [other for other in paths
                  if other != path and kernel(other) == kernel(path)]
        if not others:
            continue
        name = os.path.basename(path).split(".")[0]
        for sources, label in (([], "none"), (others, str(len(others)))):
            for strategy, cells in compare(path, sources).items():
                kind = "warm" if sources else "cold"
                rows.setdefault((strategy, kind), []).append(cells)
                print("| %s | %s | %s | %s |" % (
                    name, strategy, label,
                    " | ".join("%.3f" % cell for cell in cells)), flush=True)
    for (strategy, kind), cells in sorted(rows.items()):
        print("| mean of %d | %s | %s | %s |" % (
            len(cells), strategy, kind, " | ".join(
                "%.3f" % (sum(column) / len(column))
                for column in zip(*cells))))
        print("| worst | %s | %s | %s |" % (
            strategy, kind, " | ".join("%.3f" % min(column)
                                       for column in zip(*cells))))


def main():
    print("%s seeds; optimum / best at 25, 85 and 200 evaluations\n" % SEEDS)
    print("| space | strategy | other devices | 25 | 85 | 200 |\n"
          "| --- | --- | --- | --- | --- | --- |", flush=True)
    if len(sys.argv) > 1:
        show(sys.argv[1:])
        return
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, os.path.join(HERE, "synthetic_spaces.py"),
             folder, "--machines", MACHINES, "--seed", MACHINE_SEED],
            check=True, stdout=subprocess.DEVNULL)
        show(sorted(os.path.join(folder, name)
                    for name in os.listdir(folder)))


if __name__ == "__main__":
    main()
