#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tuning with a scripted model: five rounds, repair, and every way in which a
model can fail, all of which end with the best of the fallback and say so. The
space is a recording made here, so that a session takes less than a second."""
import json
import math
import os
import shutil
import subprocess
import tempfile

from tap import check, finish

BUILD = os.environ["WW_BUILD"]
SOURCE = os.environ["WW_SOURCE"]
WORK = tempfile.mkdtemp(prefix="ww-llm-")
ENV = dict(os.environ, HOME=WORK, XDG_DATA_HOME=WORK + "/data",
           XDG_CONFIG_HOME=WORK + "/config", XDG_CACHE_HOME=WORK + "/cache",
           # What one session finds is no help for the next here.
           WARPWRIGHT_SEARCH_WARM_START="false",
           WARPWRIGHT_DATA=SOURCE + "/share",
           WARPWRIGHT_PLUGIN_PATH=BUILD + "/.libs")
for key in list(ENV):
    if key.endswith("_API_KEY"):
        del ENV[key]
PARAMETERS = {
    "tile_m": [8, 16, 32, 64, 128, 256],
    "tile_n": [8, 16, 32, 64, 128, 256],
    "unroll": [1, 2, 4, 8],
    "vector": [1, 2, 4, 8],
    "pack": [0, 1],
}


def milliseconds(m, n, unroll, vector, pack):
    """A landscape whose best lies far from the default and needs pack."""
    time = 1 + 0.3 * abs(math.log2(m) - 6) + 0.3 * abs(math.log2(n) - 5)
    time += 0.15 * abs(math.log2(unroll) - 2)
    time += 0.12 * abs(math.log2(vector) - 3)
    return time * (0.6 if pack and m >= 32 else 1.0)


def write_recording(path):
    names = list(PARAMETERS)
    cache = {}

    def walk(values):
        if len(values) < len(names):
            for value in PARAMETERS[names[len(values)]]:
                walk(values + [value])
            return
        entry = dict(zip(names, values))
        if values[0] * values[1] > 16384:
            entry["time"] = "RuntimeFailedConfig"
        else:
            entry["time"] = milliseconds(*values)
            entry["times"] = [entry["time"]] * 7
        entry.update(compile_time=100.0, verification_time=0,
                     benchmark_time=5.0, strategy_time=0, framework_time=0)
        cache[",".join(str(v) for v in values)] = entry
    walk([])
    with open(path, "w", encoding="utf-8") as out:
        json.dump({"device_name": "none", "kernel_name": "made_up",
                   "problem_size": 1, "tune_params_keys": names,
                   "tune_params": PARAMETERS, "cache": cache}, out)


TASK = WORK + "/made_up.json"
OPTIMUM = min(milliseconds(m, n, u, v, p)
              for m in PARAMETERS["tile_m"] for n in PARAMETERS["tile_n"]
              for u in PARAMETERS["unroll"] for v in PARAMETERS["vector"]
              for p in PARAMETERS["pack"] if m * n <= 16384)


def warpwright(*arguments):
    return subprocess.run([BUILD + "/warpwright"] + list(arguments), env=ENV,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=120, check=False)


def tune(mode, *settings):
    """Runs a session with the expert in this mode; its lines by type. Without
    patience: what the space holds is found before the fifth round."""
    log = WORK + "/calls-" + mode
    command = json.dumps(["python3", SOURCE + "/tests/tools/expert.py", mode,
                          log])
    arguments = ["tune", TASK, "--json", "--set", "llm.provider=exec",
                 "--set", "search.patience=0",
                 "--set", "search.min_improvement=0",
                 "--set", "provider.exec.command=" + command]
    for setting in settings:
        arguments += ["--set", setting]
    done = warpwright(*arguments)
    lines = {}
    for line in done.stdout.decode().splitlines():
        value = json.loads(line)
        lines.setdefault(value["type"], []).append(value)
    result = lines.get("result", [{}])[-1]
    return done, lines, result


def same_trials(a, b):
    def strip(lines):
        return [(t["config"], t["time_ms"], t["source"], t["round"])
                for t in lines.get("trial", [])]
    return len(strip(a)) > 0 and strip(a) == strip(b)


def good_model():
    done, lines, result = tune("good")
    check(done.returncode == 0, "a good model: exit code 0", done.stderr)
    check(result.get("model_calls") == 5 and result.get("rounds") == 5,
          "five rounds, five calls", result)
    check(result.get("trials") == 85 and result.get("fallback") is None,
          "85 trials, no fallback", result)
    check((result.get("speedup") or 0) > 3, "much faster than the default",
          result)
    best = (result.get("best") or {}).get("time_ms", 1e9)
    check(best <= OPTIMUM * 1.15, "within 15 % of the optimum",
          "%g, optimum %g" % (best, OPTIMUM))
    configs = [json.dumps(t["config"]) for t in lines.get("trial", [])]
    check(len(configs) == len(set(configs)), "no configuration twice")
    families = {t.get("family") for t in lines.get("trial", [])}
    check({"exploit", "explore", "polish"} <= families,
          "exploit, explore and polish all took part", families)
    check("results were shown to me" in (result.get("analysis") or ""),
          "the model's analysis is in the result", result.get("analysis"))
    _, again, _ = tune("good")
    check(same_trials(lines, again), "the same session twice is the same")


def good_forms():
    _, plain, _ = tune("good")
    for mode in ("stream", "fence", "utf8"):
        done, lines, result = tune(mode)
        check(done.returncode == 0 and result.get("fallback") is None and
              same_trials(plain, lines), mode + ": as good as plain",
              done.stderr, result)


def repaired():
    for mode in ("prose-once", "empty-once"):
        done, _, result = tune(mode)
        check(done.returncode == 0 and result.get("fallback") is None and
              result.get("model_calls") == 6 and result.get("trials") == 85,
              mode + ": asked once more, nothing lost", done.stderr, result)


def partial():
    # Half of an answer of two would be none: every round asks for many.
    done, lines, result = tune("truncated", "strategy.llm.arbitrate=false")
    families = [t.get("family") for t in lines.get("trial", [])]
    check(done.returncode == 0 and result.get("fallback") is None and
          result.get("trials") == 85, "truncated: rounds are completed",
          done.stderr, result)
    check(families.count("exploit") + families.count("explore") > 12,
          "truncated: what was complete is used", families)


def locked():
    done, lines, result = tune("lock")
    packed = [t for t in lines.get("trial", [])[:32]
              if t["config"]["pack"] == 1]
    check(done.returncode == 0 and len(packed) >= 2,
          "lock: the other structural family is tried by the 32nd trial",
          done.stderr, len(packed))
    check((result.get("best") or {"config": {}})["config"].get("pack") == 1,
          "lock: and wins", result)


def failing():
    words = {"prose": "", "empty": "", "liar": "", "huge": "",
             "fail": "do not feel like it", "hang": ""}
    for mode, text in words.items():
        done, lines, result = tune(mode, "provider.exec.timeout=1",
                                   "http.attempts=1")
        fallback = result.get("fallback") or ""
        check(done.returncode == 0 and result.get("best") is not None,
              mode + ": ends with a best configuration", done.stderr, result)
        check(fallback != "" and text in fallback,
              mode + ": the result says that a fallback took over",
              fallback, done.stderr)
        check((result.get("speedup") or 0) > 2,
              mode + ": the fallback found something", result)
    done, _, result = tune("fail", "http.attempts=1",
                           "fallback.fallback_on_llm_failure=error")
    check(done.returncode == 8, "fallback = error: exit code 8",
          done.returncode, done.stderr)


def prompts():
    one = warpwright("prompt", TASK)
    two = warpwright("prompt", TASK)
    check(one.returncode == 0 and one.stdout == two.stdout,
          "prompt: the same bytes twice", one.stderr)
    check(b"tile_m" in one.stdout and b"Propose 20 " in one.stdout,
          "prompt: holds the space and the request", one.stdout)
    later = warpwright("prompt", TASK, "--round", "3")
    check(later.returncode == 0 and b"ALL RESULTS" in later.stdout and
          b"ROUND 3" in later.stdout, "prompt --round 3: with the history",
          later.stderr)
    check(one.stdout.split(b"ROUND")[0] == later.stdout.split(b"ROUND")[0],
          "prompt: the system part is the same in every round")
    bad = warpwright("prompt", TASK, "--round", "zero")
    check(bad.returncode == 2, "prompt --round zero: usage", bad.stderr)


def main():
    write_recording(TASK)
    for part in (good_model, good_forms, repaired, partial, locked, failing,
                 prompts):
        try:
            part()
        except Exception as fault:  # pylint: disable=broad-except
            check(False, part.__name__, repr(fault))
    finish()
    shutil.rmtree(WORK, ignore_errors=True)


main()
