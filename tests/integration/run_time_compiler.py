# SPDX-License-Identifier: MIT
"""What nvrtc.t and hiprtc.t share: compile workers that are spoken to in frames,
as the orchestrator does."""
import json
import os
import shutil
import struct
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from session_tools import PLACE, PROGRAM, check, finish

EXAMPLES = os.environ["WW_SOURCE"] + "/examples/cuda/"
# Inline instructions of NVIDIA's devices.
CUDA_ONLY = ("gemm-tensor-core",)


class Worker:
    def __init__(self, backend, target, path, mode="spawn", options=None):
        self.path = path
        self.process = subprocess.Popen(
            [PROGRAM, "worker", "compile"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            start_new_session=True)
        os.makedirs(PLACE + "/artifacts", exist_ok=True)
        with open(path) as file:
            text = file.read()
        self.ready = self.ask(
            type="open", role="compile", backend=backend,
            plugin="%s/.libs/backend-%s.so" % (os.environ["WW_BUILD"],
                                               backend),
            options=options or {}, artifacts=PLACE + "/artifacts", task_path=path,
            task_text=text, cache=False, target=target, mode=mode,
            device=None, seed=1) or {}

    def ask(self, **frame):
        """The answer, or None if the worker died of the question."""
        text = json.dumps(frame).encode()
        try:
            self.process.stdin.write(struct.pack(">I", len(text)) + text)
            self.process.stdin.flush()
        except BrokenPipeError:
            return None
        head = self.process.stdout.read(4)
        if len(head) < 4:
            return None
        return json.loads(self.process.stdout.read(
            struct.unpack(">I", head)[0]))

    def build(self, indices):
        what = {"indices": indices} if indices else {"reference": True}
        return self.ask(type="build", id=1, timeout_ms=120000, **what)

    def end(self):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        return self.process.wait(60)


def task_of(name, language):
    place = PLACE + "/" + language + "/" + name
    if not os.path.exists(place):
        shutil.copytree(EXAMPLES + name, place)
        with open(place + "/task.json") as file:
            text = file.read()
        with open(place + "/task.json", "w") as file:
            file.write(text.replace('"language": "cuda"',
                                    '"language": "%s"' % language))
    return place + "/task.json"


def index_of(parameter, value):
    """Where a value stands among those of its parameter."""
    if parameter["type"] == "bool":
        return int(value)
    if "values" in parameter:
        return parameter["values"].index(value)
    low = parameter["range"][0]
    if parameter["type"] == "power_of_two":
        return (value // low).bit_length() - 1
    return (value - low) // parameter.get("step", 1)


def indices_of(path, **values):
    """The default configuration, but for these values."""
    with open(path) as file:
        lines = [line for line in file
                 if not line.lstrip().startswith("//")]
    return [index_of(p, values.get(p["name"], p["default"]))
            for p in json.loads("".join(lines))["parameters"]]


def skip(reason):
    print("1..0 # SKIP " + reason)
    shutil.rmtree(PLACE, ignore_errors=True)
    sys.exit(0)


def features():
    """The kernels of tests/device/features, for every type of their output."""
    source = os.environ["WW_SOURCE"] + "/tests/device/features"
    for number, name in enumerate(("float32", "float16", "bfloat16")):
        place = PLACE + "/features-" + name
        shutil.copytree(source, place)
        with open(place + "/task.json") as file:
            text = file.read()
        with open(place + "/task.json", "w") as file:
            file.write(text.replace("-DTYPE=0", "-DTYPE=%d" % number).replace(
                '"options": ["-DSHARED', '"options": ["-DTYPE=%d", "-DSHARED'
                % number))
        worker = Worker("cuda", "sm_90", place + "/task.json")
        answers = [worker.build(None), worker.build([0, 0, 0]),
                   worker.build([2, 4, 1])]
        check(all((a or {}).get("type") == "built" for a in answers),
              "features: %s, the reference, alone and in clusters" % name,
              *answers)
        worker.end()


def own_instructions():
    """Devices since 9.0 are compiled for under a name with an "a"; a compiler
    that does not know it, here because there is none, gets the plain one."""
    worker = Worker("cuda", "sm_89a", task_of("gemm", "cuda"))
    answer = worker.build(indices_of(worker.path)) or {}
    check(answer.get("type") == "built",
          "sm_89a: unknown, so compiled as sm_89", answer)
    worker.end()
    wgmma = {"INSTRUCTION": "wgmma", "BLOCK_K": 64}
    for target, values, kind in (
            ("sm_90a", {"COPY": "tensor"}, "built"),
            ("sm_90a", {"COPY": "tensor", "ADD": "tensor", "CLUSTER": 2},
             "built"),
            ("sm_90a", {"COPY": "threads", "ADD": "atomic"}, "built"),
            ("sm_90", {"COPY": "tensor"}, "build_failed")):
        worker = Worker("cuda", target, task_of("gemm-tensor-core", "cuda"))
        answer = worker.build(indices_of(worker.path, **wgmma,
                                         **values)) or {}
        check(answer.get("type") == kind and
              not answer.get("facts", {}).get("spill_bytes"),
              "%s: wgmma, %s: %s" % (target, " ".join(
                  "%s=%s" % pair for pair in values.items()), kind), answer)
        worker.end()


def compile_examples(language, first, targets, deadly=None):
    names = sorted(n for n in os.listdir(EXAMPLES)
                   if os.path.exists(EXAMPLES + n + "/task.json"))
    probe = Worker(language, first, task_of(names[0], language))
    probe.end()
    if probe.ready.get("type") != "ready":
        skip(probe.ready.get("text", "the compile worker died").split("\n")[0])
    for name in names:
        if language != "cuda" and name in CUDA_ONLY:
            continue
        # One target each keeps this short; the product gets them all.
        for target in targets if name == "gemm" else targets[:1]:
            worker = Worker(language, target, task_of(name, language))
            answer = worker.build(None) or {}
            check(answer.get("type") == "built" and answer["bytes"] > 500 and
                  answer["facts"].get("code_bytes", 0) > 500,
                  "%s: reference for %s" % (name, target), answer)
            answer = worker.build(indices_of(worker.path)) or {}
            check(answer.get("type") == "built" and
                  answer["facts"].get("registers", 0) > 0 and
                  answer["facts"].get("code_instructions", 0) > 20 and
                  answer["facts"].get("code_stores", 0) > 0,
                  "%s: default configuration for %s, with its registers and "
                  "counts of its instructions" % (name, target), answer)
            worker.end()
    if language == "cuda":
        features()
        own_instructions()
    if deadly:
        worker = Worker(language, deadly, task_of("gemm", language))
        answer = worker.build(None)
        check(answer is None or answer.get("type") == "build_failed" or
              answer.get("type") == "built",
              deadly + ": an answer or the worker's own death", answer)
        worker.end()
        worker = Worker(language, first, task_of("gemm", language))
        answer = worker.build(None) or {}
        check(answer.get("type") == "built",
              "after that the next worker compiles", answer)
        worker.end()
    finish()
