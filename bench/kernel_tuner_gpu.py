#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Wall time of the same 85 configurations of the convolution or gemm example,
here and with Kernel Tuner's CuPy backend.

usage: kernel_tuner_gpu.py PROGRAM [--example NAME] [--output FOLDER]

PROGRAM is `warpwright`; kernel_tuner and cupy must be importable, else this says
so and ends with code 77. Both get the same source, problem, filter constant and
list of configurations, seven timed launches each and no early end; both verify
nothing, because Kernel Tuner ends at the first wrong result. Cold caches of
compiled code on both sides."""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
EXAMPLES = os.path.join(SOURCE, "examples", "cuda")
COUNT = 85
WIDTH, HEIGHT, FILTER = 4096, 4096, 17
SIZE = 4096  # of the product's matrices


def ours(program, task, place):
    begun = time.monotonic()
    done = subprocess.run(
        [program, "tune", task, "--json", "--strategy", "random", "--seed",
         "7", "--max-evaluations", str(COUNT), "--no-cache", "--store",
         place + "/store.db", "--set", "search.patience=0", "--set",
         "measure.finalists=0", "--set", "measure.verify=false", "--set",
         "measure.min_samples=7", "--set", "measure.max_samples=7", "--set",
         "measure.abandon_factor=1000"], text=True, stdout=subprocess.PIPE,
        check=True)
    seconds = time.monotonic() - begun
    trials = [json.loads(line) for line in done.stdout.splitlines()]
    return seconds, [t for t in trials if t["type"] == "trial"]


def convolution():
    """What tune_kernel() is called with, apart from the parameters."""
    import numpy
    picture = numpy.random.rand((WIDTH + FILTER - 1) *
                                (HEIGHT + FILTER - 1)).astype("float32")
    weights = numpy.random.rand(FILTER * FILTER).astype("float32")
    out = numpy.zeros(WIDTH * HEIGHT, "float32")
    return ((WIDTH, HEIGHT), [out, picture],
            {"WIDTH": WIDTH, "HEIGHT": HEIGHT, "FILTER": FILTER},
            {"cmem_args": {"filter": weights},
             "block_size_names": ["BLOCK_X", "BLOCK_Y"],
             "grid_div_x": ["BLOCK_X", "TILE_X"],
             "grid_div_y": ["BLOCK_Y", "TILE_Y"]})


def gemm():
    import numpy
    matrices = [numpy.random.rand(SIZE * SIZE).astype("float32")
                for _ in range(3)]

    def grid(config):
        return ((SIZE // config["BLOCK_M"]) * (SIZE // config["BLOCK_N"]),
                config["SPLIT_K"])

    return (grid, matrices, {"M": SIZE, "N": SIZE, "K": SIZE},
            {"grid_div_x": [], "grid_div_y": []})


def complete(name, config):
    """With the threads of a block where no parameter holds them."""
    if name == "gemm":
        threads = (config["BLOCK_M"] // config["THREAD_M"]) * (
            config["BLOCK_N"] // config["THREAD_N"])
        return {**config, "block_size_x": threads}
    return config


def theirs(name, configs):
    import cupy
    import kernel_tuner
    with open("%s/%s/%s.cu" % (EXAMPLES, name, name)) as file:
        source = file.read()
    defaults = {}
    for config in configs:
        for key, value in config.items():
            defaults.setdefault(key, value)
    # A parameter that a configuration does not have changes nothing in it.
    configs = [{**defaults, **c} for c in configs]
    cupy.cuda.Device(0).use()
    number = [complete(name, {k: int(v) for k, v in c.items()})
              for c in configs]
    names = list(number[0])
    values = {n: sorted({c[n] for c in number}) for n in names}
    wanted = {tuple(c[n] for n in names) for c in number}
    rule = " or ".join("(%s)" % " and ".join(
        "%s == %d" % pair for pair in zip(names, one)) for one in wanted)
    size, arguments, constants, more = {"convolution": convolution,
                                        "gemm": gemm}[name]()
    begun = time.monotonic()
    results, _ = kernel_tuner.tune_kernel(
        name, source, size, arguments,
        {**values, **{k: [v] for k, v in constants.items()}}, lang="CUPY",
        iterations=7, quiet=True, restrictions=[rule],
        compiler_options=["-std=c++17"], **more)
    return time.monotonic() - begun, results


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("program")
    parser.add_argument("--example", default="convolution",
                        choices=["convolution", "gemm"])
    parser.add_argument("--output", default=".")
    arguments = parser.parse_args()
    try:
        import cupy  # noqa: F401
        import kernel_tuner
    except ImportError as error:
        print("not compared:", error)
        return 77
    with tempfile.TemporaryDirectory() as place:
        seconds, trials = ours(arguments.program, "%s/%s/task.json" % (
            EXAMPLES, arguments.example), place)
    good = [t for t in trials if t["status"] == "ok"]
    lines = ["warpwright, %s: %.1f s, %d of %d ok, best %.4f ms" % (
        arguments.example, seconds, len(good), len(trials),
        min(t["time_ms"] for t in good)),
        "  compiling %.1f s in all, the longest %.1f s; measuring %.1f s" % (
            sum(t.get("compile_ms") or 0 for t in trials) / 1e3,
            max(t.get("compile_ms") or 0 for t in trials) / 1e3,
            sum(t.get("measure_ms") or 0 for t in trials) / 1e3)]
    other, results = theirs(arguments.example,
                            [t["config"] for t in trials])
    usable = [r["time"] for r in results
              if isinstance(r["time"], (int, float)) and r["time"] < 1e20]
    lines.append("kernel_tuner %s: %.1f s, %d of %d ok, best %.4f ms" % (
        getattr(kernel_tuner, "__version__", "?"), other, len(usable),
        len(results), min(usable, default=float("nan"))))
    lines.append("  compiling %.1f s, measuring %.1f s" % tuple(
        sum(r.get(key) or 0 for r in results) / 1e3
        for key in ("compile_time", "benchmark_time")))
    lines.append("times less wall time: %.1f" % (other / seconds))
    print("\n".join(lines))
    with open(os.path.join(arguments.output, "kernel_tuner_gpu_%s.txt"
                           % arguments.example), "w") as out:
        out.write("\n".join(lines) + "\n")
    return 0


sys.exit(main())
