#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The OpenCL backend on a real device (PoCL's is one on any machine): the
examples with small problems, comparison on the device for every element type,
and what can go wrong. Skipped where there is no OpenCL device."""
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from session_tools import PLACE, PROGRAM, check, finish, of_type

EXAMPLES = os.environ["WW_SOURCE"] + "/examples/opencl/"
TYPES = {"int8": "char", "int64": "long", "float32": "float"}
KERNEL = """
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
__kernel void fill(__global TYPE *out)
{
	size_t i = get_global_id(0);
	int value = (int)(i % 101);

#if MODE == broken
#error "this configuration does not compile"
#elif MODE == wrong
	if (i == 70001 || i == 900000 || i == 1048575)
		value += i == 900000 ? 9 : 3;
#elif MODE == near
	value += i % 7 == 3;
#endif
	out[i] = (TYPE)value;
}
"""
MODES = ["good", "wrong", "near", "broken", "group"]


def devices():
    done = subprocess.run([PROGRAM, "devices", "--backend", "opencl",
                           "--quiet"], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=60)
    return done.returncode == 0 and "no device" not in done.stdout


def tune(path, *options):
    done = subprocess.run(
        [PROGRAM, "tune", path, "--json", "--verbose", "--store", PLACE + "/store.db",
         "--set", "measure.max_seconds=0.05", "--set",
         "measure.finalist_seconds=0.2", "--set", "measure.max_samples=8",
         "--set", "parallel.compile_workers=2", *options], text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, timeout=120)
    return done, [json.loads(line) for line in done.stdout.splitlines()]


def example(name, **sizes):
    """A folder with the example and a problem of these sizes."""
    place = PLACE + "/" + name
    shutil.copytree(EXAMPLES + name, place)
    with open(place + "/task.json") as file:
        text = file.read()
    first = text.index('"problem": {')
    last = text.index("}", first) + 1
    with open(place + "/task.json", "w") as file:
        file.write(text[:first] + '"problem": ' + json.dumps(sizes) +
                   text[last:])
    done, lines = tune(place + "/task.json", "--strategy", "random",
                       "--max-evaluations", "5")
    trials = of_type(lines, "trial")
    check(done.returncode == 0 and len(trials) == 5 and
          all(t["status"] == "ok" for t in trials),
          "example " + name + ": all configurations are right",
          *[t for t in trials if t["status"] != "ok"], done.stderr[-400:])
    check(lines and lines[-1]["best"]["time_ms"] > 0,
          "example " + name + ": there is a best one", lines[-1:])


def types_task(name):
    defines = "".join("#define %s %d\n" % (m, i + 1)
                      for i, m in enumerate(MODES))
    place = PLACE + "/" + name
    os.mkdir(place)
    with open(place + "/fill.cl", "w") as out:
        out.write(defines + KERNEL)
    with open(place + "/task.json", "w") as out:
        json.dump({
            "name": "fill",
            "kernel": {"language": "opencl", "source": "fill.cl",
                       "entry": "fill",
                       "options": ["-DTYPE=" + TYPES[name]]},
            "problem": {"N": 1 << 20},
            "parameters": [{"name": "MODE", "type": "enum", "values": MODES,
                            "default": "good"}],
            # Larger than any device's groups.
            "launch": {"grid": ["N // 128 if MODE != 'group' else 8"],
                       "block": ["128 if MODE != 'group' else 131072"]},
            "arguments": [{"name": "out", "type": name, "kind": "output",
                           "size": "N"}],
            "reference": {"configuration": "default"},
            "tolerance": {"absolute": 2, "relative": 0},
        }, out)
    return place + "/task.json"


def types():
    for name in TYPES:
        done, lines = tune(types_task(name), "--strategy", "exhaustive",
                           "--max-evaluations", "10")
        trials = {t["config"]["MODE"]: t for t in of_type(lines, "trial")}
        wrong = trials.get("wrong", {})
        check(wrong.get("status") == "wrong_result" and
              "out[900000]" in wrong["text"] and
              "3 elements are" in wrong["text"],
              name + ": three elements are off, and the worst is named",
              wrong, done.stderr[-400:])
        check(trials.get("good", {}).get("status") == "ok" and
              trials.get("near", {}).get("status") == "ok",
              name + ": within the tolerance is right", trials.get("near"))
        check([f for f in trials["good"]["facts"] if f[:5] == "code_"] ==
              ["code_bytes"],
              name + ": of other binaries the size alone is known",
              trials["good"])
        check("compared on the host" not in done.stderr,
              name + ": the device itself compared", done.stderr[-400:])
        if name == "float32":
            check(trials["broken"]["status"] == "compile_error" and
                  "does not compile" in trials["broken"]["text"],
                  "a kernel that does not compile, in the compiler's words",
                  trials["broken"])
            check(trials["group"]["status"] == "out_of_resources",
                  "a work group that is too large", trials["group"])


# A loader whose drivers do not take binaries, as PoCL 5.0 on processors, and give
# what PTX holds, as NVIDIA's do. Numbers are CL_PROGRAM_BINARY_SIZES, _BINARIES.
PICKY = """
#include <stddef.h>
#include <string.h>

static const char ptx[] = "//\\n.version 8.3\\n.target sm_90, texmode_independent\\n"
	".entry other(\\n)\\n{\\n\\tret;\\n}\\n"
	".entry fill(\\n\\t.param .u64 .ptr .global .align 4 fill_param_0\\n)\\n{\\n"
	"\\t.reg .b32 %r<9>;\\n"
	"\\tld.param.u64 %rd1, [fill_param_0];\\n"
	"\\tmad.lo.s32 %r4, %r2, %r1, %r3;\\n"
	"\\tst.global.v2.f32 [%rd4], {%f1, %f2};\\n"
	"\\tret;\\n\\n}\\n";

int clGetProgramInfo(void *program, unsigned what, size_t room, void *value,
	size_t *length)
{
	(void)program, (void)room, (void)length;
	if (what == 0x1165)
		*(size_t *)value = strlen(ptx);
	else
		memcpy(*(char **)value, ptx, strlen(ptx));
	return 0;
}

void *clCreateProgramWithBinary(void *a, unsigned b, void *c, void *d, void *e,
	void *f, int *error)
{
	(void)a, (void)b, (void)c, (void)d, (void)e, (void)f;
	*error = -42;
	return 0;
}
"""


def picky():
    with open(PLACE + "/picky.c", "w") as out:
        out.write(PICKY)
    built = subprocess.run([os.environ.get("CC") or "cc", "-shared", "-fPIC",
                            "-o", PLACE + "/picky.so", PLACE + "/picky.c",
                            "-Wl,--no-as-needed", "-l:libOpenCL.so.1"],
                           stderr=subprocess.PIPE, text=True)
    if built.returncode != 0:
        check(True, "binaries refused # SKIP no linkable libOpenCL.so.1")
        return
    done, lines = tune(PLACE + "/float32/task.json", "--strategy",
                       "exhaustive", "--no-cache", "--set",
                       "backend.opencl.driver=" + PLACE + "/picky.so")
    trials = {t["config"]["MODE"]: t for t in of_type(lines, "trial")}
    status = {mode: t["status"] for mode, t in trials.items()}
    check(done.returncode == 0 and
          "refuses its own binaries" in done.stderr and status == {
              "good": "ok", "wrong": "wrong_result", "near": "ok",
              "broken": "compile_error", "group": "out_of_resources"},
          "a driver that refuses its own binaries gets the source", status,
          done.stderr[-400:])
    facts = trials["good"]["facts"]
    check({name: value for name, value in facts.items()
           if name.startswith("code_") and value and name != "code_bytes"} ==
          {"code_instructions": 4, "code_fma": 1, "code_stores": 1},
          "a binary that is PTX tells what the kernel is made of", facts)


# A loader whose device is a GPU that tells the size of its first cache, and that
# notes the largest buffer which is filled. Numbers are CL_DEVICE_TYPE and
# CL_DEVICE_GLOBAL_MEM_CACHE_SIZE.
SMALL = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

int clGetDeviceInfo(void *device, unsigned what, size_t room, void *value,
	size_t *length)
{
	int (*real)(void *, unsigned, size_t, void *, size_t *) =
		dlsym(RTLD_NEXT, "clGetDeviceInfo");
	int result = real(device, what, room, value, length);

	if (what == 0x1000)
		*(unsigned long *)value = 1 << 2;
	if (what == 0x101E)
		*(unsigned long *)value = 4 << 20;
	return result;
}

int clEnqueueFillBuffer(void *a, void *b, const void *c, size_t d, size_t e,
	size_t size, unsigned f, const void *g, void *h)
{
	static size_t largest;
	int (*real)(void *, void *, const void *, size_t, size_t, size_t,
		unsigned, const void *, void *) =
		dlsym(RTLD_NEXT, "clEnqueueFillBuffer");
	FILE *file = size > largest ? fopen(getenv("LARGEST_FILL"), "w") : NULL;

	if (file != NULL) {
		largest = size;
		fprintf(file, "%zu", size);
		fclose(file);
	}
	return real(a, b, c, d, e, size, f, g, h);
}
"""


def first_level():
    """The cache of a GPU is flushed whole, whatever its platform calls so."""
    with open(PLACE + "/small.c", "w") as out:
        out.write(SMALL)
    built = subprocess.run([os.environ.get("CC") or "cc", "-shared", "-fPIC",
                            "-o", PLACE + "/small.so", PLACE + "/small.c",
                            "-ldl", "-Wl,--no-as-needed",
                            "-l:libOpenCL.so.1"],
                           stderr=subprocess.PIPE, text=True)
    if built.returncode != 0:
        check(True, "cache of a GPU # SKIP no linkable libOpenCL.so.1")
        return
    os.environ["LARGEST_FILL"] = PLACE + "/largest"
    driver = ["--set", "backend.opencl.driver=" + PLACE + "/small.so"]
    done, _ = tune(PLACE + "/float32/task.json", "--strategy", "exhaustive",
                   "--max-evaluations", "2", *driver)
    listed = subprocess.run(
        [PROGRAM, "devices", "--backend", "opencl", *driver], text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout
    check("memory_bytes" in listed and "l2_bytes" not in listed,
          "the cache of a GPU is not told for its second level", listed)
    with open(PLACE + "/largest") as file:
        largest = int(file.read())
    os.remove(PLACE + "/largest")
    check(largest >= 32 << 20, "and it is flushed all the same", largest,
          done.stderr[-300:])


os.environ["TMPDIR"] = PLACE + "/tmp"
os.mkdir(PLACE + "/tmp")
if not devices():
    print("1..0 # SKIP no OpenCL device; Debian's pocl-opencl-icd is one")
    shutil.rmtree(PLACE, ignore_errors=True)
    sys.exit(0)
example("gemm", M=128, N=256, K=64)
example("stencil", WIDTH=512, HEIGHT=32, DEPTH=64)
types()
picky()
first_level()
leftovers = [os.path.join(folder, name)
             for place in ("/pocl", "/tmp")
             for folder, *names in os.walk(PLACE + place)
             for name in sum(names, [])]
check(not leftovers, "PoCL leaves nothing behind, neither where processes share "
      "it nor among temporary files", leftovers)
finish()
