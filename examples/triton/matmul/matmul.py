# SPDX-License-Identifier: MIT
"""Product of float16 matrices, tuned through backend `command`."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                ".."))
import triton  # noqa: E402
import triton.language as tl  # noqa: E402
import triton_side  # noqa: E402
import warpwright_backend as ww  # noqa: E402


@triton.jit
def matmul(c, a, b, M: tl.constexpr, N: tl.constexpr, K: tl.constexpr,
           BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr,
           BLOCK_K: tl.constexpr, GROUP_M: tl.constexpr):
    """One program computes one tile of c. Programs walk the tiles in strips
    of GROUP_M rows of tiles, so that neighbours share what they read."""
    strip = GROUP_M * (N // BLOCK_N)
    program = tl.program_id(0)
    row = program // strip * GROUP_M + program % strip % GROUP_M
    column = program % strip // GROUP_M
    rows = row * BLOCK_M + tl.arange(0, BLOCK_M)
    columns = column * BLOCK_N + tl.arange(0, BLOCK_N)
    depth = tl.arange(0, BLOCK_K)
    a_at = a + rows[:, None] * K + depth[None, :]
    b_at = b + depth[:, None] * N + columns[None, :]
    total = tl.zeros((BLOCK_M, BLOCK_N), dtype=tl.float32)
    for _ in range(0, K, BLOCK_K):
        total = tl.dot(tl.load(a_at), tl.load(b_at), total)
        a_at += BLOCK_K
        b_at += BLOCK_K * N
    tl.store(c + rows[:, None] * N + columns[None, :], total.to(tl.float16))


class Matmul(triton_side.TritonKernel):
    name = "matmul"
    kernel = matmul

    def constants(self, values):
        return {name: values[name] for name in
                ("M", "N", "K", "BLOCK_M", "BLOCK_N", "BLOCK_K", "GROUP_M")}

    def grid(self, values):
        return (values["M"] // values["BLOCK_M"] *
                (values["N"] // values["BLOCK_N"]), 1, 1)

    def expected(self, torch, tensors, values):
        a = tensors["a"].reshape(values["M"], values["K"])
        b = tensors["b"].reshape(values["K"], values["N"])
        return torch.matmul(a, b)


if __name__ == "__main__":
    ww.serve(Matmul())
