#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Backend `command`: the examples are tuned, a program that misbehaves costs one
trial each time, and a task cannot bring a program of its own along."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from tap import check, finish

BUILD = os.path.abspath(os.environ.get("WW_BUILD", "."))
SOURCE = os.path.abspath(os.environ.get("WW_SOURCE", "."))
PROGRAM = os.path.join(BUILD, "warpwright")
TOOLS = os.path.join(SOURCE, "tests", "tools")
WORK = tempfile.mkdtemp(prefix="ww-command-")
PIDS = os.path.join(WORK, "pids")
ENV = dict(os.environ, HOME=WORK, XDG_DATA_HOME=WORK, XDG_CONFIG_HOME=WORK,
           XDG_CACHE_HOME=WORK, TMPDIR=WORK, FAR_PIDS=PIDS,
           PYTHONDONTWRITEBYTECODE="1",
           WARPWRIGHT_DATA=os.path.join(SOURCE, "share"))
# MODE@REQUEST, the outcome, words of its text.
FAULTS = [
    ("none@none", "ok", ""),
    ("chatter@build", "ok", ""),
    ("chatter@time", "ok", ""),
    ("exit@build", "compiler_crash", "ended with exit code 3 instead of "
     "answering 'build': farewell words"),
    ("signal@build", "compiler_crash", "ended by signal 11"),
    ("garbage@build", "internal", "no JSON object"),
    ("huge@build", "internal", "a line of more than"),
    ("flood@build", "internal", "a line of more than"),
    ("id@build", "internal", "instead of"),
    ("no_id@build", "internal", "id (none)"),
    ("utf8@build", "internal", "no JSON object"),
    ("array@build", "internal", "no JSON object"),
    ("class@build", "internal", "outcome 'sulks'"),
    ("mute@build", "compile_error", "gave no reason"),
    ("refuse@build", "out_of_resources", "too large"),
    ("file@build", "internal", "in the scratch folder"),
    ("hang@build", "compile_timeout", "parallel.compile_timeout"),
    ("exit@verify", "crash", "farewell words"),
    ("garbage@verify", "internal", "no JSON object"),
    ("refuse@verify", "out_of_resources", "too large"),
    ("wrong@verify", "wrong_result", "output c[3] = 1, expected 2"),
    ("hang@verify", "run_timeout", "parallel.run_timeout"),
    ("twice@verify", "internal", "before 'time' was asked"),
    ("signal@time", "crash", "ended by signal 11"),
    ("id@time", "internal", "instead of"),
    ("nothing@time", "internal", "without \"samples_ms\""),
    ("negative@time", "internal", "as a time in milliseconds"),
    ("text@time", "internal", "as a time in milliseconds"),
]


def run(*arguments, **more):
    return subprocess.run([PROGRAM, *arguments], env=ENV, cwd=WORK, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=300, **more)


def command(*words):
    return ["--set", "backend.command.command=" + json.dumps(words)]


def lines_of(done, kind):
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return [line for line in found if line["type"] == kind]


def write(name, task):
    path = os.path.join(WORK, name)
    with open(path, "w") as file:
        json.dump(task, file)
    return path


def fault_task(modes):
    return {"name": "faults", "backend": "command", "problem": {"SIZE": 8},
            "parameters": [{"name": "MODE", "type": "enum", "values": modes}]}


QUICK = ["--set", "measure.max_seconds=0.05", "--set", "measure.finalists=0",
         "--set", "parallel.compile_workers=1"]


def tune(task, *more):
    return run("tune", task, "--strategy", "exhaustive", "--json", *QUICK,
               *more)


def alive():
    """Processes of the far side that are still there."""
    found = []
    for pid in os.listdir(PIDS):
        try:
            with open("/proc/%s/cmdline" % pid) as file:
                if "far_faults" in file.read():
                    found.append(pid)
        except OSError:
            pass
    return found


def check_faults():
    task = write("faults.json", fault_task([mode for mode, _, _ in FAULTS]))
    done = tune(task, *command(sys.executable,
                               os.path.join(TOOLS, "far_faults.py")),
                "--set", "parallel.compile_timeout=5", "--set",
                "parallel.run_timeout=5")
    trials = {t["config"]["MODE"]: t for t in lines_of(done, "trial")}
    check(done.returncode == 0,
          "a session with a program full of faults ends well",
          done.stdout[-500:], done.stderr[-1500:])
    for mode, outcome, words in FAULTS:
        trial = trials.get(mode, {})
        check(trial.get("status") == outcome and
              words in (trial.get("text") or ""),
              "fault %s costs one trial" % mode, trial)
    check(not alive(), "no process of the program is left", alive())


def check_modes():
    """Every way to compile meets a program that dies over one build."""
    task = write("modes.json", fault_task(
        ["none@none", "exit@build", "refuse@build", "chatter@build"]))
    for mode in ("fork", "none"):
        done = tune(task, *command(sys.executable,
                                   os.path.join(TOOLS, "far_faults.py")),
                    "--set", "parallel.precompile_mode=" + mode)
        seen = [t["status"] for t in lines_of(done, "trial")]
        check(sorted(seen) ==
              ["compiler_crash", "ok", "ok", "out_of_resources"],
              "mode %s goes on after a death" % mode, seen,
              done.stderr[-1000:])


def check_start():
    task = write("start.json", fault_task(["none@none", "exit@build"]))
    for name, words, said in (
            ("not there", ["no-such-program-here"], "cannot start no-such-"),
            ("no backend", ["/bin/sh", "-c", "read line; echo hello"],
             "no JSON object"),
            ("one that fails", ["/bin/sh", "-c", "echo alas >&2; exit 4"],
             "exit code 4 instead of answering 'describe': alas")):
        done = tune(task, *command(*words))
        check(done.returncode == 5 and said in done.stderr,
              "a program that is %s is reported" % name, done.returncode,
              done.stderr)
    done = tune(task, *command("/bin/sleep", "1000"), "--set",
                "backend.command.start_timeout=0.5")
    check("did not answer 'describe' within 0.5 s" in done.stderr,
          "one that never describes itself is ended",
          done.stderr)


def example(name):
    return os.path.join(SOURCE, "examples", "command", name, "task.json")


def check_examples():
    for name, program in (("sort", "python3"), ("copy", "bash")):
        store = os.path.join(WORK, name + ".db")
        done = run("tune", example(name), "--strategy", "random", "--json",
                   "--max-evaluations", "4", "--store", store, *QUICK,
                   *command(program, "{source}"))
        trials = lines_of(done, "trial")
        result = (lines_of(done, "result") or [{}])[-1]
        check(done.returncode == 0 and
              [t["status"] for t in trials] == ["ok"] * 4 and
              result["best"]["time_ms"] > 0, "example %s is tuned" % name,
              trials, done.stderr)
        done = run("bench", example(name), json.dumps(trials[0]["config"]),
                   "--json", "--store", store, *QUICK,
                   *command(program, "{source}"))
        check(done.returncode == 0,
              "example %s is measured by bench" % name, done.stdout, done.stderr)
    done = run("prompt", example("sort"), *command("python3", "{source}"))
    check("- device: this machine" in done.stdout and "shares_cpu" not in
          done.stdout,
          "a prompt knows its device and nothing of the scheduler's",
          done.stdout[:800], done.stderr)
    done = run("prompt", example("sort"))
    check(done.returncode == 0 and "BUFFER_KIB" in done.stdout,
          "a prompt about it is written without its program", done.stderr)


def check_resume():
    store = os.path.join(WORK, "resume.db")
    done = run("tune", example("sort"), "--strategy", "random", "--json",
               "--max-evaluations", "2", "--store", store, *QUICK,
               *command("python3", "{source}"))
    session = lines_of(done, "session")[0]["id"]
    done = run("session", "resume", session, "--store", store, "--json",
               "--max-evaluations", "4", *command("python3", "{source}"))
    result = (lines_of(done, "result") or [{}])[-1]
    check(done.returncode == 0 and
          result.get("trials") == 4, "a session is resumed",
          done.stdout[-500:], done.stderr)


def check_trust():
    done = run("tune", example("sort"), "--strategy", "random")
    check(done.returncode == 5 and "a task cannot name a program to run" in
          done.stderr and '["python3", "{source}"]' in done.stderr,
          "a task alone starts no program, and is told what to do",
          done.stderr)
    task = fault_task(["none@none", "exit@build"])
    task["command"] = ["/bin/sh", "-c", "touch " + WORK + "/touched"]
    done = run("tune", write("brings.json", task), "--strategy", "random")
    check(done.returncode != 0 and "backend.command.command" in done.stderr
          and not os.path.exists(WORK + "/touched"),
          "a command in a task is refused with a reason", done.stderr)
    with open(os.path.join(WORK, "warpwright.json"), "w") as file:
        json.dump({"backend": {"command": {"command": ["true"]}}}, file)
    done = run("tune", example("sort"), "--strategy", "random")
    os.unlink(os.path.join(WORK, "warpwright.json"))
    check(done.returncode != 0 and "backend.command.command" in done.stderr
          and "--config" in done.stderr,
          "a project's own settings cannot name it", done.stderr)


def check_devices():
    done = run("devices", "--backend", "command")
    check(done.returncode == 5 and
          "backend.command.command is not set" in done.stdout,
          "without a program there is no device", done.stdout)
    add = command(sys.executable, os.path.join(TOOLS, "far_add.py"))
    done = run("devices", "--backend", "command", *add)
    check(done.returncode == 0 and
          "first adder" in done.stdout and "add:0" in done.stdout,
          "devices are those of the program",
          done.stdout, done.stderr)
    done = run("doctor", *add)
    check("first adder" in done.stdout, "doctor shows them", done.stdout)
    done = run("devices", "--backend", "command",
               *command("python3", "{source}"))
    check(done.returncode == 5 and "only a task" in done.stdout,
          "a program that depends on the task waits for one", done.stdout)


def read(*path):
    with open(os.path.join(SOURCE, *path), encoding="utf-8") as file:
        return file.read()


def check_guide():
    guide = read("sdk", "GUIDE.md")
    blocks = re.findall(r"^<!-- code: (\S+) -->\n```python\n(.*?)^```", guide,
                        re.S | re.M)
    check(len(blocks) > 3 and
          len(blocks) == guide.count("```python\n") and
          all(code in read(path) for path, code in blocks),
          "the guide's Python is that of the examples",
          *[code for path, code in blocks if code not in read(path)])
    runs = re.findall(r"^<!-- try: (\S+) -->\n```sh\n(.*?)^```", guide,
                      re.S | re.M)
    check(len(runs) == 1, "the guide has a command for it")
    for path, script in runs:
        done = subprocess.run(
            ["sh", "-e", "-c", script], cwd=os.path.join(SOURCE, path),
            env=dict(ENV, PATH=BUILD + ":" + ENV["PATH"]), text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        check(done.returncode == 0 and "BUFFER_KIB=" in done.stdout,
              "the guide's command for %s works" % path,
              done.stdout)


def check_manual():
    """The man page has every request, outcome and option."""
    page = read("man", "warpwright-command.7")
    talk = read("plugins", "backend-command", "talk.c")
    module = read("sdk", "python", "warpwright_backend.py")
    outcomes = re.findall(r'\{ "(\w+)", WW_', talk)
    check(len(outcomes) > 10 and
          all(re.search(r"^\.Cm %s\b" % o, page, re.M) for o in outcomes),
          "the manual has every outcome",
          outcomes)
    requests = set(re.findall(r"def on_(\w+)", module))
    told = " ".join(re.findall(r"^\.Ss (.*)", page, re.M))
    check(len(requests) == 7 and
          all(r in told for r in requests), "the manual has every request",
          requests)
    done = run("plugin", "info", "command", "--json")
    keys = [o["key"] for line in lines_of(done, "plugin_info")
            for o in line["options"] if o["name"] != "task"]
    check(len(keys) == 2 and all(key in page for key in keys),
          "the manual has every option that is for people", keys)


def check_conformance():
    """The groups that need a program; plugin-check.t has the others."""
    rows = []
    for group in ("backend.", "device."):
        done = run("plugin", "check",
                   os.path.join(BUILD, ".libs", "backend-command.so"),
                   "--only", group, "--device", "--task",
                   os.path.join(SOURCE, "sdk/tasks/c/task.json"), "--set",
                   "command=" + json.dumps(
                       [sys.executable, os.path.join(TOOLS, "far_add.py")]))
        rows += done.stdout.splitlines()
        check(done.returncode == 0,
              "the conformance checker finds no fault in " + group, done.stdout)
    for test in ("backend.same-bytes", "backend.garbage", "device.right",
                 "device.wrong", "device.samples", "device.fault"):
        check(any(row.startswith("ok") and test in row and "SKIP" not in row
                  for row in rows),
              "the checker ran %s" % test, *rows)


os.mkdir(PIDS)
try:
    check_guide()
    check_manual()
    check_trust()
    check_devices()
    check_start()
    check_examples()
    check_resume()
    check_faults()
    check_modes()
    check_conformance()
finally:
    shutil.rmtree(WORK, ignore_errors=True)
finish()
