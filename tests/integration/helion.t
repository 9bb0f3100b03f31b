#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The Helion search of examples/helion, with the real `warpwright ask` and a
stand-in for Helion that has the same fragments and an invented kernel. With
Helion itself, its own fragments have to be what the stand-in imitates."""
import collections
import importlib
import importlib.util
import math
import os
import sys
import tempfile
import types

from tap import check, finish, skip

BUILD = os.path.abspath(os.environ.get("WW_BUILD", "."))
SOURCE = os.path.abspath(os.environ.get("WW_SOURCE", "."))
WORK = tempfile.mkdtemp(prefix="ww-helion-")
os.environ.update(HOME=WORK, XDG_DATA_HOME=WORK, XDG_CONFIG_HOME=WORK,
                  XDG_CACHE_HOME=WORK, WARPWRIGHT_DATA=os.path.join(
                      SOURCE, "share"),
                  WARPWRIGHT=os.path.join(BUILD, "warpwright"))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(SOURCE, "sdk", "python"),
                os.path.join(SOURCE, "examples", "helion")]


# ------------------------------------------------------------------ a stand-in

class PowerOfTwo:
    def __init__(self, low, high, default):
        self.low, self.high, self.start = low, high, default

    def search_values(self):
        return [1 << i for i in range(20) if self.low <= 1 << i <= self.high]


class Integer:
    def __init__(self, low, high, default):
        self.low, self.high, self.start = low, high, default

    def search_values(self):
        return list(range(self.low, self.high + 1))


class Enum:
    def __init__(self, *choices):
        self.choices, self.start = choices, choices[0]

    def search_values(self):
        return list(self.choices)


class ListOf:
    def __init__(self, inner, length):
        self.inner, self.length = inner, length
        self.start = [inner.start] * length


class Permutation:
    def __init__(self, length):
        self.length, self.start = length, list(range(length))


class Unlisted:
    start = "as it is"

    @staticmethod
    def search_values():
        return None


class InvalidConfig(Exception):
    pass


Limit = collections.namedtuple("Limit", "check_fn block_indices")
Result = collections.namedtuple("Result", "config fn perf status")


class Config:
    """Hashable, as Helion's is."""

    def __init__(self, flat):
        self.flat = [list(v) if isinstance(v, list) else v for v in flat]
        self.key = repr(self.flat)

    def __eq__(self, other):
        return self.key == other.key

    def __hash__(self):
        return hash(self.key)


class Generation:
    """Fields of every kind that Helion has for Triton."""
    fields = {"block_sizes": [PowerOfTwo(16, 4096, 16),
                              PowerOfTwo(16, 4096, 16)],
              "loop_orders": [Permutation(2)],
              "num_warps": [PowerOfTwo(1, 32, 4)],
              "num_stages": [Integer(1, 8, 1)],
              "range_flattens": [Enum(None, False, True)],
              "indexing": [ListOf(Enum("pointer", "tensor_descriptor"), 2)],
              "host_tensor_descriptors": [Enum(False, True)],
              "pid_type": [Enum("flat", "persistent")],
              "num_sm_multiplier": [PowerOfTwo(1, 4, 1)],
              "empty": [ListOf(Enum("", "first"), 0)],
              "secret": [Unlisted()]}
    block_size_indices = [0, 1]

    def __init__(self, spec):
        self.config_spec = spec
        self.flat_spec = [f for of in self.fields.values() for f in of]
        self._key_to_flat_indices, at = {}, 0
        for key, of in self.fields.items():
            self._key_to_flat_indices[key] = (list(range(at, at + len(of))),
                                              len(of) > 1)
            at += len(of)
        self.num_warps_index = self.place("num_warps")
        self.seeds = []

    def place(self, key):
        return self._key_to_flat_indices[key][0][0]

    def flatten(self, config):
        return [list(v) if isinstance(v, list) else v for v in config.flat]

    def unflatten(self, flat):
        # As Helion does: what has no effect goes back to its default.
        if flat[self.place("pid_type")] == "flat":
            flat[self.place("num_sm_multiplier")] = 1
        if flat[self.place("num_warps")] == 32:
            raise InvalidConfig("too many warps")
        return Config(flat)

    def seed_flat_config_pairs(self):
        return [(None, c) for c in self.seeds]


class Spec:
    tensor_numel_constraints = [
        Limit(lambda a: a <= 1024, (0,)),
        Limit(lambda a, b: a * b <= 1 << 20, (0, 1))]

    def __init__(self):
        self.generation = Generation(self)

    def create_config_generation(self, overrides=None):
        return self.generation

    def default_config(self):
        return Config([f.start for f in self.generation.flat_spec])


class BaseSearch:
    def __init__(self, kernel, args):
        self.kernel, self.args = kernel, args
        self.config_spec, self.settings = kernel.spec, kernel.settings
        self.log = types.SimpleNamespace(debug=lambda *a: None)
        self.benchmark_provider = types.SimpleNamespace(
            mutated_arg_indices=[])
        self.batches = []

    def _autotune_budget_exceeded(self):
        return len(self.batches) >= self.kernel.most_batches

    def _autotune_seed_configs(self):
        return []

    def benchmark_batch(self, configs, **_):
        self.batches.append(list(configs))
        return [self.measure(c) for c in configs]

    def measure(self, config):
        time = self.kernel.time(self.config_spec.generation, config)
        return Result(config, lambda *a: config, time or math.inf,
                      "ok" if time else "error")


retimed = []


def interleaved_bench(calls, *, repeat):
    """What was second becomes first."""
    retimed.append([call() for call in calls])
    return [2.0, 1.0] + [3.0] * (len(calls) - 2)


def install():
    fragments = types.ModuleType("helion.autotuner.config_fragment")
    fragments.ListOf, fragments.PermutationFragment = ListOf, Permutation
    fragments.PowerOfTwoFragment = PowerOfTwo
    base = types.ModuleType("helion.autotuner.base_search")
    base.BaseSearch = BaseSearch
    timing = types.ModuleType("helion.autotuner.benchmarking")
    timing.interleaved_bench = interleaved_bench
    trouble = types.ModuleType("helion.exc")
    trouble.InvalidConfig = InvalidConfig
    sys.modules.update({
        "helion": types.ModuleType("helion"),
        "helion.autotuner": types.ModuleType("helion.autotuner"),
        "helion.autotuner.base_search": base, "helion.exc": trouble,
        "helion.autotuner.benchmarking": timing,
        "helion.autotuner.config_fragment": fragments})


class Kernel:
    """Its time has one minimum; a third of the tiles does not run."""

    def __init__(self, most_batches=1000):
        self.spec = Spec()
        self.settings = types.SimpleNamespace(
            autotune_config_overrides=None, autotune_random_seed=3)
        self.kernel = types.SimpleNamespace(name="invented")
        self.most_batches = most_batches

    @staticmethod
    def time(generation, config):
        rows, columns = config.flat[:2]
        if rows * columns > 1 << 16:
            return None
        return 1 + abs(math.log2(rows) - 7) + abs(math.log2(columns) - 8) + \
            abs(math.log2(config.flat[generation.place("num_warps")]) - 3)


# ------------------------------------------------------------------- the checks

def check_space(bridge):
    spec = Spec()
    space = bridge.Space(spec.generation, spec.default_config())
    task = space.task("kernel")
    entries = {p["name"]: p for p in task["parameters"]}
    check(list(entries) == ["block_sizes_0", "block_sizes_1", "loop_orders",
                            "num_warps", "num_stages", "range_flattens",
                            "indexing_0", "indexing_1",
                            "host_tensor_descriptors", "pid_type",
                            "num_sm_multiplier"],
          "every choice of Helion's is a parameter, lists one each",
          list(entries))
    check(entries["block_sizes_0"]["range"] == [16, 1024] and
          entries["block_sizes_1"]["range"] == [16, 4096],
          "a limit of one side is the end of its range", entries)
    check([entries[n]["type"] for n in (
        "block_sizes_0", "num_stages", "range_flattens",
        "host_tensor_descriptors")] == ["power_of_two", "int", "enum", "bool"]
          and entries["range_flattens"]["values"] == ["unset", "false",
                                                      "true"]
          and entries["loop_orders"]["values"] == ["0_1", "1_0"],
          "types and words", entries)
    check([
        c["rule"] for c in task["constraints"]] == [
            "block_sizes_0 * block_sizes_1 <= 8192 * num_warps"],
            "tiles of several sides have a rule",
        task["constraints"])
    default = {n: p["default"] for n, p in entries.items()}
    check(space.decode(default) == spec.default_config() and
          space.encode(spec.default_config()) == default,
          "the default goes there and back")
    other = dict(default, block_sizes_0=64, loop_orders="1_0",
                 range_flattens="true", indexing_1="tensor_descriptor",
                 host_tensor_descriptors=True, pid_type="persistent",
                 num_sm_multiplier=4)
    config = space.decode(other)
    check(space.encode(config) == other and config.flat[:3] ==
          [64, 16, [1, 0]] and config.flat[6] == ["pointer",
                                                  "tensor_descriptor"]
          and config.flat[-1] == "as it is",
          "another configuration goes there and back", config.flat)
    check(space.decode(dict(default, num_warps=32)) is None and
          space.decode(dict(default, block_sizes_0=1024,
                            block_sizes_1=4096)) is None,
          "what Helion refuses is no configuration")


def check_search(bridge):
    kernel = Kernel()
    kernel.spec.generation.seeds = [Config(
        [64, 64, [0, 1], 4, 3, None, ["pointer"] * 2, False, "flat", 1, [],
         "as it is"])]
    search = bridge.autotuner(configs=60, batch=8)(kernel, ("a",))
    best = search._autotune()
    asked = [c for batch in search.batches for c in batch]
    check(50 <= len(asked) <= 60 and len(set(asked)) == len(asked),
          "as many configurations as wanted, none of them twice",
          len(asked), len(set(asked)))
    check(asked[0] == kernel.spec.default_config() and
          asked[1] == kernel.spec.generation.seeds[0],
          "the default first, Helion's own start beside it")
    check(max(len(b) for b in search.batches) <= 8,
          "no more at once than wanted")
    ranked = sorted((r for r in search.results.values()
                     if r.status == "ok"), key=lambda r: r.perf)
    check(ranked[0].perf < 0.7 * search.results[asked[1]].perf,
          "it finds more than the start",
          ranked[0].perf)
    check(retimed[-1] == [r.config for r in ranked[:5]] and
          best == ranked[1].config,
          "the best are timed again, and the fastest then is chosen")
    check([h[2] for h in search.history] ==
          sorted((h[2] for h in search.history), reverse=True) and
          search.history[-1][2] == ranked[0].perf,
          "its progress is kept")


def check_ends(bridge):
    kernel = Kernel(most_batches=2)
    search = bridge.WarpwrightSearch(kernel, (), configs=60, batch=8)
    search._autotune()
    check(len(search.batches) == 2, "Helion's limit of seconds ends it")
    kernel = Kernel()
    kernel.time = lambda *_: None
    search = bridge.WarpwrightSearch(kernel, (), configs=20, batch=8)
    try:
        search._autotune()
        check(False, "where nothing runs, it says so")
    except InvalidConfig as error:
        check("none of" in str(error) and
              len(search.results) > 10, "where nothing runs, it says so",
              error, len(search.results))


def check_helion():
    name = "Helion's own fragments are what the stand-in imitates"
    if importlib.util.find_spec("helion") is None:
        skip(name, "no Helion here")
        return
    try:
        real = importlib.import_module("helion.autotuner.config_fragment")
    except ImportError as error:
        skip(name, "Helion does not start: %s" % error)
        return
    check(real.PowerOfTwoFragment(16, 64, 16).search_values() ==
          [16, 32, 64] and real.EnumFragment((None, True)).search_values() ==
          [None, True] and real.ListOf(real.EnumFragment(("a", "b")), 2)
          .default() == ["a", "a"] and real.PermutationFragment(2).default()
          == [0, 1], name)


def main():
    check_helion()
    for name in [n for n in sys.modules if n.split(".")[0] == "helion"]:
        del sys.modules[name]
    install()
    bridge = importlib.import_module("warpwright_helion")
    check_space(bridge)
    check_search(bridge)
    check_ends(bridge)
    finish()


main()
