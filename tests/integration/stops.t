#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compile workers are stopped while something is timed and continued afterwards, at
any moment: between fork and exec, while a child ends, while an answer is written.
A storm of both signals, far denser than a session's, loses no compilation."""
import json
import os
import random
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from run_time_compiler import Worker
from session_tools import PLACE, check, finish

BUILDS = 40
KERNEL = """
#if NUMBER % 8 == 5
#error "this one does not compile"
#endif
void work(const float *x, float *y)
{
    for (int i = 0; i < 64; i++)
        y[i] = x[i] + NUMBER;
}
"""
TASK = {
    "name": "storm",
    "kernel": {"language": "c", "source": "work.c", "entry": "work",
               "options": ["-O0"]},
    "problem": {},
    "parameters": [{"name": "NUMBER", "type": "int", "range": [0, 1000],
                    "default": 0}],
    "arguments": [
        {"name": "x", "type": "float32", "kind": "input", "size": "64"},
        {"name": "y", "type": "float32", "kind": "output", "size": "64"}],
    "tolerance": {"absolute": 0, "relative": 1e-6},
    "backend": "cpu",
}


class Storm(threading.Thread):
    """Stops and continues a process group until it is told to end."""

    def __init__(self, group, seed):
        super().__init__()
        self.group, self.over, self.stops = group, False, 0
        self.random = random.Random(seed)

    def run(self):
        while not self.over:
            for number in (signal.SIGSTOP, signal.SIGCONT):
                try:
                    os.killpg(self.group, number)
                except ProcessLookupError:
                    return
                time.sleep(self.random.random() * 0.006)
            self.stops += 1


with open(PLACE + "/work.c", "w") as out:
    out.write(KERNEL)
with open(PLACE + "/task.json", "w") as out:
    json.dump(TASK, out)
for mode in ("fork", "spawn"):
    worker = Worker("cpu", None, PLACE + "/task.json", mode)
    storm = Storm(worker.process.pid, 7)
    # A worker that never answers is a failure, not a test that hangs.
    alarm = threading.Timer(180, worker.process.kill)
    alarm.start()
    storm.start()
    answers = [worker.build([number]) for number in range(BUILDS)]
    storm.over = True
    storm.join()
    alarm.cancel()
    wrong = [(number, answer) for number, answer in enumerate(answers)
             if answer is None or answer["type"] != (
                 "build_failed" if number % 8 == 5 else "built") or
             answer.get("outcome", "compile_error") != "compile_error"]
    check(not wrong, mode + ": every compilation is answered as it is",
          *wrong[:3])
    check(storm.stops >= BUILDS, mode + ": stopped and continued in each",
          storm.stops)
    check(worker.end() == 0, mode + ": the worker leaves as it should")
finish()
