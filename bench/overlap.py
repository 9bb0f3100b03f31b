#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How much of a session the device stands idle while a slow model thinks.

usage: overlap.py [BUILD_FOLDER]   (default: the working folder)

The model is a client that answers after 10 seconds; a trial takes the device
0.2 seconds (backend naps of the test tools: its kernels sleep, so a busy machine
does not disturb). A session of the default size, five rounds, runs once with
option overlap of strategy llm as it is by default, and once with none. The idle
share is computed here from the backend's own log of every trial, from the first
one's start to the last one's end, and compared with what the session reports.
Ends with code 1 if it is 10 % or more with overlap, or if the two differ."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

LATENCY = 10
SECONDS = 0.2
LIMIT = 0.10
SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else ".")

CLIENT = """import json, random, re, sys, time
prompt = sys.stdin.read()
time.sleep(%s)
want = int(re.search(r"ropose (\\d+) ", prompt).group(1))
random.seed(prompt)
print(json.dumps({"analysis": "", "strategy": "", "configs": [
    {"family": "new", "reasoning": "", "config": {
        name: random.randrange(12) for name in "abcd"}}
    for _ in range(want)]}))
"""


def write(path, text):
    with open(path, "w") as file:
        file.write(text)
    return path


def session(place, overlap):
    log = os.path.join(place, overlap + ".log")
    done = subprocess.run(
        [os.path.join(BUILD, "warpwright"), "tune",
         os.path.join(place, "task.json"), "--json",
         "--store", os.path.join(place, overlap + ".db"),
         "--output", os.path.join(place, overlap),
         "--provider", "exec", "--set", "provider.exec.command="
         + json.dumps([sys.executable, os.path.join(place, "client.py")]),
         "--set", "strategy.llm.overlap=" + overlap,
         "--set", "backend.naps.seconds=%s" % SECONDS,
         "--set", "backend.naps.log=" + log,
         "--set", "search.patience=0", "--set", "search.min_improvement=0",
         "--set", "measure.finalists=0"],
        capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stderr)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    with open(log) as file:
        naps = [[int(t) / 1e9 for t in line.split()] for line in file]
    return rows, naps


def main():
    place = tempfile.mkdtemp(prefix="ww-overlap-")
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        os.environ[name] = place
    os.environ["WARPWRIGHT_PLUGIN_PATH"] = ":".join(
        os.path.join(BUILD, *folder) for folder in
        ((".libs",), ("tests", "tools", ".libs")))
    os.environ["WARPWRIGHT_DATA"] = os.path.join(SOURCE, "share")
    write(os.path.join(place, "client.py"), CLIENT % LATENCY)
    write(os.path.join(place, "kernel"), "zzz\n")
    write(os.path.join(place, "task.json"), json.dumps({
        "name": "naps", "backend": "naps",
        "kernel": {"language": "naps", "source": "kernel", "entry": "nap"},
        "parameters": [{"name": name, "type": "int", "range": [0, 11],
                        "default": 6} for name in "abcd"]}))
    print("model: %d s an answer; trial: %.1f s on the device"
          % (LATENCY, SECONDS), flush=True)
    good = True
    try:
        for overlap in ("auto", "none"):
            rows, naps = session(place, overlap)
            result = rows[-1]
            span = naps[-1][1] - naps[0][0]
            idle = 1 - sum(end - start for start, end in naps) / span
            calls = sum(row["type"] == "model_call" for row in rows)
            filled = sum(row["type"] == "trial" and
                         row["source"] not in ("llm", "default")
                         for row in rows)
            print("overlap %-5s %5.1f s, %d answers, %3d trials (%d of the "
                  "filler): device idle %4.1f %%, reported %4.1f %%"
                  % (overlap, span, calls, len(naps), filled, 100 * idle,
                     100 * result["idle_fraction"]), flush=True)
            good = good and abs(idle - result["idle_fraction"]) < 0.05
            good = good and (overlap == "none" or idle < LIMIT)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
