#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the engine does beside the straight way: a filler while the model thinks,
equal artifacts measured once, two programs that want one device, workers behind
launchers, several devices, finalists of a resumed session, Ctrl-C twice."""
import copy
import json
import os
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from session_tools import (KERNEL, PLACE, PROGRAM, SPACE, TASK, check, command,
                           finish, key, of_type, stored_trials, tune,
                           write_task)


def write_file(name, text, mode=0o644):
    with open(PLACE + "/" + name, "w") as out:
        out.write(text)
    os.chmod(PLACE + "/" + name, mode)
    return PLACE + "/" + name


# ---------------------------------------------------------------- the filler
# Answers with configurations of EXTRA = 3, after everybody else has had the time to
# measure some: it waits until `seen` trials are in the store.
CLIENT = """
import json, sqlite3, sys, time
prompt = sys.stdin.read()
end = time.time() + 30
while time.time() < end:
    try:
        with sqlite3.connect("file:%s?mode=ro" % sys.argv[1], uri=True) as db:
            if db.execute("SELECT count(*) FROM trials").fetchone()[0] >= \\
                    int(sys.argv[2]):
                break
    except sqlite3.Error:
        pass
    time.sleep(0.05)
print(json.dumps({"analysis": "", "strategy": "", "configs": [
    {"family": "explore", "reasoning": "as planned",
     "config": {"WORK": work, "EXTRA": 3}} for work in (0, 1, 2, 4, 6, 7, 8, 9)]}))
"""


def filled(store, seen, *more):
    client = write_file("client.py", CLIENT)
    argv = json.dumps([sys.executable, client, PLACE + "/" + store, str(seen)])
    return tune("--strategy", "llm", "--provider", "exec", "--set",
                "provider.exec.command=" + argv, "--set",
                "strategy.llm.overlap=random", "--set",
                "strategy.llm.polish=0", "--set", "search.initial_batch_size=4",
                *more, store=store)


def filler():
    write_task()
    code, lines = filled("free.db", 4, "--set", "search.max_rounds=1")
    trials = of_type(lines, "trial")
    sources = [t["source"] for t in trials]
    check(code == 0 and sources.count("random") >= 3 and
          lines[-1]["stop"] == "max_rounds" and lines[-1]["fallback"] is None,
          "a filler measures while the model thinks", code, sources,
          lines[-1:])
    mine = [key(t["config"]) for t in trials if t["source"] == "llm"]
    fillers = [key(t["config"]) for t in trials if t["source"] == "random"]
    # The default is one of the four that the round was given.
    check(len(mine) == 3, "and takes nothing from the model's round", mine)
    check(len(set(mine + fillers)) == len(mine) + len(fillers),
          "and no configuration is measured twice", mine, fillers)

    code, lines = filled("hard.db", 4, "--max-evaluations", "9")
    sources = [t["source"] for t in of_type(lines, "trial")]
    check(code == 0 and len(sources) == 9 and
          lines[-1]["stop"] == "max_evaluations",
          "a hard limit counts the filler's trials, too", code, sources)
    check(sources.count("llm") >= 3 and "random" in sources,
          "and leaves the model the room of its round", sources)


# ------------------------------------------------------------ equal artifacts
def sharing():
    task = copy.deepcopy(TASK)
    task["parameters"][1] = {"name": "IDLE", "type": "int", "range": [0, 3],
                             "default": 0}
    write_task(task, KERNEL.replace("EXTRA", "0"))
    code, lines = tune("--strategy", "exhaustive", "--max-evaluations", "1000",
                       store="shared.db")
    rows = stored_trials("shared.db")
    good = [row for row in rows if row["outcome"] == "ok"]
    by_work = {}
    for row in good:
        by_work.setdefault(json.loads(row["config"])["WORK"], []).append(row)
    check(code == 0 and len(rows) == SPACE and len(by_work) > 5,
          "configurations with the same artifact are all finished", code,
          len(rows))
    check(all(len({row["artifact"] for row in group}) == 1 and
              len({row["objective"] for row in group}) == 1 and
              [row["shared"] for row in group].count(0) == 1
              for group in by_work.values()),
          "each artifact is measured once and its time is that of all",
          *[(row["config"], row["artifact"][:8], row["objective"],
             row["shared"]) for row in good])
    alone = {row["id"] for row in good if not row["shared"]}
    check({f["id"] for f in lines[-1]["finalists"]} <= alone,
          "what shares a time is no finalist beside it",
          lines[-1]["finalists"])
    wrong = [row for row in rows if row["outcome"] != "ok"]
    check(all(row["text"] for row in wrong) and
          {row["outcome"] for row in wrong} == {"compile_error",
                                                "wrong_result"},
          "and so are their failures", *[row["outcome"] for row in wrong])


# ------------------------------------------------------- two want one device
def start(store, *more):
    return subprocess.Popen(command(*more, store=store), text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def wait_for(process, kind):
    """Lines until the first of this type."""
    for text in process.stdout:
        if json.loads(text)["type"] == kind:
            return json.loads(text)
    return {}


def waiting():
    write_task()
    whole = ("--strategy", "exhaustive", "--max-evaluations", "1000")
    first = start("one.db", *whole)
    wait_for(first, "trial")
    second = start("two.db", "--strategy", "random", "--max-evaluations", "2")
    third = start("three.db", "--strategy", "random", "--max-evaluations", "2")
    said = [wait_for(process, "warning").get("text", "")
            for process in (second, third)]
    check(all("another warpwright" in text for text in said),
          "who waits for a device says so", said)
    third.send_signal(signal.SIGINT)
    third.stdout.read()
    check(third.wait(60) == 6, "Ctrl-C ends the waiting", third.returncode)
    first.stdout.read()
    second.stdout.read()
    check(first.wait(60) == 0 and second.wait(60) == 0,
          "both others come to their end", first.returncode,
          second.returncode)
    rows, late = stored_trials("one.db"), stored_trials("two.db")
    check(len(rows) == SPACE and len(late) == 2 and
          max(row["finished_ns"] for row in rows) <
          min(row["finished_ns"] for row in late),
          "and nothing was measured at the same time", len(rows), len(late))


# ------------------------------------------------------------------ launchers
def within_affinity():
    """A batch system gives a few processors of a large machine: there are no
    more compile workers than those."""
    log = PLACE + "/affinity.log"
    script = write_file("affinity.sh", "#!/bin/sh\necho started >>" + log +
                        "\nexec \"$@\"\n", 0o755)
    allowed = min(os.sched_getaffinity(0))
    done = subprocess.run(
        command("--strategy", "random", "--max-evaluations", "5", "--set",
                "parallel.compile_launcher=" + json.dumps([script]),
                store="affinity.db"),
        preexec_fn=lambda: os.sched_setaffinity(0, {allowed}),
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        timeout=120)
    with open(log) as text:
        started = len(text.read().splitlines())
    check(done.returncode == 0 and started == 1,
          "one processor to use, one compile worker", started, done.stderr)


def launchers():
    write_task()
    for role in ("compile", "device"):
        log = PLACE + "/" + role + ".log"
        script = write_file(role + ".sh", "#!/bin/sh\necho \"$@\" >>" + log +
                            "\n\"$@\"\nexit $?\n", 0o755)
        code, lines = tune(
            "--strategy", "random", "--max-evaluations", "5", "--set",
            "parallel.%s_launcher=%s" % (role, json.dumps([script, "env"])),
            "--set", "parallel.compile_workers=2", store=role + ".db")
        with open(log) as text:
            calls = text.read().splitlines()
        check(code == 0 and lines[-1]["trials"] == 5 and
              lines[-1]["best"] is not None and calls and
              all(call == "env %s worker %s" % (PROGRAM, role) or
                  call.endswith("/warpwright worker " + role)
                  for call in calls),
              "%s workers may run behind a launcher" % role, code, calls)
    within_affinity()
    for launcher in (["false"], ["sh", "-c", "sleep 0.3; exit 3"]):
        done = subprocess.run(
            command("--strategy", "random", "--set",
                    "parallel.device_launcher=" + json.dumps(launcher)),
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        check(done.returncode == 5 and "behind parallel.device_launcher: the "
              "device worker ended" in done.stderr,
              "a launcher that starts nothing is no fault of a disk",
              done.returncode, done.stderr)
    missing = json.dumps([PLACE + "/no-such-launcher"])
    done = subprocess.run(
        command("--strategy", "random", "--set",
                "parallel.compile_launcher=" + missing),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
    check(done.returncode != 0 and "no-such-launcher" in done.stderr and
          "launcher" in done.stderr, "a launcher that is not there",
          done.returncode, done.stderr)


# -------------------------------------------------------------- several devices
CL_KERNEL = """
__kernel void work(__global const float *x, __global float *y)
{
    int i = get_global_id(0);
    float sum = 0;
    for (int k = 0; k < 64 * (1 + WORK) + EXTRA; k++)
        sum += x[(i + k) % 64];
    y[i] = x[i] + (sum > 1e30f);
}
"""


def several():
    os.environ["POCL_DEVICES"] = "pthread pthread"
    done = subprocess.run([PROGRAM, "devices", "--backend", "opencl",
                           "--json"], stdout=subprocess.PIPE, text=True,
                          timeout=60)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    found = [device["id"] for device in found if device["type"] == "device"]
    if len(found) < 2:
        check(True, "several devices # SKIP no OpenCL with two devices")
        return
    task = copy.deepcopy(TASK)
    task.update(backend="opencl", launch={"grid": ["64"], "block": ["1"]})
    task["kernel"] = {"language": "opencl", "source": "work.cl",
                      "entry": "work"}
    write_file("work.cl", CL_KERNEL)
    write_task(task)
    code, lines = tune("--strategy", "exhaustive", "--max-evaluations", "1000",
                       "--device", "all", store="several.db")
    rows = stored_trials("several.db")
    used = {row["device"] for row in rows}
    trials = [key(t["config"]) for t in of_type(lines, "trial")]
    check(code == 0 and used == set(found), "several devices share the work",
          code, used, found, lines[-1:])
    check(len(trials) == len(set(trials)) == SPACE,
          "and none of it is done twice", len(trials))
    code, lines = tune("--strategy", "random", "--max-evaluations", "3",
                       "--device", found[1], store="chosen.db")
    used = {row["device"] for row in stored_trials("chosen.db")}
    check(code == 0 and used == {found[1]}, "one of them may be chosen by id",
          code, used)
    os.environ["POCL_DEVICES"] = "basic pthread"
    done = subprocess.run(command("--device", '["0", "1"]'),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=60)
    check(done.returncode == 3 and "different kinds" in done.stderr,
          "devices of different kinds are refused", done.returncode,
          done.stderr)
    code, lines = tune("--strategy", "random", "--max-evaluations", "3",
                       "--device", "all", store="kinds.db")
    used = {row["device"] for row in stored_trials("kinds.db")}
    check(code == 0 and len(used) == 1, "all are those like the first", code,
          used)
    del os.environ["POCL_DEVICES"]


# -------------------------------------------------------- budgets and resume
def budgets():
    write_task()
    spend = ["--set", "search.max_model_calls=1", "--set",
             "strategy.llm.overlap=none", "--max-evaluations"]
    code, lines = filled("spent.db", 0, *spend, "4")
    check(code == 0 and len(of_type(lines, "model_call")) == 1 and
          lines[-1]["model_calls"] == 1, "one model call is allowed", code,
          lines[-1:])
    code, lines = filled("spent.db", 0, *spend, "8", "--resume", "last")
    check(code == 0 and not of_type(lines, "model_call") and
          lines[-1]["stop"] == "max_cost" and lines[-1]["model_calls"] == 1,
          "and is not given a second time to the session resumed", code,
          lines[-1:])


# ------------------------------------------------------ finalists after resume
def finalists():
    write_task()
    code, lines = tune("--strategy", "exhaustive", "--max-evaluations", "16",
                       store="resumed.db")
    before = {t["id"]: t for t in of_type(lines, "trial")}
    code, lines = tune("--strategy", "exhaustive", "--max-evaluations", "20",
                       "--resume", "last", store="resumed.db")
    result = lines[-1]
    rows = {row["id"]: row for row in stored_trials("resumed.db")}
    chosen = [f["id"] for f in result["finalists"]]
    best = min((row["objective"], row["id"]) for row in rows.values()
               if row["outcome"] == "ok")
    check(code == 0 and best[1] in chosen and best[1] in before,
          "finalists come from both runs", code, chosen, best)
    # By chance, one median may come out as it did the first time.
    check(any(f["time_ms"] != rows[f["id"]]["objective"]
              for f in result["finalists"]) and
          all(f["samples"] > 0 for f in result["finalists"]) and
          not of_type(lines, "warning"),
          "and are timed again, interleaved", result["finalists"],
          of_type(lines, "warning"))
    shutil.rmtree(PLACE + "/warpwright/artifacts", ignore_errors=True)
    code, lines = tune("--strategy", "exhaustive", "--max-evaluations", "24",
                       "--resume", "last", store="resumed.db")
    warned = " ".join(w["text"] for w in of_type(lines, "warning"))
    check(code == 0 and lines[-1]["best"] is not None and
          "first measurement" in warned,
          "without their artifacts the first measurement stands, and that is said",
          code, warned)


# --------------------------------------------------------------- Ctrl-C twice
SLOW = """
#include <unistd.h>
void work(const float *x, float *y)
{
    if (WORK == 0)
        sleep(20);
    for (int i = 0; i < 64; i++)
        y[i] = x[i];
}
"""


def workers_left():
    """Processes of ours that outlive the program: they know our folder."""
    left = []
    for name in os.listdir("/proc"):
        try:
            with open("/proc/" + name + "/cmdline") as line, \
                    open("/proc/" + name + "/environ") as environ:
                if line.read().split("\0")[1:2] == ["worker"] and \
                        PLACE in environ.read():
                    left.append(int(name))
        except (OSError, ValueError):
            continue
    return left


def twice():
    write_task(kernel=SLOW)
    process = start("twice.db", "--strategy", "exhaustive", "--set",
                    "parallel.run_timeout=60")
    wait_for(process, "trial")
    # The next one but the default sleeps; it needs no more than to be there.
    time.sleep(1)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    process.stdout.read()
    code = process.wait(60)
    took = time.monotonic() - began
    check(code in (6, 130), "Ctrl-C twice ends the program", code)
    check(took < 10, "at once", took)
    end = time.monotonic() + 20
    while workers_left() and time.monotonic() < end:
        time.sleep(0.1)
    check(not workers_left(), "and its workers with it", workers_left())
    write_task()
    kept = len(stored_trials("twice.db"))
    check(kept >= 1, "what was finished is kept", kept)


for part in (filler, sharing, waiting, launchers, several, budgets,
             finalists, twice):
    try:
        part()
    except Exception as fault:  # a defect of one part must not hide the rest
        check(False, part.__name__, repr(fault))
finish()
