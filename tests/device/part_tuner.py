# SPDX-License-Identifier: MIT
"""Part "tuner" of tests/device/run: bench/kernel_tuner_gpu.py, where Kernel Tuner
is installed. On a machine of more than 16 processors ours runs on 16 and on all
of them."""
import os
import sys

# Most seconds of each, nearly all of them Kernel Tuner's.
LISTS = ((["convolution"], 110), (["gemm"], 110),
         (["convolution", "--unrolled"], 420))


def run(main):
    if main.run([sys.executable, "-c",
                 "import kernel_tuner, cupy"]).returncode:
        main.note("tuner", "Kernel Tuner with CuPy is not installed")
        return
    count = len(os.sched_getaffinity(0))
    numbers = ",".join(str(n) for n in sorted({min(16, count), count}))
    for (name, *more), seconds in LISTS:
        if main.left() < 60:
            main.note("tuner", "%s %s: no time left" % (name, " ".join(more)))
            continue
        done = main.run(
            [sys.executable, os.path.join(main.SOURCE, "bench",
                                          "kernel_tuner_gpu.py"),
             main.PROGRAM, "--example", name, *more, "--processors", numbers,
             "--output", main.ARGS.output], min(seconds, main.left() - 5))
        main.note("tuner", *done.stdout.splitlines(),
                  *done.stderr.splitlines()[-5:])
        main.check("Kernel Tuner comparison: " + " ".join([name, *more]),
                   done.returncode == 0,
                   (done.stdout.strip() or "?").splitlines()[-1])
