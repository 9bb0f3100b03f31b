#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# `warpwright space`, compared with a brute force in Python.
import itertools
import json
import os
import subprocess
import tempfile

from tap import check, finish

PROGRAM = os.environ["WW_BUILD"] + "/warpwright"


def run(*arguments):
    return subprocess.run([PROGRAM, "space", *arguments], text=True,
                          capture_output=True, check=False)


TASK = {
    "name": "space", "backend": "command",
    "problem": {"LIMIT": 4096},
    "parameters": [
        {"name": "bx", "type": "power_of_two", "range": [1, 256], "default": 32},
        {"name": "tile", "type": "list", "dimensions": ["M", "N"],
         "items": {"type": "int", "values": [1, 2, 3, 4, 6, 8]},
         "default": [1, 1]},
        {"name": "unroll", "type": "int", "range": [1, 8]},
        {"name": "pipe", "type": "bool"},
        {"name": "order", "type": "enum", "values": ["ij", "ji"]},
    ],
    "constraints": [
        "32 <= bx * tile.M * tile[1] <= LIMIT // 4",
        {"rule": "tile.M % unroll == 0 or unroll == 1", "reason": "no rest"},
        "bx % ((tile.M * 8) / tile.N) == 0",
        "order == 'ij' if pipe else bx > 1",
    ],
}


def brute_force():
    found = set()
    sizes = [1, 2, 3, 4, 6, 8]
    for bx, m, n, unroll, pipe, order in itertools.product(
            [2 ** i for i in range(9)], sizes, sizes, range(1, 9),
            [False, True], ["ij", "ji"]):
        if not 32 <= bx * m * n <= 4096 // 4:
            continue
        if not (m % unroll == 0 or unroll == 1):
            continue
        if bx % ((m * 8) / n) != 0:
            continue
        if not (order == "ij" if pipe else bx > 1):
            continue
        found.add((bx, m, n, unroll, pipe, order))
    return found


def key(config):
    return (config["bx"], config["tile"][0], config["tile"][1],
            config["unroll"], config["pipe"], config["order"])


with tempfile.TemporaryDirectory() as folder:
    os.environ["HOME"] = folder
    path = os.path.join(folder, "task.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(TASK, file)
    valid = brute_force()
    good = {"bx": 32, "tile": [1, 1], "unroll": 1, "pipe": False, "order": "ij"}

    result = run(path, "--count", "--json")
    check(result.returncode == 0 and json.loads(result.stdout) ==
          {"cartesian": 9 * 36 * 8 * 4, "valid": len(valid), "exact": True},
          "count agrees with brute force", (result, len(valid)))

    result = run(path, "--sample", "3000", "--json")
    drawn = [key(json.loads(line)["config"])
             for line in result.stdout.splitlines()]
    check(len(drawn) == 3000 and set(drawn) <= valid,
          "samples are valid", result.stderr)
    check(run(path, "--sample", "50", "--seed", "5").stdout ==
          run(path, "--sample", "50", "--seed", "5").stdout !=
          run(path, "--sample", "50", "--seed", "6").stdout,
          "the seed decides the sample")

    result = run(path, "--check", json.dumps(good))
    check(result.returncode == 0 and result.stdout == "valid\n", "check: valid",
          result)
    result = run(path, "--check", json.dumps({**good, "bx": 16}))
    check(result.returncode == 3 and "that is 32 <= 16 <= 1024" in result.stdout,
          "check: the broken constraint", result)
    result = run(path, "--check", json.dumps({**good, "bx": 3}), "--json")
    check(result.returncode == 3 and json.loads(result.stdout) ==
          {"valid": False, "reason": "bx = 3 is not among its values"},
          "check: a value outside", result)
    result = run(path, "--check", "{bx}")
    check(result.returncode == 3 and "--check:1:2:" in result.stderr,
          "check: no JSON", result)

    result = run(path)
    check(result.returncode == 0 and "(no rest)" in result.stdout and
          str(len(valid)) in result.stdout, "summary", result)
    check(run().returncode == 2 and run(path, "--sample", "x").returncode == 2
          and run(path, "--count", "--check", "{}").returncode == 2,
          "wrong use is exit code 2")

    TASK["constraints"].append("bx > 1000")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(TASK, file, indent=1)
    result = run(path, "--count")
    check(result.returncode == 3 and "the space is empty" in result.stderr,
          "an empty space is an input error", result)
    check(run(path + "x").returncode == 3, "a missing file is an input error")

finish()
