# SPDX-License-Identifier: MIT
"""A far side that misbehaves as the parameter MODE says. It speaks the protocol
by hand, because the module would not let it do these things. Every process of it
leaves a file named after its id in the folder that FAR_PIDS names."""
import json
import os
import signal
import sys
import time

open(os.path.join(os.environ["FAR_PIDS"], str(os.getpid())), "w").close()


def say(text):
    sys.stdout.write(text)
    sys.stdout.flush()


def good(what, request):
    if what == "describe":
        return {"protocol": 1, "name": "faults", "version": "1"}
    if what == "time":
        return {"samples_ms": [1 + request["values"]["SIZE"] / 1e3] *
                request["samples"], "repeats": 1}
    return {"compared": True} if what == "verify" else {}


def spoil(mode, request):
    """What the mode does to a request; None: nothing."""
    number = request["id"]
    if mode == "hang":
        time.sleep(3600)
    if mode == "exit":
        print("farewell words", file=sys.stderr)
        sys.exit(3)
    if mode == "signal":
        os.kill(os.getpid(), signal.SIGSEGV)
    if mode == "garbage":
        return "Compiling, please wait\n"
    if mode == "huge":
        return '{"id": %d, "log": "%s"}\n' % (number, "x" * (5 << 20))
    if mode == "flood":
        while True:
            say("x" * 65536)
    if mode == "id":
        return '{"id": %d}\n' % (number + 1)
    if mode == "no_id":
        return "{}\n"
    if mode == "utf8":
        sys.stdout.buffer.write(b'{"id": %d, "text": "\xff"}\n' % number)
        return ""
    if mode == "twice":
        return '{"id": %d}\n{"id": %d}\n' % (number, number)
    if mode == "array":
        return "[1]\n"
    if mode == "class":
        return '{"id": %d, "outcome": "sulks"}\n' % number
    if mode == "mute":
        return '{"id": %d, "outcome": "compile_error"}\n' % number
    if mode == "chatter":
        sys.stderr.write("word " * 200000 + "\n")
    if mode == "refuse":
        return json.dumps({"id": number, "outcome": "out_of_resources",
                           "text": "too large\nmore of it"}) + "\n"
    if mode == "wrong":
        return json.dumps({"id": number, "n_wrong": 7, "worst_index": 3,
                           "argument": "c", "got": 1, "want": 2,
                           "worst_difference": 1}) + "\n"
    if mode == "nothing":
        return '{"id": %d, "samples_ms": []}\n' % number
    if mode == "negative":
        return '{"id": %d, "samples_ms": [-1, -2, -3]}\n' % number
    if mode == "text":
        return '{"id": %d, "samples_ms": ["fast"]}\n' % number
    if mode == "file":
        return '{"id": %d, "file": "../../etc/passwd"}\n' % number
    return None


for line in sys.stdin:
    asked = json.loads(line)
    if asked["request"] == "close":
        break
    mode, _, where = asked.get("values", {}).get("MODE", "").partition("@")
    answer = spoil(mode, asked) if where == asked["request"] else None
    if answer is None:
        answer = json.dumps(dict(good(asked["request"], asked),
                                 id=asked["id"])) + "\n"
    say(answer)
