#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The real NVRTC compiles the default configuration and the reference of every
CUDA example, without a device; skipped where there is no NVRTC."""
from run_time_compiler import compile_examples

compile_examples("cuda", "sm_90", ["sm_90"])
