#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How long the compile stage of 85 configurations takes with one and with two
compile workers, through the real engine.

usage: compile_stage.py [BUILD_FOLDER]   (default: the working folder)

It needs two cores that nobody else uses; on a shared machine, run it at a high
priority (nice -n -20), which compilers inherit.

The task is examples/matmul-cpu on small matrices, each configuration measured
by a single sample, so that nearly all of the time is compiling. All 85 are
proposed in one round by strategy random with a fixed seed: both settings
compile the same configurations, from scratch. The stage is timed from the
session's first line to the line of its last trial; runs alternate, and the
median of each setting counts. Ends with code 1 if two workers need more than
0.6 of the time of one."""
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

CONFIGURATIONS = 85
RUNS = 3
LIMIT = 0.6
SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else ".")


def small_task(place):
    folder = os.path.join(SOURCE, "examples", "matmul-cpu")
    for name in ("matmul.c", "reference.c"):
        shutil.copy(os.path.join(folder, name), place)
    with open(os.path.join(folder, "task.json")) as file:
        task = json.loads(re.sub(r"(?m)^\s*//.*$", "", file.read()))
    task["problem"] = {"M": 128, "N": 128, "K": 128}
    path = os.path.join(place, "task.json")
    with open(path, "w") as file:
        json.dump(task, file)
    return path


def settings(workers):
    pairs = {"parallel.compile_workers": workers,
             "parallel.artifact_cache": "false",
             "search.initial_batch_size": CONFIGURATIONS,
             "search.max_rounds": 1, "search.seed": 7,
             "measure.min_samples": 1, "measure.max_samples": 1,
             "measure.verify": "false", "measure.cold": "false",
             "measure.finalists": 1, "measure.finalist_seconds": 0.01}
    for key, value in pairs.items():
        yield "--set"
        yield "%s=%s" % (key, value)


def run(task, place, workers):
    """Seconds of the stage, and the compilers' own seconds in it."""
    start = end = None
    compiling = trials = failed = 0
    process = subprocess.Popen(
        [os.path.join(BUILD, "warpwright"), "tune", task, "--json",
         "--strategy", "random", "--max-evaluations", str(CONFIGURATIONS),
         "--store", os.path.join(place, "store-%d.db" % time.time_ns()),
         "--output", os.path.join(place, "out")] + list(settings(workers)),
        stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        row = json.loads(line)
        if row["type"] == "session":
            start = time.monotonic()
        elif row["type"] == "trial":
            end = time.monotonic()
            trials += 1
            failed += row["status"] != "ok"
            compiling += (row["compile_ms"] or 0) / 1000
    if process.wait() != 0 or trials != CONFIGURATIONS or failed:
        sys.exit("%d trials, %d of them failed, code %d"
                 % (trials, failed, process.returncode))
    return end - start, compiling


def main():
    place = tempfile.mkdtemp(prefix="ww-compile-stage-")
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        os.environ[name] = place
    os.environ["WARPWRIGHT_PLUGIN_PATH"] = os.path.join(BUILD, ".libs")
    os.environ["WARPWRIGHT_DATA"] = os.path.join(SOURCE, "share")
    stages = {1: [], 2: []}
    try:
        task = small_task(place)
        print("compile stage of %d configurations, %d cores"
              % (CONFIGURATIONS, len(os.sched_getaffinity(0))))
        print("load of the last minute at the start: %.1f, niceness %d"
              % (os.getloadavg()[0], os.nice(0)), flush=True)
        for _ in range(RUNS):
            for workers in stages:
                stage, compiling = run(task, place, workers)
                stages[workers].append(stage)
                print("%d compile worker%s  %6.2f s  (%.0f ms a compilation)"
                      % (workers, "s" if workers > 1 else " ", stage,
                         compiling * 1000 / CONFIGURATIONS), flush=True)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    one, two = (statistics.median(stages[n]) for n in (1, 2))
    print("median %.2f s against %.2f s: ratio %.2f, wanted at most %.2f"
          % (two, one, two / one, LIMIT))
    return 0 if two / one <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
