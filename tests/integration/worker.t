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

from tap import check, finish

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
    check(ready["type"] == "ready" and ready["targets"] == ["native"]
          and len(ready["identity"]) > 10, "a compile worker says what it is",
          ready)
    with open("/proc/%d/oom_score_adj" % worker.process.pid) as file:
        check(int(file.read()) > 0, "it goes first when memory runs out")
    first = worker.build("good")
    path = os.path.join(ARTIFACTS, first.get("artifact", "none"))
    check(first["type"] == "built" and first["id"] == 7
          and not first["from_cache"] and first["compile_ns"] > 0
          and first["facts"]["code_bytes"] > 0
          and os.path.getsize(path) == first["bytes"], "it builds", first)
    again = worker.build("good")
    check(again["from_cache"]
          and again["artifact"] == first["artifact"]
          and again["facts"] == first["facts"]
          and again["compile_ns"] == 0, "the second time it finds the artifact",
          again)
    failed = worker.build("broken")
    check(failed["type"] == "build_failed"
          and failed["outcome"] == "compile_error"
          and "does not compile" in failed["text"]
          and "kernel.c:" in failed["log"], "a compile error is one", failed)
    check(all(len(name.split(".")[0]) == 32 for name in
              os.listdir(ARTIFACTS)),
          "nothing but artifacts and entries is left", os.listdir(ARTIFACTS))
    check(worker.end() == 0, "at the end of its input it ends")

    worker = Worker("compile", cache=True)
    third = worker.build("good")
    check(third["from_cache"], "another worker finds it too", third)
    write("scale.h", "#define SCALE 5\n")
    changed = worker.build("good")
    check(not changed["from_cache"]
          and changed["artifact"] != first["artifact"],
          "an included file is part of the key", changed)
    write("scale.h", "#define SCALE 2\n")
    with open(path, "r+b") as file:
        file.write(b"damage")
    repaired = worker.build("good")
    check(repaired["type"] == "built"
          and not repaired["from_cache"]
          and repaired["artifact"] == first["artifact"],
          "a damaged artifact is built again", repaired)
    worker.end()

    worker = Worker("compile", cache=False)
    fresh = worker.build("good")
    check(not fresh["from_cache"]
          and fresh["artifact"] == first["artifact"],
          "equal builds give equal bytes", fresh)
    odd = worker.ask(type="build", id=1, indices=[99])
    check(odd["type"] == "build_failed" and odd["outcome"] == "constraint",
          "what is no configuration is refused", odd)
    odd = worker.ask(type="dance")
    check(odd["type"] == "failed"
          and "dance" in odd["text"], "an unknown frame is refused", odd)
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
    check(built["type"] == "built", "mode fork builds", built)
    crashed = worker.build("wrong")
    check(crashed["type"] == "build_failed"
          and crashed["outcome"] == "compiler_crash"
          and "SIGSEGV" in crashed["text"],
          "mode fork survives a crash of its child", crashed)
    start = time.monotonic()
    late = worker.ask(type="build", id=3, timeout_ms=700,
                      indices=[MODES.index("beyond")])
    check(late["outcome"] == "compile_timeout"
          and 0.6 < time.monotonic() - start < 30,
          "mode fork ends a compiler that hangs", late)
    with open(os.path.join(PLACE, "pid")) as file:
        pid = int(file.read())
    check(gone(pid), "with everything that it had started", pid)
    error = worker.build("broken")
    check(error["outcome"] == "compile_error", "and goes on", error)
    check(worker.end() == 0, "and ends")

    worker = Worker("compile", options=options)
    crashed = worker.build("before")
    check(crashed["outcome"] == "compiler_crash",
          "a compiler that ends by a signal has crashed", crashed)
    worker.end()
    worker = Worker("compile", options={"compiler": ["/nonexistent/cc"]})
    check(worker.ready["type"] == "failed"
          and "/nonexistent/cc" in worker.ready["text"]
          and worker.process.wait(20) == 1,
          "a compiler that is not there is said to be missing", worker.ready)


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
    check(worker.ready["type"] == "ready"
          and device["id"].startswith("cpu:")
          and device["facts"]["threads"] >= 1
          and worker.ready["target"] == "native",
          "a device worker says what it has", worker.ready)
    early = worker.measure("good", made["good"])
    check(early["outcome"] == "internal" and "staged" in early["text"],
          "nothing is measured before arguments are staged", early)
    answer = worker.ask(type="stage", reference=reference)
    check(answer["type"] == "staged"
          and answer["ns"] > 0, "it stages arguments", answer)
    good = worker.measure("good", made["good"])
    check(good["outcome"] == "ok" and good["id"] == 8
          and good["ci_low_ms"] <= good["median_ms"] <= good["ci_high_ms"]
          and len(good["samples_ms"]) >= 5 and min(good["samples_ms"]) > 0
          and good["repeats"] >= 1 and not good["abandoned"]
          and good["verdict"]["compared"] and good["health"] == 0,
          "it measures", good)
    slow = worker.measure("good", made["good"],
                          incumbent_ms=good["ci_low_ms"] / 100)
    check(slow["outcome"] == "ok"
          and slow["abandoned"] and len(slow["samples_ms"]) == 2,
          "what is far off is abandoned after two timings", slow)
    wrong = worker.measure("wrong", made["wrong"])
    check(wrong["outcome"] == "wrong_result"
          and "output y[17]" in wrong["text"]
          and wrong["verdict"]["n_wrong"] == 1
          and wrong["verdict"]["worst_index"] == 17, "a wrong result is found",
          wrong)
    for mode, words in (("beyond", "beyond the end of argument y"),
                        ("before", "before the start of argument y"),
                        ("input", "changed argument x"),
                        ("unwritten", "y[4095] = nan")):
        answer = worker.measure(mode, made[mode])
        check(answer["outcome"] == "wrong_result"
              and words in answer["text"],
              "and so is a kernel that does '%s'" % mode, answer)
    after = worker.measure("good", made["good"])
    check(after["outcome"] == "ok", "none of them harms the next one", after)
    loud = worker.measure("chatty", made["chatty"])
    check(loud["outcome"] == "ok", "what a kernel prints is no frame", loud)
    rows = [[MODES.index("good")], [MODES.index("same")]]
    mixed = worker.ask(type="interleave", rows=rows, precision=0.05, seed=3,
                       artifacts=[made["good"], made["same"]], cold=False,
                       budget_ns=50000000)
    check(mixed["type"] == "interleaved"
          and len(mixed["values"]) == 2
          and abs(len(mixed["values"][0]) - len(mixed["values"][1]))
          <= 1 and len(mixed["values"][0]) > 0, "finalists are timed in turn",
          mixed)
    bad = worker.measure("good", "0" * 32)
    check(bad["outcome"] != "ok", "a missing artifact is no crash", bad)
    check(worker.end() == 0, "a device worker ends with its input")
    for mode, number in (("fault", signal.SIGSEGV), ("aborts",
                                                     signal.SIGABRT)):
        worker = staged(reference=reference)
        answer = worker.measure(mode, made[mode])
        check(answer is None and worker.process.wait(20) == -number,
              "a kernel that does '%s' takes the worker down" % mode, answer)


def other_ways(reference):
    worker = Worker("device", task=None)
    answer = worker.ask(type="list")
    check(answer["type"] == "devices"
          and len(answer["devices"]) == 1, "devices are listed without a task",
          answer)
    answer = worker.measure("good", reference)
    check(answer["type"] == "failed", "but nothing else is done", answer)
    worker.end()

    worker = staged(reference=reference, mode="none")
    built = worker.build("good")
    answer = worker.measure("good", built.get("artifact", ""))
    check(built["type"] == "built" and answer["outcome"] == "ok",
          "mode none builds and measures in one process", built, answer)
    worker.end()

    worker = Worker("device", device="cpu:another machine")
    check(worker.ready["type"] == "failed"
          and "another machine" in worker.ready["text"],
          "a device that is not here is refused", worker.ready)

    with open(os.path.join(PLACE, "want.raw"), "wb") as file:
        array.array("f", [6.0] * 4096).tofile(file)
    task = json.loads(json.dumps(TASK))
    task["arguments"][0]["fill"] = {"kind": "constant", "value": 1}
    task["arguments"][1]["expected"] = "want.raw"
    task["reference"] = {"files": True}
    worker = staged(task=task)
    answer = worker.measure("good", reference)
    check(answer["outcome"] == "ok"
          and answer["verdict"]["compared"], "a file can be the reference",
          answer)
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
    check(all(b["type"] == "built" for b in built), "C++ templates are built",
          built)
    worker.ask(type="stage", reference=built[0].get("artifact"))
    answers = [worker.ask(type="measure", id=i, indices=[i], plan=PLAN,
                          artifact=built[i].get("artifact"))
               for i in range(2)]
    check(answers[0]["outcome"] == "ok"
          and answers[1]["outcome"] == "wrong_result"
          and "y[0] = 4, expected 3" in answers[1]["text"], "and called",
          answers)
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
    check(gone(pid), "a worker dies with its orchestrator", pid)
    os.close(write_end)


try:
    reference = compiling()
    failing_compilers()
    measuring(reference)
    other_ways(reference)
    cplusplus()
    orphan()
finally:
    finish()
    shutil.rmtree(PLACE, ignore_errors=True)
