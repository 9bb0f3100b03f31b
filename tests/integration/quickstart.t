#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./quickstart itself, in a tree that is built already: it tunes on the GPU where
there is one (a scripted one here), and on the processor where there is none or
where tuning on it fails."""
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from scripted_gpu import FAKE, scale_task, write_scale
from session_tools import PLACE, check, finish

BUILD = os.environ["WW_BUILD"]
SOURCE = os.environ["WW_SOURCE"]

# The scripted device computes one thing only: the example is put in its words.
TASK = scale_task("cuda", "scale.cu", {
    "name": "SLOWER", "type": "int", "range": [0, 3], "default": 3},
    name="softmax")


def make_tree():
    """What is there after the first two steps; they find nothing to do."""
    place = PLACE + "/tree"
    os.makedirs(place + "/build")
    os.mkdir(place + "/scripts")
    shutil.copy(SOURCE + "/quickstart", place)
    for name in ("examples/matmul-cpu", "share"):
        os.makedirs(os.path.dirname(place + "/" + name), exist_ok=True)
        os.symlink(os.path.join(SOURCE, name), place + "/" + name)
    write_scale(place + "/examples/cuda/softmax", TASK,
                "".join("// fake SLOWER=%d: add %d\n" % (i, i)
                        for i in range(1, 4)))
    for name in ("warpwright", ".libs"):
        os.symlink(os.path.join(BUILD, name), place + "/build/" + name)
    for name in ("scripts/dependencies", "configure"):
        with open(place + "/" + name, "w") as out:
            out.write("#!/bin/sh\nexit 0\n")
        os.chmod(place + "/" + name, 0o755)
    with open(place + "/build/Makefile", "w") as out:
        out.write("all:\n")
    return place


def quickstart(place, driver, compiler):
    # Small enough for a test; what is tuned, and on what, is the script's own.
    environment = {k: v for k, v in os.environ.items()
                   if not k.startswith(("MAKE", "MFLAGS", "WARPWRIGHT_"))}
    environment.update(
        WARPWRIGHT_SEARCH_STRATEGY="random",
        WARPWRIGHT_SEARCH_MAX_EVALUATIONS="3",
        WARPWRIGHT_MEASURE_MAX_SECONDS="0.05",
        WARPWRIGHT_MEASURE_FINALIST_SECONDS="0.1",
        WARPWRIGHT_BACKEND_CUDA_DRIVER=driver,
        WARPWRIGHT_BACKEND_CUDA_NVRTC=compiler)
    shutil.rmtree(place + "/build/quickstart", ignore_errors=True)
    done = subprocess.run(["./quickstart"], cwd=place, env=environment,
                          text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=500)
    try:
        with open(place + "/build/quickstart/best.json") as file:
            best = json.load(file)
    except OSError:
        best = {}
    return done, best


tree = make_tree()
done, best = quickstart(tree, FAKE, FAKE)
check(done.returncode == 0 and best.get("task") == "softmax" and
      best.get("device") == "Scripted GPU" and best.get("best"),
      "with a GPU: it is tuned on", best, done.stdout[-800:],
      done.stderr[-800:])
check("matmul" not in done.stdout + done.stderr and
      os.path.exists(tree + "/build/quickstart/best.h"),
      "with a GPU: and nothing else is done", done.stdout[-800:])
done, best = quickstart(tree, FAKE, "/nowhere/libnvrtc.so")
check(done.returncode == 0 and best.get("task") == "matmul-cpu" and
      best.get("best") and "the processor instead" in done.stderr,
      "with a GPU that no compiler serves: the processor", best,
      done.stdout[-800:], done.stderr[-800:])
done, best = quickstart(tree, "/nowhere/libcuda.so", FAKE)
check(done.returncode == 0 and best.get("task") == "matmul-cpu" and
      best.get("best") and "the processor instead" not in done.stderr and
      "on the GPU" not in done.stdout,
      "without a GPU: the processor at once", best, done.stdout[-800:],
      done.stderr[-800:])
finish()
