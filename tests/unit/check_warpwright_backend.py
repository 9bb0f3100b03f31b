# SPDX-License-Identifier: MIT
"""The Python module for far sides: every answer, without a process where it can
be, with one where the streams matter."""
import json
import math
import os
import subprocess
import sys
import textwrap
import unittest

MODULE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "../../sdk/python")
sys.path.insert(0, MODULE)
import warpwright_backend as ww  # noqa: E402


class Plain(ww.Backend):
    name = "plain"

    def run(self, job):
        job.facts["ran"] = 1


class Full(ww.Backend):
    name = "full"
    version = "7"
    shares_cpu = False

    def identity(self):
        return "compiler 1"

    def targets(self):
        return ["a", "b"]

    def devices(self):
        return [{"id": "d0", "name": "D", "target": "a",
                 "facts": {"cores": 4, "bad": float("nan")}}]

    def prepare(self, order):
        self.order = order

    def build(self, job):
        if "raise" in job.values:
            raise job.values["raise"]
        job.facts["registers"] = 40
        return ww.Built(artifact=[1, 2], file="/x/kernel.so",
                        facts={"spills": 0, "inf": math.inf}, log="words",
                        standalone=True)

    def load(self, job):
        job.facts["occupancy"] = 0.5
        return ["loaded", job["N"]]

    def unload(self, job):
        self.unloaded = job.loaded

    def verify(self, job):
        if "raise" in job.values:
            raise job.values["raise"]
        if job["N"] == 0:
            return False
        return None

    def time(self, job, timing):
        return [job["N"] * 1.5] * timing.samples, 3


def server(backend):
    made = ww.Server(backend)
    made.answer({"id": 1, "request": "describe", "protocol": 1,
                 "role": "device", "task": None})
    return made


def failing(error, request="verify"):
    return server(Full()).answer({"id": 5, "request": request, "values":
                                  {"N": 1, "raise": error}})


class Describing(unittest.TestCase):
    def ask(self, backend, **more):
        return ww.Server(backend).answer(dict(
            {"id": 1, "request": "describe", "protocol": 1, "role": "device",
             "task": None}, **more))

    def test_plain(self):
        """a backend with run() alone neither builds nor loads"""
        answer = self.ask(Plain())
        self.assertEqual(answer["id"], 1)
        self.assertEqual(answer["protocol"], 1)
        self.assertIs(answer["build"], False)
        self.assertIs(answer["load"], False)
        self.assertIs(answer["shares_cpu"], True)
        self.assertNotIn("devices", answer)

    def test_full(self):
        """what is defined is described"""
        answer = self.ask(Full())
        self.assertIs(answer["build"], True)
        self.assertIs(answer["load"], True)
        self.assertIs(answer["shares_cpu"], False)
        self.assertEqual(answer["targets"], ["a", "b"])
        self.assertIn("compiler 1", answer["identity"])
        self.assertEqual(answer["devices"][0]["facts"], {"cores": 4.0})

    def test_compile_role(self):
        """the compile half is not asked for devices"""
        backend = Full()
        backend.devices = lambda: self.fail("a device was looked for")
        self.assertNotIn("devices", self.ask(backend, role="compile"))

    def test_protocol(self):
        """another protocol is refused"""
        answer = self.ask(Plain(), protocol=2)
        self.assertEqual(answer["outcome"], "unavailable")

    def test_start_fails(self):
        """what start() raises is told"""
        backend = Plain()

        def start(role, task):
            raise ww.Unavailable("no GPU here")
        backend.start = start
        answer = self.ask(backend)
        self.assertEqual((answer["outcome"], answer["text"]),
                         ("unavailable", "no GPU here"))


class Building(unittest.TestCase):
    def test_built(self):
        """artifact, file, facts and log of a build"""
        answer = server(Full()).answer({"id": 2, "request": "build",
                                        "values": {}, "scratch": "/x"})
        self.assertEqual(answer["artifact"], [1, 2])
        self.assertEqual(answer["file"], "kernel.so")
        self.assertEqual(answer["facts"], {"registers": 40.0, "spills": 0.0})
        self.assertEqual(answer["log"], "words")
        self.assertIs(answer["standalone"], True)
        self.assertNotIn("outcome", answer)

    def test_bare_value(self):
        """a bare value is the artifact"""
        backend = Plain()
        backend.build = lambda job: {"n": job["N"]}
        answer = server(backend).answer({"id": 2, "request": "build",
                                         "values": {"N": 3}})
        self.assertEqual(answer["artifact"], {"n": 3})
        self.assertIs(answer["standalone"], False)

    def test_command_fails(self):
        """a command that fails is a compile error with its words"""
        error = subprocess.CalledProcessError(
            2, ["gcc", "-c"], stderr=b"\nx.c:1: error: no\nmore")
        answer = failing(error, "build")
        self.assertEqual(answer["outcome"], "compile_error")
        self.assertEqual(answer["text"],
                         "gcc ended with code 2: x.c:1: error: no")
        self.assertIn("more", answer["log"])

    def test_no_build_step(self):
        """a build that nobody defined is refused"""
        answer = server(Plain()).answer({"id": 2, "request": "build"})
        self.assertEqual(answer["outcome"], "internal")


class Outcomes(unittest.TestCase):
    def test_classes(self):
        """every failure has its outcome"""
        for kind, outcome in (
                (ww.Constraint, "constraint"),
                (ww.CompileError, "compile_error"),
                (ww.OutOfResources, "out_of_resources"),
                (ww.LaunchFailure, "launch_failure"),
                (ww.DeviceLost, "device_lost"),
                (ww.Unavailable, "unavailable"),
                (ww.Failure, "internal")):
            answer = failing(kind("why", log="long", restart=True))
            self.assertEqual(answer, {"id": 5, "outcome": outcome, "text":
                                      "why", "log": "long", "restart": True})

    def test_other_exceptions(self):
        """exceptions of other kinds are classified"""
        for error, outcome in (
                (MemoryError(), "out_of_resources"),
                (subprocess.TimeoutExpired("x", 3), "run_timeout"),
                (subprocess.CalledProcessError(1, "x"), "launch_failure"),
                (SystemExit(3), "internal"),
                (ZeroDivisionError("oh"), "internal")):
            answer = failing(error)
            self.assertEqual(answer["outcome"], outcome)
            self.assertIn(type(error).__name__ if outcome == "internal"
                          else "", answer["text"])

    def test_wrong_numbers(self):
        """a wrong result with numbers becomes a verdict"""
        answer = failing(ww.WrongResult(argument="c", n_wrong=9, index=4,
                                        got=1, want=float("nan"),
                                        difference=2))
        self.assertEqual(answer, {
            "id": 5, "compared": True, "n_wrong": 9, "worst_index": 4,
            "argument": "c", "got": 1.0, "want": None,
            "worst_difference": 2.0})

    def test_wrong_words(self):
        """a wrong result in words keeps them"""
        answer = failing(ww.WrongResult("not sorted"))
        self.assertEqual((answer["outcome"], answer["text"]),
                         ("wrong_result", "not sorted"))

    def test_unknown_request(self):
        """a request that is not known is answered"""
        answer = server(Plain()).answer({"id": 8, "request": "dance"})
        self.assertEqual((answer["id"], answer["outcome"]), (8, "internal"))


class Measuring(unittest.TestCase):
    def test_load(self):
        """what load() returns is there until it is unloaded"""
        backend = Full()
        made = server(backend)
        answer = made.answer({"id": 2, "request": "load", "handle": 4,
                              "values": {"N": 2}})
        self.assertEqual(answer["facts"], {"occupancy": 0.5})
        answer = made.answer({"id": 3, "request": "time", "handle": 4,
                              "values": {"N": 2}, "samples": 2})
        self.assertEqual(answer["samples_ms"], [3.0, 3.0])
        self.assertEqual(answer["repeats"], 3)
        made.answer({"id": 4, "request": "unload", "handle": 4})
        self.assertEqual(backend.unloaded, ["loaded", 2])
        self.assertEqual(made.jobs, {})

    def test_verified(self):
        """verify() that returns nothing has compared, False has not"""
        for n, compared in ((1, True), (0, False)):
            answer = server(Full()).answer({"id": 2, "request": "verify",
                                            "values": {"N": n}})
            self.assertIs(answer["compared"], compared)

    def test_not_compared(self):
        """without verify() nothing is compared"""
        answer = server(Plain()).answer({"id": 2, "request": "verify"})
        self.assertIs(answer["compared"], False)

    def test_samples(self):
        """samples are as many as asked, positive, each flushed before"""
        flushed = []
        backend = Plain()
        backend.flush = lambda: flushed.append(1)
        for cold in (False, True):
            answer = server(backend).answer(
                {"id": 2, "request": "time", "samples": 5, "repeats": 2,
                 "cold": cold, "budget_ms": 10000})
            self.assertEqual(len(answer["samples_ms"]), 5)
            self.assertEqual(answer["repeats"], 2)
            self.assertTrue(all(t > 0 for t in answer["samples_ms"]))
            self.assertEqual(len(flushed), 5 if cold else 0)

    def test_repeats(self):
        """repeats are chosen so that the clock does not matter"""
        times, repeats = ww.sample(lambda: None, ww.Timing(3))
        self.assertGreater(repeats, 10)
        self.assertEqual(len(times), 3)

    def test_budget(self):
        """a budget that is over ends the samples after one"""
        times, _ = ww.sample(lambda: None, ww.Timing(50, 1, False, 0))
        self.assertEqual(len(times), 1)

    def test_no_run(self):
        """a backend without run() and time() says so"""
        answer = server(ww.Backend()).answer({"id": 2, "request": "time"})
        self.assertIn("neither run() nor time()", answer["text"])


class Streams(unittest.TestCase):
    def talk(self, body, *requests):
        program = "import os, sys, subprocess\nsys.path.insert(0, %r)\n" \
            "import warpwright_backend as ww\n%s\n" % (
                MODULE, textwrap.dedent(body))
        return subprocess.run(
            [sys.executable, "-c", program], text=True, timeout=60,
            input="".join(json.dumps(r) + "\n" for r in requests),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def test_prints(self):
        """what anybody prints goes to standard error"""
        done = self.talk("""
            class Loud(ww.Backend):
                def verify(self, job):
                    print("from print")
                    os.write(1, b"from the descriptor\\n")
                    subprocess.run(["echo", "from a child"])
            ww.serve(Loud())
            """, {"id": 1, "request": "verify"})
        self.assertEqual(json.loads(done.stdout), {"id": 1, "compared": True})
        for words in ("print", "the descriptor", "a child"):
            self.assertIn("from " + words, done.stderr)

    def test_stdin(self):
        """a child cannot read requests"""
        done = self.talk("""
            class Greedy(ww.Backend):
                def verify(self, job):
                    subprocess.run(["cat"])
            ww.serve(Greedy())
            """, *[{"id": i, "request": "verify"} for i in (1, 2, 3)])
        self.assertEqual([json.loads(line)["id"]
                          for line in done.stdout.splitlines()], [1, 2, 3])

    def test_close(self):
        """close ends the program, and so does the end of the requests"""
        for requests in (({"request": "close"}, {"id": 1, "request": "x"}),
                         ()):
            done = self.talk("ww.serve(ww.Backend())", *requests)
            self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_not_json(self):
        """an artifact that JSON cannot hold is told, and the next is served"""
        done = self.talk("""
            class Odd(ww.Backend):
                def build(self, job):
                    return {1, 2} if job["N"] else 5
            ww.serve(Odd())
            """, *[{"id": i, "request": "build", "values": {"N": i}}
                   for i in (1, 0)])
        first, second = map(json.loads, done.stdout.splitlines())
        self.assertEqual((first["id"], first["outcome"]), (1, "internal"))
        self.assertEqual(second["artifact"], 5)


if __name__ == "__main__":
    unittest.main()
