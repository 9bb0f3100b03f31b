#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sessions with a model over the network: the cable is pulled in the middle of an
answer, a model on this machine never works while something is timed, and the
kernel's source leaves the machine only if it is told to. The
kernels sleep, so nothing here depends on how busy the machine is."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

from tap import check, finish

BUILD, SOURCE = os.environ["WW_BUILD"], os.environ["WW_SOURCE"]
work = tempfile.mkdtemp()
SECRET = "a_line_of_the_kernel_8472"
log_file = work + "/log"
server = subprocess.Popen([sys.executable, SOURCE + "/tests/tools/fault_server.py",
                           work + "/port", log_file])


KEPT = {name: os.environ[name] for name in
        ("PATH", "WARPWRIGHT_DATA", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS")
        if name in os.environ}
ENVIRONMENT = dict(KEPT, HOME=work, XDG_CONFIG_HOME=work, XDG_DATA_HOME=work,
                   XDG_CACHE_HOME=work, OPENAI_API_KEY="sk-0123456789abcdef",
                   ANTHROPIC_API_KEY="sk-1123456789abcdef",
                   OPENROUTER_API_KEY="sk-2123456789abcdef",
                   WARPWRIGHT_PLUGIN_PATH=BUILD + "/.libs:" + BUILD + "/tests/tools/.libs")


def tune(provider, fault, *settings, seconds=0.01):
    suffix = "" if provider in ("ollama", "anthropic") else "/v1"
    naps = tempfile.mktemp(dir=work)
    arguments = ["--set=" + text for text in settings]
    done = subprocess.run(
        [BUILD + "/warpwright", "tune", work + "/task.json", "--json", "--provider", provider,
         "--api-base", "http://127.0.0.1:%s/%s%s" % (port, fault, suffix),
         "--store", naps + ".db", "--output", naps + ".out",
         "--set", "backend.naps.seconds=%s" % seconds, "--set", "backend.naps.log=" + naps,
         "--set", "backend.naps.compile_seconds=0", "--set", "search.max_rounds=3",
         "--set", "search.initial_batch_size=10", "--set", "search.refinement_batch_size=6",
         "--set", "search.patience=0", "--set", "search.min_improvement=0",
         "--set", "measure.finalists=0"] + arguments,
        capture_output=True, text=True, cwd=work, timeout=100, env=ENVIRONMENT)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    with open(naps) as file:
        timed = [tuple(int(t) for t in line.split()) for line in file]
    return done, rows, timed


def sent(provider, path, *settings):
    """Every byte that a session sent, as the server got it."""
    with open(log_file) as log:
        before = len(log.readlines())
    done, rows, _ = tune(provider, "propose:0", *settings)
    with open(log_file) as log:
        requests = [json.loads(line) for line in log.readlines()[before:]]
    requests = [row for row in requests if "body" in row and row["path"].endswith(path)]
    text = "\n".join(json.dumps(row["headers"]) + row["body"] for row in requests)
    return done, len(requests), text


def log_of(fault):
    with open(log_file) as log:
        rows = [json.loads(line) for line in log]
    return [row for row in rows if row["path"].startswith("/" + fault + "/")]


def trials(rows):
    return [row for row in rows if row["type"] == "trial"]


def pull(count, *settings):
    """Of the first answer, `count` configurations were complete when the cable
    was pulled; nobody ever answers again."""
    fault = "pull:%d" % count
    done, rows, _ = tune("openai", fault, "http.attempts=1", "strategy.llm.opening=1",
                         *settings)
    whole = [row for row in log_of(fault) if "complete" in row]
    wanted = [row["config"] for row in trials(rows)]
    lost = [config for config in whole[0]["complete"] if config not in wanted]
    check(done.returncode == 0 and len(whole) == 1 and len(whole[0]["complete"]) == count,
          "cable pulled after %d configurations: the session ends well" % count, done)
    check(not lost, "none of the %d that were complete is lost" % count, lost, done)
    calls = [row for row in rows if row["type"] == "model_call"]
    check(calls and calls[0]["taken"] == sum(
        row["source"].startswith("llm") and row["round"] == 1 and
        row["config"] in whole[0]["complete"] for row in trials(rows)),
        "the record of the call counts those that were taken", calls[:1], done)
    check(rows[-1]["fallback"] is not None, "another strategy went on, and it is said",
          rows[-1])


def overlaps(fault, timed):
    """Pairs of a model's answer and a trial that were under way together."""
    rows = [row for row in log_of(fault) if "end_ns" in row]
    return len(rows), [(row, nap) for row in rows for nap in timed
                       if nap[0] < row["end_ns"] and row["begin_ns"] < nap[1]]


try:
    while not os.path.exists(work + "/port"):
        time.sleep(0.02)
    port = open(work + "/port").read()
    with open(work + "/kernel", "w") as file:
        file.write("zzz " + SECRET + "\n")
    with open(work + "/task.json", "w") as file:
        json.dump({"name": "naps", "backend": "naps",
                   "kernel": {"language": "naps", "source": "kernel", "entry": "nap"},
                   "parameters": [{"name": name, "type": "int", "range": [0, 11],
                                   "default": 6} for name in "abcd"]}, file)

    pull(3, "strategy.llm.overlap=none")
    pull(7, "strategy.llm.overlap=none")
    pull(9)

    done, rows, timed = tune("ollama", "propose:0.4", seconds=0.15)
    n, together = overlaps("propose:0.4", timed)
    check(done.returncode == 0 and n == 3 and len(timed) >= 20,
          "a session with a local model", n, len(timed), done)
    check(not together, "nothing is timed while it answers", together[:3])
    done, rows, timed = tune("ollama", "propose:0.41", "parallel.measure_beside_model=true",
                             seconds=0.15)
    n, together = overlaps("propose:0.41", timed)
    check(done.returncode == 0 and n == 3 and together,
          "unless the user says so", n, len(together), done)
    # Between two attempts there is time for measurements; the second attempt
    # waits for the end of the one that it finds under way.
    done, rows, timed = tune("ollama", "busy:0.3", "search.max_rounds=2",
                             "search.initial_batch_size=3", "search.refinement_batch_size=12",
                             seconds=0.5)
    n, together = overlaps("busy:0.3", timed)
    check(done.returncode == 0 and n == 2 and len(timed) >= 12,
          "a session with a local model that is busy at first", n, len(timed), done)
    check(not together, "a second attempt waits for what is being timed", together[:3])
    for provider, path, *settings in (
            ("openai", "/chat/completions"), ("openrouter", "/chat/completions"),
            ("openai", "/responses", "provider.openai.protocol=responses"),
            ("anthropic", "/v1/messages"), ("ollama", "/api/chat")):
        done, n, text = sent(provider, path, *settings)
        check(done.returncode == 0 and n >= 2 and "PARAMETERS" in text and
              SECRET not in text and "zzz" not in text,
              provider + path + ": no source in any byte that was sent", n, text, done)
        done, n, text = sent(provider, path, "prompt.include_kernel_source=true",
                                     *settings)
        check(n >= 2 and SECRET in text, provider + path + ": unless it is told to", n, done)

    done, rows, timed = tune("ollama", "propose:30", "search.max_seconds=1", "measure.finalists=3")
    check(done.returncode == 0 and rows[-1]["stop"] and rows[-1]["seconds"] < 20,
          "the end of a session does not wait for a local model", rows[-1:], done)
finally:
    server.kill()
    server.wait()
    shutil.rmtree(work, ignore_errors=True)
finish()
