# SPDX-License-Identifier: MIT
"""Part "helion" of tests/device/run, if it is named: bench/helion_gpu.py for both
kernels and two seeds, as many at the same time as there are devices, each with its
share of the processors. Needs Helion."""
import concurrent.futures
import os
import queue
import sys

SEARCHES = (("matmul", 1), ("softmax", 1), ("matmul", 2), ("softmax", 2))
EACH = 100  # seconds of a search


def compare(main, kernel, seed, device, processors, seconds):
    folder = main.tempfile.mkdtemp(dir=main.PLACE)
    done = main.run(
        [sys.executable, os.path.join(main.SOURCE, "bench", "helion_gpu.py"),
         main.PROGRAM, "--kernel", kernel, "--seed", str(seed), "--each",
         str(EACH), "--seconds", str(seconds - 10), "--skip", "quick",
         "--strategies", "auto,pattern", "--output", folder], seconds,
        env=dict(os.environ, CUDA_VISIBLE_DEVICES=device),
        preexec_fn=lambda: os.sched_setaffinity(0, processors))
    main.note("helion", "-- %s, seed %d" % (kernel, seed),
              *done.stdout.splitlines(), *done.stderr.splitlines()[-3:])
    main.check("helion %s, seed %d" % (kernel, seed), done.returncode == 0 and
               "Again in one process" in done.stdout, "")


def run(main):
    if main.run([sys.executable, "-c", "import helion"]).returncode:
        main.note("helion", "Helion is not installed")
        return
    devices = main.devices()
    all_of = sorted(os.sched_getaffinity(0))
    share = len(all_of) // len(devices)
    orders = queue.SimpleQueue()
    for order in SEARCHES:
        orders.put(order)

    def go_on(number):
        processors = all_of[number * share:(number + 1) * share]
        while not orders.empty() and main.left() > 2 * EACH:
            compare(main, *orders.get(), devices[number], processors,
                    min(3 * EACH + 90, main.left() - 5))

    with concurrent.futures.ThreadPoolExecutor(len(devices)) as pool:
        list(pool.map(go_on, range(len(devices))))
