# SPDX-License-Identifier: MIT
"""Part "busy" of tests/device/run: medians of the same 85 configurations of gemm
while every processor compiles and while none does, and once more idle: what two
idle runs differ by is the noise of the method, and some kernels have two speeds,
one a process. A busy median is compared with the nearer of the idle ones. The load is compiled by the same
compiler from the same source, in processes of its own that go on all the time;
a session's own compile workers would be done long before the last timing."""
import os
import statistics
import sys

LOAD = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                    "compile_load.py")


def eighty_five(main):
    """Nothing is given up, so that every median is taken with the same care;
    the artifacts come from the cache, which an earlier run has filled."""
    return main.Session(
        main.task_of("gemm"), "--strategy", "random", "--seed", "7",
        "--max-evaluations", "85", "--devices", "0", "--set",
        "search.patience=0", "--set", "measure.finalists=0", "--set",
        "measure.abandon_factor=0", "--set", "measure.min_samples=15", "--set",
        "measure.precision=0.003", "--set", "measure.max_samples=40", "--set",
        "measure.max_seconds=1", seconds=90)


def differences(main, one, two):
    """(|median / median - 1|, configuration, both trials) of what both measured,
    ascending."""
    one, two = main.configs(one), main.configs(two)
    return sorted((abs(one[k]["time_ms"] / two[k]["time_ms"] - 1), k, one[k],
                   two[k]) for k in one if k in two and
                  one[k]["status"] == "ok" and two[k]["status"] == "ok")


def nearer(*lists):
    """Of each configuration the smallest difference, ascending."""
    least = {}
    for pair in sorted((p for pairs in lists for p in pairs), reverse=True):
        least[pair[1]] = pair
    return sorted(least.values(), key=lambda pair: pair[0])


def words_of(trial):
    return "%.4f ms (%.4f … %.4f, %d samples)" % (
        trial["time_ms"], trial["ci_low_ms"], trial["ci_high_ms"],
        trial["samples"])


def loaded(main):
    """The 85 beside one compiling process a processor."""
    load = main.subprocess.Popen(
        [sys.executable, LOAD, main.task_of("gemm").replace("task.json",
                                                            "gemm.cu")],
        text=True, stdout=main.subprocess.PIPE, start_new_session=True)
    main.running.append(load)
    started = load.stdout.readline().strip()
    main.time.sleep(2)
    session = eighty_five(main)
    os.killpg(load.pid, main.signal.SIGTERM)
    said = load.stdout.read().strip().splitlines()
    load.wait()
    main.running.remove(load)
    main.note("busy", started, *said[-1:])
    return session, bool(said) and "failed" not in started


def run(main):
    eighty_five(main)
    idle = eighty_five(main)
    busy, compiled = loaded(main)
    again = eighty_five(main)
    first = differences(main, busy, idle)
    off = nearer(first, differences(main, busy, again))
    noise = differences(main, idle, again)
    if not main.check("busy and idle", compiled and len(off) > 40 and
                      len(noise) > 40, "%d pairs" % len(off)):
        return
    for words, pairs in (("busy and the first idle", first),
                         ("busy and the nearer idle", off),
                         ("idle and idle", noise)):
        values = [pair[0] for pair in pairs]
        main.note("busy", "%s: %d pairs, differences: median %.4f, 90%% %.4f, "
                  "most %.4f" % (words, len(values),
                                 statistics.median(values),
                                 values[len(values) * 9 // 10], values[-1]),
                  *("  %.4f  %s, %s  %s" % (value, words_of(one),
                                            words_of(two), config)
                    for value, config, one, two in pairs[-3:]))
    main.note("busy", "walls: busy %.1f s, idle %.1f s and %.1f s" % (
        busy.wall, idle.wall, again.wall))
    main.check("busy and an idle run differ at most 1 % (each)",
               off[-1][0] <= 0.01, "most %.4f; idle and idle %.4f" % (
                   off[-1][0], noise[-1][0]))
