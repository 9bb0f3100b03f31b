#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A session with a model, recorded and replayed: the same trials every time."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

from tap import check, finish

program = os.environ["WW_BUILD"] + "/warpwright"
folder = tempfile.mkdtemp()
for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
    os.environ[name] = folder
# The same trials again: nothing is learnt from the earlier session.
os.environ["WARPWRIGHT_SEARCH_WARM_START"] = "false"
os.chdir(folder)


lines = []  # of the last session's trials, as they were printed


def tune(*arguments):
    done = subprocess.run([program, "tune", "bowl.json", "--json", "--seed", "3",
                           "--max-evaluations", "40", *arguments],
                          capture_output=True, text=True, timeout=60)
    lines[:] = [line for line in done.stdout.splitlines() if '"type":"trial"' in line]
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    trials = [(r["id"], r["config"], r["time_ms"], r["source"]) for r in rows
              if r["type"] == "trial"]
    return done, rows, trials


entries = {"%d,%d" % (x, y): {"x": x, "y": y, "time": 1 + (x - 6) ** 2 * 0.1 + (y - 3) ** 2 * 0.2,
                              "compile_time": 100.0, "verification_time": 0,
                              "benchmark_time": 50.0, "strategy_time": 0, "framework_time": 1}
           for x in range(16) for y in range(16)}
with open("bowl.json", "w") as out:
    json.dump({"device_name": "Test Device", "kernel_name": "bowl", "problem_size": [64, 64],
               "tune_params_keys": ["x", "y"],
               "tune_params": {"x": list(range(16)), "y": list(range(16))},
               "objective": "time", "cache": entries}, out)
# A client whose answers depend on everything that it is told.
with open("client.py", "w") as out:
    out.write("import json, random, sys\n"
              "random.seed(sys.stdin.read())\n"
              "print('Sure:')\n"
              "print(json.dumps({'analysis': 'a', 'configs': [{'reasoning': 'r', 'config': "
              "{'x': random.randrange(16), 'y': random.randrange(16)}} for _ in range(9)] + [{'config': {'x': 99, 'y': 1}}]}))\n")
client = "provider.exec.command=" + json.dumps([sys.executable, folder + "/client.py"])

done, rows, first = tune("--provider", "exec", "--set", client)
result = rows[-1]
check(result["tokens_estimated"] and result["input_tokens"] > 1000 > result["output_tokens"] > 100,
      "what the client does not count is estimated", result)
calls = [r for r in rows if r["type"] == "model_call"]
check(done.returncode == 0 and len(calls) >= 2 and sum(c["taken"] for c in calls) > 5,
      "a session with a client takes its configurations", done)
check(any(c["invalid"] for c in calls), "values outside the space are counted", calls)
done = subprocess.run([program, "session", "export", "last", "--recording", "rec.json"],
                      capture_output=True, text=True)
check(done.returncode == 0 and len(json.load(open("rec.json"))["calls"]) == len(calls),
      "its calls are exported", done)
replayed = ("--provider", "replay", "--set", "provider.replay.file=" + folder + "/rec.json")
texts = []
for again in ("once", "twice"):
    done, rows, trials = tune(*replayed)
    texts.append("\n".join(lines))
    check(trials == first and rows[-1]["fallback"] is None, "replayed " + again + ": the same trials",
          done)
check(texts[0] == texts[1] and len(texts[0].splitlines()) == 40, "the same to the byte", texts)
done, rows, trials = tune(*replayed, "--set", "search.initial_batch_size=7")
check(done.returncode == 0 and rows[-1]["fallback"] and "another prompt" in rows[-1]["fallback"],
      "another prompt is no match: the fallback takes over and says why", rows[-1:])


def compare(*arguments):
    """Row of strategy llm, the table as people see it, and the exit code."""
    words = [program, "compare", "bowl.json", "--strategies", "llm,random", "--seed", "3",
             "--max-evaluations", "40", *arguments]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    rows = subprocess.run(words + ["--json"], capture_output=True, text=True, timeout=60).stdout
    return [json.loads(line) for line in rows.splitlines()][0], done.stdout, done.returncode


for provider, arguments in (("exec", ("--provider", "exec", "--set", client)),
                            ("replay", replayed)):
    row, table, code = compare("--seeds", "1", *arguments)
    check(code == 0 and row["strategy"] == "llm" and row["fallbacks"] == row["failed_runs"] == 0 and
          row["model_calls"] == len(calls), "compare asks %s as often as tune did" % provider, row)
    check(row["tokens_estimated"] and
          row["tokens"] == result["input_tokens"] + result["output_tokens"] and
          "%.1f calls, about %.0f tokens a run" % (row["model_calls"], row["tokens"]) in table and
          "estimated as characters / 4" in table, "and estimates the same tokens", (row, result, table))
    check(abs(row["at_25"] * min(t[2] for t in first[:25]) - row["optimum_ms"]) < 1e-9,
          "and finds the same", (row, first))
shutil.rmtree(folder, ignore_errors=True)
finish()
