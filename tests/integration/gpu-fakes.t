#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The real GPU plugins on a scripted driver and compiler (tests/fakes): every
way in which a kernel, a compiler or a driver can fail has the right class, costs
one trial, and what comes after it is measured as if nothing had been. The HIP
plugin meets the same through the shim of tests/shim."""
import json
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from scripted_gpu import (FAKE, SHIM, SHIM_ENVIRONMENT, scale_task,
                          write_scale)
from session_tools import PLACE, PROGRAM, check, finish, of_type

# What the fake does for a value of MODE, the class, a part of the text.
MODES = {
    "good": ("", "ok", ""),
    "slow": ("add 9.5", "ok", ""),
    "faster": ("add -0.5", "ok", ""),
    "frugal": ("add 1 watts=30", "ok", ""),
    "swift": ("add -0.5 watts=150", "ok", ""),
    "thrifty": ("add 1.1 watts=30", "ok", ""),
    "brisk": ("watts=64", "ok", ""),
    "address": ("illegal_address", "crash", "_700"),
    "misaligned": ("misaligned", "crash", "_716"),
    "trap": ("trap", "crash", "_715"),
    "failed": ("launch_failed", "crash", "_719"),
    "asserted": ("assert", "crash", "_710"),
    "watchdog": ("launch_timeout", "crash", "_702"),
    "endless": ("endless", "run_timeout", ""),
    "launch": ("bad_launch", "launch_failure", "_1)"),
    "resources": ("too_many_resources", "out_of_resources", "_701"),
    "code": ("no_room_for_code", "out_of_resources", "out of memory"),
    "broken": ("broken_code", "constraint", "_200"),
    "kernel": ("no_such_kernel", "constraint", "no kernel 'scale'"),
    "threads": ("", "out_of_resources", "2048 threads"),
    "shared": ("", "out_of_resources", "shared memory"),
    "dynamic": ("", "ok", ""),
    "cluster": ("", "ok", ""),
    "static": ("too_much_static_shared", "out_of_resources",
               "too much shared data"),
    "compiler": ("does_not_compile", "compile_error", "expected a fake"),
    "spin": ("compiler_hangs", "compile_timeout", ""),
    "dead": ("compiler_aborts", "compiler_crash", ""),
    "wrong": ("wrong", "wrong_result", "1 element is"),
    "nan": ("nan", "wrong_result", "= nan"),
    "later": ("wrong_later", "wrong_result", "right at first"),
    "beyond": ("beyond", "wrong_result", "outside argument 'out'"),
    "spoils": ("spoils", "wrong_result", "changed argument 'in', which"),
    "spoils2": ("spoils_later", "wrong_result", "changed argument 'in'"),
    "instant": ("no_time", "internal", "cannot be"),
    "negative": ("negative_time", "internal", "cannot be"),
}
# ptxas's words; HIP has no clusters.
CUDA_ONLY = ("static", "cluster")


def write(language, n, modes, objective="time", default="good"):
    source = "".join("// fake MODE=%s: %s\n" % (mode, MODES[mode][0])
                     for mode in modes if MODES[mode][0])
    task = scale_task(
        language, "scale.cu", {"name": "MODE", "type": "enum", "values": modes,
                               "default": default}, n=n,
        launch={"grid": ["N // 256"],
                "block": ["2048 if MODE == 'threads' else 256"],
                "cluster": ["4 if MODE == 'cluster' else 1"],
                "shared_bytes": "300000 if MODE == 'shared' else 100000 "
                                "if MODE == 'dynamic' else 0"},
        reference={"configuration": {"MODE": "good"}}, objective=objective)
    return write_scale(PLACE + "/" + language + str(n) + objective + default,
                       task, source)


def settings(language):
    library, compiler = {"cuda": (FAKE, FAKE), "hip": (SHIM, SHIM)}[language]
    more = ["--set", "backend.cuda.nvml=" + FAKE] if language == "cuda" else []
    return more + ["--set", "backend.%s.driver=%s" % (language, library),
                   "--set",
            "backend.%s.%s=%s" % (language, {"cuda": "nvrtc",
                                             "hip": "hiprtc"}[language],
                                  compiler)]


def run(arguments, driver=""):
    environment = dict(os.environ, FAKE_CUDA=driver, **SHIM_ENVIRONMENT)
    return subprocess.run([PROGRAM, *arguments], env=environment, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=120)


def tune(language, n, modes, driver="", objective="time", more=(),
         default="good"):
    done = run(["tune", write(language, n, modes, objective, default), "--json",
                "--store", PLACE + "/store.db", "--strategy", "exhaustive",
                "--max-evaluations", "100", "--no-cache",
                *settings(language), "--set", "measure.finalist_seconds=0.1",
                "--set", "measure.max_seconds=0.1", "--set",
                "measure.abandon_factor=1000", "--set", "search.patience=0",
                "--set", "parallel.run_timeout=2", "--set",
                "parallel.compile_timeout=2", "--set",
                "parallel.compile_workers=2", *more], driver)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return done, lines


def check_outcomes(name, lines, modes, done):
    trials = {t["config"]["MODE"]: t for t in of_type(lines, "trial")}
    wrong = ["%s: %s" % (mode, trials.get(mode)) for mode in modes
             if mode not in trials or
             trials[mode]["status"] != MODES[mode][1] or
             MODES[mode][2] not in trials[mode]["text"]]
    check(done.returncode == 0 and not wrong, name + ": each failure has its "
          "class and its words", *wrong, done.stderr[-500:])
    best = (lines[-1].get("best") if lines else None) or {}
    check(best.get("config", {}).get("MODE") in ("faster", "swift") and
          abs(best["time_ms"] - 0.5) < 1e-6,
          name + ": the fastest right one wins, with the clock's time", best)
    return trials


def faults(language, modes):
    done, lines = tune(language, 4096, modes)
    trials = check_outcomes(language, lines, modes, done)
    check(abs(trials["slow"]["time_ms"] - 10.5) < 1e-6,
          language + ": times come from the driver's events",
          trials["slow"])


def large():
    """The outputs of a mebibyte are compared by the device itself."""
    modes = ["good", "faster", "wrong", "nan", "later", "beyond", "spoils",
             "spoils2"]
    for driver, name in (("compare", "on the device"), ("", "on the host")):
        done, lines = tune("cuda", 1 << 18, modes, driver)
        trials = check_outcomes("large outputs, " + name, lines, modes, done)
        check("out[131072]" in trials["wrong"]["text"] and
              "out[87381]" in trials["nan"]["text"],
              "large outputs, %s: the worst element is named" % name,
              trials["wrong"]["text"], trials["nan"]["text"])


def drivers():
    task = write("cuda", 4096, ["good"])
    for driver, words, code in (("no_device", "finds no device", 5),
                                ("old", "is too old, it lacks:", 5),
                                ("init_fails", "cuInit", None),
                                ("oom", "out of memory", None)):
        done = run(["tune", task, "--strategy", "random", "--store",
                    PLACE + "/store.db", *settings("cuda")], driver)
        check(done.returncode not in (0, 124) and words in done.stderr and
              (code is None or done.returncode == code),
              "driver: %s is told" % driver, done.returncode, done.stderr)
    done = run(["tune", task, "--strategy", "random", "--store",
                PLACE + "/store.db", "--set",
                "backend.cuda.driver=libm.so.6"])
    check(done.returncode == 5 and "no cuGetProcAddress" in done.stderr,
          "driver: one without cuGetProcAddress", done.stderr)
    done = run(["tune", task, "--strategy", "random", "--store",
                PLACE + "/store.db", "--set", "backend.cuda.driver=" + FAKE,
                "--set", "backend.cuda.nvrtc=/nowhere/libnvrtc.so"])
    check(done.returncode != 0 and "/nowhere/libnvrtc.so" in done.stderr,
          "compiler: one that is not there", done.stderr)
    done, lines = tune("cuda", 4096, ["good"], "plain_arch")
    check(done.returncode == 0 and
          [t["status"] for t in of_type(lines, "trial")] == ["ok"],
          "compiler: one that knows sm_90 and not sm_90a", done.stderr,
          *of_type(lines, "trial"))
    done = run(["devices", "--backend", "cuda", *settings("cuda")])
    check("Scripted GPU" in done.stdout and "sm_90" in done.stdout,
          "devices lists the device", done.stdout, done.stderr)


def interrupted_listing():
    """A driver that hangs is not waited for once the user has had enough."""
    task = write("cuda", 4096, ["good"])
    for words in (["devices", "--backend", "cuda"], ["doctor"],
                  ["prompt", task], ["tune", task, "--strategy", "random",
                                     "--store", PLACE + "/store.db"]):
        process = subprocess.Popen(
            [PROGRAM, *words, *settings("cuda")], text=True,
            env=dict(os.environ, FAKE_CUDA="init_hangs"),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        seen = hanging(process.pid)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=100)
        took = time.monotonic() - began
        check(seen and process.returncode == 6 and took < 30,
              words[0] + ": Ctrl-C ends it while a driver hangs", seen,
              process.returncode, took, out, errors)


def hanging(parent):
    """Waits for a worker of this process that has loaded the driver."""
    for _ in range(600):
        time.sleep(0.1)
        with open("/proc/%d/task/%d/children" % (parent, parent)) as file:
            children = file.read().split()
        for child in children:
            try:
                with open("/proc/%s/maps" % child) as file:
                    if "libfakecuda" in file.read():
                        return True
            except OSError:
                continue
    return False


def littering():
    """What a driver leaves in TMPDIR goes with the worker that loaded it."""
    place = PLACE + "/temporary"
    os.mkdir(place)
    os.environ["TMPDIR"] = place
    done = run(["devices", "--backend", "cuda", *settings("cuda")], "litters")
    check(done.returncode == 0 and not os.listdir(place),
          "a listing leaves no temporary file", os.listdir(place), done.stderr)
    done, _ = tune("cuda", 4096, ["good", "slow"], "litters")
    check(done.returncode == 0 and not os.listdir(place),
          "nor does a session", os.listdir(place), done.stderr)
    del os.environ["TMPDIR"]


def finalists():
    """By its time `brisk` would win the second round, by its energy `frugal`. The
    setting wins over a task that minimises time, and whoever reads the session
    later is told what its numbers are."""
    modes = ["good", "thrifty", "brisk", "frugal"]
    done, lines = tune("cuda", 4096, modes, more=[
        "--objective", "energy", "--set", "measure.finalist_seconds=2"])
    rows = lines[-1]["finalists"] if lines else []
    check([r["config"]["MODE"] for r in rows] == ["frugal", "thrifty", "brisk"]
          and all(abs(r["value"] - v) < 0.03 * v and r["unit"] == "mJ" and
                  r["samples"] > 1 for r, v in zip(rows, (60, 63, 64))),
          "energy: the finalists are ranked by their second energy", rows,
          done.stderr[-300:])
    show = run(["session", "show", "last", "--store", PLACE + "/store.db"])
    check("objective energy, in mJ" in show.stdout and
          "trial" in show.stdout and "60" in show.stdout and
          " ms" not in show.stdout.replace(" ms  ", ""),
          "energy: session show speaks of millijoules", show.stdout)
    table = run(["session", "list", "--store", PLACE + "/store.db"])
    check(" mJ " in table.stdout, "energy: so does session list",
          table.stdout)
    export = {}
    for name in ("csv", "json", "t4", "kernel-tuner"):
        export[name] = run(["session", "export", "last", "--format", name,
                            "--store", PLACE + "/store.db"]).stdout
    head, *rest = export["csv"].splitlines()
    check(head.startswith("id,status,value,ci_low,ci_high,unit,") and
          all(row.split(",")[5] == "mJ" for row in rest),
          "energy: CSV has a column for the unit", head, rest)
    whole = json.loads(export["json"])
    check(whole["session"]["unit"] == "mJ" and
          "best_ms" not in whole["session"] and
          all(t["unit"] == "mJ" and "time_ms" not in t
              for t in whole["trials"]) and
          all(f["unit"] == "mJ" for f in whole["finalists"]),
          "energy: JSON has it with every value", export["json"][:800])
    measured = json.loads(export["t4"])["results"][0]["measurements"][0]
    check(measured["name"] == "energy" and measured["unit"] == "mJ",
          "energy: T4 has it", measured)
    cache = json.loads(export["kernel-tuner"])
    check(cache["objective"] == "energy_mJ" and
          all(abs(e["energy_mJ"] / e["time"] - watts) < 0.03 * watts
              for e, watts in zip(cache["cache"].values(), (100, 30, 64, 30))),
          "energy: Kernel Tuner's cache has it", cache)
    task = write("cuda", 4096, modes)
    prompt = run(["prompt", task, "--session", "last", "--store",
                  PLACE + "/store.db", "--set", "search.objective=energy",
                  "--set", "llm.provider=replay", *settings("cuda")])
    continued(modes)
    check(" mJ" in prompt.stdout and "energy/best|mJ" in prompt.stdout and
          "time/best" not in prompt.stdout, "energy: the model is told",
          prompt.stdout[:3000], prompt.stderr)


def continued(modes):
    """The objective goes with a session, and what was tried for time is no start
    for energy."""
    more = ["--set", "measure.finalists=0", "--strategy", "random", "--store",
            PLACE + "/objective.db", "--set", "search.warm_start=true"]
    tune("cuda", 2048, modes, more=more)
    done, lines = tune("cuda", 2048, modes, more=[
        *more, "--objective", "energy", "--max-evaluations", "2"])
    check("warm_start" not in {t["source"] for t in of_type(lines, "trial")},
          "energy: a session for time is no start for it", lines[:3])
    done = run(["session", "resume", "last", "--json", "--max-evaluations",
                "4", "--store", PLACE + "/objective.db"])
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    trials = of_type(lines, "trial")
    check(done.returncode == 0 and len(trials) == 2 and
          all(t["unit"] == "mJ" for t in trials) and
          lines[-1]["best"]["config"]["MODE"] == "frugal",
          "energy: a resumed session goes on with it", done.stdout[-600:],
          done.stderr[-300:])
    done, lines = tune("cuda", 2048, modes, more=[
        *more, "--objective", "energy", "--max-evaluations", "4"])
    check("warm_start" in {t["source"] for t in of_type(lines, "trial")},
          "energy: a session for energy is one", lines[:3], done.stderr)


def energy():
    """A launch of `frugal` takes 2 ms at 30 W, one of `swift` 0.5 ms at 150."""
    modes = ["good", "frugal", "swift"]
    for objective, winner, value, unit in (("energy", "frugal", 60, "mJ"),
                                           ("edp", "swift", 37.5, "mJ ms")):
        done, lines = tune("cuda", 4096, modes, "", objective)
        best = (lines[-1].get("best") if lines else None) or {}
        facts = {t["config"]["MODE"]: t["facts"]
                 for t in of_type(lines, "trial")}
        check(done.returncode == 0 and best["config"]["MODE"] == winner and
              abs(best["value"] - value) < 0.03 * value and
              best["unit"] == unit and "time_ms" not in best,
              objective + ": the winner, with its value and unit", best,
              done.stderr[-300:])
        check(abs(facts["good"]["energy_mj"] - 100) < 3 and
              abs(facts["good"]["power_w"] - 100) < 3 and
              facts["good"]["clock_mhz"] == 1755 and
              facts["good"]["throttled"] == 0,
              objective + ": energy, power and clocks are facts",
              facts.get("good"))
    finalists()
    done = run(["tune", write("cuda", 4096, modes, "energy"), "--strategy",
                "exhaustive", "--store", PLACE + "/store.db",
                *settings("cuda")])
    check("60" in done.stdout and "mJ" in done.stdout and
          " ms" not in done.stdout, "energy: people read millijoules",
          done.stdout)
    done, lines = tune("cuda", 4096, modes, "no_energy", "energy")
    check(done.returncode == 1 and all(
        "counts no energy" in t["text"] for t in of_type(lines, "trial")),
          "energy: a device without a counter is told", lines, done.stderr)
    done = run(["tune", write("hip", 4096, modes, "energy"), "--strategy",
                "exhaustive", "--store", PLACE + "/store.db",
                *settings("hip")])
    check(done.returncode == 3 and
          "backend hip cannot measure energy" in done.stderr,
          "energy: hip says that it cannot", done.returncode, done.stderr)
    done = run(["tune", write("hip", 4096, modes), "--objective", "power"])
    check(done.returncode == 2 and "power" in done.stderr and
          "time" in done.stderr and "edp" in done.stderr,
          "energy: an objective that there is not", done.stderr)
    for driver, disturbed in (("hot", True), ("capped", False)):
        done, lines = tune("cuda", 4096, ["good"], driver)
        facts = of_type(lines, "trial")[0]["facts"]
        check(lines[-1]["disturbed"] == disturbed and
              facts["throttled"] == int(disturbed) and
              facts["power_capped"] == int(not disturbed),
              "a device that is %s: disturbed is %s" % (driver, disturbed),
              lines[-1], facts)


def uuid(number):
    one = "%02x" % (0x11 + number)
    return "GPU-" + "-".join(one * n for n in (4, 2, 2, 2, 6))


def several():
    """Devices of one kind share the proposals; one that falls off the bus costs
    what it was measuring, not the session."""
    # Equal code is measured once: each value is a definition of its own.
    modes = ["good"] + ["v%d" % i for i in range(23)]
    for mode in modes:
        MODES.setdefault(mode, ("", "ok", ""))
    driver = "devices=3 real_time"
    done, lines = tune("cuda", 4096, modes, driver)
    trials = of_type(lines, "trial")
    check(len(trials) == 24 and all(t["status"] == "ok" for t in trials) and
          {t["device"] for t in trials} == {uuid(i) for i in range(3)},
          "three devices: all measure", {t["device"] for t in trials},
          done.stderr[-300:])
    devices = lines[-1].get("devices") or []
    check([d["factor"] for d in devices] == [1, 1, 1] and
          all(d["calibrations"] > 0 for d in devices) and
          {t["facts"].get("device_factor") for t in trials} == {1},
          "three equal devices: nothing is scaled", devices)
    for words, expected in (("1", {uuid(1)}), (uuid(2), {uuid(2)}),
                            ("0,2", {uuid(0), uuid(2)})):
        done, lines = tune("cuda", 4096, modes, driver,
                           more=["--devices", words])
        used = {t["device"] for t in of_type(lines, "trial")}
        check(used == expected, "--devices %s" % words, used,
              done.stderr[-300:])
    os.environ["FAKE_CUDA_STATE"] = PLACE
    done, lines = tune("cuda", 4096, modes, driver + " lose1=40")
    trials = of_type(lines, "trial")
    bad = [t for t in trials if t["status"] != "ok"]
    check(os.path.exists(PLACE + "/lost1") and done.returncode == 0 and
          len(trials) == 24 and len(bad) <= 1,
          "a device is lost: the others go on", bad, done.stderr[-300:])
    check(uuid(1) not in [t["device"] for t in trials[-6:]],
          "a device is lost: nothing more is given to it",
          [t["device"] for t in trials])
    del os.environ["FAKE_CUDA_STATE"]


def unequal():
    """One of two devices takes a fifth longer: its values are those of the other
    when they are compared, its samples stay what was measured."""
    modes = ["good"] + ["w%02d" % i for i in range(20)]
    for number, mode in enumerate(modes):
        MODES[mode] = ("add %.3f" % (0.7 - 0.05 * (number % 20)), "ok", "") \
            if number else ("", "ok", "")
    expected = {mode: 1 + float((MODES[mode][0] or "add 0").split()[1])
                for mode in modes}
    driver = "devices=2 slow1=1.2 real_time"
    # Long enough for the second device to come up on a busy machine.
    for more in (["--set", "measure.min_samples=100"],
                 ["--set", "parallel.precompile_mode=none"]):
        alone = "none" in more[-1]
        name = "unequal devices%s: " % (", compiling too" if alone else "")
        done, lines = tune("cuda", 4096, modes, driver, more=more)
        trials = of_type(lines, "trial")
        wrong = [t for t in trials if t["status"] != "ok" or
                 abs(t["time_ms"] - expected[t["config"]["MODE"]]) > 1e-3]
        check(done.returncode == 0 and len(trials) == 21 and not wrong,
              name + "each value is that of the first one", wrong[:3],
              done.stderr[-300:])
        slow = [t for t in trials if t["device"] == uuid(1)]
        check((slow or alone) and all(
            abs(t["facts"]["device_factor"] - 1.2) < 1e-3 for t in slow),
              name + "the factor is a fact", *slow[:1])
        best = min(expected, key=expected.get)
        check(lines[-1]["best"]["config"]["MODE"] == best and
              abs(lines[-1]["best"]["time_ms"] - expected[best]) < 1e-3,
              name + "the finalists meet on the first", lines[-1]["best"])
        factors = {d["id"]: (d["factor"], d["base"])
                   for d in lines[-1]["devices"]}
        check(factors[uuid(0)] == (1, True) and not factors[uuid(1)][1] and
              abs(factors[uuid(1)][0] - 1.2) < 1e-3,
              name + "and the result has it", factors)
        session = of_type(lines, "session")[0]["id"]
        show = run(["session", "show", session, "--store",
                    PLACE + "/store.db"])
        check(uuid(1) + "  factor 1.2\n" in show.stdout and
              uuid(0) + "  factor 1, values are those" in show.stdout,
              name + "and session show", show.stdout[:600])
        text = run(["session", "export", session, "--format", "json",
                    "--store", PLACE + "/store.db"]).stdout
        raw = [t for t in json.loads(text)["trials"]
               if t["device"] == uuid(1)]
        check(all(abs(x / t["time_ms"] - 1.2) < 1e-3
                  for t in raw for x in t["samples_ms"]),
              name + "the samples are as they were measured", raw[:1])
    again(modes, driver, expected)
    unsuited(modes, driver)
    for mode in modes[1:]:
        del MODES[mode]


def again(modes, driver, expected):
    """A resumed session compares its devices anew, by what is in the cache."""
    done, lines = tune("cuda", 4096, modes, driver, more=[
        "--max-evaluations", "6", "--set", "parallel.artifact_cache=true"])
    session = of_type(lines, "session")[0]["id"]
    slower = driver.replace("1.2", "1.5")
    done = run(["session", "resume", session, "--json", "--store",
                PLACE + "/store.db", "--max-evaluations", "100"], slower)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    wrong = [t for t in of_type(lines, "trial") if
             abs(t["time_ms"] - expected[t["config"]["MODE"]]) > 1e-3]
    factors = {d["id"]: d["factor"] for d in lines[-1].get("devices", [])}
    check(done.returncode == 0 and len(of_type(lines, "trial")) == 15 and
          not wrong and abs(factors.get(uuid(1), 0) - 1.5) < 1e-3,
          "unequal devices, resumed: they are compared again", factors, wrong,
          done.stderr[-300:])


def unsuited(modes, driver):
    """A device that cannot run what the devices are compared by measures
    nothing; and a default that does not run leaves the choice to the next."""
    done, lines = tune("cuda", 4096, modes, driver + " refuse1=1")
    trials = of_type(lines, "trial")
    check(done.returncode == 0 and len(trials) == 21 and
          {t["device"] for t in trials} == {uuid(0)} and
          "compared by" in json.dumps(of_type(lines, "warning")),
          "a device that cannot be compared is given up",
          {t["device"] for t in trials}, of_type(lines, "warning"),
          done.stderr[-300:])
    done, lines = tune("cuda", 4096, modes + ["wrong"], driver,
                       more=["--set", "measure.min_samples=100"],
                       default="wrong")
    trials = of_type(lines, "trial")
    slow = [t for t in trials if t["device"] == uuid(1)]
    check(done.returncode == 0 and len(trials) == 22 and
          trials[0]["status"] == "wrong_result" and slow and
          {t["device"] for t in trials[:2]} == {uuid(0)} and
          all(abs(t["facts"]["device_factor"] - 1.2) < 1e-3 for t in slow),
          "a default that does not run: the devices are compared by the first "
          "that does", trials[:2], slow[:1], done.stderr[-300:])


def sparing():
    """No launch is made only to be looked at: the reference, a verified one, a
    warming one, five samples and a verified one again are nine."""
    for launches, status in ((9, "ok"), (8, "out_of_resources")):
        done, lines = tune(
            "cuda", 2048, ["good"], "refuse0=%d" % launches, more=[
                "--set", "measure.finalists=0", "--set",
                "measure.max_samples=5", "--set", "measure.min_samples=5"])
        trials = of_type(lines, "trial")
        check([t["status"] for t in trials] == [status],
              "%d launches: %s" % (launches, status), trials,
              done.stderr[-300:])


def at_once():
    """Others are built and measured while the default is still being built; one
    compile worker builds it first."""
    for workers, place in (("2", 3), ("1", 0)):
        done, lines = tune("cuda", 2048, ["good", "swift", "brisk", "spin"],
                           default="spin", more=[
                               "--set", "measure.finalists=0", "--set",
                               "parallel.compile_workers=" + workers])
        order = [t["config"]["MODE"] for t in of_type(lines, "trial")]
        check(len(order) == 4 and order.index("spin") == place,
              "%s compile worker(s): the default is number %d to end" % (
                  workers, place + 1), order, done.stderr[-300:])


sparing()
at_once()
several()
unequal()
for mode in [m for m in MODES if m[0] == "v" and m[1:].isdigit()]:
    del MODES[mode]
faults("cuda", list(MODES))
faults("hip", [mode for mode in MODES if mode not in CUDA_ONLY])
energy()
large()
drivers()
interrupted_listing()
littering()
finish()
