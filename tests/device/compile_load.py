#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Keeps every processor busy with NVRTC until it is told to end (SIGTERM), then
says how many programs it compiled.

usage: compile_load.py SOURCE.cu

SOURCE is the gemm example's; each program has another tile."""
import ctypes
import glob
import itertools
import multiprocessing
import os
import signal
import sys
import sysconfig

TILES = {"M": 4096, "N": 4096, "K": 4096, "VECTOR": 4, "PAD": 4,
         "DOUBLE_BUFFER": 1, "SPLIT_K": 1, "GROUP_M": 4, "MIN_BLOCKS": 1,
         "BLOCK_M": 128, "BLOCK_N": 128, "THREAD_M": 8, "THREAD_N": 8}


def library():
    """The run-time compiler: a toolkit's, or that of a Python wheel."""
    folders = ["/usr/local/cuda/lib64", *glob.glob(os.path.join(
        sysconfig.get_paths()["purelib"], "nvidia", "*", "lib"))]
    names = ["libnvrtc.so.13", "libnvrtc.so.12"]
    for path in itertools.chain(names, (os.path.join(f, n) for f in folders
                                        for n in names)):
        try:
            return ctypes.CDLL(path)
        except OSError:
            pass
    return None


def compile_for_ever(nvrtc, source, number, done):
    for i in itertools.count(number):
        values = {**TILES, "BLOCK_K": 8 << i % 3, "UNROLL_K": 1 << i // 3 % 4,
                  "SEED": i}
        options = [b"-arch=sm_90", b"-std=c++17", b"-default-device",
                   *(b"-D%s=%d" % (name.encode(), value)
                     for name, value in values.items())]
        program = ctypes.c_void_p()
        nvrtc.nvrtcCreateProgram(ctypes.byref(program), source, b"load.cu", 0,
                                 None, None)
        failed = nvrtc.nvrtcCompileProgram(
            program, len(options), (ctypes.c_char_p * len(options))(*options))
        nvrtc.nvrtcDestroyProgram(ctypes.byref(program))
        with done.get_lock():
            done.value += not failed


def main():
    with open(sys.argv[1], "rb") as file:
        source = file.read()
    os.environ["CUDA_CACHE_DISABLE"] = "1"
    nvrtc = library()
    if nvrtc is None:
        print("failed: no NVRTC", flush=True)
        return 1
    count = len(os.sched_getaffinity(0))
    done = multiprocessing.Value("l", 0)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    workers = [multiprocessing.Process(
        target=compile_for_ever, args=(nvrtc, source, i * 1000003, done),
        daemon=True) for i in range(count)]
    for worker in workers:
        worker.start()
    print("load: %d processes compile" % count, flush=True)
    try:
        signal.pause()
    finally:
        print("load: %d programs compiled" % done.value, flush=True)
        for worker in workers:
            worker.kill()
    return 0


sys.exit(main())
