#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A session is gone on with only where new values mean what the old ones do: what
has changed since is named, and nothing is measured."""
import copy
import os
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from session_tools import (PLACE, QUICK, PROGRAM, TASK, check, command, finish,
                           stored_trials, tune, write_task)


def changed(change):
    task = copy.deepcopy(TASK)
    change(task)
    return task


def argument(number, **members):
    return lambda task: task["arguments"][number].update(members)


def run(words):
    return subprocess.run(words, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=120)


def resume(*more):
    return run(command("--strategy", "random", "--max-evaluations", "40",
                       "--resume", "last", *more))


def outside(sql):
    database = sqlite3.connect(PLACE + "/store.db")
    database.execute(sql)
    database.commit()
    database.close()


def refused(name, words, done):
    n = len(stored_trials())
    check(done.returncode == 3 and "cannot be resumed" in done.stderr and
          words in done.stderr and n == 4, name + ": refused, and it is named",
          done.returncode, done.stderr, n)


write_task()
code, _ = tune("--strategy", "random", "--max-evaluations", "4")
check(code == 0 and len(stored_trials()) == 4, "a session", code)
for name, words, change in (
        ("sizes of an argument", '"arguments"', argument(1, size="128")),
        ("data of an argument", '"arguments"',
         argument(0, fill={"kind": "uniform", "low": 0, "high": 1,
                           "seed": 2})),
        ("the tolerance", '"tolerance"', lambda task: task.update(
            tolerance={"absolute": 0, "relative": 1e-2})),
        ("the reference", '"reference"', lambda task: task.update(
            reference={"configuration": {"WORK": 0, "EXTRA": 0}})),
        ("a size of the problem", "search space",
         lambda task: task.update(problem={"N": 5})),
        ("options of the compiler", "kernel",
         lambda task: task["kernel"].update(options=["-O3"]))):
    write_task(changed(change))
    refused(name, words, resume())
write_task()
refused("a cold cache", "measure.cold",
        resume("--set", "measure.cold=false"))
refused("session resume, too", "measure.cold",
        run([PROGRAM, "session", "resume", "last", "--store",
             PLACE + "/store.db", "--set", "measure.cold=false"]))
outside("UPDATE sessions SET device_name = 'another processor'")
refused("another kind of device", "device was another processor", resume())
outside("UPDATE sessions SET device_name = (SELECT device_name FROM sessions),"
        " objective = 'energy'")
name = run([PROGRAM, "devices", "--backend", "cpu", "--quiet"]).stdout
name = name.splitlines()[0].partition(": ")[2]
outside("UPDATE sessions SET device_name = '%s'" % name.replace("'", "''"))
refused("another objective", "objective was energy and is time", resume())
outside("UPDATE sessions SET objective = 'time', backend = 'hip'")
refused("another backend", "backend was hip and is cpu", resume())
outside("UPDATE sessions SET backend = 'cpu', device = 'cpu-7'")

# A session that runs holds its device; who would resume it is told at once, and does
# not wait for the device to go on with what is finished by then.
long = subprocess.Popen(
    command("--strategy", "random", "--max-evaluations", "40", "--seed", "9",
            "--set", "measure.max_seconds=5", "--set", "measure.precision=1e-5",
            "--set", "measure.max_samples=100000", store="long.db"),
    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
for line in long.stdout:
    if '"type":"trial"' in line:
        break
done = run(command("--resume", "last", store="long.db"))
check(done.returncode == 3 and "is still running as process" in done.stderr and
      long.poll() is None, "a session that runs is not resumed",
      done.returncode, done.stderr)
long.terminate()
long.communicate()

# What says nothing about the values may change; what may is told.
write_task(changed(lambda task: task.update(description="in other words")))
done = resume("--set", "backend.cpu.threads=1", "--max-evaluations", "6")
check(done.returncode == 0 and len(stored_trials()) == 6,
      "another description: it goes on", done.returncode, done.stderr)
check("options of backend cpu are not what they were" in done.stdout,
      "other options of the backend: it goes on and says so", done.stdout)
check("began on device cpu-7" in done.stdout,
      "another device of the kind: it goes on and says so", done.stdout)
done = resume("--set", "backend.cpu.threads=1", *QUICK)
check(done.returncode == 0 and "are not what they were" in done.stdout,
      "its settings are those of its first run", done.stdout[-500:])
finish()
