#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the search makes of models that are worse than hoped, on recordings.

    bench/model.py BUILD RECORDING…

Scripted models propose through provider exec: a mediocre one (changes around the
best rows of its prompt, and random configurations), one that never leaves one
structural family, and one that goes round the worst rows. Each is a part of
strategy llm, which must not end below strategy auto alone: the mean difference of
optimum / best at 85 evaluations, over the recordings and paired by seed, may be
below zero by chance only. The program ends with code 1 where it is not. SEEDS (10)
is the number of runs; SETTINGS, words for --set, tries other shares."""
import json
import os
import random
import subprocess
import sys

build, recordings = os.path.abspath(sys.argv[1]), sys.argv[2:]
here = os.path.dirname(os.path.abspath(__file__))
seeds = int(os.environ.get("SEEDS", "10"))
extra = os.environ.get("SETTINGS", "").split()
ENV = dict(os.environ, WARPWRIGHT_PLUGIN_PATH=build + "/.libs",
           WARPWRIGHT_DATA=os.path.join(here, "../share"))


def run(strategy, seed, model=None):
    """optimum / best at 25 and 85 evaluations, by recording."""
    command = [build + "/warpwright", "compare"] + recordings + [
        "--strategies", strategy, "--seeds", "1", "--seed", str(seed),
        "--max-evaluations", "85", "--json"]
    if model:
        command += ["--provider", "exec", "--set", "provider.exec.command=" + json.dumps(
            ["python3", os.path.join(here, "../tests/tools/expert.py"),
             "%s:%d" % (model, seed)])]
        for setting in extra:
            command += ["--set", setting]
    done = subprocess.run(command, env=ENV, capture_output=True, text=True, check=True)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return {r["task"]: (r["at_25"], r["at_85"]) for r in rows if r["type"] == "compare"}


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def interval(pairs):
    """95 % of the mean difference, resampling seeds."""
    chance = random.Random(1)
    means = sorted(mean(chance.choice(pairs) for _ in pairs) for _ in range(4000))
    return means[100], means[3899]


def main():
    print("%d recordings, %d seeds%s" % (len(recordings), seeds,
                                         ", " + " ".join(extra) if extra else ""))
    print("%-22s %7s %7s %14s   %s" % ("", "at 25", "at 85", "worst at 85",
                                       "at 85 less auto [95 %]"))
    base = [run("auto", seed) for seed in range(1, seeds + 1)]
    failed = False
    for name, model in (("auto", None), ("llm, mediocre model", "good"),
                        ("llm, locked model", "lock"), ("llm, bad model", "worst")):
        runs = base if model is None else [run("llm", seed, model)
                                           for seed in range(1, seeds + 1)]
        by_task = {task: mean(r[task][1] for r in runs) for task in runs[0]}
        pairs = [mean(r[t][1] for t in r) - mean(b[t][1] for t in b)
                 for r, b in zip(runs, base)]
        low, high = interval(pairs)
        print("%-22s %7.3f %7.3f %14.3f   %s" % (
            name, mean(mean(r[t][0] for t in r) for r in runs),
            mean(by_task.values()), min(by_task.values()),
            "" if model is None else "%+.3f [%+.3f, %+.3f]" % (mean(pairs), low, high)),
            flush=True)
        failed = failed or (model is not None and high < 0)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
