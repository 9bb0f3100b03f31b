# SPDX-License-Identifier: MIT
"""A copy in Triton whose configurations can be wrong: MODE 1 writes where there
is no memory, MODE 2 writes only every second block, which is also faster. For
triton_autotune_gpu.py."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../examples/triton"))
import triton  # noqa: E402
import triton.language as tl  # noqa: E402
import triton_side  # noqa: E402
import warpwright_backend as ww  # noqa: E402

FAR = 1 << 44  # elements beyond the array


@triton.jit
def bad(out, x, N: tl.constexpr, FAR: tl.constexpr, BLOCK: tl.constexpr,
        MODE: tl.constexpr):
    at = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    if MODE == 1:
        tl.store(out + at + FAR, tl.load(x + at))
    elif MODE == 2:
        if tl.program_id(0) % 2 == 0:
            tl.store(out + at, tl.load(x + at))
    else:
        tl.store(out + at, tl.load(x + at))


class Bad(triton_side.TritonKernel):
    name = "bad"
    kernel = bad

    def constants(self, values):
        return {"N": values["N"], "FAR": FAR, "BLOCK": values["BLOCK"],
                "MODE": values["MODE"]}

    def grid(self, values):
        return (values["N"] // values["BLOCK"], 1, 1)

    def expected(self, torch, tensors, values):
        return tensors["x"].clone()


if __name__ == "__main__":
    ww.serve(Bad())
