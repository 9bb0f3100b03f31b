# SPDX-License-Identifier: MIT
"""Part "triton" of tests/device/run: both Triton examples are tuned through
backend `command`, then compared with PyTorch's own kernels."""
import json
import os
import sys

from torch_times import measured

PROGRAM = r"""
n = 4096
a = torch.rand(n, n, device="cuda").half(); b = torch.rand_like(a)
c = torch.empty_like(a)
s = torch.randn(16384, 4096, device="cuda")
print(json.dumps({"matmul": ms(lambda: torch.matmul(a, b, out=c)),
                  "softmax": ms(lambda: torch.softmax(s, 1))}))
"""


def tune(main, name, command, seconds):
    session = main.Session(
        main.task_of(name, "triton"), "--strategy", "pattern", "--seed", "1",
        "--max-seconds", str(seconds), "--max-evaluations", "85", "--set",
        "search.patience=0", "--set", "measure.finalist_seconds=2", *command,
        seconds=seconds + 60)
    main.note("triton", "%-8s %s, speedup %.2f" % (
        name, session.words(), session.result.get("speedup") or 0),
        *session.failures())
    if session.best:
        config = session.result["best"]["config"]
        facts = next((t.get("facts") for t in session.trials
                      if t["config"] == config), {})
        compiling = sum(t.get("compile_ms") or 0 for t in session.trials)
        main.note("triton", "  " + json.dumps(config),
                  "  facts " + json.dumps(facts),
                  "  compiling took %.1f s in all, in parallel"
                  % (compiling / 1e3))
    main.check("triton " + name, session.code == 0 and
               session.best is not None, session.words())
    right = [t for t in session.trials
             if t["status"] in ("ok", "out_of_resources", "compile_error")]
    main.check("triton %s: nothing fails but for want of resources" % name,
               len(right) == len(session.trials), "%d of %d" % (
                   len(right), len(session.trials)))
    return session.best


def run(main):
    """`main` is the module of tests/device/run."""
    there = main.run([sys.executable, "-c", "import torch, triton; print("
                      "torch.__version__, triton.__version__, "
                      "torch.cuda.get_device_name())"], 90)
    if there.returncode != 0:
        main.note("triton", "no PyTorch with Triton and a GPU: " +
                  there.stderr.strip()[-200:].replace("\n", " "))
        return
    main.note("triton", "PyTorch and Triton " + there.stdout.strip())
    command = ["--set", "backend.command.command=" +
               json.dumps([sys.executable, "{source}"])]
    source = os.path.join(main.SOURCE, "examples", "triton", "softmax",
                          "softmax.py")
    done = main.run([main.PROGRAM, "devices", "--backend", "command", "--set",
                     "backend.command.command=" +
                     json.dumps([sys.executable, source])], 120)
    main.note("triton", "$ warpwright devices --backend command",
              *done.stdout.splitlines(), *done.stderr.splitlines()[-5:])
    main.check("devices: command", done.returncode == 0,
               done.stdout.split("\n")[0])
    best = {}
    for name in ("softmax", "matmul"):
        if main.left() < 40:
            main.note("triton", name + ": no time left")
            continue
        best[name] = tune(main, name, command,
                          max(20, min(60, main.left() / 3)))
    theirs, reason = measured(main, PROGRAM)
    if theirs is None:
        main.note("triton", reason)
        return
    for name, ours in best.items():
        if ours:
            main.note("triton", "%-8s %.4f ms, PyTorch %.4f ms: %.1f %%" % (
                name, ours, theirs[name], 100 * theirs[name] / ours))
