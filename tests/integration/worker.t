#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Speaks the frames of the orchestrator with real workers: builds, caches,
fails to compile, crashes and hangs compilers, measures, and lets kernels
misbehave in every way that a device worker must survive or report."""
import array
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

BUILD = os.environ["WW_BUILD"]
PLACE = tempfile.mkdtemp(prefix="ww-worker-")
for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
    os.environ[name] = PLACE
os.environ["TMPDIR"] = PLACE
# Crashes are meant here: a sanitizer must not turn signals into exit codes.
os.environ["ASAN_OPTIONS"] = ":".join(
    filter(None, [os.environ.get("ASAN_OPTIONS"), "handle_segv=0"]))

KERNEL = r"""
#include <stdio.h>
#include <stdlib.h>
#include "scale.h"
#define good 0
#define wrong 1
#define beyond 2
#define before 3
#define input 4
#define unwritten 5
#define fault 6
#define chatty 7
#define aborts 8
#define broken 9
#define same 10
#if MODE == broken
#error "this configuration does not compile"
#endif
void scale(const float *x, float *y, int n, float factor)
{
    if (MODE == fault)
        *(volatile int *)8 = 1;
    if (MODE == aborts)
        abort();
    if (MODE == chatty) {
        puts("a kernel that talks");
        fflush(stdout);
    }
    for (int i = 0; i < n - (MODE == unwritten); i++)
        y[i] = SCALE * factor * x[i];
    if (MODE == wrong)
        y[17] += 1;
    if (MODE == beyond)
        y[n] = 0;
    if (MODE == before)
        y[-1] = 0;
    if (MODE == input)
        ((float *)x)[3] = 7;
}
"""
MODES = ["good", "wrong", "beyond", "before", "input", "unwritten", "fault",
         "chatty", "aborts", "broken", "same"]
TASK = {
    "name": "scale",
    "kernel": {"language": "c", "source": "kernel.c", "entry": "scale"},
    "problem": {"N": 4096},
    "parameters": [{"name": "MODE", "type": "enum", "values": MODES,
                    "default": "good"}],
    "arguments": [
        {"name": "x", "type": "float32", "kind": "input", "size": "N",
         "fill": {"kind": "uniform", "low": 1, "high": 2, "seed": 1}},
        {"name": "y", "type": "float32", "kind": "output", "size": "N"},
        {"name": "n", "type": "int32", "kind": "scalar", "value": "N"},
        {"name": "factor", "type": "float32", "kind": "scalar", "value": 3},
    ],
    "reference": {"configuration": "default"},
    "tolerance": {"absolute": 1e-6, "relative": 1e-6},
}
PLAN = {"precision": 0.05, "min_samples": 5, "max_samples": 30,
        "budget_ns": 200000000, "abandon_factor": 1.3, "incumbent_ms": None,
        "cold": True, "verify": True}

count = 0


def check(name, good, *details):
    global count
    count += 1
    print(("ok" if good else "not ok"), count, "-", name, flush=True)
    if not good:
        for detail in details:
            print("#", str(detail).replace("\n", "\n# "), flush=True)


def write(name, text, mode=0o600):
    path = os.path.join(PLACE, name)
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, mode)
    return path


class Worker:
    def __init__(self, role, task=TASK, **order):
        self.process = subprocess.Popen(
            [os.path.join(BUILD, "warpwright"), "worker", role],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=open(os.path.join(PLACE, "log"), "ab"),
            start_new_session=True)
        frame = {"type": "open", "role": role, "backend": "cpu",
                 "plugin": os.path.join(BUILD, ".libs", "backend-cpu.so"),
                 "options": {"flags": ["-O1"]}, "artifacts": ARTIFACTS,
                 "task_path": os.path.join(PLACE, "task.json"),
                 "task_text": None if task is None else json.dumps(task),
                 "cache": False, "target": None, "mode": "spawn",
                 "device": None, "seed": 1}
        frame.update(order)
        self.send(frame)
        self.ready = self.receive()

    def send(self, frame):
        text = json.dumps(frame).encode()
        self.process.stdin.write(struct.pack(">I", len(text)) + text)
        self.process.stdin.flush()

    def receive(self):
        head = self.process.stdout.read(4)
        if len(head) < 4:
            return None
        return json.loads(self.process.stdout.read(
            struct.unpack(">I", head)[0]))

    def ask(self, **frame):
        try:
            self.send(frame)
        except BrokenPipeError:
            return None
        return self.receive()

    def build(self, mode, **more):
        return self.ask(type="build", id=7, timeout_ms=20000,
                        indices=[MODES.index(mode)], **more)

    def measure(self, mode, artifact, **plan):
        return self.ask(type="measure", id=8, indices=[MODES.index(mode)],
                        artifact=artifact, plan=dict(PLAN, **plan))

    def end(self):
        self.process.stdin.close()
        return self.process.wait(20)


ARTIFACTS = os.path.join(PLACE, "artifacts")
os.mkdir(ARTIFACTS)
write("kernel.c", KERNEL)
write("scale.h", "#define SCALE 2\n")
write("task.json", json.dumps(TASK))


def gone(pid):
    """Whether a process is no more, within some seconds."""
    for _ in range(100):
        try:
            with open("/proc/%d/stat" % pid) as file:
                if file.read().rsplit(")", 1)[1].split()[0] in "ZX":
                    return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.05)
    return False


def compiling():
    worker = Worker("compile", cache=True)
    ready = worker.ready
    check("a compile worker says what it is",
          ready["type"] == "ready" and ready["targets"] == ["native"]
          and len(ready["identity"]) > 10, ready)
    with open("/proc/%d/oom_score_adj" % worker.process.pid) as file:
        check("it goes first when memory runs out", int(file.read()) > 0)
    first = worker.build("good")
    path = os.path.join(ARTIFACTS, first.get("artifact", "none"))
    check("it builds", first["type"] == "built" and first["id"] == 7
          and not first["from_cache"] and first["compile_ns"] > 0
          and first["facts"]["code_bytes"] > 0
          and os.path.getsize(path) == first["bytes"], first)
    again = worker.build("good")
    check("the second time it finds the artifact", again["from_cache"]
          and again["artifact"] == first["artifact"]
          and again["facts"] == first["facts"]
          and again["compile_ns"] == 0, again)
    failed = worker.build("broken")
    check("a compile error is one", failed["type"] == "build_failed"
          and failed["outcome"] == "compile_error"
          and "does not compile" in failed["text"]
          and "kernel.c:" in failed["log"], failed)
    check("nothing but artifacts and entries is left",
          all(len(name.split(".")[0]) == 32 for name in
              os.listdir(ARTIFACTS)), os.listdir(ARTIFACTS))
    check("at the end of its input it ends", worker.end() == 0)

    worker = Worker("compile", cache=True)
    third = worker.build("good")
    check("another worker finds it too", third["from_cache"], third)
    write("scale.h", "#define SCALE 5\n")
    changed = worker.build("good")
    check("an included file is part of the key", not changed["from_cache"]
          and changed["artifact"] != first["artifact"], changed)
    write("scale.h", "#define SCALE 2\n")
    with open(path, "r+b") as file:
        file.write(b"damage")
    repaired = worker.build("good")
    check("a damaged artifact is built again", repaired["type"] == "built"
          and not repaired["from_cache"]
          and repaired["artifact"] == first["artifact"], repaired)
    worker.end()

    worker = Worker("compile", cache=False)
    fresh = worker.build("good")
    check("equal builds give equal bytes", not fresh["from_cache"]
          and fresh["artifact"] == first["artifact"], fresh)
    odd = worker.ask(type="build", id=1, indices=[99])
    check("what is no configuration is refused",
          odd["type"] == "build_failed" and odd["outcome"] == "constraint",
          odd)
    odd = worker.ask(type="dance")
    check("an unknown frame is refused", odd["type"] == "failed"
          and "dance" in odd["text"], odd)
    worker.end()
    return first["artifact"]


# A compiler that is asked for a crash by the definition of a configuration.
FAKE = """#!/bin/bash
case "$*" in
*--version*) echo fake 1.0 ;;
*-DMODE=wrong*) kill -SEGV $PPID; sleep 60 ;;
*-DMODE=beyond*) sleep 600 & echo $! >%(place)s/pid; wait ;;
*-DMODE=before*) kill -ABRT $$ ;;
*) exec cc "$@" ;;
esac
"""


def failing_compilers():
    fake = write("fakecc", FAKE % {"place": PLACE}, 0o700)
    options = {"compiler": [fake], "flags": ["-O1"]}
    worker = Worker("compile", mode="fork", options=options)
    built = worker.build("good")
    check("mode fork builds", built["type"] == "built", built)
    crashed = worker.build("wrong")
    check("mode fork survives a crash of its child",
          crashed["type"] == "build_failed"
          and crashed["outcome"] == "compiler_crash"
          and "SIGSEGV" in crashed["text"], crashed)
    start = time.monotonic()
    late = worker.ask(type="build", id=3, timeout_ms=700,
                      indices=[MODES.index("beyond")])
    check("mode fork ends a compiler that hangs",
          late["outcome"] == "compile_timeout"
          and 0.6 < time.monotonic() - start < 30, late)
    with open(os.path.join(PLACE, "pid")) as file:
        pid = int(file.read())
    check("with everything that it had started", gone(pid), pid)
    error = worker.build("broken")
    check("and goes on", error["outcome"] == "compile_error", error)
    check("and ends", worker.end() == 0)

    worker = Worker("compile", options=options)
    crashed = worker.build("before")
    check("a compiler that ends by a signal has crashed",
          crashed["outcome"] == "compiler_crash", crashed)
    worker.end()
    worker = Worker("compile", options={"compiler": ["/nonexistent/cc"]})
    check("a compiler that is not there is said to be missing",
          worker.ready["type"] == "failed"
          and "/nonexistent/cc" in worker.ready["text"]
          and worker.process.wait(20) == 1, worker.ready)


def artifacts_of(modes):
    worker = Worker("compile")
    made = {mode: worker.build(mode)["artifact"] for mode in modes}
    worker.end()
    return made


def staged(task=TASK, reference=None, **order):
    worker = Worker("device", task=task, **order)
    answer = worker.ask(type="stage", reference=reference)
    assert answer["type"] == "staged", answer
    return worker


def measuring(reference):
    made = artifacts_of([m for m in MODES if m != "broken"])
    worker = Worker("device")
    device = worker.ready.get("device", {})
    check("a device worker says what it has", worker.ready["type"] == "ready"
          and device["id"].startswith("cpu:")
          and device["facts"]["threads"] >= 1
          and worker.ready["target"] == "native", worker.ready)
    early = worker.measure("good", made["good"])
    check("nothing is measured before arguments are staged",
          early["outcome"] == "internal" and "staged" in early["text"], early)
    answer = worker.ask(type="stage", reference=reference)
    check("it stages arguments", answer["type"] == "staged"
          and answer["ns"] > 0, answer)
    good = worker.measure("good", made["good"])
    check("it measures", good["outcome"] == "ok" and good["id"] == 8
          and good["ci_low_ms"] <= good["median_ms"] <= good["ci_high_ms"]
          and len(good["samples_ms"]) >= 5 and min(good["samples_ms"]) > 0
          and good["repeats"] >= 1 and not good["abandoned"]
          and good["verdict"]["compared"] and good["health"] == 0, good)
    slow = worker.measure("good", made["good"],
                          incumbent_ms=good["ci_low_ms"] / 100)
    check("what is surely slow is abandoned", slow["outcome"] == "ok"
          and slow["abandoned"] and len(slow["samples_ms"]) == 3, slow)
    wrong = worker.measure("wrong", made["wrong"])
    check("a wrong result is found", wrong["outcome"] == "wrong_result"
          and "output y[17]" in wrong["text"]
          and wrong["verdict"]["n_wrong"] == 1
          and wrong["verdict"]["worst_index"] == 17, wrong)
    for mode, words in (("beyond", "beyond the end of argument y"),
                        ("before", "before the start of argument y"),
                        ("input", "changed argument x"),
                        ("unwritten", "y[4095] = nan")):
        answer = worker.measure(mode, made[mode])
        check("and so is a kernel that does '%s'" % mode,
              answer["outcome"] == "wrong_result"
              and words in answer["text"], answer)
    after = worker.measure("good", made["good"])
    check("none of them harms the next one", after["outcome"] == "ok", after)
    loud = worker.measure("chatty", made["chatty"])
    check("what a kernel prints is no frame", loud["outcome"] == "ok", loud)
    rows = [[MODES.index("good")], [MODES.index("same")]]
    mixed = worker.ask(type="interleave", rows=rows, precision=0.05, seed=3,
                       artifacts=[made["good"], made["same"]], cold=False,
                       budget_ns=50000000)
    check("finalists are timed in turn", mixed["type"] == "interleaved"
          and len(mixed["values"]) == 2
          and abs(len(mixed["values"][0]) - len(mixed["values"][1]))
          <= 1 and len(mixed["values"][0]) > 0, mixed)
    bad = worker.measure("good", "0" * 32)
    check("a missing artifact is no crash", bad["outcome"] != "ok", bad)
    check("a device worker ends with its input", worker.end() == 0)
    for mode, number in (("fault", signal.SIGSEGV), ("aborts",
                                                     signal.SIGABRT)):
        worker = staged(reference=reference)
        answer = worker.measure(mode, made[mode])
        check("a kernel that does '%s' takes the worker down" % mode,
              answer is None and worker.process.wait(20) == -number, answer)


def other_ways(reference):
    worker = Worker("device", task=None)
    answer = worker.ask(type="list")
    check("devices are listed without a task", answer["type"] == "devices"
          and len(answer["devices"]) == 1, answer)
    answer = worker.measure("good", reference)
    check("but nothing else is done", answer["type"] == "failed", answer)
    worker.end()

    worker = staged(reference=reference, mode="none")
    built = worker.build("good")
    answer = worker.measure("good", built.get("artifact", ""))
    check("mode none builds and measures in one process",
          built["type"] == "built" and answer["outcome"] == "ok",
          built, answer)
    worker.end()

    worker = Worker("device", device="cpu:another machine")
    check("a device that is not here is refused",
          worker.ready["type"] == "failed"
          and "another machine" in worker.ready["text"], worker.ready)

    with open(os.path.join(PLACE, "want.raw"), "wb") as file:
        array.array("f", [6.0] * 4096).tofile(file)
    task = json.loads(json.dumps(TASK))
    task["arguments"][0]["fill"] = {"kind": "constant", "value": 1}
    task["arguments"][1]["expected"] = "want.raw"
    task["reference"] = {"files": True}
    worker = staged(task=task)
    answer = worker.measure("good", reference)
    check("a file can be the reference", answer["outcome"] == "ok"
          and answer["verdict"]["compared"], answer)
    worker.end()


CXX = """
template <typename T> void fill(T *y, long long n)
{
    for (long long i = 0; i < n; i++)
        y[i] = T(COUNT);
}
"""


def cplusplus():
    write("kernel.cpp", CXX)
    task = json.loads(json.dumps(TASK))
    task["kernel"] = {"language": "c++", "source": "kernel.cpp",
                      "entry": "fill<double>"}
    task["parameters"] = [{"name": "COUNT", "type": "int", "values": [3, 4],
                           "default": 3}]
    task["arguments"] = [
        {"name": "y", "type": "float64", "kind": "output", "size": "N"},
        {"name": "n", "type": "int32", "kind": "scalar", "value": "N"}]
    worker = Worker("device", task=task, mode="none")
    built = [worker.ask(type="build", id=i, indices=[i], timeout_ms=20000)
             for i in range(2)]
    check("C++ templates are built", all(b["type"] == "built" for b in built),
          built)
    worker.ask(type="stage", reference=built[0].get("artifact"))
    answers = [worker.ask(type="measure", id=i, indices=[i], plan=PLAN,
                          artifact=built[i].get("artifact"))
               for i in range(2)]
    check("and called", answers[0]["outcome"] == "ok"
          and answers[1]["outcome"] == "wrong_result"
          and "y[0] = 4, expected 3" in answers[1]["text"], answers)
    worker.end()


def orphan():
    """A worker whose orchestrator is killed ends although its input is held
    open by somebody else."""
    code = ("import os, subprocess, sys, time\n"
            "p = subprocess.Popen([sys.argv[1], 'worker', 'device'],\n"
            "    stdin=0, stdout=subprocess.PIPE)\n"
            "p.stdout.read(4)\n"
            "print(p.pid, flush=True)\n"
            "time.sleep(60)\n")
    read_end, write_end = os.pipe()
    parent = subprocess.Popen(
        [sys.executable, "-c", code, os.path.join(BUILD, "warpwright")],
        stdin=read_end, stdout=subprocess.PIPE)
    text = json.dumps({"type": "open", "role": "device", "backend": "cpu",
                       "plugin": os.path.join(BUILD, ".libs",
                                              "backend-cpu.so"),
                       "options": {}, "task_text": None}).encode()
    os.write(write_end, struct.pack(">I", len(text)) + text)
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    check("a worker dies with its orchestrator", gone(pid), pid)
    os.close(write_end)


try:
    reference = compiling()
    failing_compilers()
    measuring(reference)
    other_ways(reference)
    cplusplus()
    orphan()
finally:
    print("1..%d" % count)
    shutil.rmtree(PLACE, ignore_errors=True)
