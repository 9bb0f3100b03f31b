# SPDX-License-Identifier: MIT
"""What the comparisons with other tuners share: one time limit for all steps,
each step in a process of its own whose lines are kept as they come, and a report
that is on disk after every line."""
import importlib.metadata
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BEGUN = time.monotonic()


class Report:
    """Lines that are printed and written at once."""

    def __init__(self, folder, name):
        self.path = os.path.join(folder, name + ".txt")

    def add(self, *lines):
        for line in lines:
            print(line, flush=True)
            with open(self.path, "a") as out:
                out.write(line + "\n")


class Step:
    """A process: its JSON lines with `seconds` since it began, and its end. One
    that takes too long is killed with all that it started."""

    def __init__(self, command, seconds, environment=None):
        self.values = []
        self.late = False
        begun = time.monotonic()
        process = subprocess.Popen(
            command, text=True, stdin=subprocess.DEVNULL, errors="replace",
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, **(environment or {})},
            start_new_session=True)
        said = []
        reader = threading.Thread(target=lambda: said.extend(process.stderr),
                                  daemon=True)
        reader.start()
        killer = threading.Timer(max(1, seconds), self.end, [process])
        killer.daemon = True
        killer.start()
        for line in process.stdout:
            try:
                value = json.loads(line)
            except ValueError:
                continue
            if isinstance(value, dict):
                value["seconds"] = time.monotonic() - begun
                self.values.append(value)
        self.code = process.wait()
        killer.cancel()
        reader.join(5)
        self.seconds = time.monotonic() - begun
        self.said = "".join(said).strip()

    def end(self, process):
        self.late = True
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except OSError:
            pass

    def of(self, kind):
        return [v for v in self.values if v.get("type") == kind]

    def last_words(self):
        words = self.said.splitlines()[-1:] or [""]
        return "ended after %.0f s" % self.seconds if self.late else \
            "exit code %d: %s" % (self.code, words[0][:200])


def left(limit):
    return limit - (time.monotonic() - BEGUN)


def read_task(path):
    """A task file as Python has it, without its comments."""
    with open(path) as file:
        text = re.sub(r"(?m)^\s*//.*$", "", file.read())
    return json.loads(text)


def settings(**values):
    """Options --set for the program; "_" stands for the first dot."""
    out = []
    for name, value in values.items():
        text = value if isinstance(value, str) else json.dumps(value)
        out += ["--set", "%s=%s" % (name.replace("_", ".", 1), text)]
    return out


def tune(program, task, place, name, seconds, *options, **values):
    """`warpwright tune` on a task of backend `command`, with cold caches."""
    folder = os.path.join(place, name)
    os.makedirs(folder)
    return Step(
        [program, "tune", task, "--json", "--seed", "7", "--no-cache",
         "--store", folder + "/store.db", *settings(search_patience=0),
         "--set", "backend.command.command=" +
         json.dumps([sys.executable, "{source}"]), *options,
         *settings(**values)], seconds,
        {"TRITON_CACHE_DIR": folder + "/triton"})


def counted(words):
    """How often each word occurs, as text."""
    words = list(words)
    return ", ".join("%d %s" % (words.count(w), w) for w in
                     sorted(set(words), key=lambda w: -words.count(w)))


def versions(*packages):
    """Names and versions in words, or None if one is missing."""
    try:
        return ", ".join("%s %s" % (name, importlib.metadata.version(name))
                         for name in packages)
    except importlib.metadata.PackageNotFoundError:
        return None
