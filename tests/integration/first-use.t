#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What somebody meets who uses the program for the first time, or with an
unusual machine: words instead of options, folders instead of files, readers that
leave, a device that has nothing to do."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from session_tools import (PLACE, PROGRAM, QUICK, TASK, check, finish,
                           write_task)

ENV = {name: value for name, value in os.environ.items()
       if not name.endswith("_API_KEY")}
path = write_task()


def run(*arguments, **named):
    named.setdefault("env", ENV)
    return subprocess.run([PROGRAM, *arguments], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=120, **named)


def said(name, code, words, done):
    text = done.stdout + done.stderr
    check(done.returncode == code and all(word in text for word in words),
          name, done.returncode, text)


# ------------------------------------------------------------------- words
said("help is --help", 0, ["Commands:", "tune"], run("help"))
said("and takes a command", 0, ["Usage: warpwright space"],
     run("help", "space"))
said("version is --version", 0, ["warpwright ", "ABI"], run("version"))
said("help for what is no command", 2, ["no command 'tone'", "tune"],
     run("help", "tone"))
for command in ("tune", "space", "session", "bench", "compare", "record"):
    said("a wrong use of %s points to its own help" % command, 2,
         ["warpwright %s --help" % command], run(command, "--nonsense"))
said("an unknown action names those there are", 2,
     ["list, show, resume and export"], run("session", "frobnicate"))
said("an unknown format too", 2, ["json, csv, t4 and kernel-tuner"],
     run("session", "export", "last", "--format", "xml"))
for option, value in (("--limit", "x"), ("--limit", "0"), ("--limit", "-1"),
                      ("--limit", "")):
    said("session list %s '%s'" % (option, value), 2, [option],
         run("session", "list", option, value))
said("the sample's seed is a number", 2, ["--seed"],
     run("space", path, "--sample", "1", "--seed", "x"))
said("no session of this task", 0, ["No session of task nothing"],
     run("session", "list", "--task", "nothing"))

# ------------------------------------------------------------------- files
said("a folder with a task in it", 3, [PLACE + "/task.json"],
     run("tune", PLACE))
said("a source instead of a task", 3, ["no task file", "work.c:2:1:"],
     run("tune", PLACE + "/work.c"))
said("a path through a file", 3, ["Not a directory"],
     run("tune", path + "/task.json"))
said("a folder that cannot be made is told before the search", 7, ["/proc/x"],
     run("tune", path, "--output", "/proc/x", *QUICK))
said("a cache that cannot be written is told with a way out", 7,
     ["the folder for compiled code", "/proc/x", "parallel.cache_dir"],
     run("tune", path, *QUICK, env=dict(ENV, XDG_CACHE_HOME="/proc/x")))
said("a file where the folder would be", 7, ["task.json: Not a directory"],
     run("tune", path, "--output", path, *QUICK))
check("round" not in run("tune", path, "--output", "/proc/x", *QUICK).stdout,
      "and nothing was measured")
odd = PLACE + "/a folder \u00fc"
os.mkdir(odd)
os.rename(PLACE + "/task.json", odd + "/t\u00e4sk.json")
os.rename(PLACE + "/work.c", odd + "/work.c")
os.symlink(odd + "/t\u00e4sk.json", PLACE + "/link.json")
few = ["--strategy", "random", "--max-evaluations", "4", *QUICK]
said("spaces, other letters and a relative path", 0, ["best"],
     run("tune", "t\u00e4sk.json", *few, "--output", "b\u00e4st", cwd=odd))
check(os.path.exists(odd + "/b\u00e4st/best.h"), "best.h is where it belongs")
said("a symbolic link, in a plain locale", 0, ["best"],
     run("tune", "link.json", *few, cwd=PLACE, env=dict(ENV, LC_ALL="C")))

# -------------------------------------------------------------- plugins
write_task({name: value for name, value in TASK.items() if name != "backend"})
said("a fallback that does not exist is told at once", 4,
     ["fallback", "no strategy named 'nope'"],
     run("tune", path, "--fallback", "nope"))
done = run("prompt", path)
said("a prompt for a C kernel shows this machine's processor", 0,
     ["hardware threads"], done)
check("CUDA" not in done.stderr, "and asks no other backend", done.stderr)
done = run("plugin", "list", env={name: value for name, value in ENV.items()
                                  if name != "WARPWRIGHT_PLUGIN_PATH"})
check(done.returncode == 0 and "plugins-1" in done.stdout,
      "plugin list says where it looked", done.stdout)

# -------------------------------------------------- readers and sessions
reader, writer = os.pipe()
os.close(reader)
for arguments in (["tune", path, "--json", *few], ["--help"],
                  ["space", path, "--sample", "1000", "--json"]):
    done = subprocess.run([PROGRAM, *arguments], stdin=subprocess.DEVNULL,
                          stdout=writer, stderr=subprocess.PIPE, text=True,
                          env=ENV, timeout=120)
    check(done.returncode == 0 and not done.stderr,
          "a reader that has gone is no failure: " + arguments[0],
          done.returncode, done.stderr)
os.close(writer)
with open("/dev/full", "w") as full:
    done = subprocess.run([PROGRAM, "tune", path, "--json", *few],
                          stdin=subprocess.DEVNULL, stdout=full,
                          stderr=subprocess.PIPE, text=True, env=ENV,
                          timeout=120)
check(done.returncode == 7 and "standard output" in done.stderr,
      "a full disk behind standard output is one", done.returncode,
      done.stderr)

# All is measured: the device is started for the finalists only, and ready for
# them as soon as the reference is built, not when its time is over.
small = dict(TASK, parameters=[
    {"name": "WORK", "type": "int", "range": [0, 1], "default": 1},
    {"name": "EXTRA", "type": "int", "range": [0, 1], "default": 0}])
write_task(small)
done = run("tune", path, "--strategy", "exhaustive", "--json", *QUICK)
again = run("session", "resume", "last", "--json", *QUICK, "--set",
            "parallel.run_timeout=20")
rows = [json.loads(line) for line in again.stdout.splitlines()]
check(done.returncode == 0 and again.returncode == 0 and
      rows[-1]["trials"] == 4 and rows[-1]["stop"] == "exhausted" and
      not [r for r in rows if r["type"] == "warning"],
      "resume of a finished session times the finalists again",
      again.stdout, again.stderr)
finish()
