#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A key is in no log, error, store, recording, cache or process list, not even
when the server echoes it."""
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

from tap import check, finish

BUILD, SOURCE = os.environ["WW_BUILD"], os.environ["WW_SOURCE"]
KEYS = {
    "OPENAI_API_KEY": "sk-proj-Abc123Def456Ghi789",
    "ANTHROPIC_API_KEY": "plainlookingkey0987654321",
    "OPENROUTER_API_KEY": "or.v1.0011223344556677",
}
work = tempfile.mkdtemp()
seen = tempfile.mkdtemp()  # what the server saw may hold keys
server = subprocess.Popen([sys.executable, SOURCE + "/tests/tools/fault_server.py",
                           seen + "/port", seen + "/log"])
outputs = []


def environment():
    kept = {name: os.environ[name] for name in
            ("PATH", "WARPWRIGHT_DATA", "WARPWRIGHT_PLUGIN_PATH", "LD_LIBRARY_PATH",
             "ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ}
    return {**kept, **KEYS, "HOME": work, "XDG_CONFIG_HOME": work + "/config",
            "XDG_DATA_HOME": work + "/data", "XDG_CACHE_HOME": work + "/cache",
            "TMPDIR": work}


def command_lines():
    found = b""
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as file:
                found += file.read() + b"\n"
        except OSError:
            pass
    return found


def run(*arguments):
    """Runs the program and looks at the process list meanwhile."""
    process = subprocess.Popen([BUILD + "/warpwright", "--verbose", "--verbose", *arguments],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=work,
                               env=environment())
    lines = b""
    deadline = time.time() + 50
    os.set_blocking(process.stdout.fileno(), False)
    out = b""
    while process.poll() is None and time.time() < deadline:
        lines += command_lines()
        out += process.stdout.read() or b""
        time.sleep(0.05)
    process.kill()
    os.set_blocking(process.stdout.fileno(), True)
    out += process.stdout.read()
    process.wait()
    outputs.append(out)
    outputs.append(lines)
    return process.returncode, out.decode("utf-8", "replace")


def leaks(data):
    return [name for name, key in KEYS.items() if key.encode() in data]


def files():
    for folder, _, names in os.walk(work):
        for name in names:
            yield os.path.join(folder, name)


try:
    while not os.path.exists(seen + "/port"):
        time.sleep(0.02)
    base = "http://127.0.0.1:" + open(seen + "/port").read()
    task = SOURCE + "/examples/matmul-cpu/task.json"
    tune = ("tune", task, "--json", "--max-evaluations", "4", "--max-seconds", "20",
            "--set", "http.attempts=2", "--set", "llm.cache=true")

    for provider, suffix in (("openai", "/v1"), ("openrouter", "/v1"), ("anthropic", "")):
        code, out = run("provider", "test", provider, "--api-base", base + "/401" + suffix)
        check(code == 8 and "Incorrect API key" in out and "[redacted]" in out,
              provider + ": an echoed key is masked in the error", out)

    code, out = run(*tune, "--provider", "openai", "--api-base", base + "/401/v1")
    check(code == 0 and '"type":"result"' in out, "a session with a refused key ends well",
          "%s %s" % (code, out[-2000:]))
    code, out = run(*tune, "--provider", "openai", "--api-base", base + "/echo/v1")
    check(code == 0 and "your key is Bearer" not in out,
          "a session whose model repeats the key ends well", "%s %s" % (code, out[-2000:]))
    code, out = run("session", "export", "last", "--recording", work + "/recording.json")
    recording = json.load(open(work + "/recording.json"))
    text = json.dumps(recording)
    check(code == 0 and "your key is" in text and "[redacted]" in text,
          "the recording holds the answer with the key masked", text[:2000])
    code, out = run("session", "show", "last")
    code, out = run("config", "show", "--set", "provider.openai.key=OPENAI_API_KEY")
    check(code == 0 and "OPENAI_API_KEY" in out, "config show names the variable", out)

    with open(seen + "/log", "rb") as log:
        check("OPENAI_API_KEY" in leaks(log.read()), "the keys did reach the server")
    check(not leaks(b"".join(outputs)), "no key in output, log or process list",
          leaks(b"".join(outputs)))
    written = {path: leaks(open(path, "rb").read()) for path in files()}
    check(any(path.endswith("store.db") for path in written), "the store was written", written)
    check(not any(written.values()), "no key in any file that was written",
          {path: keys for path, keys in written.items() if keys})
    modes = {path: oct(os.stat(path).st_mode & 0o777) for path in written
             if "/data/" in path and os.stat(path).st_mode & 0o077}
    check(not modes, "the store is readable by its owner alone", modes)
finally:
    server.kill()
    server.wait()
    shutil.rmtree(work, ignore_errors=True)
    shutil.rmtree(seen, ignore_errors=True)
finish()
