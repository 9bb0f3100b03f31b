#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A program that measures by itself: it asks for configurations and tells
results, one JSON object a line, with every kind of strategy, with wrong lines,
after a kill, and through the Python client."""
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

from tap import check, finish

BUILD = os.path.abspath(os.environ["WW_BUILD"])
SOURCE = os.path.abspath(os.environ["WW_SOURCE"])
PROGRAM = BUILD + "/warpwright"
WORK = tempfile.mkdtemp(prefix="ww-ask-")
ENV = dict(os.environ, HOME=WORK, XDG_DATA_HOME=WORK + "/data",
           XDG_CONFIG_HOME=WORK + "/config", XDG_CACHE_HOME=WORK + "/cache",
           WARPWRIGHT_SEARCH_WARM_START="false",
           WARPWRIGHT_DATA=SOURCE + "/share",
           WARPWRIGHT_PLUGIN_PATH=BUILD + "/.libs")
for key in list(ENV):
    if key.endswith("_API_KEY"):
        del ENV[key]
TASK = {
    "name": "bowl",
    "parameters": [
        {"name": "a", "type": "int", "range": [1, 30], "default": 3},
        {"name": "b", "type": "enum", "values": ["x", "y", "z"]},
        {"name": "c", "type": "bool", "default": False},
    ],
    "constraints": [{"rule": "a != 7", "reason": "seven never works"}],
}
SIZE = 29 * 3 * 2
NUMBERS = itertools.count(1)  # of scripted models


def time_of(config):
    return (0.1 + abs(config["a"] - 21) +
            {"x": 2.0, "y": 1.0, "z": 0.0}[config["b"]] + config["c"])


def write(name, value):
    path = os.path.join(WORK, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(value if isinstance(value, str) else json.dumps(value))
    return path


class Far:
    """One run of `warpwright ask`."""

    def __init__(self, *arguments, task=None, command="ask", env=None):
        words = [PROGRAM] + command.split()
        if command == "ask":
            words.append(task or PATH)
        self.errors = open(os.path.join(WORK, "stderr"), "w+",
                           encoding="utf-8")
        self.process = subprocess.Popen(
            words + list(arguments), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self.errors, text=True,
            env=dict(ENV, **(env or {})), cwd=WORK)

    def send(self, request):
        text = request if isinstance(request, str) else json.dumps(request)
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def read(self):
        line = self.process.stdout.readline()
        return json.loads(line) if line else None

    def say(self, request):
        self.send(request)
        return self.read()

    def ask(self, n=1):
        return self.say({"ask": n})

    def tell(self, entry, **more):
        more = more or {"time_ms": time_of(entry["config"])}
        return self.say({"tell": dict(more, id=entry["id"])})

    def end(self, request=None):
        """The result and the exit code."""
        if request is not None:
            self.send(request)
        else:
            self.process.stdin.close()
        answer = self.read()
        code = self.process.wait(30)
        self.process.stdout.close()
        return answer, code

    def said(self):
        self.errors.seek(0)
        return self.errors.read()


def search(far, n=1, limit=10000):
    """Asks until it is finished; returns all entries and the last answer."""
    entries = []
    while len(entries) < limit:
        answer = far.ask(n)
        if not answer["configurations"]:
            return entries, answer
        for entry in answer["configurations"]:
            entries.append(entry)
            far.tell(entry)
    return entries, None


def conversation():
    far = Far("--strategy", "random", "--seed", "3", "--max-evaluations", "12")
    about = far.say({"describe": True})["session"]
    check(about["task"] == "bowl" and about["configurations"] == SIZE and
          about["default"] == {"a": 3, "b": "x", "c": False} and
          about["strategy"] == "random", "describe says what is tuned", about)
    check(far.say({"best": True}) == {"best": None}, "there is no best yet")
    first = far.ask(5)
    check([e["source"] for e in first["configurations"]] == ["default"] and
          first["configurations"][0]["config"] == about["default"] and
          not first["wait"] and not first["finished"],
          "the default configuration comes first, alone", first)
    answer = far.ask(5)
    check(answer == {"configurations": [], "wait": True, "finished": False},
          "until it is told, an ask is answered with wait", answer)
    told = far.tell(first["configurations"][0], samples_ms=[20.0, 21, 22, 20.5,
                                                            21.5, 20.2, 21.1])
    check(told == {"told": {"id": 1, "status": "ok", "time_ms": 21.0}},
          "samples become their median", told)
    four = far.ask(4)["configurations"]
    two = far.ask(2)["configurations"]
    ids = [e["id"] for e in four + two]
    configs = {json.dumps(e["config"]) for e in four + two}
    check(ids == [2, 3, 4, 5, 6, 7] and len(configs) == 6,
          "more can be asked for while others are out", four, two)
    for entry in reversed(four + two):
        far.tell(entry)
    told = far.say({"tell": {"id": 4, "time_ms": 1}})
    check("no configuration with id 4 waits" in told["error"]["text"],
          "a result comes once", told)
    rest, last = search(far, 3)
    check(len(rest) == 5 and last["finished"] and not last["wait"] and
          last["stop"] == "max_evaluations",
          "the limit ends it, and its name is told", rest, last)
    check(far.ask(1)["finished"], "and is told again to who asks again")
    best = far.say({"best": True})["best"]
    everything = [time_of(e["config"]) for e in four + two + rest]
    check(abs(best["time_ms"] - min(everything)) < 1e-9 and
          abs(best["speedup"] - 21.0 / best["time_ms"]) < 1e-9,
          "best is the fastest that was told", best)
    result, code = far.end({"finish": True})
    result = result["result"]
    check(code == 0 and result["trials"] == 12 and
          result["stop"] == "max_evaluations" and
          result["best"]["time_ms"] == best["time_ms"] and
          result["default"]["time_ms"] == 21.0,
          "finish is answered with the result", code, result)
    return result["session"]


def stored(session):
    def json_lines(*words):
        done = subprocess.run([PROGRAM, "session"] + list(words) + ["--json"],
                              env=ENV, capture_output=True, text=True,
                              check=False)
        return [json.loads(line) for line in done.stdout.splitlines()]
    row = json_lines("list")[0]
    check(row["id"] == session and row["state"] == "finished" and
          row["trials"] == 12 and row["backend"] == "ask" and
          row["device_name"] == "a program", "session list has it", row)
    lines = json_lines("show", session, "--all")
    trials = [line for line in lines if line["type"] == "trial"]
    default = [t for t in trials if t["id"] == 1]
    check(len(trials) == 12 and len(default[0]["samples_ms"]) == 7 and
          default[0]["ci_low_ms"] < 21 < default[0]["ci_high_ms"],
          "session show has the trials with samples and interval", default)


def wrong_lines():
    far = Far("--strategy", "random", "--max-evaluations", "6")
    entry = far.ask()["configurations"][0]
    cases = [
        ("{", "line:1:2"),
        ("7", "one member"),
        ("{}", "one member"),
        ({"ask": 1, "best": True}, "one member"),
        ({"aks": 1}, 'unknown member "aks"; did you mean "ask"?'),
        ({"ask": 0}, "1 to 100000, not 0"),
        ({"ask": "two"}, "not \"two\""),
        ({"ask": 1.5}, "not 1.5"),
        ({"tell": 7}, '"tell" is an object'),
        ({"tell": {"time_ms": 1}}, 'either "id" or "config"'),
        ({"tell": {"id": 1}}, 'either "time_ms" or "samples_ms"'),
        ({"tell": {"id": 1, "time_ms": 0}}, "positive number"),
        ({"tell": {"id": 1, "time_ms": "1"}}, "positive number"),
        ({"tell": {"id": 1, "samples_ms": []}}, "1 to 100000 numbers"),
        ({"tell": {"id": 1, "samples_ms": [1, -1]}}, "positive number"),
        ({"tell": {"id": 1, "time_ms": 1, "samples_ms": [1]}}, "either"),
        ({"tell": {"id": 1, "status": "fine"}}, '"status" is "ok"'),
        ({"tell": {"id": 1, "status": "crash", "time_ms": 1}}, "has no time"),
        ({"tell": {"id": 1, "time_ms": 1, "facts": [1]}}, '"facts" is'),
        ({"tell": {"id": 1, "time_ms": 1, "facts": {"r": "x"}}}, 'fact "r"'),
        ({"tell": {"id": 1, "time_ms": 1, "text": 1}}, '"text" is a string'),
        ({"tell": {"id": 1, "tims_ms": 1}}, 'did you mean "time_ms"?'),
        ({"tell": {"id": 0, "time_ms": 1}}, '"id" is the number'),
        ({"tell": {"id": 99, "time_ms": 1}}, "no configuration with id 99"),
        ({"tell": {"config": {"a": 4}, "time_ms": 1}}, '{"a":4}'),
        ({"tell": {"config": {"a": 7, "b": "x", "c": False}, "time_ms": 1}},
         "seven never works"),
        ({"tell": {"config": {"a": 4, "b": "q", "c": False}, "time_ms": 1}},
         '"q"'),
        ('{"ask":' + " " * (5 << 20) + "1}", "longer than"),
    ]
    for line, expected in cases:
        answer = far.say(line)
        text = (answer or {}).get("error", {}).get("text", "")
        check(expected in text, "refused: %.60s" % (line,), answer)
    check(answer["error"]["line"] == len(cases) + 1,
          "an error names the line", answer)
    told = far.tell(entry, time_ms=5, facts={"registers": 17})
    check(told == {"told": {"id": 1, "status": "ok", "time_ms": 5.0}},
          "and the run goes on after all of them", told)
    result, code = far.end()
    check(code == 0 and result["result"]["stop"] == "left",
          "the end of the input is a clean end", code, result)


def failures():
    far = Far("--strategy", "pattern", "--max-evaluations", "30")
    entries = []
    while True:
        answer = far.ask(3)
        if not answer["configurations"]:
            break
        for entry in answer["configurations"]:
            entries.append(entry)
            if entry["config"]["c"]:
                told = far.tell(entry, status="compile_error",
                                text="error: no c here\nand more of it")
            else:
                told = far.tell(entry)
    result = far.end({"finish": True})[0]["result"]
    broken = sum(1 for e in entries if e["config"]["c"])
    check(answer["finished"] and broken > 0 and
          result["failed"] == {"compile_error": broken} and
          not result["best"]["config"]["c"],
          "failures are told with their class and never win", broken, result)
    check(told["told"]["status"] in ("ok", "compile_error"),
          "and answered with it", told)
    far = Far("--strategy", "random", "--max-evaluations", "3")
    while True:
        answer = far.ask(3)
        if not answer["configurations"]:
            break
        for entry in answer["configurations"]:
            far.tell(entry, status="run_timeout")
    result, code = far.end({"finish": True})
    check(code == 1 and result["result"]["best"] is None,
          "nothing usable is exit code 1", code, result)


def words_of_the_manual():
    """Each status that the man page, or the refusal of one, names is taken."""
    with open(os.path.join(SOURCE, "man", "warpwright.1"),
              encoding="utf-8") as file:
        page = file.read()
    page = page[page.index("\n.Li status :\n"):]
    words = re.findall(r"^\.Li (\w+)", page[:page.index("\n.Li text\n")],
                       re.M)[1:]
    far = Far("--strategy", "random", "--max-evaluations", "100")
    entry = far.ask()["configurations"][0]
    refusal = far.tell(entry, status="fine")["error"]["text"]
    words += re.findall(r'"(\w+)"', refusal.split("another")[0])[2:]
    told = []
    for word in words:
        told.append(far.tell(entry, status=word))
        entry = far.ask()["configurations"][0]
    far.end({"finish": True})
    check(len(words) > 12 and [t.get("told", {}).get("status") for t in told]
          == words, "every status of the manual is understood", told)


def volunteers():
    """Configurations that the program measured on its own initiative."""
    far = Far("--strategy", "random", "--seed", "5", "--max-evaluations", "20")
    own = {"a": 21, "b": "z", "c": False}
    told = far.say({"tell": {"config": own, "time_ms": 0.1}})
    check(told["told"]["id"] == 2 and told["told"]["time_ms"] == 0.1,
          "a configuration nobody asked for is taken, even before the default",
          told)
    told = far.say({"tell": {"config": own, "time_ms": 0.1}})
    check("has a result already, as trial 2" in told["error"]["text"],
          "but only once", told)
    entry = far.ask()["configurations"][0]
    told = far.say({"tell": {"config": entry["config"], "time_ms": 9}})
    check(told["told"]["id"] == entry["id"] == 1,
          "one that was given can be named by its values", told)
    far.ask(4)  # left out
    entries, last = search(far, 2)
    check(own not in [e["config"] for e in entries] and last["wait"],
          "it is not proposed again; what is still out is waited for", last)
    result = far.end({"finish": True})[0]["result"]
    check(result["best"]["config"] == own and
          result["best"]["source"] == "told" and result["trials"] == 16,
          "it can win, and what never came is left out", result)


def strategies():
    for name in ("auto", "pattern", "anneal", "genetic", "greywolf", "lfbo",
                 "evolve", "exhaustive", "random"):
        traces = []
        for _ in range(2 if name in ("auto", "evolve") else 1):
            far = Far("--strategy", name, "--max-evaluations", "40", "--seed",
                      "9")
            entries, last = search(far, 3)
            best = far.say({"best": True})["best"]
            result, code = far.end({"finish": True})
            traces.append([e["config"] for e in entries])
        check(code == 0 and len(entries) == 40 and
              last["stop"] in ("max_evaluations", "exhausted") and
              all(a == traces[0] for a in traces) and
              best["time_ms"] < time_of({"a": 3, "b": "x", "c": False}),
              "strategy %s" % name, len(entries), last, best)
    small = write("small.json", {"name": "small", "parameters": [
        {"name": "n", "type": "int", "range": [1, 4]}]})
    far = Far("--strategy", "random", task=small)
    ids = []
    while True:
        answer = far.ask(10)
        if not answer["configurations"]:
            break
        for entry in answer["configurations"]:
            ids.append(entry["config"]["n"])
            far.tell(entry, time_ms=entry["config"]["n"])
    far.end({"finish": True})
    check(sorted(ids) == [1, 2, 3, 4] and answer["stop"] == "exhausted",
          "a space that is used up ends it", ids, answer)
    far = Far("--strategy", "random", "--target", "4")
    entries, last = search(far)
    far.end({"finish": True})
    check(last["stop"] == "target" and
          time_of(entries[-1]["config"]) <= 4, "a target ends it", last)


MODEL = r"""
import json, os, sys
# What is proposed depends on nothing but how often this was run.
path, good = sys.argv[1], int(sys.argv[2])
n = int(open(path).read()) if os.path.exists(path) else 0
open(path, "w").write(str(n + 1))
if n >= good:
    sys.exit("the model is out of order")
rows = [{"a": 10 + 2 * i + n, "b": "z", "c": False} for i in range(6)]
print(json.dumps({"configurations": [
    {"config": row, "reason": "a bowl has a bottom"} for row in rows]}))
"""


def models():
    script = write("model.py", MODEL)

    def start(good, *more):
        """With a model that answers `good` times and then fails."""
        command = [sys.executable, script,
                   os.path.join(WORK, "calls-%d" % next(NUMBERS)), str(good)]
        return Far("--strategy", "llm", "--provider", "exec", "--set",
                   "provider.exec.command=" + json.dumps(command), "--set",
                   "search.initial_batch_size=6", "--set",
                   "search.refinement_batch_size=6", "--set",
                   "http.attempts=1", "--set",
                   # Else it depends on the machine who is faster.
                   "strategy.llm.overlap=none", *more)
    far = start(99, "--max-evaluations", "13")
    entries, last = search(far, 6)
    result, code = far.end({"finish": True})
    result = result["result"]
    reasons = [e for e in entries if e["reason"] == "a bowl has a bottom"]
    check(code == 0 and len(reasons) >= 6 and
          reasons[0]["source"] == "llm" and result["model_calls"] >= 1 and
          result["fallback"] is None, "a model proposes, and says why",
          entries, result, far.said())
    # It breaks after the first call: the fallback goes on with everything.
    far = start(1, "--max-evaluations", "25", "--fallback", "pattern", "--set",
                "strategy.llm.overlap=none")
    entries, last = search(far, 3)
    result, code = far.end({"finish": True})
    result = result["result"]
    check(code == 0 and last["finished"] and result["trials"] == 25 and
          {"default", "llm", "pattern"} <= {e["source"] for e in entries} and
          result["fallback"] is not None, "the fallback takes over",
          result, far.said())
    far = start(0, "--fallback", "error", "--set",
                "strategy.llm.overlap=none")
    entries, last = search(far)
    far.send({"finish": True})
    lines = [far.read(), far.read()]
    code = far.process.wait(30)
    check(last["finished"] and last["stop"] == "error" and last["text"] and
          lines[0]["result"]["trials"] == 1 and "error" in lines[1] and
          code == 8, "without a fallback the error is told", last, lines, code)
    far = start(99, "--set", "search.max_model_calls=1")
    entries, last = search(far, 6)
    far.end({"finish": True})
    check(last["stop"] == "max_cost", "a budget of model calls ends it", last)


def resuming():
    far = Far("--strategy", "random", "--seed", "8", "--max-evaluations", "9",
              "--device", "a bench of mine")
    session = far.say({"describe": True})["session"]["session"]
    entries, _ = search(far, limit=5)
    open_one = far.ask()["configurations"][0]
    far.process.kill()
    far.process.wait()
    far = Far("--resume", session, "--max-evaluations", "9", "--strategy",
              "random")
    about = far.say({"describe": True})["session"]
    more, last = search(far, 2)
    result, code = far.end({"finish": True})
    configs = [json.dumps(e["config"]) for e in entries + more]
    check(code == 0 and about["session"] == session and
          [e["id"] for e in more] == [6, 7, 8, 9] and
          len(set(configs)) == 9 and result["result"]["trials"] == 9 and
          "default" not in [e["source"] for e in more],
          "after a kill it goes on where it was", more, result, open_one)
    far = Far(session, "--max-evaluations", "11", command="session resume")
    more, last = search(far, 2)
    result, code = far.end({"finish": True})
    row = json.loads(subprocess.run(
        [PROGRAM, "session", "list", "--json"], env=ENV, capture_output=True,
        text=True, check=False).stdout.splitlines()[0])
    check(code == 0 and len(more) == 2 and last["finished"] and
          row["trials"] == 11 and row["device_name"] == "a bench of mine",
          "so does session resume, with the settings it had", more, result, row)
    other = dict(TASK, parameters=TASK["parameters"][:2])
    far = Far("--resume", session, task=write("other.json", other))
    line = far.read()
    code = far.process.wait(30)
    check(code == 3 and "cannot be resumed" in line["error"]["text"],
          "another space is not", line, code)


def warm():
    """Earlier results of the task are tried first."""
    far = Far("--strategy", "random", "--set", "search.warm_start=true",
              "--max-evaluations", "40")
    far.tell(far.ask()["configurations"][0])
    answer = far.ask(12)["configurations"]
    sources = [e["source"] for e in answer]
    far.end({"finish": True})
    check(len(answer) == 12 and 0 < sources.count("warm_start") <= 10 and
          sources.count("random") == 12 - sources.count("warm_start"),
          "what was found before is tried first, and others with it", answer)


def endings():
    far = Far("--strategy", "random")
    far.ask()
    far.process.send_signal(signal.SIGTERM)
    line = far.read()
    code = far.process.wait(30)
    check(code == 6 and line["result"]["stop"] == "interrupted",
          "a signal ends it with its result", line, code)
    far = Far("--strategy", "none_such")
    line = far.read()
    code = far.process.wait(30)
    check(code == 4 and "none_such" in line["error"]["text"],
          "what cannot begin is said as a line, too", line, code)
    far = Far(task=os.path.join(WORK, "no-such.json"))
    line = far.read()
    check(far.process.wait(30) == 3 and "error" in line, "a missing task",
          line)
    far = Far("--strategy", "random")
    far.process.stdout.close()
    far.send({"ask": 1})
    far.send({"ask": 1})
    check(far.process.wait(30) is not None, "it ends when nobody reads")
    done = subprocess.run([PROGRAM, "tune", PATH], env=ENV, cwd=WORK,
                          capture_output=True, text=True, check=False)
    check(done.returncode == 3 and "warpwright ask" in done.stderr,
          "tune says that such a task has no kernel", done.stderr)


T1 = {
    "General": {"BenchmarkName": "t1_one"},
    "ConfigurationSpace": {
        "TuningParameters": [
            {"Name": "block_size_x", "Type": "int",
             "Values": "[32 * i for i in range(1, 5)]", "Default": 32},
            {"Name": "tile", "Type": "int", "Values": "[1, 2, 4]",
             "Default": 1}],
        "Conditions": [{"Expression": "block_size_x * tile <= 128",
                        "Parameters": ["block_size_x", "tile"]}]},
    "KernelSpecification": {
        "Language": "CUDA", "KernelName": "k", "KernelFile": "missing.cu",
        "GlobalSize": {"X": "1", "Y": "1", "Z": "1"},
        "LocalSize": {"X": "block_size_x", "Y": "1", "Z": "1"},
        "ProblemSize": [1024], "Arguments": []},
}


def other_files():
    far = Far("--strategy", "exhaustive", "--max-evaluations", "50",
              task=write("t1.json", T1))
    seen = []
    while True:
        answer = far.ask(4)
        if not answer["configurations"]:
            break
        for entry in answer["configurations"]:
            seen.append(entry["config"])
            far.tell(entry, time_ms=1 + entry["config"]["tile"])
    far.end({"finish": True})
    check(len(seen) == 7 and answer["stop"] == "exhausted" and
          all(c["block_size_x"] * c["tile"] <= 128 for c in seen),
          "a T1 file whose kernel is not there", seen, answer, far.said())


def client():
    env = dict(ENV, PYTHONPATH=SOURCE + "/sdk/python", WARPWRIGHT=PROGRAM,
               PYTHONDONTWRITEBYTECODE="1")
    done = subprocess.run(
        [sys.executable, SOURCE + "/examples/ask/tune_python.py", "random"],
        env=env, cwd=WORK, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    check(done.returncode == 0 and len(lines) == 2 and
          lines[0].startswith("25 trials (") and
          "'skip': False" in lines[1], "the example tunes a Python function",
          done.stdout, done.stderr)
    script = write("client.py", """
import sys, warpwright_ask
task, here = sys.argv[1:]
with warpwright_ask.Session(task, "random", {"search.max_evaluations": 8},
                            arguments=["--seed", "2"]) as session:
    first = session.ask(3)
    assert [t.source for t in first] == ["default"], first
    assert session.ask() == [] and not session.finished
    assert session.best() is None
    assert session.tell(first[0], time_ms=50) == 1
    assert session.tell({"a": 20, "b": "z", "c": False}, time_ms=2) == 2
    try:
        session.tell(77, time_ms=1)
    except warpwright_ask.Error as error:
        assert "id 77" in str(error), error
    else:
        raise AssertionError("a wrong id was taken")
    trials = session.ask(4)
    assert len(trials) == 4
    session.tell(trials[0], status="crash", text="boom", facts={"n": 1})
    for trial in trials[1:]:
        session.tell(trial, samples_ms=[30, 31, 32])
    for trial in session:
        session.tell(trial.id, time_ms=40)
    assert session.stop == "max_evaluations", session.stop
    best = session.best()
    assert best.time_ms == 2 and best.speedup == 25, vars(best)
assert session.result["trials"] == 8, session.result
assert session.result["failed"] == {"crash": 1}, session.result
try:
    warpwright_ask.Session(here + "/no-such.json")
except warpwright_ask.Error as error:
    assert "no-such.json" in str(error), error
else:
    raise AssertionError("a missing task was taken")
print("fine")
""")
    done = subprocess.run([sys.executable, script, PATH, WORK], env=env,
                          cwd=WORK, capture_output=True, text=True,
                          check=False)
    check(done.stdout == "fine\n", "the Python client", done.stdout,
          done.stderr)


PATH = write("bowl.json", TASK)
try:
    stored(conversation())
    wrong_lines()
    failures()
    words_of_the_manual()
    volunteers()
    strategies()
    models()
    resuming()
    warm()
    endings()
    other_files()
    client()
finally:
    shutil.rmtree(WORK)
finish()
