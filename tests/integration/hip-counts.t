#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What backend hip counts in the machine code of the real hipRTC: kernels of which
it is known what they have, the examples beside another disassembler, and a
disassembler that is not there or broken, which costs the counts and nothing else.
Skipped where there is no hipRTC."""
import collections
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap
from run_time_compiler import (CUDA_ONLY, EXAMPLES, Worker, indices_of, skip,
                               task_of)
from scripted_gpu import scale_task, write_scale
from session_tools import PLACE, check, finish

FAKE = os.environ["WW_BUILD"] + "/tests/fakes/.libs/libfakecomgr.so"
TARGETS = ("gfx908", "gfx90a", "gfx1030")
KINDS = ["PLAIN", "SHARED", "SCRATCH", "MATRIX", "PACKED", "ATOMIC", "WIDE",
         "CALL"]
SOURCE = "".join("#define %s %d\n" % (kind, i)
                 for i, kind in enumerate(KINDS)) + """
typedef float float4v __attribute__((ext_vector_type(4)));
typedef _Float16 half2v __attribute__((ext_vector_type(2)));

__device__ __attribute__((noinline)) float
apart(float x)
{
	return x * x + 1.0f;
}

extern "C" __global__ void __launch_bounds__(256)
work(float *out, const float *in, int n)
{
	int i = blockIdx.x * 256 + threadIdx.x;
#if KIND == PLAIN
	out[i] = __builtin_fmaf(in[i], 2.0f, in[blockIdx.x]);
#elif KIND == SHARED
	__shared__ float tile[256];

	tile[threadIdx.x] = in[i];
	__syncthreads();
	out[i] = tile[threadIdx.x ^ 1];
#elif KIND == SCRATCH
	float kept[512];

	for (int k = 0; k < 512; k++)
		kept[k] = in[i + k * n];
	out[i] = kept[(int)in[i] % 512];
#elif KIND == MATRIX && (defined(__gfx908__) || defined(__gfx90a__))
	float4v sum = { 0, 0, 0, 0 };

	sum = __builtin_amdgcn_mfma_f32_4x4x1f32(in[i], in[i + n], sum, 0, 0, 0);
	sum = __builtin_amdgcn_mfma_f32_4x4x1f32(in[i + 2 * n], in[i], sum, 0, 0, 0);
	out[i] = sum[0] + sum[3];
#elif KIND == PACKED
	half2v a = ((const half2v *)in)[i], b = ((const half2v *)in)[i + n];

	((half2v *)out)[i] = a * b;
#elif KIND == ATOMIC
	atomicAdd((int *)out + i, 3);
#elif KIND == WIDE
	((float4v *)out)[i] = ((const float4v *)in)[i];
#elif KIND == CALL
	out[i] = apart(in[i]);
#endif
}
"""


def write():
    task = scale_task("hip", "work.hip", {
        "name": "KIND", "type": "enum", "values": KINDS, "default": "PLAIN"})
    task["kernel"]["entry"] = "work"
    return write_scale(PLACE, task, SOURCE)


def counts_of(answer):
    """code_fma and so on without their first word, zeros left out."""
    return {name[5:]: value for name, value in answer["facts"].items()
            if name.startswith("code_") and name != "code_bytes" and value}


def known(target):
    worker = Worker("hip", target, TASK)
    counts = {}
    for i, kind in enumerate(KINDS):
        answer = worker.build([i]) or {}
        if answer.get("type") != "built":
            check(False, "%s: %s compiles" % (target, kind), answer)
            return
        counts[kind] = counts_of(answer)
    worker.end()
    matrix = target != "gfx1030"
    for kind, want in (
            ("PLAIN", {"fma": 1, "loads": 1, "stores": 1}),
            ("SHARED", {"loads": 1, "stores": 1, "shared_loads": 1,
                        "shared_stores": 1, "barriers": 1}),
            ("MATRIX", {"matrix": 2, "loads": 3, "stores": 1} if matrix
             else {}),
            ("PACKED", {"packed": 1, "loads": 2, "stores": 1}),
            ("ATOMIC", {"atomics": 1}),
            ("WIDE", {"loads": 1, "wide_loads": 1, "stores": 1})):
        got = dict(counts[kind])
        few = got.pop("instructions", 0), got.pop("scalar_loads", 0)
        check(got == want and few[0] > sum(want.values()) - 1 and
              (few[1] > 0 or not want),
              "%s: what is in a kernel, %s" % (target, kind), counts[kind])
    got = collections.Counter(counts["SCRATCH"])
    check(got["local_loads"] == 1 < got["local_stores"] and
          got["loads"] > 1 == got["stores"] and got["branches"] > 0, target + ": scratch memory is no global memory", got)
    check(counts["CALL"].get("calls") == 1 and
          "fma" not in counts["CALL"], target + ": a call is not what it calls",
          counts["CALL"])


def listing(path, entry):
    """How often each opcode stands in the kernel, by LLVM's disassembler."""
    with open(path, "rb") as file:
        code = file.read()
    with open(PLACE + "/code.o", "wb") as out:
        out.write(code[code.index(b"\x7fELF"):])
    table = subprocess.run(["readelf", "-sW", PLACE + "/code.o"], check=True,
                           stdout=subprocess.PIPE, text=True).stdout
    start, size = re.search(r": (\w+) +(\d+) FUNC .* %s$" % re.escape(entry),
                            table, re.MULTILINE).groups()
    text = subprocess.run(["llvm-objdump", "-d", PLACE + "/code.o"],
                          check=True, stdout=subprocess.PIPE, text=True).stdout
    return collections.Counter(
        opcode for opcode, at in re.findall(
            r"^\t(\w+).*// ([0-9A-F]{12}):", text, re.MULTILINE)
        if 0 <= int(at, 16) - int(start, 16) < int(size))


# Enough to see that the same instructions were read, and the same kernel.
OPCODES = {"instructions": "", "fma": "v_(pk_)?(fma|mad|mac)", "barriers":
           "s_barrier", "branches": "s_c?branch", "loads":
           "(global|flat)_load", "stores": "(global|flat)_store",
           "shared_loads": "ds_read", "shared_stores": "ds_write", "atomics":
           "(global|flat)_atomic", "wide_loads": "global_load_dwordx",
           "packed": "v_pk_(?!mov)", "scalar_loads": "s_load"}


def beside_llvm(name, target):
    path = task_of(name, "hip")
    worker = Worker("hip", target, path)
    answer = worker.build(indices_of(path)) or {}
    worker.end()
    title = "%s for %s: as LLVM's disassembler has it" % (name, target)
    if answer.get("type") != "built":
        check(False, title, answer)
        return
    artifact = PLACE + "/artifacts/" + answer["artifact"]
    with open(artifact, "rb") as file:
        entry = file.read().split(b"\0")[0].split(b"\n")[1].decode()
    opcodes = listing(artifact, entry)
    want = {kind: sum(n for opcode, n in opcodes.items()
                      if re.match(pattern, opcode))
            for kind, pattern in OPCODES.items()}
    got = {kind: answer["facts"].get("code_" + kind) for kind in want}
    check(want["instructions"] > 20 and got == want, title, got, want, opcodes)


def broken():
    """Of a library that is absent, or worse."""
    for how, path in (("absent", "/nowhere/libamd_comgr.so"), ("none", ""),
                      ("something else", "libm.so.6"), ("crash", FAKE),
                      ("abort", FAKE), ("hang", FAKE), ("still", FAKE),
                      ("unknown", FAKE), ("refuse", FAKE)):
        os.environ["FAKE_COMGR"] = how
        worker = Worker("hip", "gfx90a", TASK, options={"comgr": path})
        answers = [worker.build([0]) or {}, worker.build([1]) or {}]
        worker.end()
        check(all(a.get("type") == "built" and a["facts"]["registers"] > 0 and
                  [name for name in a["facts"] if name[:5] == "code_"] ==
                  ["code_bytes"] for a in answers),
              "a disassembler that is broken (%s) costs the counts only" % how,
              *answers)
    for how in ("prints", "works"):
        os.environ["FAKE_COMGR"] = how
        worker = Worker("hip", "gfx90a", TASK, options={"comgr": FAKE})
        answer = worker.build([0]) or {"facts": {}}
        worker.end()
        check(list(counts_of(answer)) == ["instructions"] and
              counts_of(answer)["instructions"] > 10,
              "one that %s is taken at its word" % how, answer)


TASK = write()
probe = Worker("hip", "gfx90a", TASK)
probe.end()
if probe.ready.get("type") != "ready":
    skip(probe.ready.get("text", "the compile worker died").split("\n")[0])
for target in TARGETS:
    known(target)
for name in sorted(os.listdir(EXAMPLES)):
    if name in CUDA_ONLY or not os.path.exists(EXAMPLES + name + "/task.json"):
        continue
    if not shutil.which("llvm-objdump"):
        tap.skip(name + ": beside LLVM's disassembler", "no llvm-objdump")
        continue
    for target in TARGETS if name == "gemm" else TARGETS[1:2]:
        beside_llvm(name, target)
broken()
finish()
