# SPDX-License-Identifier: MIT
"""Part "repeat" of tests/device/run: twenty independent tunings of softmax and
of gemm with the default strategy; then all winners again, 500 times each,
interleaved. The product is one of 2048 x 2048, so that the time goes into many
configurations and not into few long launches. Where there are several devices
they tune at the same time, one tuning a device; the winners meet on the first.
REPEAT names one of the two."""
import concurrent.futures
import json
import os
import queue

TUNINGS = 20
ROUNDS = 500
# Evaluations and seconds that each tuning may take.
LIMITS = {"softmax": (85, 10), "gemm": (400, 40)}


def task_of(main, name):
    if name != "gemm":
        return main.task_of(name)
    place = os.path.join(main.PLACE, "repeat-" + name)
    path = os.path.join(place, "task.json")
    if not os.path.exists(path):
        main.shutil.copytree(os.path.dirname(main.task_of(name)), place)
        with open(path) as file:
            text = file.read()
        with open(path, "w") as file:
            file.write(text.replace('"M": 4096, "N": 4096, "K": 4096',
                                    '"M": 2048, "N": 2048, "K": 2048'))
    return path


def tuned(main, name, seed, device, workers):
    count, seconds = LIMITS[name]
    return main.Session(
        task_of(main, name), "--strategy", "auto", "--seed", str(seed),
        "--max-evaluations", str(count), "--max-seconds", str(seconds),
        "--devices", device, "--set", "search.patience=0", "--set",
        "parallel.compile_workers=%d" % workers, "--set",
        "measure.max_seconds=0.02", "--set", "measure.finalist_seconds=0.5",
        seconds=seconds + 20)


def winners_of(main, name, most):
    """Tunings one after another on each device; {configuration: its own times}
    and all times."""
    devices = main.devices()
    workers = len(os.sched_getaffinity(0)) // len(devices)
    seeds = queue.SimpleQueue()
    winners, times = {}, []
    for seed in range(1, TUNINGS + 1):
        seeds.put(seed)

    def go_on(device):
        while main.left() >= most and not seeds.empty():
            session = tuned(main, name, seeds.get(), device, workers)
            main.note("repeat", "%s: %s" % (name, session.words()))
            if session.best is not None:
                config = json.dumps(session.result["best"]["config"],
                                    sort_keys=True)
                winners.setdefault(config, []).append(session.best)
                times.append(session.best)

    task_of(main, name)
    with concurrent.futures.ThreadPoolExecutor(len(devices)) as pool:
        list(pool.map(go_on, devices))
    return winners, times


def measured_again(main, name, winners):
    """{configuration: median of interleaved samples}, fewest samples."""
    slowest = max(max(times) for times in winners.values())
    seconds = len(winners) * ROUNDS * (slowest + 0.3) / 1e3 + 1
    session = main.Session(
        task_of(main, name), "[" + ",".join(winners) + "]", "--device", "0",
        "--set", "measure.finalists=100", "--set", "measure.precision=1e-5", "--set",
        "measure.max_seconds=0.1", "--set",
        "measure.finalist_seconds=%.1f" % seconds, command="bench",
        seconds=seconds + 60)
    rows = session.result.get("finalists", [])
    if not rows:
        main.note("repeat", session.errors.strip()[-300:])
    first = {json.dumps(t["config"], sort_keys=True): t["time_ms"]
             for t in session.ok}
    truth = {json.dumps(f["config"], sort_keys=True): f["time_ms"]
             for f in rows}
    # More than a tenth slower than the best is not timed a second time.
    return ({w: truth.get(w, first.get(w)) for w in winners
             if w in truth or w in first},
            min((f.get("samples", 0) for f in rows), default=0), seconds)


def run(main):
    for name in os.environ.get("REPEAT", " ".join(LIMITS)).split():
        winners, times = winners_of(main, name, 60)
        if not main.check("repeat %s: tunings end" % name, len(times) > 1,
                          str(len(times))):
            continue
        truth, samples, seconds = measured_again(main, name, winners)
        known = sorted(truth.values())
        regret = known[-1] / known[0] - 1 if known else float("nan")
        main.note("repeat", "%s: %d tunings, %d distinct winners, their own "
                  "times differ by %.4f" % (
                      name, len(times), len(winners),
                      max(times) / min(times) - 1),
                  "  again, interleaved, %d samples each in %.0f s: worst "
                  "regret %.4f" % (samples, seconds, regret),
                  *["  %.4f ms, won %d times  %s" % (truth[w],
                                                     len(winners[w]), w)
                    for w in sorted(truth, key=truth.get)])
        main.check("repeat %s: worst regret at most 1 %%" % name,
                   regret <= 0.01 and samples >= ROUNDS // 2,
                   "%.4f, %d tunings, %d winners, %d samples" % (
                       regret, len(times), len(winners), samples))
