#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""kill -9 of the orchestrator, a compile worker or a device worker at random
moments: no finished trial is lost, none is repeated, and the same configuration
wins in the end. WW_KILL_MOMENTS says how many moments (10)."""
import json
import os
import random
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from session_tools import (SPACE, check, command, expected, finish, key,
                           of_type, stored_trials, tune, write_task)

MOMENTS = int(os.environ.get("WW_KILL_MOMENTS", "10"))
VICTIMS = ("orchestrator", "compile", "device")
WHOLE = {(work, extra) for work in range(10) for extra in range(4)}


def children(parent, role):
    """Workers of a role that this orchestrator has started."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open("/proc/" + name + "/stat") as stat:
                if int(stat.read().rsplit(")", 1)[1].split()[1]) != parent:
                    continue
            with open("/proc/" + name + "/cmdline") as line:
                if line.read().split("\0")[1:3] == ["worker", role]:
                    found.append(int(name))
        except (OSError, IndexError):
            continue
    return sorted(found)


def strike(process, victim, chance):
    """Kills the victim; False if there was none just then."""
    target = [process.pid]
    if victim != "orchestrator":
        target = children(process.pid, victim)
    if not target:
        return False
    try:
        os.kill(chance.choice(target), signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def run_and_kill(victim, after, delay, store, chance):
    """The exit code and what was shown; the blow falls `delay` seconds after
    that many trials."""
    pending = True
    lines = []
    with subprocess.Popen(command("--strategy", "exhaustive",
                                  "--max-evaluations", "1000", store=store),
                          stdout=subprocess.PIPE, text=True) as process:
        for text in process.stdout:
            try:
                lines.append(json.loads(text))
            except ValueError:
                break  # cut in the middle of a line
            if pending and len(of_type(lines, "trial")) >= after:
                time.sleep(delay)
                pending = not strike(process, victim, chance)
        return process.wait(60), lines


def moment(number, chance):
    victim = VICTIMS[number % len(VICTIMS)]
    after, delay = chance.randrange(0, 35), chance.random() * 0.05
    store = "store-%d.db" % number
    code, lines = run_and_kill(victim, after, delay, store, chance)
    shown = {t["id"]: t for t in of_type(lines, "trial")}
    name = "%s killed %.0f ms after trial %d" % (victim, delay * 1000, after)
    problems = []
    more = {}
    if victim == "orchestrator" and code != 0:
        code, again = tune("--strategy", "exhaustive", "--max-evaluations",
                           "1000", "--resume", "last", store=store)
        more = {t["id"]: t for t in of_type(again, "trial")}
        lines = lines + again
    kept = {row["id"] for row in stored_trials(store)}
    totals["shown"] += len(set(shown) | set(more))
    totals["stored"] += len(kept)
    totals["lost"] += len(set(shown) - kept)
    totals["repeated"] += len(set(shown) & set(more))
    totals["resumed"] += bool(more)
    if code != 0:
        problems.append("exit code %d" % code)
    if set(shown) - kept:
        problems.append("lost: %s" % sorted(set(shown) - kept))
    if set(shown) & set(more):
        problems.append("repeated: %s" % sorted(set(shown) & set(more)))
    if len(kept) != SPACE:
        problems.append("%d trials are stored" % len(kept))
    first = [key(t["config"]) for t in shown.values()]
    second = [key(t["config"]) for t in more.values()]
    if set(first) & set(second):
        problems.append("measured twice: %s" % (set(first) & set(second)))
    if victim != "orchestrator" and set(first) != WHOLE:
        problems.append("missing: %s" % (WHOLE - set(first)))
    for trial in list(shown.values()) + list(more.values()):
        if trial["status"] != expected(trial["config"]):
            problems.append("%s: %s %s" % (trial["config"], trial["status"],
                                           trial["text"]))
    result = lines[-1] if lines else {}
    if result.get("trials") != SPACE or \
            result["best"]["config"]["WORK"] != 0:
        problems.append(result)
    check(not problems, name, *problems)


def unnoticed():
    """Its parent has not waited for it: the killed process is still listed by
    the system, for ever in a container whose first process waits for nobody."""
    with subprocess.Popen(command("--strategy", "exhaustive",
                                  "--max-evaluations", "1000",
                                  store="unnoticed.db"),
                          stdout=subprocess.PIPE, text=True) as process:
        while '"trial"' not in process.stdout.readline():
            pass
        process.kill()
        # Only the killed one is waited for; it stays as it is.
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        code, lines = tune("--strategy", "exhaustive", "--max-evaluations",
                           "1000", "--resume", "last", store="unnoticed.db")
        check(code == 0 and len(stored_trials("unnoticed.db")) == SPACE,
              "a killed process that nobody has waited for does not run",
              code, lines[-1:])


totals = dict.fromkeys(("shown", "stored", "lost", "repeated", "resumed"), 0)
write_task()
dice = random.Random(20261122)
for index in range(MOMENTS):
    moment(index, dice)
unnoticed()
print("# %d moments, %d sessions resumed: %d trials shown, %d stored, %d lost, "
      "%d repeated" % (MOMENTS, totals["resumed"], totals["shown"],
                       totals["stored"], totals["lost"], totals["repeated"]))
finish()
