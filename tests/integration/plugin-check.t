#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`warpwright plugin check`: every plugin of this tree passes, and every animal
of tests/zoo fails in the test that is made for its fault."""
import glob
import json
import os
import shutil
import subprocess
import tempfile

from tap import check, finish

BUILD = os.path.abspath(os.environ.get("WW_BUILD", "."))
SOURCE = os.path.abspath(os.environ.get("WW_SOURCE", "."))
ZOO = os.path.join(BUILD, "tests", "zoo", ".libs")
PROGRAM = os.path.join(BUILD, "warpwright")
SANITIZED = os.environ.get("WW_SANITIZER")
WORK = tempfile.mkdtemp(prefix="ww-check-")
ENV = dict(os.environ, HOME=WORK, TMPDIR=WORK, WARPWRIGHT_PLUGIN_PATH="",
           WARPWRIGHT_DATA=os.path.join(SOURCE, "share"))
for name in list(ENV):
    if name.endswith("_API_KEY"):
        del ENV[name]

# What a plugin needs to be opened at all.
OPTIONS = {
    "provider-exec": ["--set", 'command=["/bin/cat"]'],
    # The recordings are of chat completions.
    "provider-openai": ["--set", "protocol=chat"],
}
STRATEGY = ["strategy." + name for name in (
    "in-space", "budget", "deterministic", "none", "failures", "many", "one",
    "six", "large", "repeats")] + ["faults.memory", "lifecycle.failed"]
# Tests that must have run for some plugins, not only have been skipped.
MUST_PASS = {
    "provider-openai": ["stream.split", "stream.cut", "provider.status-401",
                        "faults.memory", "faults.cancelled-during"],
    "provider-anthropic": ["stream.split", "stream.cut", "faults.memory",
                           "lifecycle.failed", "faults.cancelled-during"],
    "provider-ollama": ["stream.split", "stream.cut", "faults.memory"],
    "provider-openrouter": ["stream.split", "stream.cut", "faults.memory"],
    "strategy-llm": STRATEGY + ["strategy.no-model"],
    **{"strategy-" + name: STRATEGY for name in (
        "anneal", "auto", "evolve", "exhaustive", "genetic", "greywolf",
        "lfbo", "pattern", "random")},
    "backend-cpu": ["faults.memory", "versions.services", "lifecycle.failed",
                    "backend.same-bytes", "backend.garbage", "device.right",
                    "device.wrong", "device.fault", "device.samples"],
}
# The first of these must fail; an animal with none passes everything.
ANIMALS = {
    "backend-good": "backend.identity",
    "backend-needy": "versions.services",
    "backend-replay": None,
    "backend-half": "metadata.tables",
    "backend-no_compile_slot": "metadata.tables",
    "backend-no_device_slot": "metadata.tables",
    "backend-no_replay_slot": "metadata.tables",
    "provider-aborts": "file.constructors",
    "provider-bad_option_choices": "metadata.options",
    "provider-bad_option_default": "metadata.options",
    "provider-bad_option_help": "metadata.options",
    "provider-bad_option_name": "metadata.options",
    "provider-bad_option_type": "metadata.options",
    "provider-careless": "lifecycle.failed",
    "provider-constructor": "file.constructors",
    "provider-crowded": "threads.free",
    "provider-dependency": "metadata.symbol",
    "provider-exits": "file.constructors",
    "provider-forgets": "lifecycle.failed",
    "provider-good": None,
    "provider-good_options": None,
    "provider-hangs": "file.constructors",
    "provider-leaks": "lifecycle.memory",
    "provider-long_descriptor": "metadata.size",
    "provider-newer_minor": None,
    "provider-no_license": "metadata.texts",
    "provider-no_slot": "metadata.tables",
    "provider-no_symbol": "file.exports",
    "provider-null_ops": "metadata.tables",
    "provider-null_options": "metadata.options",
    "provider-prints": "lifecycle.open",
    "provider-short_descriptor": "metadata.size",
    "provider-short_object": "metadata.size",
    "provider-short_ops": "metadata.tables",
    "provider-shouts": "provider.request",
    "provider-trusting": "faults.missing",
    "provider-twice_option": "metadata.options",
    "provider-unknown_kind": "metadata.kind",
    "provider-unresolved": "file.undefined",
    "provider-wrong_features": "metadata.features",
    "provider-wrong_kind": "metadata.kind",
    "provider-wrong_magic": "metadata.magic",
    "provider-wrong_major": "metadata.version",
    "provider-wrong_minor": "metadata.version",
    "provider-wrong_name": "metadata.name",
    "provider-wrong_threads": "metadata.threads",
    "strategy-deaf": "faults.cancelled-during",
    "strategy-good": "strategy.in-space",
    "strategy-invents": "strategy.in-space",
    "strategy-no_slot": "metadata.tables",
    "strategy-restless": "strategy.deterministic",
    "strategy-stubborn": "strategy.budget",
    "strategy-wrong_mode": "metadata.tables",
}


def run(path, *arguments):
    done = subprocess.run([PROGRAM, "plugin", "check", path, "--json",
                           *arguments], env=ENV, cwd=WORK, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=600)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return done, {line["id"]: line for line in lines if "id" in line}


def plugins():
    paths = sorted(glob.glob(os.path.join(BUILD, ".libs", "*-*.so")))
    check(len(paths) > 5, "there are plugins to check", paths)
    for path in paths:
        name = os.path.basename(path)[:-3]
        arguments = list(OPTIONS.get(name, []))
        if name == "backend-cpu":
            arguments.append("--device")
        done, tests = run(path, *arguments)
        failed = [t for t in tests.values() if t["result"] == "failed"]
        check(done.returncode == 0 and not failed and
              len(tests) > 30, "%s passes" % name, done.stderr, *failed)
        for test in MUST_PASS.get(name, []):
            check(tests[test]["result"] == "passed",
                  "%s: %s ran" % (name, test), tests[test])


def animals():
    found = {os.path.basename(path)[:-3]
             for path in glob.glob(os.path.join(ZOO, "*-*.so"))}
    check(found == set(ANIMALS), "every animal is known here",
          found ^ set(ANIMALS))
    for name, test in ANIMALS.items():
        done, tests = run(os.path.join(ZOO, name + ".so"))
        failed = [t["id"] for t in tests.values() if t["result"] == "failed"]
        if test is None:
            check(done.returncode == 0 and not failed, "%s passes" % name,
                  failed, done.stderr)
        else:
            check(done.returncode == 1 and test in failed,
                  "%s fails in %s" % (name, test), failed, done.stderr)


def files():
    good = os.path.join(ZOO, "provider-good.so")
    path = os.path.join(WORK, "provider-good.so")
    shutil.copy(good, path)
    os.chmod(path, 0o757)
    done, tests = run(path)
    check(done.returncode == 1 and
          tests["file.permissions"]["result"] == "failed",
          "a file that everybody may write to", tests)
    os.chmod(path, 0o755)
    renamed = os.path.join(WORK, "good.so")
    shutil.copy(good, renamed)
    done, tests = run(renamed)
    check(tests["file.name"]["result"] == "failed", "a file with another name",
          tests)
    with open(path, "wb") as file:
        file.write(b"\x7fELF")
    done, tests = run(path)
    check(tests["file.elf"]["result"] == "failed" and
          tests["lifecycle.open"]["result"] == "skipped", "a truncated file",
          tests)


def commands():
    good = os.path.join(ZOO, "provider-good.so")
    done = subprocess.run([PROGRAM, "plugin", "check", good], env=ENV,
                          text=True, capture_output=True)
    lines = done.stdout.splitlines()
    plan = [line for line in lines if line.startswith("1..")]
    tests = [line for line in lines if line.startswith(("ok ", "not ok "))]
    check(plan == ["1..%d" % len(tests)] and done.returncode == 0,
          "TAP has a plan that is kept", lines)
    done, tests = run(good, "--only", "metadata.")
    check(len(tests) == 12 and
          all(id.startswith("metadata.") for id in tests), "--only", tests)
    done, tests = run(good, "--set", "nothing=1")
    check(tests["lifecycle.open"]["result"] == "failed" and
          "no such option" in tests["lifecycle.open"]["reason"],
          "an option that it does not have", tests)
    for words, code, said in (
            (["/nowhere.so"], 4, "cannot open /nowhere.so: No such file"),
            ([good, "--task", "/nowhere"], 3, "cannot open /nowhere: No such"),
            ([good, "--recording", "/nowhere"], 3, "cannot open /nowhere: No"),
            ([good, "--only", "metadta"], 2, "starts with 'metadta'")):
        done = subprocess.run([PROGRAM, "plugin", "check", *words], env=ENV,
                              text=True, capture_output=True)
        check(done.returncode == code and said in done.stderr and
              done.stdout == "", "what is not there: " + words[-1], done)
    left = [name for name in os.listdir(WORK)
            if name.startswith("warpwright-check")]
    check(left == [], "no folder is left behind", left)


def main():
    try:
        plugins()
        if SANITIZED is None: # animals would be found by the sanitizer
            animals()
            files()
        commands()
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
    finish()


if __name__ == "__main__":
    main()
