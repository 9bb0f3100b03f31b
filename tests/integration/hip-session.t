#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whole sessions of backend hip with the real hipRTC; the device is a scripted one
(tests/fakes behind tests/shim). What the compiler says of the machine code are
facts of a trial, and a target over which this compiler dies costs the trials that
ask for it, not the session. Skipped where there is no hipRTC."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from run_time_compiler import Worker, skip
from scripted_gpu import SHIM, SHIM_ENVIRONMENT, scale_task, write_scale
from session_tools import PLACE, PROGRAM, check, finish, of_type

# The device computes 2 x + 1 whatever it is given; what the compiler makes of
# these is not run.
SOURCE = """
extern "C" __global__ void __launch_bounds__(256)
scale(float *out, const float *in, int n)
{
	int i = blockIdx.x * 256 + threadIdx.x;
#if KIND == 1
	__shared__ float tile[256];

	tile[threadIdx.x] = in[i];
	__syncthreads();
	if (i < n)
		out[i] = 2.0f * tile[threadIdx.x ^ 1] + 1.0f;
#elif KIND == 2
	volatile float kept[512];

	for (int k = 0; k < 512; k++)
		kept[k] = in[(i + k) % n];
	out[i] = kept[i % 512];
#elif KIND == 3
#error "this one does not compile"
#else
	if (i < n)
		out[i] = 2.0f * in[i] + 1.0f;
#endif
}
"""


def write(target, reference):
    task = scale_task("hip", "scale.hip", {
        "name": "KIND", "type": "int", "range": [0, 3], "default": 0},
        name="hip-" + target, target=target)
    if not reference:
        del task["reference"]
    return write_scale("%s/%s-%d" % (PLACE, target, reference), task, SOURCE)


def tune(target, reference=True):
    done = subprocess.run(
        [PROGRAM, "tune", write(target, reference), "--json", "--store",
         PLACE + "/store.db", "--strategy", "exhaustive",
         "--max-evaluations", "4", "--no-cache", "--set",
         "backend.hip.driver=" + SHIM, "--set",
         "measure.finalist_seconds=0.1", "--set", "measure.max_seconds=0.1",
         "--set", "parallel.compile_workers=2"],
        env=dict(os.environ, **SHIM_ENVIRONMENT),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, timeout=500)
    return done, [json.loads(line) for line in done.stdout.splitlines()]


def by_kind(lines):
    return {t["config"]["KIND"]: t for t in of_type(lines, "trial")}


probe = Worker("hip", "gfx90a", write("gfx90a", True))
probe.end()
if probe.ready.get("type") != "ready":
    skip(probe.ready.get("text", "the compile worker died").split("\n")[0])
done, lines = tune("gfx90a")
trials = by_kind(lines)
check(done.returncode == 0 and
      [trials[k]["status"] for k in range(4)] ==
      ["ok", "ok", "ok", "compile_error"] and
      "this one does not compile" in trials[3]["text"],
      "a session from source to result", trials, done.stderr[-500:])
# A driver that has loaded the code knows better; these are the compiler's words.
worker = Worker("hip", "gfx90a", PLACE + "/gfx90a-1/task.json")
facts = [worker.build([k])["facts"] for k in range(3)]
worker.end()
check(all(trials[k]["facts"][name] == facts[k][name] for k in range(3)
          for name in facts[k] if name == "scalar_registers" or
          name.startswith("code_")) and
      all("code_loads" in f for f in facts),
      "what the compiler says is in the trial", trials, *facts)
check(all(f["registers"] > 0 and f["scalar_registers"] > 0 and
          f["warp_width"] == 64 and f["code_bytes"] > 500 for f in facts),
      "vector and scalar registers, the wave's width and the code's size",
      *facts)
check([f["shared_bytes"] for f in facts] == [0, 1024, 0],
      "the bytes of LDS", *facts)
check(facts[0]["local_bytes"] == facts[1]["local_bytes"] == 0 and
      facts[2]["local_bytes"] >= 2048, "the bytes of scratch", *facts)
check(all(f["spilled_registers"] == 0 and
          f["spilled_scalar_registers"] == 0 and
          f["accumulation_registers"] == 0 for f in facts),
      "spills and accumulation registers", *facts)

# Debian 12's compiler (5.2) ends with a damaged heap where it is asked for this
# one; a newer one compiles it.
done, lines = tune("gfx940", False)
trials = by_kind(lines)
died = [t["status"] == "compiler_crash" for t in trials.values()]
check(len(trials) == 4 and lines[-1]["type"] == "result" and
      (all(died) and done.returncode == 1 or
       not any(died) and done.returncode == 0),
      "a target over which the compiler dies costs the trials", trials,
      done.returncode, done.stderr[-500:])
if all(died):
    check(all("SIG" in t["text"] or "signal" in t["text"] or
              "exit code" in t["text"] for t in trials.values()),
          "and they say how it ended", [t["text"] for t in trials.values()])
    done, lines = tune("gfx940")
    check(done.returncode == 3 and "the reference of task" in done.stderr and
          "the compiler" in done.stderr,
          "a reference that it dies over ends the session with a reason",
          done.returncode, done.stderr[-500:])
done, lines = tune("gfx90a")
check(done.returncode == 0 and by_kind(lines)[0]["status"] == "ok",
      "the next session compiles", done.stderr[-500:])
finish()
