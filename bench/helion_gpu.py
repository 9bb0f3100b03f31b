#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The kernels of examples/helion with Helion's own searches and with ours.

usage: helion_gpu.py PROGRAM [--kernel matmul|softmax] [--each S] [--seconds S]
           [--seed N] [--strategies NAME,...] [--output FOLDER] [--skip quick,full]

PROGRAM is `warpwright`; without Helion it says so and ends with code 77. Both searches see the space that Helion derives from the kernel and have
their configurations compiled, checked and timed by Helion itself, in fresh
processes with empty caches. First Helion's effort "quick", then its default one
("full") with a limit of seconds (--each; its autotune_budget_seconds), each with
as many configurations of ours beside it as it took, and the same limit. What was
timed comes from Helion's own log. The winners are then timed in turn in one process."""
import argparse
import csv
import functools
import json
import os
import sys
import tempfile
import time

import in_turn
import side_by_side as side
from in_turn import say

sys.path[:0] = [os.path.join(side.SOURCE, "examples", "helion"),
                os.path.join(side.SOURCE, "sdk", "python")]


# ------------------------------------------------- what runs in own processes

def bound(order, **settings):
    import helion
    import kernels
    given = kernels.arguments(order["kernel"])
    made = helion.kernel(kernels.KERNELS[order["kernel"]],
                         static_shapes=True, **settings)
    return kernels, given, made.bind(given)


def search(order):
    settings = {"autotune_budget_seconds": order["budget"],
                "autotune_random_seed": order["seed"],
                "autotune_log": order["log"],
                "autotune_progress_bar": False}
    if order["way"] == "warpwright":
        import warpwright_helion
        settings["autotuner_fn"] = warpwright_helion.autotuner(
            configs=order["configs"], strategy=order["strategy"], settings={
                "store.path": order["log"] + ".db",
                "search.warm_start": False})
    else:
        settings["autotune_effort"] = order["way"]
    _, given, kernel = bound(order, **settings)
    say("begin")
    config = kernel.autotune(given, force=True)
    say("result", config=config.config)


def again(order):
    import helion
    import torch
    kernels, given, kernel = bound(order)
    launches = {"Helion's default configuration": kernel.compile_config(
        kernel.config_spec.default_config())}
    for name, config in order["configs"].items():
        # As Helion's log writes it, where the search gave no result.
        launches[name] = kernel.compile_config(
            helion.Config(**config) if isinstance(config, dict) else
            eval(config, {"helion": helion, "Config": helion.Config}))
    wanted = kernels.expected(order["kernel"], given)
    for name, launch in launches.items():
        got = launch(*given)
        say("right", name=name, right=bool(torch.allclose(
            got.float(), wanted.float(), rtol=1e-2, atol=1e-2)))
    launches["PyTorch"] = lambda *a: kernels.expected(order["kernel"], a)
    flush = torch.empty(256 << 20, dtype=torch.int8, device="cuda")
    in_turn.measure(torch, {name: functools.partial(launch, *given)
                            for name, launch in launches.items()}, flush)


# -------------------------------------------------------------- the comparison

class Timed:
    """What Helion's log says of a search: each configuration once."""

    def __init__(self, path):
        self.rows = {}
        if os.path.exists(path):
            with open(path, newline="") as file:
                for row in csv.DictReader(file):
                    if row["status"] != "started":
                        self.rows[row["config_id"]] = row
        self.good = [r for r in self.rows.values() if r["perf_ms"]]

    def best(self):
        return min((float(r["perf_ms"]) for r in self.good),
                   default=float("nan"))

    def words(self):
        # When a time within 1 % of the best was first there.
        near = min((float(r["timestamp_s"]) for r in self.good if
                    r["timestamp_s"] and float(r["perf_ms"]) <=
                    1.01 * self.best()), default=float("nan"))
        return ("%d configurations (%s), best %.4f ms, within 1 %% of it "
                "after %.1f s" % (len(self.rows), side.counted(
                    r["status"] for r in self.rows.values()), self.best(),
                    near))


class Comparison:
    def __init__(self, arguments, place):
        self.arguments, self.place = arguments, place
        self.report = side.Report(arguments.output,
                                  "helion_gpu_" + arguments.kernel)
        self.winners = {}

    def child(self, what, seconds, name, **order):
        cache = os.path.join(self.place, name)
        os.makedirs(cache)
        order = {"kernel": self.arguments.kernel, **order}
        path = cache + ".json"
        with open(path, "w") as file:
            json.dump(order, file)
        return side.Step(
            [sys.executable, os.path.abspath(__file__), "--child", what,
             path], seconds, {
                "TRITON_CACHE_DIR": cache + "/triton",
                "TORCHINDUCTOR_CACHE_DIR": cache + "/inductor",
                "HELION_CACHE_DIR": cache + "/helion",
                "WARPWRIGHT": self.arguments.program})

    def seconds(self, most):
        return min(most, side.left(self.arguments.seconds))

    def search(self, label, name, **order):
        """One search; the number of its configurations."""
        log = os.path.join(self.place, name + "-log")
        budget = max(5, int(min(self.arguments.each,
                                self.seconds(1000) - 15)))
        step = self.child("search", min(budget + 30, self.seconds(1000) - 12),
                          name, log=log, budget=budget,
                          seed=self.arguments.seed, **order)
        timed = Timed(log + ".csv")
        begun = (step.of("begin") or [{"seconds": float("nan")}])[0]["seconds"]
        self.report.add("%s: %.1f s from the start of the process, %.1f s of "
                        "search" % (label, step.seconds,
                                    step.seconds - begun),
                        "  " + timed.words())
        if step.of("result"):
            self.winners[label] = step.of("result")[0]["config"]
            self.report.add("  " + json.dumps(self.winners[label]))
        else:
            self.report.add("  no result: " + step.last_words(),
                            *("    " + l for l in
                              step.said.splitlines()[-12:]))
            if timed.good:
                self.winners[label + ", unfinished"] = min(
                    timed.good, key=lambda r: float(r["perf_ms"]))["config"]
        return len(timed.rows)

    def pair(self, effort):
        count = self.search("Helion, effort " + effort, effort, way=effort)
        for strategy in self.arguments.strategies.split(","):
            if count and self.seconds(1000) > 35:
                self.search("Warpwright beside %s, %s" % (effort, strategy),
                            "%s-%s" % (strategy, effort), way="warpwright",
                            configs=count, strategy=strategy)

    def measure_again(self):
        step = self.child("again", self.seconds(60), "again",
                          configs=self.winners)
        in_turn.report(self.report, step)


def main():
    if sys.argv[1:2] == ["--child"]:
        with open(sys.argv[3]) as file:
            order = json.load(file)
        return {"search": search, "again": again}[sys.argv[2]](order)
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("program")
    parser.add_argument("--kernel", default="matmul",
                        choices=["matmul", "softmax"])
    parser.add_argument("--each", type=float, default=60)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--strategies", default="pattern,auto")
    parser.add_argument("--output", default=".")
    parser.add_argument("--skip", default="")
    arguments = parser.parse_args()
    versions = side.versions("helion", "torch", "triton")
    if versions is None:
        print("not compared: no Helion with PyTorch and Triton here")
        return 77
    with tempfile.TemporaryDirectory() as place:
        here = Comparison(arguments, place)
        here.report.add("%s; %s" % (arguments.kernel, versions))
        for effort in ("quick", "full"):
            if effort not in arguments.skip.split(","):
                if here.seconds(1000) < 25:
                    here.report.add(effort + ": no time left")
                    continue
                here.pair(effort)
        if here.winners:
            here.measure_again()
    here.report.add("%.0f s in all" % (time.monotonic() - side.BEGUN))
    return 0


if __name__ == "__main__":
    sys.exit(main())
