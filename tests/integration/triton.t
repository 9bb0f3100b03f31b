#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The Triton examples as far as a machine without a GPU can tell: kernels, tasks
and the program behind backend `command` fit together, failures get their
classes. A stand-in takes Triton's place; with Triton itself the default of each
is compiled for compute capability 9.0, and with PyTorch beside it Triton's
interpreter computes small ones."""
import ast
import ctypes
import importlib
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tempfile
import types

from tap import check, finish, skip

BUILD = os.path.abspath(os.environ.get("WW_BUILD", "."))
SOURCE = os.path.abspath(os.environ.get("WW_SOURCE", "."))
FOLDER = os.path.join(SOURCE, "examples", "triton")
PROGRAM = os.path.join(BUILD, "warpwright")
WORK = tempfile.mkdtemp(prefix="ww-triton-")
ENV = dict(os.environ, HOME=WORK, XDG_DATA_HOME=WORK, XDG_CONFIG_HOME=WORK,
           XDG_CACHE_HOME=WORK, TMPDIR=WORK, PYTHONDONTWRITEBYTECODE="1",
           WARPWRIGHT_DATA=os.path.join(SOURCE, "share"))
CLASSES = {"softmax": "Softmax", "matmul": "Matmul"}
# What makes the examples small enough to be interpreted.
SMALL = {"softmax": [('"ROWS": 16384, "COLUMNS": 4096',
                      '"ROWS": 4, "COLUMNS": 512'),
                     ('"range": [256, 4096], "default": 1024',
                      '"range": [256, 512], "default": 256'),
                     ('"range": [1, 16], "default": 1,',
                      '"range": [1, 2], "default": 2,')],
         "matmul": [('"M": 4096, "N": 4096, "K": 4096',
                     '"M": 64, "N": 64, "K": 32'),
                    ('"range": [1, 16], "default": 8',
                     '"range": [1, 2], "default": 1')]}


def run(*arguments, **more):
    return subprocess.run([PROGRAM, *arguments], text=True, timeout=300,
                          env=dict(ENV, **more), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def task_of(name):
    """Values of the task's default, and its arguments as they are told."""
    done = run("space", os.path.join(FOLDER, name, "task.json"), "--sample",
               "5", "--json")
    configs = [json.loads(line)["config"]
               for line in done.stdout.splitlines()]
    with open(os.path.join(FOLDER, name, "task.json")) as file:
        text = "".join(line for line in file
                       if not line.lstrip().startswith("//"))
    task = json.loads(text)
    return task, [dict(task["problem"], **config) for config in configs]


# ----------------------------------------------------------------- a stand-in

class Compiled:
    hash = "0123"
    asm = {"cubin": b"x" * 100}
    metadata = types.SimpleNamespace(shared=4096)


class Kernel:
    """What @triton.jit makes: keeps what it is called with."""

    def __init__(self, function):
        self.function = function
        self.failure = None

    def warmup(self, *arguments, grid, **more):
        self.called = arguments, grid, more
        if self.failure is not None:
            raise self.failure
        return Compiled()


def stand_in():
    triton = types.ModuleType("triton")
    language = types.ModuleType("triton.language")
    compiler = types.ModuleType("triton.backends.compiler")
    triton.__version__ = "0"
    triton.jit = Kernel
    triton.active = None
    triton.runtime = types.SimpleNamespace(driver=types.SimpleNamespace(
        set_active=lambda driver: setattr(triton, "active", driver)))
    language.constexpr = object
    compiler.GPUTarget = lambda *words: words
    triton.language = language
    sys.modules.update({"triton": triton, "triton.language": language,
                        "triton.backends": types.ModuleType("backends"),
                        "triton.backends.compiler": compiler})
    return triton


def parameters(name):
    """The kernel's arguments as its source has them: pointers, constants."""
    with open(os.path.join(FOLDER, name, name + ".py")) as file:
        tree = ast.parse(file.read())
    kernel = next(node for node in tree.body
                  if isinstance(node, ast.FunctionDef))
    return ([a.arg for a in kernel.args.args if a.annotation is None],
            [a.arg for a in kernel.args.args if a.annotation is not None])


def check_fit(name, triton):
    task, values = task_of(name)
    module = importlib.import_module(name)
    side = getattr(module, CLASSES[name])()
    ww = sys.modules["warpwright_backend"]
    server = ww.Server(side)
    pointers, constants = parameters(name)
    check(pointers == [a["name"] for a in task["arguments"]] and
          task["kernel"]["entry"] == name,
          "%s: pointers of the kernel are arguments of the task" % name, pointers)
    answer = server.answer({"id": 1, "request": "describe", "protocol": 1,
                            "role": "compile", "task": None})
    check(answer.get("build") is True and
          answer.get("load") is True and answer.get("shares_cpu") is False,
          "%s: it describes itself" % name,
          answer)
    server.answer({"id": 2, "request": "prepare", "role": "compile",
                   "arguments": task["arguments"]})
    check(len(values) == 5, "%s: the task gives configurations" % name)
    for number, row in enumerate(values):
        answer = server.answer({"id": 3, "request": "build", "values": row,
                                "target": "cuda:90:32", "scratch": WORK})
        arguments, grid, more = side.kernel.called
        check(answer.get("facts") ==
              {"shared_bytes": 4096.0, "code_bytes": 100.0} and
              len(arguments) == len(pointers) and set(more) ==
              set(constants) | {"num_warps", "num_stages"} and
              more["num_warps"] == row["num_warps"] and len(grid) == 3 and
              all(isinstance(n, int) and n > 0 for n in grid),
              "%s: configuration %d is compiled as the kernel wants it"
              % (name, number + 1),
              answer, more, grid)
    check(triton.active.get_current_target() == ("cuda", 90, 32),
          "%s: for the device's architecture, without a device" % name)
    check_failures(name, side, server, values[0])


def check_failures(name, side, server, values):
    def kind(kind_name, text, base=RuntimeError):
        return type(kind_name, (base,), {})(text)

    for error, outcome, words in (
            (kind("OutOfResources", "out of resource: shared memory"),
             "out_of_resources", "shared memory"),
            (kind("OutOfMemoryError", "CUDA out of memory"),
             "out_of_resources", "memory"),
            (kind("PTXASError", "PTXAS error\nptxas fatal   : Insufficient "
                  "registers (128)\nptxas fatal   : aborted"),
             "out_of_resources", "Insufficient registers"),
            (kind("PTXASError", "PTXAS error\nptxas error   : what"),
             "compile_error", "ptxas error   : what"),
            (kind("CompilationError", "at 2:34:\n    x\n    ^\nNameError(y)"),
             "compile_error", "NameError(y)"),
            (RuntimeError("PassManager::run failed"), "compile_error",
             "PassManager"),
            (RuntimeError("CUDA error: an illegal memory access was "
                          "encountered\nmore"), "device_lost", "illegal"),
            (RuntimeError("Triton Error [CUDA]: invalid argument"),
             "launch_failure", "invalid argument"),
            (ZeroDivisionError("mine"), "internal", "mine")):
        side.kernel.failure = error
        answer = server.answer({"id": 3, "request": "build",
                                "values": values, "target": "cuda:90:32"})
        check(answer.get("outcome") == outcome and
              words in answer.get("text", ""),
              "%s: '%s' is %s" % (name, str(error).split("\n")[0][:30],
                                  outcome), answer)


# -------------------------------------------------------------- the real ones

def there(*modules):
    done = subprocess.run([sys.executable, "-c", "import " +
                           ", ".join(modules)], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL)
    return done.returncode == 0


class ScriptedDriver:
    """tests/fakes under the names that NVIDIA's driver library exports."""

    def __init__(self, path):
        self.library = ctypes.CDLL(path)

    def __getattr__(self, name):
        found = ctypes.c_void_p()
        if self.library.cuGetProcAddress(
                name.removesuffix("_v2").encode(), ctypes.byref(found), 13000,
                ctypes.c_uint64(0)) != 0 or not found.value:
            raise AttributeError(name)
        function = ctypes.CFUNCTYPE(ctypes.c_int)(found.value)
        function.__name__ = name
        return function


def check_devices():
    """The driver's own list has to be what backend `cuda` finds there."""
    title = "devices are listed without PyTorch"
    fake = os.path.join(BUILD, "tests", "fakes", ".libs", "libfakecuda.so")
    if not os.path.exists(fake):
        skip(title, "no scripted driver was built")
        return
    if os.environ.get("WW_SANITIZER"):
        skip(title, "Python cannot open a library with a sanitizer in it")
        return
    side = importlib.import_module("triton_side")
    version, load = importlib.metadata.version, ctypes.CDLL
    try:
        importlib.metadata.version = lambda name: "2.11.0"
        driver = ScriptedDriver(fake)
        ctypes.CDLL = lambda name: driver
        listed = side.driver_devices()
        importlib.metadata.version = lambda name: "2.11.0+cpu"
        without = side.driver_devices()
    finally:
        importlib.metadata.version, ctypes.CDLL = version, load
    done = run("devices", "--backend", "cuda", "--json", "--set",
               "backend.cuda.driver=" + fake, "--set",
               "backend.cuda.nvrtc=" + fake)
    known = [json.loads(line) for line in done.stdout.splitlines()]
    check(listed and [(d["id"], d["name"]) for d in listed] ==
          [(d["id"], d["name"]) for d in known], title, listed, done.stdout,
          done.stderr)
    check(without == [], "a PyTorch without CUDA lists none of them", without)


COMPILE = """
import json, sys
sys.path[:0] = [%r, %r, %r]
import %s as module, warpwright_backend as ww
server = ww.Server(module.%s())
for request in json.loads(sys.stdin.read()):
    print(json.dumps(server.answer(request)))
"""


def check_compiler(name):
    title = "%s: Triton compiles it for compute capability 9.0" % name
    if not there("triton"):
        skip(title, "Triton is not installed")
        return
    task, values = task_of(name)
    done = subprocess.run(
        [sys.executable, "-c", COMPILE % (
            FOLDER, os.path.join(FOLDER, name), os.path.join(
                SOURCE, "sdk", "python"), name, CLASSES[name])],
        text=True, env=ENV, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        input=json.dumps([
            {"id": 1, "request": "describe", "protocol": 1,
             "role": "compile", "task": None},
            {"id": 2, "request": "prepare", "role": "compile",
             "arguments": task["arguments"]},
            {"id": 3, "request": "build", "values": dict(
                values[0], num_warps=8), "target": "cuda:90:32"}]))
    rows = [json.loads(line) for line in done.stdout.splitlines()
            if line.startswith("{")]
    check(rows and rows[-1].get("facts", {}).get("code_bytes", 0) >
          1000, title, done.stdout[-1500:], done.stderr[-1500:])


def check_interpreter(name):
    title = "%s: Triton's interpreter computes what PyTorch does" % name
    if not there("triton", "torch"):
        skip(title, "Triton and PyTorch are not installed")
        return
    folder = os.path.join(WORK, "examples", "triton")
    if not os.path.isdir(folder):
        shutil.copytree(FOLDER, folder)
        shutil.copytree(os.path.join(SOURCE, "sdk", "python"),
                        os.path.join(WORK, "sdk", "python"))
    path = os.path.join(folder, name, "task.json")
    with open(path) as file:
        text = file.read()
    for old, new in SMALL[name]:
        assert old in text, old
        text = text.replace(old, new)
    os.chmod(path, 0o600)
    with open(path, "w") as file:
        file.write(text)
    done = run("tune", path, "--strategy", "random", "--max-evaluations", "2",
               "--json", "--set", "measure.max_seconds=0.05", "--set",
               "measure.finalists=0", "--set", "backend.command.command=" +
               json.dumps([sys.executable, "{source}"]), TRITON_INTERPRET="1")
    trials = [json.loads(line) for line in done.stdout.splitlines()
              if '"type":"trial"' in line]
    if any("only 0-dimensional arrays" in t["text"] for t in trials):
        skip(title, "this NumPy is too new for Triton's interpreter")
        return
    check([t["status"] for t in trials] == ["ok", "ok"], title,
          *trials, done.stderr)


try:
    sys.dont_write_bytecode = True
    os.environ.pop("TRITON_INTERPRET", None)
    sys.path[:0] = [FOLDER] + [os.path.join(FOLDER, n) for n in CLASSES]
    for each in CLASSES:
        check_compiler(each)
        check_interpreter(each)
    imitation = stand_in()
    for each in CLASSES:
        check_fit(each, imitation)
    check_devices()
finally:
    shutil.rmtree(WORK, ignore_errors=True)
finish()
