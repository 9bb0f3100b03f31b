# SPDX-License-Identifier: MIT
"""The winners of a comparison once more: in one process, in turn, in random order,
each launch behind a flush of the L2 cache. Times of different tuners are only
comparable so."""
import json
import random
import statistics

ROUNDS = 60


def say(kind, **members):
    """A line for the Step that runs this process."""
    print(json.dumps({"type": kind, **members}), flush=True)


def measure(torch, launches, flush):
    """Says the times of each of `launches`, callables by name; `flush` is a tensor
    larger than the cache."""
    times = {name: [] for name in launches}
    draw = random.Random(1)
    for _ in range(ROUNDS):
        for name in draw.sample(list(launches), len(launches)):
            a, b = (torch.cuda.Event(enable_timing=True) for _ in "ab")
            flush.zero_()
            a.record()
            launches[name]()
            b.record()
            b.synchronize()
            times[name].append(a.elapsed_time(b))
    for name, all_of in times.items():
        cut = statistics.quantiles(all_of, n=10)
        say("again", name=name, time_ms=statistics.median(all_of),
            low=cut[0], high=cut[-1])


def report(to, step):
    """What `measure` said in `step`, and which results were wrong, in the report."""
    to.add("Again in one process, in turn, cold L2 (median of %d, tenths at "
           "both ends):" % ROUNDS)
    wrong = {v["name"] for v in step.of("right") if not v["right"]}
    for value in step.of("again"):
        to.add("  %-32s %.4f ms (%.4f … %.4f)%s" % (
            value["name"], value["time_ms"], value["low"], value["high"],
            ", and WRONG" if value["name"] in wrong else ""))
    if not step.of("again"):
        to.add("  nothing: " + step.last_words())
