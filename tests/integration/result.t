#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a result must not keep to itself: that nothing was verified, that the
default is the fastest after all, that the model failed, whose work it is."""
import copy
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from session_tools import (KERNEL, PLACE, PROGRAM, QUICK, TASK, check, finish,
                           of_type, tune, write_task)


def text_of(*words):
    done = subprocess.run([PROGRAM, *words, "--store", PLACE + "/text.db"],
                          text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=120)
    return done.stdout + done.stderr


# ---------------------------------------------------------------- verification
def verified():
    few = ["--strategy", "random", "--max-evaluations", "4"]
    said = "nothing tells right results from wrong ones"
    task = copy.deepcopy(TASK)
    del task["reference"]
    write_task(task)
    warnings = [w["text"] for w in of_type(tune(*few)[1], "warning")]
    check(len([w for w in warnings if said in w and 'no "reference"' in w]) == 1,
          "a task without a reference is warned of once", warnings)
    _, lines = tune(*few, "--set", "measure.verify=false", store="off.db")
    check(not of_type(lines, "warning"),
          "whoever turned verifying off knows", lines)
    write_task()
    _, lines = tune(*few, store="with.db")
    check(not of_type(lines, "warning"), "with a reference all is well", lines)


# ----------------------------------------------------------------- the default
# The default is slow until the other one was timed, then faster than it.
TURNING = """
import json, sys
turned = False
for line in sys.stdin:
    order = json.loads(line)
    answer = {"id": order.get("id"), "protocol": 1, "build": False,
              "compared": True}
    if order["request"] == "time":
        other = order["values"]["OTHER"]
        turned = turned or other
        ms = 5 if other else 1 if turned else 10
        answer["samples_ms"] = [ms] * order["samples"]
    print(json.dumps(answer), flush=True)
"""


def the_default_wins():
    with open(PLACE + "/turning.py", "w") as out:
        out.write(TURNING)
    with open(PLACE + "/task.json", "w") as out:
        json.dump({"name": "turning", "backend": "command", "parameters": [
            {"name": "OTHER", "type": "bool", "default": False}]}, out)
    far = ["--set", "backend.command.command=" +
           json.dumps([sys.executable, PLACE + "/turning.py"])]
    code, lines = tune("--strategy", "exhaustive", *far, store="turning.db")
    result = lines[-1]
    check(code == 0 and result["best"]["config"] == {"OTHER": False} and
          result["best"]["time_ms"] == result["default"]["time_ms"] == 1 and
          result["speedup"] == 1 and
          [f["id"] for f in result["finalists"]] == [1, 2],
          "the default wins where it is the fastest in the second timing",
          result)


# ------------------------------------------------------------------- the model
def the_model_failed():
    write_task()
    more = ["--provider", "exec", "--set", 'provider.exec.command=["false"]',
            "--set", "http.attempts=100", "--max-seconds", "3"]
    text = text_of("tune", PLACE + "/task.json", *QUICK, *more)
    said = "false failed with exit code 1"
    check("strategy    llm; its last model call failed: exec: " + said in text,
          "a session that ends before its fallback says how the model did",
          text)
    shown = text_of("session", "show", "last")
    check("model     its last call failed: exec: " + said in shown,
          "and so does session show", shown)
    text_of("tune", PLACE + "/task.json", *QUICK, "--max-evaluations", "3",
            "--provider", "exec", "--set", 'provider.exec.command=["none-there"]')
    shown = text_of("session", "show", "last")
    check("\nfallback  auto: llm: exec: program none-there was not found" in
          shown, "session show says why a fallback took over", shown)


def the_model_is_mute():
    text = text_of("tune", PLACE + "/task.json", *QUICK, "--max-evaluations",
                   "3", "--provider", "exec", "--set",
                   'provider.exec.command=["true"]')
    check("llm: the model's answer is empty\n" in text,
          "an answer without a word is called empty", text)


def given_by_the_user():
    write_task(kernel=KERNEL)
    text = text_of("bench", PLACE + "/task.json", *QUICK,
                   '{"WORK": 0, "EXTRA": 0}')
    check("WORK=0 EXTRA=0" in text and "given" not in text,
          "nobody proposed what the user gave", text)


verified()
the_default_wins()
the_model_failed()
the_model_is_mute()
given_by_the_user()
finish()
