#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A session in which configurations end in every way, written for other programs:
T4 as its schema demands, with all six kinds of invalidity, a Kernel Tuner cache, a
table, and each of the first two replayed to the same outcomes."""
import csv
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from session_tools import PLACE, PROGRAM, check, finish

# A sanitizer writes its report before it lets a crashed worker end.
LIMIT = "3" if os.environ.get("WW_SANITIZER") else "0.6"
KERNEL = """
#if MODE == 1
#error "this one does not compile"
#endif
void copy(const float *x, float *y)
{
    volatile int mode = MODE;
    volatile int *nowhere = 0;

    if (mode == 2)
        *nowhere = 1;
    while (mode == 3)
        continue;
    for (int i = 0; i < 64; i++)
        y[i] = x[i] + (mode == 4);
}
"""
TASK = {
    "name": "ends",
    "kernel": {"language": "c", "source": "copy.c", "entry": "copy",
               "options": ["-O0"]},
    "problem": {"N": 64},
    "parameters": [
        {"name": "MODE", "type": "int", "range": [0, 5], "default": 0},
        {"name": "SCALE", "type": "float", "values": [0.5, 1e-7],
         "default": 0.5}],
    "constraints": ["SCALE > 0.1 or MODE == 0"],
    "launch": {"grid": ["1 - (MODE == 5)"], "block": ["1"]},
    "arguments": [
        {"name": "x", "type": "float32", "kind": "input", "size": "N",
         "fill": {"kind": "uniform", "seed": 1}},
        {"name": "y", "type": "float32", "kind": "output", "size": "N"}],
    "reference": {"configuration": "default"},
    "backend": "cpu",
}
STATUS = {0: "ok", 1: "compile_error", 2: "crash", 3: "run_timeout",
          4: "wrong_result", 5: "constraint"}
INVALIDITY = {"ok": "correct", "compile_error": "compile",
              "crash": "runtime", "run_timeout": "timeout",
              "wrong_result": "correctness", "constraint": "constraints"}


def run(*arguments):
    done = subprocess.run([PROGRAM, *arguments], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=120)
    return done.returncode, [json.loads(line) for line in
                             done.stdout.splitlines()], done.stderr


def tune(task):
    code, rows, text = run(
        "tune", PLACE + "/" + task, "--strategy", "exhaustive",
        "--max-evaluations", "100", "--json", "--set",
        "parallel.run_timeout=" + LIMIT, "--set", "measure.max_seconds=0.02",
        "--set", "search.warm_start=false", "--set", "measure.finalists=0")
    return {(r["config"]["MODE"], r["config"]["SCALE"]): r
            for r in rows if r["type"] == "trial"}, text


def export(name):
    path = PLACE + "/" + name + ".json"
    code, _, text = run("session", "export", "last", "--format", name,
                        "--output", path)
    check(code == 0, "export --format " + name, text)
    with open(path) as file:
        return file.read()


with open(PLACE + "/copy.c", "w") as out:
    out.write(KERNEL)
with open(PLACE + "/task.json", "w") as out:
    json.dump(TASK, out)
trials, text = tune("task.json")
check(len(trials) == 7 and all(STATUS[mode] == t["status"]
                               for (mode, _), t in trials.items()),
      "configurations end in six ways",
      {k: t["status"] for k, t in trials.items()}, text)

written = {name: export(name) for name in ("t4", "kernel-tuner", "csv",
                                           "json")}
t4 = json.loads(written["t4"])
by_key = {(r["configuration"]["MODE"], r["configuration"]["SCALE"]): r
          for r in t4["results"]}
check(by_key.keys() == trials.keys() and
      all(r["invalidity"] == INVALIDITY[trials[k]["status"]] and
          r["correctness"] == (r["invalidity"] == "correct")
          for k, r in by_key.items()),
      "T4 has all six kinds of invalidity", t4)


def fits(result):
    times = result["times"]
    numbers = [v for k, v in times.items() if k != "runtimes"]
    return (isinstance(result["timestamp"], str) and
            result["objectives"] == ["time"] and
            isinstance(times["runtimes"], list) and
            all(isinstance(v, (int, float)) for v in numbers +
                times["runtimes"]) and
            {"compilation", "compilation_time", "benchmark", "framework",
             "search_algorithm", "validation"} <= set(times) and
            all(isinstance(m["name"], str) and
                isinstance(m["value"], (int, float, str, list)) and
                isinstance(m["unit"], str) for m in result["measurements"]))


check(t4["schema_version"] == "1.0.0" and all(map(fits, t4["results"])),
      "every member has the type that the schema gives it", t4)
check(bool(by_key[0, 0.5]["times"]["runtimes"]) and
      [m for m in by_key[0, 0.5]["measurements"] if m["name"] == "time"][0][
          "value"] == trials[0, 0.5]["time_ms"],
      "samples and the time are in it", by_key[0, 0.5])
cache = json.loads(written["kernel-tuner"])
check(set(cache["cache"]) == {"%s,%s" % key for key in trials} and
      cache["problem_size"] == [64] and
      cache["tune_params_keys"] == ["MODE", "SCALE"],
      "keys are what Python prints, also of a small number", cache["cache"])
rows = list(csv.DictReader(written["csv"].splitlines()))
check([r["status"] for r in rows] ==
      [t["status"] for t in json.loads(written["json"])["trials"]] and
      len(rows) == 7 and float(rows[0]["time_ms"]) ==
      trials[0, 0.5]["time_ms"], "csv and json say the same", rows)
for name in ("t4", "kernel-tuner"):
    again, text = tune(name + ".json")
    check({k: (t["status"] if t["status"] != "crash" else "launch_failure",
               t["time_ms"]) for k, t in trials.items()} ==
          {k: (t["status"] if t["status"] != "crash" else "launch_failure",
               t["time_ms"]) for k, t in again.items()},
          name + " replays every outcome and time",
          {k: (t["status"], t["time_ms"]) for k, t in again.items()}, text)
code, rows, text = run("session", "show", "last", "--json")
check(rows and rows[0]["device_name"] == cache["device_name"] != "recorded",
      "a recording keeps the name of its device", rows[:1], text)
finish()
