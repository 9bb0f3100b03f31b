#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whatever is wrong with the task, the machine or the disk: one clear message
with the object and the reason, the documented exit code, and nothing lost."""
import copy
import json
import os
import re
import resource
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from session_tools import (KERNEL, PLACE, PROGRAM, QUICK, SPACE, TASK, check,
                           finish, key, of_type, stored_trials, write_task)

ENV = {name: value for name, value in os.environ.items()
       if not name.endswith("_API_KEY")}


def run(*arguments, limit=None, env=None):
    """Exit code, JSON lines, words on standard error."""
    def before():
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    done = subprocess.run([PROGRAM, *arguments], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=120, env=env or ENV, preexec_fn=before)
    lines = []
    for line in done.stdout.decode().splitlines():
        try:
            lines.append(json.loads(line))
        except ValueError:
            lines.append({"type": "text", "text": line})
    return done.returncode, lines, done.stderr.decode()


def tune(*more, store="store.db", **named):
    return run("tune", PLACE + "/task.json", "--json", "--store",
               PLACE + "/" + store, *QUICK, *more, **named)


def refused(name, code, words, answer):
    """One message, with these words, this exit code and no good trial."""
    got, lines, text = answer
    missing = [word for word in words if not re.search(word, text)]
    good = [t for t in of_type(lines, "trial") if t["status"] == "ok"]
    check(got == code and not missing and not good, name,
          "exit code %d instead of %d" % (got, code), "missing: %s" % missing,
          text)


def changed(**members):
    task = copy.deepcopy(TASK)
    task.update(members)
    write_task(task)
    return task


def write_text(text):
    with open(PLACE + "/task.json", "wb") as out:
        out.write(text if isinstance(text, bytes) else text.encode())


# ------------------------------------------------------------------ the task
def files():
    refused("a missing file", 3, ["nowhere.json", "No such file"],
            run("tune", PLACE + "/nowhere.json"))
    refused("a folder instead of a file", 3, ["directory"],
            run("tune", PLACE))
    write_text('{\n  "name": "x",\n  "kernel": }\n')
    refused("bad JSON has line and column", 3, [r"task\.json:3:13: "], tune())
    write_text('{"name": "x"')
    refused("JSON that ends too early", 3, [r"task\.json:1:13: .*too early"],
            tune())
    write_text("")
    refused("an empty file", 3, [r"task\.json is empty; .* JSON object"], tune())
    write_text(b'{"name": "\xff\xfe"}')
    refused("bytes that are no UTF-8", 3, [r"task\.json:1:1\d: "], tune())
    write_text('{"a":' * 5000 + "1" + "}" * 5000)
    refused("JSON that is nested deeply", 3, [r"task\.json:1:\d+: ", "nest"],
            tune())
    write_text('{"name": "x", "seed": 99999999999999999999}')
    refused("an integer beyond 64 bits", 3, [r"task\.json:1:2\d: ", "64 bits"],
            tune())


def contents():
    changed(paramters=[])
    refused("an unknown key names the nearest one", 3,
            ["paramters", 'did you mean "parameters"'], tune())
    changed(parameters=[])
    refused("no parameters", 3, ["parameters"], tune())
    changed(parameters=[{"name": "WORK", "type": "int", "values": []}])
    refused("a parameter without values", 3, ["WORK", "value"], tune())
    changed(constraints=["WORK > 5 and WORK < 3"])
    refused("contradictory rules leave an empty space", 3,
            ["no (valid )?configuration", "WORK > 5 and WORK < 3"], tune())
    changed(constraints=["WORK > 5", "WORK < 3"])
    refused("so do two rules that contradict each other", 3,
            ["no (valid )?configuration", "WORK > 5|WORK < 3"], tune())
    changed(constraints=["WORKS > 5"])
    refused("a rule with an unknown name", 3, ["WORKS", "WORK"], tune())
    changed(constraints=["WORK >"])
    refused("a rule that ends too early", 3, ["WORK >"], tune())
    task = copy.deepcopy(TASK)
    task["parameters"][0]["default"] = 77
    write_task(task)
    refused("a default that is no value of its parameter", 3,
            ["WORK", "default", "77"], tune())


def division():
    task = copy.deepcopy(TASK)
    task["parameters"][0]["default"] = 6
    task["constraints"] = ["12 % WORK == 0"]
    write_task(task)
    code, lines, text = run("space", PLACE + "/task.json", "--count",
                            "--json")
    check(code == 0 and lines[0]["cartesian"] == 40 and
          lines[0]["valid"] == 20 and lines[0]["faulty"] == 4,
          "a rule that divides by zero makes those invalid, and is counted",
          code, lines, text)
    code, lines, text = run("space", PLACE + "/task.json", "--check",
                            '{"WORK": 0, "EXTRA": 1}')
    said = text + " ".join(str(line) for line in lines)
    check(code == 3 and "zero" in said and "12 % WORK == 0" in said,
          "and --check says that it does", code, said)
    changed(constraints=["WORK / 0 > 1"])
    refused("a rule that always divides by zero", 3,
            ["no (valid )?configuration", "divides by zero"], tune())


def invalid_default():
    changed(constraints=["WORK < 3"])
    refused("a default that the rules forbid, with one that they do not", 3,
            ["default", "WORK < 3", "WORK = 8", 'works: {"WORK":0'], tune())


# ---------------------------------------------------------------- the kernel
BROKEN = KERNEL.replace("void work(", "#error \"not in this life\"\nvoid work(")
REFERENCE = {"kernel": {"source": "right.c", "entry": "work",
                        "options": ["-DWORK=0", "-DEXTRA=0"]}}


def kernels():
    with open(PLACE + "/right.c", "w") as out:
        out.write(KERNEL)
    write_task(dict(TASK, reference=REFERENCE), BROKEN)
    code, lines, text = tune("--strategy", "random", "--max-evaluations", "4")
    trials = of_type(lines, "trial")
    check(code == 1 and len(trials) == 4 and
          {t["status"] for t in trials} == {"compile_error"} and
          all("not in this life" in t["text"] for t in trials) and
          lines[-1]["best"] is None and lines[-1]["speedup"] is None and
          lines[-1]["failed"] == {"compile_error": 4},
          "a kernel that never compiles: 1, and each trial says why", code,
          lines, text)
    write_task(TASK, BROKEN)
    refused("a reference that does not compile", 3,
            ["reference", "not in this life"], tune())
    write_task(TASK, KERNEL.replace("volatile float sum",
                                    "*(volatile int *)0 = 1; float sum"))
    # A sanitizer in the worker catches the signal and ends it itself.
    refused("a reference that crashes", 3,
            ["reference", "crash|signal|worker ended"], tune())
    changed(kernel=dict(TASK["kernel"], source="absent.c"))
    refused("a source that is not there", 3, ["absent.c", "No such file"],
            tune())
    changed(kernel=dict(TASK["kernel"], entry="wrok"))
    refused("an entry that the source does not have", 3, ["wrok"], tune())
    changed(kernel=dict(TASK["kernel"], language="fortran"))
    code, lines, text = tune("--strategy", "random", "--max-evaluations", "1")
    check(any("'fortran', backend cpu compiles c,c++" in line["text"]
              for line in of_type(lines, "warning")),
          "a language that is not the backend's is said", code, text)
    changed(problem={"N": 10 ** 18})
    refused("a problem size beyond exact numbers", 3,
            ["problem size 'N' is 1e.18; it may be at most"], tune())
    changed(reference={"files": True})
    refused("a reference without files", 3, ["expected"], tune())


# ------------------------------------------------- the machine and the plugins
def machine():
    changed(backend="abacus")
    refused("a backend that is not there", 4, ["abacus", "plugin list"],
            tune())
    changed()
    refused("a device that is not there", 5, ["no device '7'", "devices"],
            tune("--device", "7"))
    task = dict(TASK, kernel=dict(TASK["kernel"], language="cuda"))
    del task["backend"]
    write_task(task)
    if not os.path.exists("/dev/nvidiactl"):
        refused("no device of the kernel's kind", 5, ["cuda", "doctor"],
                tune())
    changed(kernel=dict(TASK["kernel"], language="cobol"), backend=None)
    task = dict(TASK, kernel=dict(TASK["kernel"], language="cobol"))
    del task["backend"]
    write_task(task)
    refused("a language that nobody compiles", 4, ["cobol", "plugin list"],
            tune())
    changed()
    refused("a strategy that is not there", 4, ["oracle"],
            tune("--strategy", "oracle"))
    got, _, text = tune("--strategy", "rnadom")
    check(got == 4 and "did you mean 'random'" in text,
          "and the nearest one is named", got, text)


def models():
    changed()
    refused("no model and no fallback", 8, ["no model", "OPENAI_API_KEY"],
            tune("--strategy", "llm", "--fallback", "error"))
    code, lines, text = tune("--strategy", "llm", "--fallback", "random",
                             "--max-evaluations", "4")
    check(code == 0 and "no model" in (lines[-1]["fallback"] or "") and
          lines[-1]["strategy"] == "random" and lines[-1]["trials"] == 4,
          "no model: the fallback finishes, and the result says why", code,
          lines[-1:], text)


ANSWERS = {
    "prose": "print('Dear friend, tuning kernels is an art.')",
    "an empty list": "print('{\"configurations\": []}')",
    "the same again": "print('{\"configurations\": [' + ', '.join("
                      "['{\"config\": {\"WORK\": 8, \"EXTRA\": 0}}'] * 20)"
                      " + ']}')",
    "10 MB of text": "print('words and words ' * 655360)",
    "invalid UTF-8": "sys.stdout.buffer.write(b'\\xff\\xfe\\x80{\"' * 999)",
    "deep nesting": "print('{\"configurations\": ' + '[' * 200000)",
    "deep objects": "print('{\"configurations\": [' + '{\"config\":' * 200000)",
    "huge numbers": "print('{\"configurations\": [{\"config\": {\"WORK\": 1"
                    "' + '0' * 5000 + ', \"EXTRA\": 1e999}}]}')",
    "NUL bytes": "sys.stdout.buffer.write(bytes(100000))",
}


def answers():
    changed()
    for name, code in ANSWERS.items():
        with open(PLACE + "/client.py", "w") as out:
            out.write("import sys\nsys.stdin.read()\n" + code + "\n")
        command = json.dumps([sys.executable, PLACE + "/client.py"])
        got, lines, text = tune(
            "--strategy", "llm", "--provider", "exec", "--set",
            "provider.exec.command=" + command, "--fallback", "random",
            "--max-evaluations", "6", "--set", "http.attempts=1",
            store="answers.db")
        result = lines[-1] if lines else {}
        check(got == 0 and result.get("trials") == 6 and
              result.get("best") is not None and
              (result.get("fallback") or "") != "" and
              result.get("strategy") == "random",
              "a model that answers " + name + ": the fallback finishes", got,
              result, text[-2000:])


# -------------------------------------------------------------- store and disk
def stores():
    changed()
    with open(PLACE + "/plain", "w") as out:
        out.write("no folder")
    refused("a store below a file", 7, ["plain/store.db", "irector"],
            tune(store="plain/store.db"))
    refused("a store that is a folder", 7, [re.escape(PLACE)],
            tune(store="."))
    refused("a store that is another file", 7, ["task.json"],
            tune(store="task.json"))
    check(os.path.getsize(PLACE + "/task.json") > 100,
          "which is left as it was")
    refused("a cache that cannot be written", 7, ["plain"],
            tune("--set", "parallel.cache_dir=" + PLACE + "/plain"))
    refused("a disk that is full from the beginning", 7,
            ["full.db", "full|large|space"],
            tune(store="full.db", limit=2048))


def full_cache():
    """No configuration can be compiled: that is no fault of the first one."""
    write_task(TASK, KERNEL + "// " + "x" * 300000 + "\n")
    refused("a cache that is full", 7,
            ["backend cpu cannot compile", "cannot write", "large|space"],
            tune(store="cache.db", limit=200000))


def full_disk():
    """The limit on a file's size stops the store in the middle."""
    changed()
    code, lines, text = tune("--strategy", "exhaustive", "--max-evaluations",
                             "1000", store="middle.db", limit=150000)
    shown = of_type(lines, "trial")
    kept = {row["id"] for row in stored_trials("middle.db")}
    result = lines[-1] if lines else {}
    check(code == 7 and "middle.db" in text and
          re.search("full|large|space", text),
          "a disk that fills up in mid-session: 7, and why", code, text)
    check(result.get("type") == "result" and result["stop"] == "error" and
          result["best"] is not None and 0 < len(shown) < SPACE,
          "the best so far is reported", len(shown), result)
    check({t["id"] for t in shown} <= kept,
          "what was shown is in the store", {t["id"] for t in shown} - kept)
    code, lines, text = tune("--strategy", "exhaustive", "--max-evaluations",
                             "1000", "--resume", "last", store="middle.db")
    again = of_type(lines, "trial")
    first = {key(t["config"]) for t in shown}
    check(code == 0 and lines[-1]["trials"] == SPACE and
          not first & {key(t["config"]) for t in again},
          "with room again, resume loses none and repeats none", code,
          lines[-1:], text)


def output():
    changed()
    code, lines, text = tune("--strategy", "random", "--max-evaluations", "2",
                             "--output", PLACE + "/plain")
    check(code == 7 and "plain" in text and not lines,
          "an output folder that cannot be made: nothing is measured first",
          code, lines[-1:], text)
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [PROGRAM, "tune", PLACE + "/task.json", "--json", "--store",
             PLACE + "/store.db", *QUICK, "--strategy", "random",
             "--max-evaluations", "2"], stdout=full, stderr=subprocess.PIPE,
            env=ENV, timeout=60)
    check(done.returncode == 7 and b"standard output" in done.stderr,
          "a standard output that takes nothing", done.returncode,
          done.stderr)


def usage():
    for name, words, arguments in (
            ("no command", [], []),
            ("an unknown command", ["did you mean 'tune'"], ["tuen"]),
            ("an unknown option", ["--sede", "did you mean --seed"],
             ["tune", "x", "--sede", "1"]),
            ("an option without its value", ["--seed needs a value"],
             ["tune", "x", "--seed"]),
            ("two tasks", ["one task"], ["tune", "x", "y"]),
            ("a number that is none", ["--seed", "many"],
             ["tune", "x", "--seed", "many"])):
        refused(name + ": 2", 2, words, run(*arguments))
    refused("an unknown option of the program", 2, ["no option '--frob'"],
            run("--frob"))
    changed()
    refused("a bench of nothing is no search", 3,
            ["names no configuration to measure"],
            run("bench", PLACE + "/task.json", "[]"))
    refused("an unknown setting names the nearest one", 3,
            ["search.max_roundz", "search.max_rounds"],
            run("tune", "x", "--set", "search.max_roundz=1"))


for part in (usage, files, contents, division, invalid_default, kernels,
             machine, models, answers, stores, full_cache, full_disk, output):
    try:
        part()
    except Exception as fault:  # a defect of one part must not hide the rest
        check(False, part.__name__, repr(fault))
finish()
