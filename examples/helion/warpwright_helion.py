# SPDX-License-Identifier: MIT
"""Warpwright's strategies and models as a search of Helion.

    @helion.kernel(autotuner_fn=warpwright_helion.autotuner(configs=100))
    def kernel(...):

Helion makes the space and compiles, checks and times as it does for its own
searches; `warpwright ask` says which configurations come next. Needs Helion 1.5,
and sdk/python (or where `pkg-config --variable=pythondir warpwright-plugin`
points) in PYTHONPATH.
"""
import copy
import itertools
import math
import time
from functools import partial

from helion.autotuner.base_search import BaseSearch
from helion.autotuner.benchmarking import interleaved_bench
from helion.autotuner.config_fragment import ListOf, PermutationFragment, \
    PowerOfTwoFragment
from helion.exc import InvalidConfig

import warpwright_ask

# What Helion says of a configuration, in Warpwright's words.
STATUS = {"timeout": "compile_timeout", "accuracy_error": "wrong_result",
          "filtered": "constraint", "error": "launch_failure"}
# A tile with more elements a thread than registers cannot stay in them.
REGISTERS, WARP = 256, 32
DESCRIPTIONS = {
    "block_sizes": "side of a tile", "reduction_loops":
    "elements of a reduction at once", "num_warps": "warps of a program",
    "num_stages": "steps of a loop whose loads are under way at once",
    "l2_groupings": "rows of tiles that are walked together",
    "loop_orders": "order of the tiles' loops", "pid_type":
    "one program a tile, or programs that stay and take several",
    "indexing": "how a load or store finds its addresses",
    "num_sm_multiplier": "programs that stay, for each multiprocessor",
    "maxnreg": "most registers of a thread",
    "load_eviction_policies": "what the cache drops first"}


class Parameter:
    """One choice: a value of Helion's and what stands for it in the task."""

    def __init__(self, name, key, fragment, default, highest=None):
        self.name = name
        self.key = key
        values = values_of(fragment)
        if highest is not None:
            values = [v for v in values if v <= highest]
        if default not in values:
            values = [default] + values
        self.values = values
        self.default = default
        powers = isinstance(fragment, PowerOfTwoFragment)
        if powers and values == sorted(values) and all(
                b == 2 * a for a, b in zip(values, values[1:])):
            self.words, self.type = values, "power_of_two"
        elif all(type(v) is int for v in values):
            self.words, self.type = values, "enum"
            if values == list(range(values[0], values[-1] + 1)):
                self.type = "int"
        elif all(type(v) is bool for v in values):
            self.words, self.type = values, "bool"
        else:
            self.words, self.type = [word(v) for v in values], "enum"

    def entry(self):
        entry = {"name": self.name, "type": self.type,
                 "default": self.encode(self.default)}
        if self.type == "enum":
            entry["values"] = self.words
        elif self.type != "bool":
            entry["range"] = [self.words[0], self.words[-1]]
        if self.key in DESCRIPTIONS:
            entry["description"] = DESCRIPTIONS[self.key]
        return entry

    def encode(self, value):
        return self.words[self.values.index(value)]

    def decode(self, text):
        return copy.copy(self.values[self.words.index(text)])


def word(value):
    if isinstance(value, list):
        return "_".join(word(v) for v in value)
    return "unset" if value in (None, "") else str(value).lower()


def values_of(fragment):
    """All values of a fragment; none where they cannot be listed."""
    if isinstance(fragment, PermutationFragment) and fragment.length <= 4:
        return [list(p) for p in
                itertools.permutations(range(fragment.length))]
    return fragment.search_values() or []


class Space:
    """A kernel's configurations as Helion writes them, one flat list of values,
    and as a task has them. What cannot be listed stays at its default."""

    def __init__(self, generation, default):
        self.generation = generation
        self.base = generation.flatten(default)
        self.slots = {}  # place in the flat list: its parameters
        places = {}
        for key, (indices, _) in generation._key_to_flat_indices.items():
            for number, place in enumerate(indices):
                name = key if len(indices) == 1 else "%s_%d" % (key, number)
                places[place] = (key, name)
        for place, (key, name) in places.items():
            self.add(place, key, name)

    def add(self, place, key, name):
        fragment, now = self.generation.flat_spec[place], self.base[place]
        if isinstance(fragment, ListOf):
            made = [Parameter("%s_%d" % (name, i), key, fragment.inner, one)
                    for i, one in enumerate(now)]
        else:
            made = [Parameter(name, key, fragment, now, self.highest(place))]
        if any(len(p.values) > 1 for p in made):
            self.slots[place] = made

    def highest(self, place):
        """The largest tile that Helion allows by itself, or None."""
        blocks = self.generation.block_size_indices
        if place not in blocks:
            return None
        limits = [c for c in self.limits()
                  if c.block_indices == (blocks.index(place),)]
        if not limits:
            return None
        return max((v for v in self.generation.flat_spec[place]
                    .search_values() if all(c.check_fn(v) for c in limits)),
                   default=None)

    def limits(self):
        return self.generation.config_spec.tensor_numel_constraints

    def rules(self):
        """Tiles of several sides have to fit into the registers."""
        blocks = [self.slots.get(i)
                  for i in self.generation.block_size_indices]
        warps = self.slots.get(self.generation.num_warps_index)
        sides = sorted({c.block_indices for c in self.limits()
                        if len(c.block_indices) > 1})
        return [{"rule": "%s <= %d * num_warps" % (
                     " * ".join(blocks[i][0].name for i in of),
                     REGISTERS * WARP),
                 "reason": "a tile stays in the registers of its threads"}
                for of in sides if warps and all(blocks[i] for i in of)]

    def task(self, name):
        return {"name": name, "description": "A kernel in Helion.",
                "parameters": [p.entry() for slot in self.slots.values()
                               for p in slot], "constraints": self.rules()}

    def decode(self, config):
        """The Helion configuration that a configuration of the task stands
        for, or None where Helion refuses it."""
        flat = copy.deepcopy(self.base)
        for place, slot in self.slots.items():
            values = [p.decode(config[p.name]) for p in slot]
            many = isinstance(self.generation.flat_spec[place], ListOf)
            flat[place] = values if many else values[0]
        sides = [flat[i] for i in self.generation.block_size_indices]
        if not all(c.check_fn(*(sides[i] for i in c.block_indices))
                   for c in self.limits()):
            return None
        try:
            return self.generation.unflatten(flat)
        except InvalidConfig:
            return None

    def encode(self, config):
        flat = self.generation.flatten(config)
        told = {}
        for place, slot in self.slots.items():
            many = isinstance(self.generation.flat_spec[place], ListOf)
            for p, value in zip(slot, flat[place] if many else
                                [flat[place]]):
                told[p.name] = p.encode(value)
        return told


class WarpwrightSearch(BaseSearch):
    """Benchmarks at most `configs` configurations, `batch` at a time: so many
    are compiled at once. `strategy` and `settings` are Warpwright's."""

    def __init__(self, kernel, args, *, configs=100, batch=16,
                 strategy="auto", settings=None, finalists=5, **_):
        super().__init__(kernel, args)
        self.limit, self.batch = configs, batch
        self.strategy, self.finalists = strategy, finalists
        # Strategies plan with what is left. Different values that are the
        # same program count there, but are not benchmarked again.
        self.options = {"search.max_evaluations": configs + configs // 8,
                        "search.max_rounds": 1000, "search.patience": 0,
                        "search.seed": self.settings.autotune_random_seed
                        or 1, **(settings or {})}
        self.results = {}  # of every configuration that was benchmarked
        self.history = []  # (benchmarked, seconds, best time) as it improved

    def _autotune(self):
        generation = self.config_spec.create_config_generation(
            overrides=self.settings.autotune_config_overrides or None)
        space = Space(generation, self.config_spec.default_config())
        self.begun = time.monotonic()
        with warpwright_ask.Session(space.task(self.name()), self.strategy,
                                    self.options) as session:
            self.search(session, space)
        return self.choose()

    def name(self):
        kernel = getattr(self.kernel, "kernel", None)
        return "helion-" + getattr(kernel, "name", "kernel")

    def search(self, session, space):
        # The default comes first and alone; what Helion's heuristics would
        # start with is known beside it.
        known = list(self._autotune_seed_configs()) + [
            config for _, config in space.generation.seed_flat_config_pairs()]
        while len(self.results) < self.limit and \
                not self._autotune_budget_exceeded():
            room = self.limit - len(self.results)
            trials = session.ask(min(self.batch, room))
            if not trials:
                break
            pairs = [(t, space.decode(t.config)) for t in trials]
            pairs += [(c, c) for c in known[:room - len(trials)]]
            known = []
            self.benchmark_new([config for _, config in pairs if config])
            for trial, config in pairs:
                self.tell(session, space, trial, config)

    def benchmark_new(self, configs):
        # Different values can be the same program: it is timed once.
        new = [c for c in dict.fromkeys(configs) if c not in self.results]
        if not new:
            return
        for config, result in zip(new, self.benchmark_batch(
                new, desc="Warpwright", raise_if_no_viable_config=False)):
            self.results[config] = result
            if math.isfinite(result.perf) and (
                    not self.history or result.perf < self.history[-1][2]):
                self.history.append((len(self.results), time.monotonic() -
                                     self.begun, result.perf))

    def tell(self, session, space, trial, config):
        if config is None:
            session.tell(trial, status="constraint")
            return
        result = self.results[config]
        if trial is config:
            try:
                trial = space.encode(config)
            except ValueError:
                return  # outside of the space that is searched
        outcome = {"time_ms": result.perf} if math.isfinite(result.perf) \
            else {"status": STATUS.get(result.status, "launch_failure")}
        try:
            session.tell(trial, **outcome)
        except warpwright_ask.Error as error:
            self.log.debug("not told to Warpwright: %s" % error)

    def choose(self):
        """The fastest; those at the top are timed again in turn."""
        best = sorted((r for r in self.results.values()
                       if math.isfinite(r.perf)), key=lambda r: r.perf)
        if not best:
            raise InvalidConfig("none of %d configurations ran"
                                % len(self.results))
        best = best[:self.finalists]
        if len(best) > 1 and not self.benchmark_provider.mutated_arg_indices:
            times = interleaved_bench(
                [partial(r.fn, *self.args) for r in best],
                repeat=max(10, min(1000, int(200 / best[0].perf))))
            best = [best[times.index(min(times))]]
        return best[0].config


def autotuner(**options):
    """What @helion.kernel takes as autotuner_fn."""
    def make(kernel, args, **more):
        return WarpwrightSearch(kernel, args, **{**more, **options})
    return make
