# SPDX-License-Identifier: MIT
"""Part "two" of tests/device/run, for a machine of two GPUs: the same 85
configurations of a kernel that is slow to measure, on one and on both; then a
device by its UUID. (`--only two`; it is not among the parts that run by
themselves.)"""
import json


def measure(main, devices, samples=60):
    return main.Session(
        main.task_of("gemm"), "--strategy", "random", "--seed", "7",
        "--max-evaluations", "85", "--devices", devices, "--set",
        "search.patience=0", "--set", "measure.abandon_factor=0", "--set",
        "measure.min_samples=%d" % samples, "--set", "measure.max_seconds=1",
        "--set", "measure.finalist_seconds=0.5", seconds=150)


def run(main):
    uuids = main.devices()
    if not main.check("two: devices", len(uuids) >= 2, "%d" % len(uuids)):
        return
    # Compiled before, so that what is compared is measuring.
    measure(main, "0", 5)
    one = measure(main, "0")
    both = measure(main, ",".join(uuids[:2]))
    used = {t.get("device") for t in both.trials}
    share = [sum(t.get("device") == u for t in both.trials)
             for u in uuids[:2]]
    main.note("two", "one GPU: %s" % one.words(),
              "both:    %s" % both.words(), "trials of each: %s" % share,
              "factors: %s" % json.dumps(both.result.get("devices")))
    main.check("two: both measured", len(used) == 2, str(share))
    main.check("two: at most 0.55 of one GPU's time",
               both.wall <= 0.55 * one.wall,
               "%.1f s and %.1f s: %.2f" % (both.wall, one.wall,
                                            both.wall / one.wall))
    first, second = main.configs(one), main.configs(both)
    off = sorted(abs(second[k]["time_ms"] / first[k]["time_ms"] - 1)
                 for k in first if k in second and
                 first[k]["status"] == second[k]["status"] == "ok")
    main.note("two", "the same configuration on one and on both: differences "
              "median %.4f, most %.4f" % (off[len(off) // 2], off[-1])
              if off else "no pairs")
    third = main.Session(main.task_of("transpose"), "--strategy", "random",
                         "--max-evaluations", "5", "--devices", uuids[1],
                         seconds=40)
    main.check("two: a device by its UUID",
               {t.get("device") for t in third.trials} == {uuids[1]},
               json.dumps(sorted({str(t.get("device"))
                                  for t in third.trials}))
               if third.trials else third.words())
