#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How long the compile stage of 85 configurations takes with one and with two
compile workers, through the real engine.

usage: compile_stage.py [BUILD_FOLDER]   (default: the working folder)

Other work on the machine takes time from both settings, but more from two workers
than from one. So runs with one and with two workers alternate, the fastest run of
each setting counts (other work can only add), and the load average stands beside
each run. Where it says that the cores were not free, the ratio is marked as
disturbed and the exit code is 77 whatever it is.

A second measurement asks for the same with a compiler that mostly waits (a wrapper
that sleeps before it compiles without optimisation): waiting needs no core, so that
one says whether the engine keeps two workers busy, even on a busy machine.

The task is examples/matmul-cpu on small matrices, each configuration measured
by a single sample, so that nearly all of the time is compiling. All 85 are
proposed in one round by strategy random with a fixed seed: both settings
compile the same configurations, from scratch. The stage is timed from the
session's first line to the line of its last trial. Ends with code 1 if two workers
need more than 0.6 of the time of one."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

CONFIGURATIONS = 85
RUNS = 3
LIMIT = 0.6
WAIT = 0.4  # seconds that the waiting compiler sleeps
DISTURBED = 77
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


def waiting_compiler(place):
    path = os.path.join(place, "waiting-cc")
    with open(path, "w") as file:
        file.write("#!/bin/sh\nsleep %g\nexec cc \"$@\"\n" % WAIT)
    os.chmod(path, 0o755)
    return ["backend.cpu.compiler=" + json.dumps([path]),
            'backend.cpu.flags=["-O0"]']


def settings(workers, more):
    pairs = {"parallel.compile_workers": workers,
             "parallel.artifact_cache": "false",
             "search.initial_batch_size": CONFIGURATIONS,
             "search.max_rounds": 1, "search.seed": 7,
             "measure.min_samples": 1, "measure.max_samples": 1,
             "measure.verify": "false", "measure.cold": "false",
             "measure.finalists": 1, "measure.finalist_seconds": 0.01}
    for text in ["%s=%s" % pair for pair in pairs.items()] + more:
        yield "--set"
        yield text


def run(task, place, workers, more):
    """Seconds of the stage, and the compilers' own seconds in it."""
    start = end = None
    compiling = trials = failed = 0
    process = subprocess.Popen(
        [os.path.join(BUILD, "warpwright"), "tune", task, "--json",
         "--strategy", "random", "--max-evaluations", str(CONFIGURATIONS),
         "--store", os.path.join(place, "store-%d.db" % time.time_ns()),
         "--output", os.path.join(place, "out")] + list(settings(workers, more)),
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


def compare(task, place, title, runs, more):
    """Alternates the settings; the ratio of the fastest runs."""
    stages = {1: [], 2: []}
    print(title, flush=True)
    for _ in range(runs):
        for workers in stages:
            load = os.getloadavg()[0]
            stage, compiling = run(task, place, workers, more)
            stages[workers].append(stage)
            print("  %d compile worker%s  %6.2f s  (%.0f ms a compilation, "
                  "load before it %.1f)"
                  % (workers, "s" if workers > 1 else " ", stage,
                     compiling * 1000 / CONFIGURATIONS, load),
                  flush=True)
    one, two = min(stages[1]), min(stages[2])
    print("  fastest %.2f s against %.2f s: ratio %.2f, wanted at most %.2f"
          % (two, one, two / one, LIMIT), flush=True)
    return two / one


def main():
    place = tempfile.mkdtemp(prefix="ww-compile-stage-")
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        os.environ[name] = place
    os.environ["WARPWRIGHT_PLUGIN_PATH"] = os.path.join(BUILD, ".libs")
    os.environ["WARPWRIGHT_DATA"] = os.path.join(SOURCE, "share")
    cores = len(os.sched_getaffinity(0))
    load = os.getloadavg()[0]  # of others: nothing of ours runs yet
    try:
        task = small_task(place)
        print("compile stage of %d configurations, %d cores, niceness %d, "
              "load of others %.1f"
              % (CONFIGURATIONS, cores, os.nice(0), load))
        waiting = compare(task, place, "a compiler that mostly waits", 2,
                             waiting_compiler(place))
        real = compare(task, place, "the system's compiler", RUNS, [])
    finally:
        shutil.rmtree(place, ignore_errors=True)
    if load > cores / 4:
        print("DISTURBED: others kept %.1f processes running on %d cores; the "
              "second ratio is no valid result" % (load, cores))
        return DISTURBED
    return 0 if max(waiting, real) <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
