#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""However compilation runs (in workers, in children of workers, in the device
worker, one thing after the other), the same configurations end the same way."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from session_tools import (SPACE, check, expected, finish, key, of_type, tune,
                           write_task)

MODES = {
    "spawn": ["--set", "parallel.precompile_mode=spawn"],
    "fork": ["--set", "parallel.precompile_mode=fork"],
    "none": ["--set", "parallel.precompile_mode=none"],
    "serial": ["--set", "parallel.use_parallel_benchmark=false"],
}

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
finish()
