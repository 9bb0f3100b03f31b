#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Ctrl-C stops a session cleanly: the best so far is reported, the store is
valid, the exit code says so, and resume goes on from there."""
import json
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from session_tools import (SPACE, check, command, finish, key, of_type,
                           stored_trials, tune, write_task)


def interrupt_after(n_trials, number):
    """Runs a session and sends the signal once that many trials are shown."""
    with subprocess.Popen(command("--strategy", "exhaustive"),
                          stdout=subprocess.PIPE, text=True) as process:
        lines = []
        for text in process.stdout:
            lines.append(json.loads(text))
            if lines[-1]["type"] == "trial" and \
                    len(of_type(lines, "trial")) == n_trials:
                process.send_signal(number)
        return process.wait(60), lines


write_task()
for number in (signal.SIGINT, signal.SIGTERM):
    name = signal.Signals(number).name
    code, lines = interrupt_after(8, number)
    result = lines[-1]
    check(code == 6, name + ": the exit code is 6", code)
    check(result["type"] == "result" and result["stop"] == "interrupted",
          name + ": a result is printed", result)
    check(result["best"] is not None and result["best"]["time_ms"] > 0,
          name + ": with the best so far", result)
    check(8 <= result["trials"] < SPACE, name + ": it ended early",
          result["trials"])

shown = {t["id"]: key(t["config"]) for t in of_type(lines, "trial")}
code, lines = tune("--strategy", "exhaustive", "--max-evaluations", "1000",
                   "--resume", "last")
more = {t["id"]: key(t["config"]) for t in of_type(lines, "trial")}
check(code == 0 and lines[-1]["stop"] == "exhausted", "resume goes on", code,
      lines[-1:])
check(not set(shown.values()) & set(more.values()), "and repeats no trial")
check(set(shown.values()) | set(more.values()) ==
      {(w, e) for w in range(10) for e in range(4)}, "and leaves none out")
check(lines[-1]["trials"] == SPACE, "its result counts all of them",
      lines[-1]["trials"])
check(len(stored_trials()) >= SPACE, "all are in the store")
finish()
