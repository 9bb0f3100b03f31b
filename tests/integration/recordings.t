#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Recordings through the program: made, replayed, continued, compared."""
import fcntl
import gzip
import itertools
import json
import os
import shutil
import subprocess
import tempfile

from tap import check, finish, skip

program = os.environ["WW_BUILD"] + "/warpwright"
folder = tempfile.mkdtemp()
for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
    os.environ[name] = folder
os.chdir(folder)


def run(*arguments):
    done = subprocess.run([program, *arguments], capture_output=True,
                          text=True, timeout=120)
    rows = []
    for line in done.stdout.splitlines():
        try:
            rows.append(json.loads(line))
        except ValueError:
            pass
    return done, rows


def cost(x, y, mode, fast):
    return 1 + (x - 6) ** 2 * 0.1 + (y - 3) ** 2 * 0.2 + (
        mode == "slow") * 2 + (not fast) * 0.5


def entries():
    for x, y, mode, fast in itertools.product(
            range(16), range(8), ("slow", "quick"), (True, False)):
        if x * y > 80:
            continue
        entry = {"x": x, "y": y, "mode": mode, "fast": fast,
                 "compile_time": 100.0 + x, "verification_time": 0,
                 "benchmark_time": 50.0, "strategy_time": 0,
                 "framework_time": 1}
        if (x + y) % 11 == 5:
            entry["time"] = "RuntimeFailedConfig"
        else:
            entry["time"] = cost(x, y, mode, fast)
            entry["times"] = [entry["time"] * f for f in (0.99, 1, 1.01)]
        yield "%d,%d,%s,%s" % (x, y, mode, fast), entry


cache = {"device_name": "Test Device", "kernel_name": "bowl",
         "problem_size": [64, 64],
         "tune_params_keys": ["x", "y", "mode", "fast"],
         "tune_params": {"x": list(range(16)), "y": list(range(8)),
                         "mode": ["slow", "quick"], "fast": [True, False]},
         "objective": "time", "cache": dict(entries())}
n = len(cache["cache"])
failing = sum("times" not in e for e in cache["cache"].values())
best = min(e["time"] for e in cache["cache"].values() if "times" in e)
with gzip.open("bowl.json.gz", "wt") as out:
    json.dump(cache, out)

# The space is exactly what was recorded.
done, rows = run("space", "bowl.json.gz", "--count", "--json")
check(rows and rows[0]["cartesian"] == 512 and rows[0]["valid"] == n,
      "the space of a recording", done.stderr + done.stdout)

# A simulated session.
done, rows = run("tune", "bowl.json.gz", "--strategy", "random",
                 "--max-evaluations", "100", "--json")
trials = [r for r in rows if r["type"] == "trial"]
result = rows[-1] if rows else {}
check(done.returncode == 0 and len(trials) == 100 and
      result.get("stop") == "max_evaluations", "tune on a recording",
      done.stderr + done.stdout[-2000:])
check(trials and all(
       (t["status"] == "ok" and abs(t["time_ms"] - cost(**t["config"])) < 1e-9)
       or (t["status"] == "launch_failure" and
           (t["config"]["x"] + t["config"]["y"]) % 11 == 5)
       for t in trials), "every trial is what was recorded", trials[:2])
good = [t for t in trials if t["status"] == "ok"]
# The mean of 0.99, 1 and 1.01, t of two degrees of freedom: 4.303 * 0.01 / sqrt 3.
check(good and all(abs(t["ci_high_ms"] / t["time_ms"] - 1.02484) < 1e-4 and
                   abs(t["ci_low_ms"] / t["time_ms"] - 0.97516) < 1e-4
                   for t in good), "an interval is that of the recorded mean",
      good[:1])
check(trials and trials[0]["source"] == "default",
      "the default configuration comes first")
check(all(abs(t["compile_ms"] - 100 - t["config"]["x"]) < 1e-6 and
          abs(t["measure_ms"] - 50) < 1e-6
          for t in trials if t["status"] == "ok"),
      "each costs what it cost")

# Exhaustion and the optimum.
done, rows = run("tune", "bowl.json.gz", "--strategy", "exhaustive",
                 "--max-evaluations", "100000", "--json")
result = rows[-1] if rows else {}
check(result.get("stop") == "exhausted" and result.get("trials") == n and
      abs(result["best"]["time_ms"] - best) < 1e-9 and
      result["failed"] == {"launch_failure": failing},
      "exhaustive finds the optimum and ends", done.stderr + str(result))

# Exports and their way back.
for name in ("t4", "kernel-tuner"):
    with open(name + ".json", "w") as out:
        subprocess.run([program, "session", "export", "last", "--format",
                        name], stdout=out)
    done, rows = run("tune", name + ".json", "--strategy", "exhaustive",
                     "--max-evaluations", "100000", "--json")
    again = rows[-1] if rows else {}
    check(again.get("trials") == n and again.get("failed") == result["failed"]
          and abs(again["best"]["time_ms"] - best) < 1e-9,
          "a session as %s replays alike" % name, done.stderr + str(again))
t4 = json.load(open("t4.json"))
check({r["invalidity"] for r in t4["results"]} == {"correct", "runtime"} and
      all({"configuration", "times", "invalidity", "correctness"} <= set(r)
          for r in t4["results"]), "T4 has what its schema requires")
kt = json.load(open("kernel-tuner.json"))
check(set(kt["cache"]) == set(cache["cache"]),
      "keys are spelled as Kernel Tuner spells them")
try:
    from kernel_tuner.interface import tune_cache
    found, _ = tune_cache("kernel-tuner.json", strategy="random_sample",
                          strategy_options={"max_fevals": 50}, quiet=True)
    check(len(found) == 50, "Kernel Tuner simulates our cache")
except ImportError:
    skip("Kernel Tuner simulates our cache", "kernel_tuner is not installed")

# A space of its own, and a recording that lacks a part of it.
t1 = {"ConfigurationSpace": {
          "TuningParameters": [
              {"Name": "x", "Type": "int", "Values": "list(range(16))"},
              {"Name": "y", "Type": "int", "Values": "[i for i in range(8)]"},
              {"Name": "mode", "Type": "string",
               "Values": "['slow', 'quick']"},
              {"Name": "fast", "Type": "bool", "Values": "[True, False]"}],
          "Conditions": [{"Expression": "x * y <= 80", "Parameters": ["x"]}]},
      "KernelSpecification": {"Language": "CUDA", "KernelName": "bowl",
                              "KernelFile": "nowhere.cu"}}
json.dump(t1, open("bowl-t1.json", "w"))
part = dict(cache, cache={k: v for k, v in cache["cache"].items()
                          if k != "5,3,quick,True"})
json.dump(part, open("part.json", "w"))
for name, code in (("bowl.json.gz", 0), ("part.json", 3)):
    done, rows = run("tune", "bowl-t1.json", "--strategy", "exhaustive",
                     "--max-evaluations", "100000", "--json", "--set",
                     "backend.recorded.file=" + folder + "/" + name)
    check(done.returncode == code and rows and
          rows[-1]["stop"] == ("error" if code else "exhausted") and
          (rows[-1]["trials"] == n or code), "a T1 space and " + name,
          done.stderr + str(rows[-1:]))
check('"x":5,"y":3,"mode":"quick","fast":true' in done.stderr and
      "part.json" in done.stderr and 0 < rows[-1]["trials"] < n and
      not [r for r in rows if r.get("status") in ("internal", "constraint")],
      "a configuration that is not recorded ends it with its name",
      done.stderr + str(rows[-1:]))
done, rows = run("tune", "bowl-t1.json", "--strategy", "random")
check(done.returncode == 3 and "cannot be run as it stands" in done.stderr,
      "without a recording it says why it cannot be run", done.stderr)

# record: whole, then stopped in the middle of an entry and continued.
done, rows = run("record", "bowl.json.gz", "--output", "made.json", "--json")
made = json.load(open("made.json"))
check(rows and rows[-1]["measured"] == n and rows[-1]["left"] == 0 and
      set(made["cache"]) == set(cache["cache"]), "record measures the space",
      done.stderr)
text = open("made.json").read()
with open("made.json", "w") as out:
    out.write(text[:len(text) // 2])
half = text[:len(text) // 2].count("\n\"")
done, rows = run("compare", "made.json", "--strategies", "random", "--seeds",
                 "2", "--json")
check(done.returncode == 0 and rows and done.stderr.count(
          "ends in the middle; it is read as far as it goes") == 1,
      "half a recording is read, with a warning", done.stderr)
done, rows = run("record", "bowl.json.gz", "--output", "made.json", "--json")
again = json.load(open("made.json"))
check(rows and 0 < rows[-1]["measured"] < n and rows[-1]["left"] == 0 and
      again["cache"].keys() == made["cache"].keys(),
      "record goes on where it was stopped", done.stderr)
done, rows = run("record", "bowl.json.gz", "--output", "made.json", "--json")
check(rows and rows[-1]["measured"] == 0, "nothing is measured twice",
      done.stderr)

# Two at once would each measure what the other has not written yet.
before = open("made.json").read()
with open("made.json", "a") as held:
    fcntl.flock(held, fcntl.LOCK_EX)
    done, rows = run("record", "bowl.json.gz", "--output", "made.json")
check(done.returncode == 3 and "another process is recording into made.json" in
      done.stderr and open("made.json").read() == before,
      "one writes into a recording at a time", done.stderr)

# Wherever a write can end, the whole space is there afterwards, each
# configuration once.
begin = text.rindex('\n"', 0, len(text) // 2)  # an entry, after "},"
after = text.index("}", begin) + 1               # its end
head = text.index('"cache": {') + 10
cuts = {"nothing yet": 0, "after the header": head,
        "in the first entry": head + 20,
        "after a comma": begin, "at the start of an entry": begin + 2,
        "in an entry": (begin + after) // 2,
        "before its last bracket": after - 1,
        "after an entry": after, "before the last brackets":
        len(text.rstrip()) - 4, "between them": len(text.rstrip()) - 1}
for where, at in cuts.items():
    with open("cut.json", "w") as out:
        out.write(text[:at])
    done, rows = run("record", "bowl.json.gz", "--output", "cut.json",
                     "--json")
    pairs = json.load(open("cut.json"), object_pairs_hook=lambda p: p)
    keys = [k for k, v in dict(pairs)["cache"]]
    check(done.returncode == 0 and len(keys) == n and
          set(keys) == set(cache["cache"]), "record goes on, stopped " + where,
          "%s %d of %d" % (done.stderr, len(set(keys)), n))
with gzip.open("packed.json.gz", "wt") as out:
    out.write(text[:after])
before = open("packed.json.gz", "rb").read()
done, rows = run("record", "bowl.json.gz", "--output", "packed.json.gz")
check(done.returncode == 3 and "gunzip" in done.stderr and
      open("packed.json.gz", "rb").read() == before,
      "a compressed recording is refused and left as it is", done.stderr)

# compare
done, rows = run("compare", "bowl.json.gz", "--strategies",
                 "random,genetic,exhaustive", "--seeds", "6",
                 "--max-evaluations", "120", "--json")
scores = [r for r in rows if r["type"] == "compare"]
cells = {r["strategy"]: r for r in rows if r["type"] == "compare"}
check(done.returncode == 0 and len(cells) == 3 and
      len([r for r in rows if r["type"] == "overall"]) == 3 and
      len([r for r in rows if r["type"] == "difference"]) == 3,
      "compare gives a row each, overall rows and differences",
      done.stderr + done.stdout)
check(cells and all(0 < c["at_25"] <= c["at_85"] <= 1 and c["at_200"] is None
                    and c["runs"] == 6 for c in cells.values()),
      "fractions grow with evaluations; what was not run is not told", cells)
check(cells and cells["genetic"]["at_85_low"] <= cells["genetic"]["at_85"] <=
      cells["genetic"]["at_85_high"], "values lie in their intervals")
check(cells and cells["exhaustive"]["at_85_low"] ==
      cells["exhaustive"]["at_85_high"],
      "a strategy without chance has no spread")
check(scores and all(s["score_low"] <= s["score"] <= s["score_high"] and
                     s["score_covered"] == 1 for s in scores) and
      abs(cells["random"]["score"]) < 0.3 and
      cells["random"]["score_low"] < cells["genetic"]["score"],
      "random search scores about nothing, and all of the time is covered",
      scores)
done, few = run("compare", "bowl.json.gz", "--strategies", "random",
                "--seeds", "2", "--max-evaluations", "10", "--json")
check(few and 0.1 < few[0]["score_covered"] < 0.9,
      "runs that are too short for the score say so", few)
done, again = run("compare", "bowl.json.gz", "--strategies",
                  "random,genetic,exhaustive", "--seeds", "6",
                  "--max-evaluations", "120", "--json", "--jobs", "1")
check(rows == again, "the same seeds give the same table on any machine")
done, hidden = run("compare", "bowl.json.gz", "--strategies", "random",
                   "--seeds", "6", "--max-evaluations", "120",
                   "--anonymise", "--json")
check(hidden and abs(hidden[0]["optimum_ms"] - best) < 1e-9 and
      abs(hidden[0]["at_85"] - cells["random"]["at_85"]) < 1e-12,
      "hidden names change nothing for a strategy that does not read them",
      done.stderr)
done, fast = run("compare", "bowl.json.gz", "--strategies", "random",
                 "--seeds", "4", "--max-evaluations", "120", "--workers",
                 "8", "--devices", "2", "--json")
slow = cells.get("random", {})
check(fast and fast[0]["seconds"] < slow["seconds"] / 3,
      "workers and devices shorten the simulated time",
      done.stderr + str(fast[:1]))

# Warm start: another device's recording, and earlier sessions of the store.
other = json.loads(gzip.open("bowl.json.gz").read())
other["device_name"] = "Another Device"
for entry in other["cache"].values():
    if isinstance(entry["time"], (int, float)):
        entry["time"] *= 3
with gzip.open("other.json.gz", "wt") as out:
    json.dump(other, out)
warm = ("compare", "bowl.json.gz", "--strategies", "random", "--seeds", "6",
        "--max-evaluations", "30", "--json", "--warm-start")
done, rows = run(*warm, "other.json.gz")
check(rows and rows[0]["at_25"] > 0.999,
      "what was best elsewhere is tried first", done.stderr + done.stdout)
done, rows = run(*warm, "bowl.json.gz")
check(rows and rows[0]["at_25"] == cells["random"]["at_25"],
      "a recording is no source for itself", done.stderr + done.stdout)


def sources(*arguments):
    done, rows = run("tune", "bowl.json.gz", "--json", "--strategy", "random",
                     "--max-evaluations", "40", *arguments)
    return [r["source"] for r in rows if r["type"] == "trial"]


sources()
second = sources("--seed", "2")
check(second[0] == "default" and 2 <= second.count("warm_start") <= 10 and
      second[1] == "warm_start" and len(second) == 40,
      "the best of earlier sessions comes right after the default", second)
off = sources("--seed", "2", "--set", "search.warm_start=false")
check(len(off) == 40 and "warm_start" not in off, "warm start can be off", off)

# The recordings that are shipped: whole, and a strategy finds its way in them.
shipped = os.path.join(os.environ["WW_SOURCE"], "examples", "recordings")
sizes = {"gemm-h100": 1392, "reduction-h200": 1800, "softmax-h200": 538,
         "stencil-h200": 932, "transpose-h200": 1324}
for name, size in sizes.items():
    done, rows = run("space", "%s/%s.json.gz" % (shipped, name), "--count",
                     "--json")
    check(rows and rows[0]["valid"] == size, "the recording of %s" % name,
          done.stderr + done.stdout)
check(sorted(os.listdir(shipped)) == ["%s.json.gz" % n for n in sizes],
      "no other recording is shipped", os.listdir(shipped))
done, rows = run("tune", shipped + "/stencil-h200.json.gz", "--strategy",
                 "auto", "--seed", "3", "--max-evaluations", "85", "--json")
result = rows[-1] if rows else {}
check(done.returncode == 0 and result.get("best", {}).get("time_ms", 9) <
      1.05 * 0.24632, "a shipped recording is tuned", done.stderr +
      str(result)[:500])

# A default far behind the median spoils the score: the table says so, and only
# there.
for name, spoilt in (("reduction", True), ("stencil", False)):
    done, rows = run("compare", "%s/%s-h200.json.gz" % (shipped, name),
                     "--strategies", "random", "--seeds", "2",
                     "--max-evaluations", "25")
    check(done.returncode == 0 and ("score says little" in done.stdout) ==
          spoilt, "whether a score says much about " + name,
          done.stdout)

# What cannot be done.
for arguments, code, words in (
        (("compare", "nowhere.gz"), 3, "nowhere.gz"),
        (("compare",), 2, "recording"),
        (("compare", "bowl.json.gz", "--seeds", "0"), 2, "--seeds"),
        (("record", "bowl.json.gz", "--output", "x", "--limit", "many"), 2,
         "--limit"),
        (("record", "bowl.json.gz", "--output", "x", "--limit", "3"), 3,
         "--limit"),
        (("compare", "bowl.json.gz", "--strategies", "randon"), 4,
         "random")):
    done, rows = run(*arguments)
    check(done.returncode == code and words in done.stderr,
          "refused: " + " ".join(arguments),
          "%d %s" % (done.returncode, done.stderr))
open("half.json", "w").write('{"tune_params": {"x": [1]}, "cache": {')
done, rows = run("tune", "half.json", "--strategy", "random")
check(done.returncode == 3 and "no usable entry" in done.stderr,
      "a recording without entries is refused", done.stderr)

finish()
os.chdir("/")
shutil.rmtree(folder)
