#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""However compilation runs (in workers, in children of workers, in the device
worker, one thing after the other), the same configurations end the same way."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from session_tools import (PLACE, SPACE, check, expected, finish, key, of_type, tune,
                           write_task)

MODES = {
    "spawn": ["--set", "parallel.precompile_mode=spawn"],
    "fork": ["--set", "parallel.precompile_mode=fork"],
    "none": ["--set", "parallel.precompile_mode=none"],
    "serial": ["--set", "parallel.use_parallel_benchmark=false"],
}

# Crashes the first time that it is given a file to compile, as a compiler with
# a race does; by its parent's process or its own, as the mode has it.
CRASHING = """#!/bin/bash
case "$*" in
*--version*) exec cc "$@" ;;
esac
mark=%s/$(printf '%%s' "$*" | grep -oE -- '-D(WORK|EXTRA)=[0-9]+' | tr -d '\n')
if mkdir "$mark" 2>/dev/null; then kill -SEGV %s; sleep 5; fi
exec cc "$@"
"""


def crashing_once(name, options):
    place = PLACE + "/" + name
    os.mkdir(place)
    victim = "$PPID" if name == "spawn" else "$$"
    with open(place + "/cc", "w") as out:
        out.write(CRASHING % (place, victim))
    os.chmod(place + "/cc", 0o700)
    code, lines = tune("--strategy", "random", "--max-evaluations", "6",
                       "--set", "parallel.artifact_cache=false", "--set",
                       'backend.cpu.compiler=["%s/cc"]' % place, *options,
                       store=name + "-crashing.db")
    trials = of_type(lines, "trial")
    marks = [m for m in os.listdir(place) if m != "cc"]
    check(code == 0 and len(trials) == 6 and len(marks) >= 6 and
          all(t["status"] == expected(t["config"]) for t in trials),
          name + ": a compiler that crashes once is asked once more", code,
          marks, *trials)


write_task()
for name, options in MODES.items():
    code, lines = tune("--strategy", "exhaustive", "--max-evaluations",
                       "1000", *options, store=name + ".db")
    trials = of_type(lines, "trial")
    seen = {key(t["config"]): t["status"] for t in trials}
    wrong = [(t["config"], t["status"], t["text"]) for t in trials
             if t["status"] != expected(t["config"])]
    check(code == 0 and lines[-1]["stop"] == "exhausted",
          name + ": the whole space is tried", code, lines[-1:])
    check(len(trials) == SPACE and len(seen) == SPACE,
          name + ": each configuration once", len(trials))
    check(not wrong, name + ": with the outcome that it has in every mode",
          *wrong)
    check(lines[-1]["best"]["config"]["WORK"] == 0,
          name + ": and the same winner", lines[-1]["best"])
for name, options in MODES.items():
    crashing_once(name, options)
finish()
