#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Kernel Tuner's own strategies on recordings, counted as `compare` counts.

Prints one JSON row a recording and strategy with the mean of optimum / best
after 25, 85 and 200 evaluations. Failures count as evaluations, repeats of a
configuration do not (that is Kernel Tuner's rule, and ours never repeat), and
the first evaluation is the default configuration that `compare` starts with.
"""
import argparse
import copy
import gzip
import json
import multiprocessing
import os
import random
import sys
import tempfile
import warnings

CHECKPOINTS = (25, 85, 200)


def load(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt") as file:
        return json.load(file)


def usable(entry):
    time = entry.get("time")
    return "__error__" not in entry and isinstance(time, (int, float)) \
        and 0 < time < 1e20


def default_of(cache):
    """The usable configuration nearest to every parameter's first value."""
    values = cache["tune_params"]
    place = {k: {v: i for i, v in enumerate(values[k])} for k in values}
    best = min((e for e in cache["cache"].values() if usable(e)),
               key=lambda e: sum(place[k][e[k]] for k in values))
    return best["time"]


def course(cache, path, strategy, seed, evaluations):
    """Best so far after each evaluation."""
    import numpy
    from kernel_tuner import util
    from kernel_tuner.interface import tune_cache
    from kernel_tuner.runners.simulation import SimulationRunner
    random.seed(seed)
    numpy.random.seed(seed)
    seen = []
    original = SimulationRunner.run

    def run(self, space, options):
        before = set(self.visited_results)
        results = original(self, space, options)
        for element, result in zip(space, results):
            key = ",".join(str(i) for i in element)
            if result is not None and key not in before and \
                    key in cache["cache"]:
                before.add(key)
                seen.append(cache["cache"][key])
        return results

    SimulationRunner.run = run
    try:
        tune_cache(path, strategy=strategy, quiet=True,
                   strategy_options={"max_fevals": evaluations - 1})
    except (util.StopCriterionReached, ValueError) as error:
        if not seen:
            raise RuntimeError("%s: %s" % (strategy, error))
    finally:
        SimulationRunner.run = original
    best = default_of(cache)
    line = [best]
    for entry in seen[:evaluations - 1]:
        if usable(entry):
            best = min(best, entry["time"])
        line.append(best)
    return line


def remember(module, name):
    """Reading a recording and building its space is the same for all seeds,
    and takes far longer than a search. Every seed gets a copy: strategies
    leave traces in a space that would help the next one."""
    original, kept = getattr(module, name), {}

    def once(*arguments, **options):
        if "answer" not in kept:
            kept["answer"] = original(*arguments, **options)
        return copy.deepcopy(kept["answer"])

    setattr(module, name, once)


def work(job):
    from kernel_tuner import interface, util
    path, strategy, seeds, evaluations = job
    warnings.simplefilter("ignore")
    remember(util, "read_cache")
    remember(util, "infer_restrictions_from_cache")
    remember(interface, "Searchspace")
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, 1)
    cache = load(path)
    for entry in cache["cache"].values():
        entry.setdefault("verification_time", 0)
    cache.setdefault("objective", "time")
    if not cache["device_name"]:
        cache["device_name"] = "unnamed"
    optimum = min(e["time"] for e in cache["cache"].values() if usable(e))
    name = os.path.basename(path).split(".json")[0]
    row = {"type": "compare", "task": name, "strategy": "kt:" + strategy}
    with tempfile.TemporaryDirectory() as folder:
        plain = os.path.join(folder, name + ".json")
        with open(plain, "w") as file:
            # Kernel Tuner wants the entries last and knows a closed cache
            # by its last three bytes.
            cache["cache"] = cache.pop("cache")
            file.write(json.dumps(cache)[:-2] + "}\n}")
        fractions = {k: [] for k in CHECKPOINTS}
        try:
            for seed in range(1, seeds + 1):
                line = course(cache, plain, strategy, seed, evaluations)
                for k in CHECKPOINTS:
                    if k <= evaluations:
                        fractions[k].append(
                            optimum / line[min(k, len(line)) - 1])
        except Exception as error:
            row["error"] = str(error)[:200]
            return row
    for k, values in fractions.items():
        row["at_%d" % k] = sum(values) / len(values) if values else None
    row["runs"] = seeds
    return row


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("recordings", nargs="+")
    parser.add_argument("--strategies", required=True)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--max-evaluations", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    try:
        import kernel_tuner  # noqa: F401
    except ImportError:
        print("kernel_tuner is not installed", file=sys.stderr)
        return 1
    jobs = [(path, strategy, options.seeds, options.max_evaluations)
            for path in options.recordings
            for strategy in options.strategies.split(",")]
    with multiprocessing.Pool(options.jobs, maxtasksperchild=1) as pool:
        for row in pool.imap(work, jobs):
            print(json.dumps(row), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
