# SPDX-License-Identifier: MIT
"""What the tests of whole sessions share: a folder of their own, a task whose
kernel takes as long as its parameters say; check() and finish() as in tap.py."""
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

import tap
from tap import check

PROGRAM = os.environ["WW_BUILD"] + "/warpwright"
PLACE = tempfile.mkdtemp(prefix="ww-session-")
for _name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
    os.environ[_name] = PLACE

# A pair of values that nobody else has compiled; WORK decides the time, and the
# least of it wins by far.
KERNEL = """
#if WORK % 7 == 5
#error "this one does not compile"
#endif
void work(const float *x, float *y)
{
    volatile float sum = 0;
    for (int i = 0; i < 2000 * (1 + WORK) + EXTRA; i++)
        sum += x[i % 64];
    for (int i = 0; i < 64; i++)
        y[i] = x[i] + (sum > 1e30f);
    if (WORK % 7 == 3)
        y[EXTRA] += 1;
}
"""

TASK = {
    "name": "work",
    "kernel": {"language": "c", "source": "work.c", "entry": "work",
               "options": ["-O0"]},
    "problem": {},
    "parameters": [
        {"name": "WORK", "type": "int", "range": [0, 9], "default": 8},
        {"name": "EXTRA", "type": "int", "range": [0, 3], "default": 0},
    ],
    "arguments": [
        {"name": "x", "type": "float32", "kind": "input", "size": "64",
         "fill": {"kind": "uniform", "low": 0, "high": 1, "seed": 1}},
        {"name": "y", "type": "float32", "kind": "output", "size": "64"},
    ],
    "reference": {"configuration": "default"},
    "tolerance": {"absolute": 0, "relative": 1e-6},
    "backend": "cpu",
}
SPACE = 40
QUICK = ["--set", "measure.max_seconds=0.02", "--set",
         "measure.finalist_seconds=0.2"]


def write_task(task=TASK, kernel=KERNEL):
    with open(PLACE + "/work.c", "w") as out:
        out.write(kernel)
    with open(PLACE + "/task.json", "w") as out:
        json.dump(task, out)
    return PLACE + "/task.json"


def command(*more, store="store.db"):
    return [PROGRAM, "tune", PLACE + "/task.json", "--json", "--store",
            PLACE + "/" + store, *QUICK, *more]


def tune(*more, store="store.db", timeout=120):
    done = subprocess.run(command(*more, store=store), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=timeout)
    for line in done.stderr.splitlines():
        print("#", line, file=sys.stderr)
    return done.returncode, [json.loads(line)
                             for line in done.stdout.splitlines()]


def of_type(lines, kind):
    return [line for line in lines if line["type"] == kind]


def expected(config):
    """How a configuration of the task ends."""
    return {5: "compile_error", 3: "wrong_result"}.get(config["WORK"] % 7,
                                                       "ok")


def key(config):
    return config["WORK"], config["EXTRA"]


def stored_trials(store="store.db"):
    """Rows of the store, whatever the program says of them."""
    with sqlite3.connect(PLACE + "/" + store) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in
                database.execute("SELECT * FROM trials ORDER BY id")]


def finish():
    tap.finish()
    shutil.rmtree(PLACE, ignore_errors=True)
