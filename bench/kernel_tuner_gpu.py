#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Wall time of the same 85 configurations of the convolution or gemm example,
here and with Kernel Tuner's CuPy backend.

usage: kernel_tuner_gpu.py PROGRAM [--example NAME] [--unrolled]
           [--processors N,...] [--output FOLDER]

PROGRAM is `warpwright`; kernel_tuner and cupy must be importable, else this says
so and ends with code 77. Both get the same source, problem, filter constant and
list of configurations, seven timed launches each and no early end; both verify
nothing, because Kernel Tuner ends at the first wrong result. Cold caches of
compiled code on both sides. Ours runs once for each number of processors (all of
them if none is named), and before that as a tuning, which verifies and does more
or less for a configuration as it deserves.
--unrolled has both loops of the convolution unrolled whole, as the field's
benchmark of that name has them."""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
EXAMPLES = os.path.join(SOURCE, "examples", "cuda")
COUNT = 85
WIDTH, HEIGHT, FILTER = 4096, 4096, 17
SIZE = 4096  # of the product's matrices


def cold(place):
    """An environment in which the compiler finds nothing it kept."""
    return dict(os.environ,
                CUDA_CACHE_PATH=tempfile.mkdtemp(dir=place),
                CUPY_CACHE_DIR=tempfile.mkdtemp(dir=place))


def timed(place, processors, command, task, *options, **settings):
    """Seconds and trials of a command that has nothing kept from before."""
    mine = sorted(os.sched_getaffinity(0))[:processors]
    more = [word for name, value in settings.items()
            for word in ("--set", "%s=%s" % (name.replace("_", ".", 1),
                                             value))]
    begun = time.monotonic()
    done = subprocess.run(
        [*command, task, *options, "--json", "--store",
         tempfile.mkdtemp(dir=place) + "/store.db", "--device", "0", "--set",
         "parallel.artifact_cache=false", "--set", "measure.finalists=0",
         *more], text=True, stdout=subprocess.PIPE, check=True,
        env=cold(place), preexec_fn=lambda: os.sched_setaffinity(0, mine))
    seconds = time.monotonic() - begun
    trials = [json.loads(line) for line in done.stdout.splitlines()]
    return seconds, [t for t in trials if t["type"] == "trial"]


def tuned(program, task, place, processors):
    """The default and 84 at random, as a user has them tuned: verified, sampled
    until precise, given up where hopeless, compiled as they are drawn."""
    return timed(place, processors, [program, "tune"], task, "--strategy",
                 "random", "--seed", "7", "--max-evaluations", str(COUNT),
                 search_patience=0)


def listed(program, task, configs, place, processors):
    """The same as a list, with the other's effort: seven launches each."""
    path = os.path.join(place, "configs.json")
    with open(path, "w") as out:
        json.dump(configs, out)
    return timed(place, processors, [program, "bench"], task, path,
                 measure_verify="false", measure_min_samples=7,
                 measure_max_samples=7)


def our_words(title, seconds, trials):
    good = [t for t in trials if t["status"] == "ok"]
    return ["warpwright, %s: %.1f s, %d of %d ok, best %.4f ms" % (
        title, seconds, len(good), len(trials),
        min(t["time_ms"] for t in good)),
        "  compiling %.1f s in all, the longest %.1f s; measuring %.1f s" % (
            sum(t.get("compile_ms") or 0 for t in trials) / 1e3,
            max(t.get("compile_ms") or 0 for t in trials) / 1e3,
            sum(t.get("measure_ms") or 0 for t in trials) / 1e3)]


def unrolled(place):
    """The task of the convolution with its two loops unrolled whole."""
    folder = os.path.join(place, "convolution")
    shutil.copytree(os.path.join(EXAMPLES, "convolution"), folder)
    path = os.path.join(folder, "task.json")
    with open(path) as file:
        text = file.read()
    for name, values in (("UNROLL_X", "[1, 2, 4, 8, 17]"),
                         ("UNROLL_Y", "[1, 2, 4, 17]")):
        start = text.index('"name": "%s"' % name)
        line = text[start:text.index("\n", start)]
        changed = line.replace(values, "[17]").replace(
            '"default": 1,', '"default": 17,')
        assert changed != line
        text = text.replace(line, changed)
    assert "<= 2048" in text
    with open(path, "w") as file:
        file.write(text.replace("TILE_X * TILE_Y <= 2048",
                                "TILE_X * TILE_Y <= 17 * 17 * 4"))
    return path


def convolution(configs):
    """What tune_kernel() is called with, apart from the parameters."""
    import numpy
    picture = numpy.random.rand((WIDTH + FILTER - 1) *
                                (HEIGHT + FILTER - 1)).astype("float32")
    weights = numpy.random.rand(FILTER * FILTER).astype("float32")
    out = numpy.zeros(WIDTH * HEIGHT, "float32")

    def grid(p):
        config = configs[p["CHOICE"]]
        return (WIDTH // (config["BLOCK_X"] * config["TILE_X"]),
                HEIGHT // (config["BLOCK_Y"] * config["TILE_Y"]))

    return (grid, [out, picture],
            {"WIDTH": WIDTH, "HEIGHT": HEIGHT, "FILTER": FILTER},
            {"cmem_args": {"filter": weights},
             "block_size_names": ["BLOCK_X", "BLOCK_Y"],
             "grid_div_x": [], "grid_div_y": []})


def gemm(configs):
    import numpy
    matrices = [numpy.random.rand(SIZE * SIZE).astype("float32")
                for _ in range(3)]

    def grid(p):
        config = configs[p["CHOICE"]]
        return ((SIZE // config["BLOCK_M"]) * (SIZE // config["BLOCK_N"]),
                config["SPLIT_K"])

    return (grid, matrices, {"M": SIZE, "N": SIZE, "K": SIZE},
            {"grid_div_x": [], "grid_div_y": []})


def threads(name, config):
    """Sides of the block; Kernel Tuner takes them from parameters."""
    if name == "gemm":
        return {"block_size_x": (config["BLOCK_M"] // config["THREAD_M"]) *
                (config["BLOCK_N"] // config["THREAD_N"])}
    return {"BLOCK_X": config["BLOCK_X"], "BLOCK_Y": config["BLOCK_Y"]}


def choices(configs):
    """One parameter that numbers the configurations, and what it means: a list
    of 85 as a restriction on 13 parameters would cost Kernel Tuner minutes."""
    lines = []
    for i, config in enumerate(configs):
        lines.append("#%s CHOICE == %d" % ("elif" if i else "if", i))
        lines += ["#define %s %d" % pair for pair in config.items()]
    return "\n".join(lines + ["#endif", ""])


def theirs(name, configs):
    import cupy
    import kernel_tuner
    with open("%s/%s/%s.cu" % (EXAMPLES, name, name)) as file:
        source = file.read()
    cupy.cuda.Device(0).use()
    defaults = {}
    for config in reversed(configs):
        defaults.update(config)
    # A parameter that a configuration does not have changes nothing in it.
    configs = [{k: int(v) for k, v in {**defaults, **c}.items()}
               for c in configs]
    blocks = [threads(name, c) for c in configs]
    hidden = [{k: v for k, v in c.items() if k not in b}
              for c, b in zip(configs, blocks)]
    size, arguments, constants, more = {"convolution": convolution,
                                        "gemm": gemm}[name](configs)
    sides = {n: sorted({b[n] for b in blocks}) for n in blocks[0]}
    rule = " or ".join("(CHOICE == %d and %s)" % (i, " and ".join(
        "%s == %d" % side for side in block.items()))
        for i, block in enumerate(blocks))
    begun = time.monotonic()
    results, _ = kernel_tuner.tune_kernel(
        name, choices(hidden) + source, size, arguments,
        {"CHOICE": list(range(len(configs))), **sides,
         **{k: [v] for k, v in constants.items()}}, lang="CUPY",
        iterations=7, quiet=True, compiler_options=["-std=c++17"],
        restrictions=[rule], **more)
    return time.monotonic() - begun, results


def counts(text):
    return [int(n) for n in text.split(",")] if text else [
        len(os.sched_getaffinity(0))]


def compare(arguments, place, say):
    name = arguments.example
    task = unrolled(place) if arguments.unrolled else (
        "%s/%s/task.json" % (EXAMPLES, name))
    numbers = counts(arguments.processors)
    seconds, trials = tuned(arguments.program, task, place, numbers[-1])
    say(*our_words("%d processors, tuning" % numbers[-1], seconds, trials))
    configs = [t["config"] for t in trials]
    walls = {}
    for n in numbers:
        walls[n], trials = listed(arguments.program, task, configs, place, n)
        say(*our_words("%d processors" % n, walls[n], trials))
    os.environ.update(cold(place))
    other, results = theirs(name, configs)
    usable = [r["time"] for r in results
              if isinstance(r["time"], (int, float)) and r["time"] < 1e20]
    say("kernel_tuner: %.1f s, %d of %d ok, best %.4f ms" % (
        other, len(usable), len(results), min(usable, default=float("nan"))),
        "  compiling %.1f s, measuring %.1f s" % tuple(
            sum(r.get(key) or 0 for r in results) / 1e3
            for key in ("compile_time", "benchmark_time")))
    say("times less wall time: " + ", ".join(
        "%.1f with %d processors" % (other / wall, n)
        for n, wall in walls.items()))


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("program")
    parser.add_argument("--example", default="convolution",
                        choices=["convolution", "gemm"])
    parser.add_argument("--unrolled", action="store_true")
    parser.add_argument("--processors", default="")
    parser.add_argument("--output", default=".")
    arguments = parser.parse_args()
    try:
        import cupy  # noqa: F401
        import kernel_tuner
    except ImportError as error:
        print("not compared:", error)
        return 77
    title = arguments.example + ("-unrolled" if arguments.unrolled else "")
    path = os.path.join(arguments.output, "kernel_tuner_gpu_%s.txt" % title)

    def say(*lines):
        # At once, so that a run that is ended leaves what it has.
        print("\n".join(lines), flush=True)
        with open(path, "a") as out:
            out.write("\n".join(lines) + "\n")

    say("%s; Kernel Tuner %s" % (title, getattr(kernel_tuner, "__version__",
                                                "?")))
    with tempfile.TemporaryDirectory() as place:
        compare(arguments, place, say)
    return 0


sys.exit(main())
