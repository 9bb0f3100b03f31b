#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A kernel of whose configurations a fifth is faulty: every trial finishes, each
failure under its own name, and none of them ends the session."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

from tap import check, finish

BUILD = os.environ["WW_BUILD"]
PLACE = tempfile.mkdtemp(prefix="ww-faults-")
for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
    os.environ[name] = PLACE

TRIALS = 200
# A sanitizer writes its report before it lets a crashed worker end.
RUN_TIMEOUT = "3" if os.environ.get("WW_SANITIZER") else "0.6"
FAULTS = {3: "crash", 8: "run_timeout", 13: "wrong_result",
          18: "compile_error"}

KERNEL = """
#if N % 20 == 18
#error "this one does not compile, größer\x1b[31m\udcff"
#endif
void count(const float *x, float *y)
{
    volatile int turns = N;
    volatile int *nowhere = 0;

    if (turns % 20 == 3)
        *nowhere = 1;
    while (turns % 20 == 8)
        continue;
    for (int i = 0; i < 64; i++)
        y[i] = 2 * x[i];
    if (turns % 20 == 13)
        y[7] += 1;
}
"""

TASK = {
    "name": "faulty",
    "kernel": {"language": "c", "source": "count.c", "entry": "count",
               "options": ["-O0"]},
    "problem": {},
    "parameters": [{"name": "N", "type": "int",
                    "range": [0, TRIALS - 1], "default": 0}],
    "arguments": [
        {"name": "x", "type": "float32", "kind": "input", "size": "64",
         "fill": {"kind": "uniform", "low": 0, "high": 1, "seed": 1}},
        {"name": "y", "type": "float32", "kind": "output", "size": "64"},
    ],
    "reference": {"configuration": "default"},
    "tolerance": {"absolute": 0, "relative": 1e-6},
    "backend": "cpu",
}


def tune(*more):
    with open(os.path.join(PLACE, "task.json"), "w") as out:
        json.dump(TASK, out)
    with open(os.path.join(PLACE, "count.c"), "w", encoding="utf-8",
              errors="surrogateescape") as out:
        out.write(KERNEL)
    done = subprocess.run(
        [BUILD + "/warpwright", "tune", PLACE + "/task.json", "--json",
         "--strategy", "exhaustive", "--max-evaluations", str(TRIALS),
         "--set", "parallel.run_timeout=" + RUN_TIMEOUT,
         "--set", "measure.max_seconds=0.02",
         "--set", "measure.finalist_seconds=0.2", *more],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        timeout=300)
    sys.stderr.write(done.stderr)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, lines


code, lines = tune()
trials = [line for line in lines if line["type"] == "trial"]
result = lines[-1] if lines else {}
check(code == 0, "the program ends well", code)
check(len(trials) == TRIALS, "200 of 200 trials finish", len(trials))
check(len({t["config"]["N"] for t in trials}) == TRIALS,
      "no configuration is measured twice")
wrong = [(t["config"]["N"], t["status"], t["text"]) for t in trials
         if t["status"] != FAULTS.get(t["config"]["N"] % 20, "ok")]
check(not wrong, "each failure has its own class", *wrong)
check(all(t["text"] for t in trials if t["status"] != "ok"),
      "each failure says why")
check(result.get("failed") == {name: TRIALS // 20
                               for name in FAULTS.values()},
      "the result counts them", result.get("failed"))
check((result.get("best") or {}).get("time_ms", 0) > 0,
      "and there is a best configuration")
check(sorted(t["id"] for t in trials) == list(range(1, TRIALS + 1)),
      "trials are numbered without gaps")
check(trials[0]["id"] == 1 and trials[0]["source"] == "default" and
      trials[0]["round"] == 0, "the default is the first trial")

shown = subprocess.run([BUILD + "/warpwright", "session", "show", "last",
                        "--json"], stdout=subprocess.PIPE, text=True)
logs = [row["log"] for row in map(json.loads, shown.stdout.splitlines())
        if row.get("status") == "compile_error"]
check(len(logs) == TRIALS // 20 and
      all("größer" in log and "\x1b" not in log and "\n" in log
          for log in logs),
      "what a compiler says is kept as text, without control of a terminal",
      logs[:1])

TASK["reference"] = {"configuration": {"N": 3}}
code, lines = tune()
check(code == 3 and not [t for t in lines if t["type"] == "trial"],
      "a reference that crashes is an error of the task", code)
TASK["reference"] = {"configuration": {"N": 18}}
code, lines = tune()
check(code == 3, "a reference that does not compile is one too", code)

# The worker that builds the reference is killed over it and cannot be started
# again; the other one must take the reference over, or nothing is ever measured.
os.mkdir(PLACE + "/marks")
with open(PLACE + "/launch", "w") as out:
    out.write("""#!/bin/sh
n=1
while ! mkdir %s/marks/$n 2>/dev/null; do n=$((n + 1)); done
[ $n -le 2 ] && exec "$@"
echo "no room for another one" >&2
exit 1
""" % PLACE)
with open(PLACE + "/cc", "w") as out:
    out.write("""#!/bin/sh
case "$*" in
*THE_REFERENCE*) mkdir %s/marks/killed 2>/dev/null && kill -9 $PPID ;;
esac
exec cc "$@"
""" % PLACE)
os.chmod(PLACE + "/launch", 0o700)
os.chmod(PLACE + "/cc", 0o700)
TASK["reference"] = {"kernel": {"source": "count.c", "entry": "count",
                                "options": ["-O0", "-DTHE_REFERENCE"]}}
TRIALS = 3
try:
    code, lines = tune("--no-cache",
                       "--set", "parallel.compile_workers=2",
                       "--set", "parallel.compile_launcher=" + PLACE +
                       "/launch",
                       "--set", "backend.cpu.compiler=" + PLACE + "/cc")
except subprocess.TimeoutExpired:
    code, lines = "no end in sight", []
check(code == 0 and os.path.isdir(PLACE + "/marks/killed"),
      "the reference outlives the worker that was to build it", code)
check(any(line["type"] == "warning" and "given up" in line["text"]
          for line in lines), "and the loss of the worker is told")

finish()
shutil.rmtree(PLACE, ignore_errors=True)
