#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The real hipRTC compiles the examples for three architectures, without a
device; skipped where there is no hipRTC. A target that makes the compiler crash
costs one worker and nothing else."""
from run_time_compiler import compile_examples

compile_examples("hip", "gfx90a", ["gfx908", "gfx90a", "gfx1030"], "gfx940")
