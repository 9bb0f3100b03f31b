# SPDX-License-Identifier: MIT
"""Warpwright's strategies and models for a tuner that measures by itself.

    with warpwright_ask.Session(task, strategy="auto") as session:
        for trial in session:                    # until a stop rule applies
            session.tell(trial, time_ms=measure(trial.config))
        print(session.best().config)

`task` is a path, or a dict as warpwright-task(5) describes it; a kernel is not
needed. Several configurations may be out at once: ask(n), tell() in any order.
Needs Python 3.8 or later and nothing else; speaks with `warpwright ask`, whose
requests and answers are explained in warpwright(1).
"""
import json
import os
import subprocess
import tempfile


class Error(Exception):
    """What Warpwright said when it refused something, or why it ended."""


class Trial:
    """A configuration to measure. `reason` is the model's own, or empty."""

    def __init__(self, entry):
        self.id = entry["id"]
        self.config = entry["config"]
        self.source = entry.get("source", "")
        self.reason = entry.get("reason", "")
        self.round = entry.get("round", 0)

    def __repr__(self):
        return "Trial(%d, %s)" % (self.id, self.config)


class Best(Trial):
    """The fastest configuration so far and its time."""

    def __init__(self, entry):
        super().__init__(entry)
        self.time_ms = entry["time_ms"]
        self.interval_ms = (entry["ci_low_ms"], entry["ci_high_ms"])
        self.speedup = entry["speedup"]


class Session:
    """One run of `warpwright ask`.

    `settings` are those of warpwright-config(5), such as
    {"search.max_evaluations": 100}; `arguments` go to the program as they are.
    `resume` continues a stored session ("last": the newest).
    """

    def __init__(self, task, strategy=None, settings=None, resume=None,
                 arguments=(), program=None):
        self.finished = False  # no more configurations will come
        self.stop = None       # why
        self.result = None     # the whole result, after finish()
        self._file = None
        self._told = None
        if isinstance(task, dict):
            task = self._write(task)
        command = [program or os.environ.get("WARPWRIGHT", "warpwright"),
                   "ask", os.fspath(task)]
        if strategy is not None:
            command += ["--strategy", strategy]
        if resume is not None:
            command += ["--resume", resume]
        for key, value in (settings or {}).items():
            text = value if isinstance(value, str) else json.dumps(value)
            command += ["--set", "%s=%s" % (key, text)]
        try:
            self._process = subprocess.Popen(
                command + list(arguments), stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, encoding="utf-8")
            self.description = self._request({"describe": True})["session"]
        except BaseException:
            self._remove()
            raise

    def _write(self, task):
        handle, self._file = tempfile.mkstemp(prefix="warpwright-ask-",
                                              suffix=".json")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(task, file)
        return self._file

    def _remove(self):
        if self._file is not None:
            os.unlink(self._file)
            self._file = None

    def _request(self, request):
        """Sends one line and returns the line that answers it."""
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # its last words say why
        line = self._process.stdout.readline()
        if not line:
            raise Error("warpwright ended with exit code %d; what it said is "
                        "on standard error" % self._process.wait())
        answer = json.loads(line)
        if "error" in answer:
            raise Error(answer["error"]["text"])
        return answer

    def ask(self, n=1):
        """Up to n configurations; none while results are waited for (tell
        one first), or when it is finished (self.finished, self.stop)."""
        answer = self._request({"ask": n})
        if answer["finished"]:
            self.finished = True
            self.stop = answer["stop"]
        return [Trial(entry) for entry in answer["configurations"]]

    def tell(self, trial, time_ms=None, samples_ms=None, status=None, text=None,
             facts=None):
        """What came of a trial, or of any configuration (a dict): its time,
        its samples, or a status such as "compile_error" with a text. Returns
        the trial's number when the result is stored."""
        tell = {"config": trial} if isinstance(trial, dict) else {
            "id": trial.id if isinstance(trial, Trial) else trial}
        for name, value in (("time_ms", time_ms), ("samples_ms", samples_ms),
                            ("status", status), ("text", text),
                            ("facts", facts)):
            if value is not None:
                tell[name] = value
        return self._request({"tell": tell})["told"]["id"]

    def best(self):
        """The fastest so far, or None."""
        best = self._request({"best": True})["best"]
        return None if best is None else Best(best)

    def finish(self):
        """Ends the session; returns the result as `tune --json` prints it."""
        if self.result is None:
            try:
                self.result = self._request({"finish": True})["result"]
            finally:
                self.close()
        return self.result

    def close(self):
        """Ends the session without asking for its result."""
        for stream in (self._process.stdin, self._process.stdout):
            try:
                stream.close()
            except BrokenPipeError:
                pass
        self._process.wait()
        self._remove()

    def __iter__(self):
        """Configurations one by one; each is told before the next."""
        while True:
            trials = self.ask(1)
            if not trials:
                if not self.finished:
                    raise Error("the last configuration has no result yet")
                return
            yield trials[0]

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is None:
            self.finish()
        self.close()
