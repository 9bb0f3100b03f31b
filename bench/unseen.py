#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whether the choice of a strategy carries over to kernels it was not chosen on.

    unseen.py RECORDING… > unseen.txt

Makes synthetic_spaces.py's kernels on machines drawn from a seed of its own and
runs `compare` on them and on the recordings given. Then leaves out one family
of kernels after the other: the strategy that is best in the mean over the
others is looked at on the one left out, beside the best that could have been
chosen there. A strategy fitted to some families loses that comparison.

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
STRATEGIES = os.environ.get(
    "STRATEGIES", "random,pattern,genetic,anneal,greywolf,lfbo,auto")
SEEDS = os.environ.get("SEEDS", "20")
MACHINES = os.environ.get("MACHINES", "3")
MACHINE_SEED = os.environ.get("MACHINE_SEED", "2026")
BUDGETS = ("at_25", "at_85", "at_200")


def family(task):
    """Spaces of one kernel are one family, wherever they were measured."""
    return task.split("-")[0]


def compare(paths):
    answer = subprocess.run(
        [PROGRAM, "compare", *paths, "--strategies", STRATEGIES, "--seeds",
         SEEDS, "--max-evaluations", "200", "--json"],
        check=True, stdout=subprocess.PIPE, text=True)
    rows = [json.loads(line) for line in answer.stdout.splitlines()]
    return [row for row in rows if row["type"] == "compare"]


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def cells_of(rows):
    """{strategy: {family: [mean at each budget]}}"""
    found = {}
    for row in rows:
        found.setdefault(row["strategy"], {}).setdefault(
            family(row["task"]), []).append([row[key] for key in BUDGETS])
    return {strategy: {name: [mean(column) for column in zip(*lines)]
                       for name, lines in families.items()}
            for strategy, families in found.items()}


def show_table(title, cells):
    families = list(next(iter(cells.values())))
    print("\n%s: mean of optimum / best at 25, 85 and 200 evaluations,\n"
          "each family of kernels with the same weight; then each at 85\n"
          % title)
    print("| strategy | 25 | 85 | 200 | %s |" % " | ".join(families))
    print("| --- |" + " --- |" * (3 + len(families)))
    for strategy, of in cells.items():
        print("| %s | %s |" % (strategy, " | ".join(
            "%.3f" % value for value in
            [mean(of[name][k] for name in families) for k in range(3)] +
            [of[name][1] for name in families])))


def show_left_out(cells):
    families = list(next(iter(cells.values())))
    print("\none family left out, at 85\n")
    print("| left out | best on the others | there | best possible there |")
    print("| --- | --- | --- | --- |")
    lost = []
    for out in families:
        chosen = max(cells, key=lambda s: mean(
            cells[s][name][1] for name in families if name != out))
        best = max(cells, key=lambda s: cells[s][out][1])
        lost.append(cells[best][out][1] - cells[chosen][out][1])
        print("| %s | %s | %.3f | %.3f (%s) |" % (
            out, chosen, cells[chosen][out][1], cells[best][out][1], best))
    print("\nlost by choosing on the others: %.3f in the mean, %.3f at most"
          % (mean(lost), max(lost)))


def main():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, os.path.join(HERE, "synthetic_spaces.py"),
             folder, "--machines", MACHINES, "--seed", MACHINE_SEED],
            check=True, stdout=subprocess.DEVNULL)
        invented = compare(sorted(os.path.join(folder, name)
                                  for name in os.listdir(folder)))
    print("%s seeds; invented kernels on %s machines each, drawn from %s"
          % (SEEDS, MACHINES, MACHINE_SEED))
    show_table("invented kernels", cells_of(invented))
    recorded = compare(sys.argv[1:]) if len(sys.argv) > 1 else []
    if recorded:
        show_table("recordings", cells_of(recorded))
    show_left_out(cells_of(invented + recorded))


if __name__ == "__main__":
    main()
