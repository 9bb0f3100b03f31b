# SPDX-License-Identifier: MIT
"""The far side of Warpwright's backend `command`, in Python.

Derive from Backend, fill in what your kernels need, and call serve():

    import warpwright_backend as ww

    class Sort(ww.Backend):
        name = "sort"

        def run(self, job):
            subprocess.run(["sort", "-S", "%dK" % job.values["BUFFER"], DATA],
                           stdout=subprocess.DEVNULL, check=True)

    ww.serve(Sort())

Start it with

    warpwright tune task.json \\
        --set 'backend.command.command=["python3", "{source}"]'

where the task says "backend": "command" and its kernel's "source" is this
file. The protocol is in warpwright-command(7). Nothing but the standard
library is needed; Python 3.9 or newer.
"""
import json
import math
import os
import subprocess
import sys
import time
import traceback

__version__ = "1.0.0"
PROTOCOL = 1
__all__ = ["Backend", "Built", "CompileError", "Constraint", "DeviceLost",
           "Failure", "Job", "LaunchFailure", "OutOfResources", "Timing",
           "Unavailable", "WrongResult", "sample", "serve"]

# A sample lasts at least this long, so that reading the clock does not matter.
SHORTEST_SAMPLE_NS = 20000
MOST_REPEATS = 1000000


# ------------------------------------------------------------------- failures

class Failure(Exception):
    """How a configuration failed. `log` is the compiler's or driver's words;
    `restart` asks for a new process because this one is spoilt."""
    outcome = "internal"

    def __init__(self, text="", log=None, restart=False):
        super().__init__(text)
        self.text = str(text)
        self.log = log
        self.restart = restart

    def members(self):
        answer = {"outcome": self.outcome, "text": self.text}
        if self.log is not None:
            answer["log"] = str(self.log)
        if self.restart:
            answer["restart"] = True
        return answer


class Constraint(Failure):
    """The configuration cannot work here, whatever it computes."""
    outcome = "constraint"


class CompileError(Failure):
    outcome = "compile_error"


class OutOfResources(Failure):
    """It needs more registers, shared memory or memory than there is."""
    outcome = "out_of_resources"


class LaunchFailure(Failure):
    outcome = "launch_failure"


class DeviceLost(Failure):
    outcome = "device_lost"


class Unavailable(Failure):
    """What this program needs is missing on this machine."""
    outcome = "unavailable"


class WrongResult(Failure):
    """It ran and computed something else. With numbers, the text is made of
    them; elements are counted in `n_wrong`."""
    outcome = "wrong_result"

    def __init__(self, text="", argument=None, n_wrong=1, index=0, got=None,
                 want=None, difference=None, log=None):
        super().__init__(text, log)
        self.numbers = {} if argument is None else {
            "compared": True, "n_wrong": max(1, int(n_wrong)),
            "worst_index": int(index), "argument": str(argument),
            "got": _number(got), "want": _number(want),
            "worst_difference": _number(difference)}

    def members(self):
        if self.numbers and not self.text:
            return dict(self.numbers)
        return super().members()


# ----------------------------------------------------------- what is passed on

class Job:
    """One configuration. `values` holds problem sizes and parameters by name;
    `artifact` and `file` what build() gave; `loaded` what load() returned."""

    def __init__(self, request, task):
        self.task = task
        self.values = request.get("values") or {}
        self.artifact = request.get("artifact")
        self.file = request.get("file")
        self.launch = request.get("launch")
        self.kernel = request.get("kernel") or (task or {}).get("kernel")
        self.target = request.get("target")
        self.scratch = request.get("scratch")
        self.handle = request.get("handle")
        self.facts = {}
        self.loaded = None

    def __getitem__(self, name):
        return self.values[name]


class Built:
    """What build() may return. `artifact`: any JSON value; `file`: name of a
    file in job.scratch; `standalone`: the artifact alone decides what runs, so
    equal ones are measured once (values then are not passed on)."""

    def __init__(self, artifact=None, file=None, facts=None, log="",
                 standalone=False):
        self.artifact = artifact
        self.file = file
        self.facts = facts or {}
        self.log = log
        self.standalone = standalone


class Timing:
    """One request to time: at most `samples` of them, each of `repeats`
    launches (0: choose), `cold` caches or not, within `budget_ms`."""

    def __init__(self, samples, repeats=0, cold=False, budget_ms=1000):
        self.samples = int(samples)
        self.repeats = int(repeats)
        self.cold = bool(cold)
        self.budget_ms = budget_ms


def choose_repeats(call):
    """How many calls last long enough to be timed."""
    repeats = 1
    while True:
        begun = time.perf_counter_ns()
        for _ in range(repeats):
            call()
        took = time.perf_counter_ns() - begun
        if took >= SHORTEST_SAMPLE_NS or repeats >= MOST_REPEATS:
            return repeats
        repeats = min(MOST_REPEATS, repeats * 16
                      if took < SHORTEST_SAMPLE_NS // 16
                      else repeats * SHORTEST_SAMPLE_NS // took + 1)


def sample(call, timing, before=None):
    """Times call() by the wall clock: (milliseconds a call, repeats). before()
    runs ahead of every sample and is not timed."""
    repeats = timing.repeats
    if repeats <= 0:
        if before is not None:
            before()
        repeats = choose_repeats(call)
    end = time.perf_counter_ns() + timing.budget_ms * 1000000
    times = []
    for _ in range(max(1, timing.samples)):
        if before is not None:
            before()
        begun = time.perf_counter_ns()
        for _ in range(repeats):
            call()
        now = time.perf_counter_ns()
        times.append((now - begun) / repeats / 1e6)
        if now > end:
            break
    return times, repeats


# -------------------------------------------------------------------- a backend

class Backend:
    """Derive from it. Only run() or time() must be there."""
    name = "python"
    version = "0"
    # Whether kernels run on the processor that also compiles. Set it to False
    # for a GPU, and compiling goes on while something is timed.
    shares_cpu = True

    def start(self, role, task):
        """Called first: role is "compile" or "device". A program that plays
        the first must not touch a device. `task` is None when devices are
        listed without one."""

    def identity(self):
        """Everything that a build depends on beside the task and this
        program: versions of compilers."""
        return ""

    def targets(self):
        """Names of what can be compiled for, the default first."""
        return []

    def devices(self):
        """A list of {"id", "name", "target", "facts": {}, "texts": {}}; None:
        this machine."""
        return None

    def prepare(self, order):
        """Called once before building (order["role"] == "compile") and once
        before measuring ("device", with order["device"], "arguments",
        "reference" and "seed")."""

    # build(self, job): defined by those that have a build step. Returns None,
    # a JSON value as artifact, or Built.
    build = None

    # load(self, job): defined by those that keep something for each loaded
    # configuration; what it returns becomes job.loaded. Facts go to job.facts.
    load = None

    def unload(self, job):
        """Called for what load() returned, in job.loaded."""

    def verify(self, job):
        """Runs once and compares. Raise WrongResult; return False if there is
        nothing to compare with."""
        return False

    def run(self, job):
        """Runs once, to be timed by the wall clock."""
        raise NotImplementedError("neither run() nor time() is defined")

    def flush(self):
        """Empties the caches ahead of a cold sample."""

    def time(self, job, timing):
        """Returns (list of milliseconds a launch, launches a sample)."""
        return sample(lambda: self.run(job), timing,
                      self.flush if timing.cold else None)


# ------------------------------------------------------------------ the protocol

def _number(value):
    """A number that JSON can hold, or None."""
    if value is None:
        return None
    value = float(value)
    return value if math.isfinite(value) else None


def _facts(facts):
    numbers = {str(k): _number(v) for k, v in (facts or {}).items()}
    return {k: v for k, v in numbers.items() if v is not None}


def _words(raw):
    if isinstance(raw, bytes):
        raw = raw.decode("utf-8", "replace")
    return raw or ""


def _of_exception(error, request):
    """The answer to a request that ended with an exception."""
    if isinstance(error, Failure):
        return error.members()
    trace = "".join(traceback.format_exception(
        type(error), error, error.__traceback__))
    text = "%s: %s" % (type(error).__name__, error)
    if isinstance(error, subprocess.CalledProcessError):
        said = _words(error.stderr) or _words(error.stdout)
        program = error.cmd if isinstance(error.cmd, str) else error.cmd[0]
        text = "%s ended with code %d" % (program, error.returncode)
        lines = [line for line in said.splitlines() if line.strip()]
        if lines:
            text += ": " + lines[0]
        outcome = "compile_error" if request == "build" else "launch_failure"
        return {"outcome": outcome, "text": text, "log": said or trace}
    if isinstance(error, subprocess.TimeoutExpired):
        outcome = "compile_timeout" if request == "build" else "run_timeout"
        return {"outcome": outcome, "text": text}
    if isinstance(error, MemoryError):
        return {"outcome": "out_of_resources", "text": text, "log": trace}
    # Nobody expected this one: a fault of the program.
    sys.stderr.write(trace)
    return {"outcome": "internal", "text": text, "log": trace}


class Server:
    """Answers requests with what a Backend does. serve() feeds it."""

    def __init__(self, backend):
        self.backend = backend
        self.task = None
        self.jobs = {}

    def answer(self, request):
        """The answer to one request, both as objects."""
        what = request.get("request")
        method = getattr(self, "on_" + str(what), None)
        answer = {"id": request.get("id")}
        try:
            if method is None:
                raise Failure("no request '%s' is known here" % (what,))
            answer.update(method(request))
        except (Exception, SystemExit) as error:
            answer.update(_of_exception(error, what))
        return answer

    def on_describe(self, request):
        backend = self.backend
        self.task = request.get("task")
        if request.get("protocol") != PROTOCOL:
            raise Unavailable("protocol %s is not spoken here, only %d"
                              % (request.get("protocol"), PROTOCOL))
        role = request.get("role")
        backend.start(role, self.task)
        answer = {"protocol": PROTOCOL, "name": str(backend.name),
                  "version": str(backend.version),
                  "identity": "%s; warpwright_backend %s"
                              % (backend.identity(), __version__),
                  "build": backend.build is not None,
                  "load": backend.load is not None,
                  "shares_cpu": bool(backend.shares_cpu),
                  "targets": [str(t) for t in backend.targets()]}
        if role == "device":
            devices = backend.devices()
            if devices is not None:
                answer["devices"] = [
                    dict(d, facts=_facts(d.get("facts"))) for d in devices]
        return answer

    def on_prepare(self, request):
        self.backend.prepare(request)
        return {}

    def on_build(self, request):
        if self.backend.build is None:
            raise Failure("this program has no build step")
        job = Job(request, self.task)
        built = self.backend.build(job)
        if not isinstance(built, Built):
            built = Built(artifact=built)
        answer = {"artifact": built.artifact,
                  "facts": dict(_facts(job.facts), **_facts(built.facts)),
                  "standalone": bool(built.standalone)}
        if built.file is not None:
            answer["file"] = os.path.basename(str(built.file))
        if built.log:
            answer["log"] = str(built.log)
        return answer

    def job(self, request):
        return self.jobs.get(request.get("handle")) or Job(request, self.task)

    def on_load(self, request):
        job = Job(request, self.task)
        job.loaded = self.backend.load(job)
        self.jobs[job.handle] = job
        return {"facts": _facts(job.facts)}

    def on_unload(self, request):
        job = self.jobs.pop(request.get("handle"), None)
        if job is not None:
            self.backend.unload(job)
        return {}

    def on_verify(self, request):
        return {"compared": self.backend.verify(self.job(request)) is not
                False}

    def on_time(self, request):
        timing = Timing(request.get("samples", 1), request.get("repeats", 0),
                        request.get("cold", False),
                        request.get("budget_ms", 1000))
        times, repeats = self.backend.time(self.job(request), timing)
        return {"samples_ms": [float(t) for t in times],
                "repeats": int(repeats)}


def _take_over():
    """The streams of requests and answers, out of everybody else's way: what
    this program, a library or a child prints goes to standard error, and
    nobody else reads a request."""
    requests = os.fdopen(os.dup(0), "r", encoding="utf-8", newline="\n")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    sys.stdout.flush()
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return requests, answers


def serve(backend):
    """Answers until the requests end."""
    requests, answers = _take_over()
    server = Server(backend)
    for line in requests:
        request = json.loads(line)
        if request.get("request") == "close":
            break
        answer = server.answer(request)
        try:
            text = json.dumps(answer, allow_nan=False)
        except (TypeError, ValueError) as error:
            text = json.dumps(dict(_of_exception(error, None),
                                   id=request.get("id")))
        try:
            answers.write(text + "\n")
            answers.flush()
        except BrokenPipeError:
            break
