#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The same configurations of the Triton examples here and with @triton.autotune.

usage: triton_autotune_gpu.py PROGRAM [--example matmul|softmax] [--count N]
           [--seconds S] [--output FOLDER] [--skip list,search,bad,again]

PROGRAM is `warpwright`; without PyTorch and Triton it says so and ends with code
77. Both get the same kernel source, sizes and list of configurations,
one in ten of which needs more shared memory than there is. @triton.autotune
runs with its defaults (do_bench's, no verification) in a fresh process with an
empty cache; `warpwright tune` with its own (every configuration is verified,
the best are timed again), no cache of compiled code and an empty one of
Triton's. Then our usual search over the whole space; then the winners in turn
in one process; then what either makes of configurations that write to no memory
or compute something else."""
import argparse
import concurrent.futures
import importlib
import json
import os
import random
import sys
import tempfile
import time

import in_turn
import side_by_side as side
from in_turn import say

EXAMPLES = os.path.join(side.SOURCE, "examples", "triton")
BENCH = os.path.join(side.SOURCE, "bench")
OPTIONS = ("num_warps", "num_stages", "num_ctas", "maxnreg")
GOOD = [{"BLOCK": block, "MODE": 0} for block in (256, 512, 1024, 2048)]
BAD = {1: "writes to no memory", 2: "computes something else"}


# ------------------------------------------------------------ configurations

def values_of(parameter):
    low, high = parameter["range"]
    if parameter["type"] == "power_of_two":
        return [1 << i for i in range(high.bit_length())
                if low <= 1 << i <= high]
    return list(range(low, high + 1))


def default_of(task):
    return {p["name"]: p["default"] for p in task["parameters"]}


def choose(task, count):
    """The default and others; one in ten breaks the rule about shared memory,
    where there is one."""
    rules = [r["rule"] for r in task["constraints"]]
    hard = [r for r in rules if "SHARED_BYTES" not in r]
    space = {p["name"]: values_of(p) for p in task["parameters"]}
    draw = random.Random(7)
    chosen, large = [default_of(task)], 0

    def fits(config, rules):
        names = {**task["problem"], **config, "max": max}
        return all(eval(r, {"__builtins__": {}}, names) for r in rules)

    while len(chosen) < count:
        config = {n: draw.choice(v) for n, v in space.items()}
        wanted_large = len(hard) < len(rules) and large < count // 10
        if config in chosen or not fits(config, hard) or \
                fits(config, rules) == wanted_large:
            continue
        large += wanted_large
        chosen.append(config)
    return [chosen[0]] + draw.sample(chosen[1:], count - 1), large


def restricted(task, configs, folder):
    """The task with these configurations and no others."""
    rule = " or ".join("(%s)" % " and ".join(
        "%s == %d" % pair for pair in c.items()) for c in configs)
    return {**task, "constraints": [rule], "kernel": {
        **task["kernel"], "source": os.path.join(folder, task["kernel"]
                                                 ["source"])}}


def write(place, name, task):
    path = os.path.join(place, name + ".json")
    with open(path, "w") as file:
        json.dump(task, file)
    return path


# ------------------------------------------------- what runs in own processes

class Side:
    """The example's own device half, without the program around it."""

    def __init__(self, folder, module, task):
        sys.path.insert(0, folder)
        made = importlib.import_module(module)
        import torch
        self.torch, self.task = torch, task
        self.side = next(
            v for v in vars(made).values() if isinstance(v, type) and
            issubclass(v, made.triton_side.TritonKernel) and
            v is not made.triton_side.TritonKernel)()
        self.side.torch, self.side.place = torch, "cuda"
        self.side.names = [a["name"] for a in task["arguments"]]
        sizes = {n: eval(a["size"], {}, dict(task["problem"])) for n, a in
                 zip(self.side.names, task["arguments"])}
        self.side.tensors = {a["name"]: self.make(a, sizes[a["name"]])
                             for a in task["arguments"]}
        self.arguments = [self.side.tensors[n] for n in self.side.names]
        self.flush = torch.empty(256 << 20, dtype=torch.int8, device="cuda")

    def make(self, argument, n):
        fill = dict(argument.get("fill") or {"kind": "constant", "seed": 0})
        fill["a"] = fill.get("low", fill.get("mean"))
        fill["b"] = fill.get("high", fill.get("deviation"))
        return self.side.make({**argument, "elements": n, "fill": fill}, 1)

    def launch(self, config):
        values = {**self.task["problem"], **config}
        grid, meta = self.side.grid(values), self.side.meta(values)
        return lambda: self.side.kernel[grid](*self.arguments, **meta)

    def right(self, launch, config):
        values = {**self.task["problem"], **config}
        out = next(a for a in self.task["arguments"]
                   if a["kind"] == "output")
        got = self.side.tensors[out["name"]]
        got.fill_(float("nan"))
        launch()
        want = self.side.expected(self.torch, self.side.tensors, values)
        near = self.task.get("tolerance") or {"absolute": 0, "relative": 0}
        return bool(self.torch.allclose(
            got.float(), want.reshape(-1).float(), rtol=near["relative"],
            atol=near["absolute"]))


def autotune(order):
    """@triton.autotune over the configurations, as its users write it."""
    import triton
    here = Side(order["folder"], order["module"], order["task"])
    problem = order["task"]["problem"]
    # The kernel's own arguments and the compiler's options of each.
    metas = [here.side.meta({**problem, **c}) for c in order["configs"]]
    plain = [{k: v for k, v in m.items() if k not in OPTIONS} for m in metas]
    fixed = {k for k in plain[0] if len({p[k] for p in plain}) == 1}
    configs = [triton.Config(
        {k: v for k, v in p.items() if k not in fixed},
        **{k: v for k, v in m.items() if k in OPTIONS})
        for p, m in zip(plain, metas)]
    of = {id(made): config for made, config in zip(configs,
                                                   order["configs"])}
    plain_bench = triton.runtime.driver.active.get_benchmarker()

    def bench(call, **more):
        # Triton's own, and a line for what has come so far.
        times = plain_bench(call, **more)
        say("timed", time_ms=times[0])
        return times

    tuned = triton.autotune(configs=configs, key=[], do_bench=bench)(
        here.side.kernel)

    def grid(meta):
        return here.side.grid({**problem, **{n: meta.get(n) for p in plain
                                             for n in p}})

    say("begin")
    tuned[grid](*here.arguments, **{k: plain[0][k] for k in fixed})
    here.torch.cuda.synchronize()
    timings = {id(c): t[0] if isinstance(t, (list, tuple)) else t
               for c, t in tuned.configs_timings.items()}
    good = [t for t in timings.values() if t < float("inf")]
    config = of[id(tuned.best_config)]
    say("result", config=config, time_ms=timings[id(tuned.best_config)],
        good=len(good), of=len(timings),
        right=here.right(here.launch(config), config))


def again(order):
    """The given configurations, in turn and in random order."""
    here = Side(order["folder"], order["module"], order["task"])
    launches = {n: here.launch(c) for n, c in order["configs"].items()}
    for name, launch in launches.items():
        say("right", name=name, right=here.right(launch,
                                                 order["configs"][name]))
    in_turn.measure(here.torch, launches, here.flush)


# -------------------------------------------------------------- the comparison

class Comparison:
    def __init__(self, arguments, place):
        self.arguments, self.place = arguments, place
        self.folder = os.path.join(EXAMPLES, arguments.example)
        self.task = side.read_task(os.path.join(self.folder, "task.json"))
        self.report = side.Report(arguments.output, "triton_autotune_gpu_" +
                                  arguments.example)
        self.winners = {"default": default_of(self.task)}

    def child(self, what, seconds, name, **order):
        cache = os.path.join(self.place, name)
        os.makedirs(cache)
        order = {"folder": self.folder, "module": self.arguments.example,
                 "task": self.task, **order}
        path = write(self.place, name, order)
        return side.Step([sys.executable, os.path.abspath(__file__),
                          "--child", what, path], seconds,
                         {"TRITON_CACHE_DIR": cache})

    def seconds(self, most):
        return min(most, side.left(self.arguments.seconds))

    def the_list(self):
        configs, large = choose(self.task, self.arguments.count)
        self.report.add("%s: %d configurations, %d of them with too much "
                        "shared memory" % (self.arguments.example,
                                           len(configs), large))
        self.triton(configs)
        path = write(self.place, "list", restricted(self.task, configs,
                                                    self.folder))
        self.ours("the list", path, "exhaustive", len(configs))

    def triton(self, configs):
        step = self.child("autotune", self.seconds(120), "autotune",
                          configs=configs)
        begun = (step.of("begin") or [{"seconds": float("nan")}])[0]["seconds"]
        if not step.of("result"):
            timed = [t["time_ms"] for t in step.of("timed")]
            self.report.add("triton.autotune: no result, %s; %d timed, best "
                            "%.4f ms" % (step.last_words(), len(timed),
                                         min(timed, default=float("nan"))))
            return
        result = step.of("result")[0]
        self.winners["triton.autotune"] = result["config"]
        self.report.add(
            "triton.autotune: %.1f s from the start of the process, %.1f s "
            "from the first call; %d of %d ran, best %.4f ms" % (
                result["seconds"], result["seconds"] - begun, result["good"],
                result["of"], result["time_ms"]),
            "  " + json.dumps(result["config"]))

    def ours(self, name, path, strategy, count, **values):
        step = side.tune(
            self.arguments.program, path, self.place, name.replace(" ", "-"),
            self.seconds(120), "--strategy", strategy, "--max-evaluations",
            str(count), "--max-seconds", "%d" % max(5, self.seconds(100) - 8),
            search_max_rounds=1000, **values)
        trials, results = step.of("trial"), step.of("result")
        good = [t for t in trials if t["status"] == "ok"]
        best = results[-1].get("best") if results else None
        label = "warpwright, " + name
        if best:
            self.winners[label] = best["config"]
        self.report.add(
            "%s: %.1f s from the start of the process, %.1f s from the first "
            "trial; %d of %d ran, best %s ms%s" % (
                label, step.seconds, step.seconds - (
                    trials[0]["seconds"] if trials else float("nan")),
                len(good), len(trials),
                "%.4f" % best["time_ms"] if best else "-",
                "" if best else " (%s)" % step.last_words()),
            "  compiling %.1f s in all, the last trial after %.1f s; %s" % (
                sum(t.get("compile_ms") or 0 for t in trials) / 1e3,
                trials[-1]["seconds"] if trials else float("nan"),
                side.counted(t["status"] for t in trials)),
            "  " + json.dumps(best and best["config"]))

    def measure_again(self):
        step = self.child("again", self.seconds(60), "again",
                          configs=self.winners)
        in_turn.report(self.report, step)

    def bad(self):
        """One bad configuration at a time for Triton, both for us. No times
        are compared, so all three run at once."""
        configs = GOOD + [{"BLOCK": 512, "MODE": mode} for mode in BAD]
        with concurrent.futures.ThreadPoolExecutor() as pool:
            theirs = {m: pool.submit(self.bad_triton, m) for m in BAD}
            path = write(self.place, "bad", bad_task(BENCH, configs))
            ours = side.tune(
                self.arguments.program, path, self.place, "bad-ours",
                self.seconds(60), "--strategy", "exhaustive",
                "--max-evaluations", str(len(configs)),
                parallel_compile_workers=len(configs))
        for mode, words in BAD.items():
            step = theirs[mode].result()
            result = (step.of("result") or [None])[0]
            self.report.add(
                "triton.autotune, one of %d configurations %s:" % (
                    len(GOOD) + 1, words), "  " + (
                    "%s; %d had been timed" % (
                        step.last_words(), len(step.of("timed")))
                    if result is None else "chose %s, whose result is %s" % (
                        json.dumps(result["config"]),
                        "right" if result["right"] else "wrong")))
        best = (ours.of("result") or [{}])[-1].get("best")
        self.report.add("warpwright, both among %d:" % len(configs),
                        "  %s; best %s%s" % (
            side.counted(t["status"] for t in ours.of("trial")),
            json.dumps(best and best["config"]),
            "" if best else " (%s)" % ours.last_words()))

    def bad_triton(self, mode):
        configs = GOOD[:2] + [{"BLOCK": 512, "MODE": mode}] + GOOD[2:]
        return self.child(
            "autotune", self.seconds(40), "bad-%d" % mode, folder=BENCH,
            module="triton_bad_kernel", task=bad_task(BENCH, configs),
            configs=configs)


def bad_task(folder, configs):
    size = 1 << 25
    rule = " or ".join("(BLOCK == %d and MODE == %d)" % (
        c["BLOCK"], c["MODE"]) for c in configs)
    return {"name": "triton-bad", "backend": "command",
            "kernel": {"language": "triton", "entry": "bad", "source":
                       os.path.join(folder, "triton_bad_kernel.py")},
            "problem": {"N": size}, "parameters": [
                {"name": "BLOCK", "type": "power_of_two",
                 "range": [256, 2048], "default": 256},
                {"name": "MODE", "type": "int", "range": [0, 2],
                 "default": 0}], "constraints": [rule], "arguments": [
                {"name": "out", "type": "float32", "kind": "output",
                 "size": "N"},
                {"name": "x", "type": "float32", "kind": "input", "size":
                 "N", "fill": {"kind": "uniform", "low": -1, "high": 1,
                               "seed": 1}}],
            "tolerance": {"absolute": 0, "relative": 0}}


def main():
    if sys.argv[1:2] == ["--child"]:
        with open(sys.argv[3]) as file:
            order = json.load(file)
        return {"autotune": autotune, "again": again}[sys.argv[2]](order)
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("program")
    parser.add_argument("--example", default="matmul",
                        choices=["matmul", "softmax"])
    parser.add_argument("--count", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--output", default=".")
    parser.add_argument("--skip", default="")
    arguments = parser.parse_args()
    versions = side.versions("torch", "triton")
    if versions is None:
        print("not compared: no PyTorch with Triton here")
        return 77
    skipped = arguments.skip.split(",")
    with tempfile.TemporaryDirectory() as place:
        here = Comparison(arguments, place)
        here.report.add(versions)
        task = os.path.join(here.folder, "task.json")
        steps = {"list": here.the_list,
                 "search": lambda: here.ours("its own search", task, "auto",
                                             85),
                 "again": here.measure_again, "bad": here.bad}
        for name, step in steps.items():
            if name in skipped:
                continue
            if side.left(arguments.seconds) < 8:
                here.report.add(name + ": no time left")
                continue
            step()
    here.report.add("%.0f s in all" % (time.monotonic() - side.BEGUN))
    return 0


if __name__ == "__main__":
    sys.exit(main())
