# SPDX-License-Identifier: MIT
"""Two kernels in Helion, tuned with Warpwright's strategies.

usage: PYTHONPATH=sdk/python python3 examples/helion/kernels.py
           [matmul|softmax] [CONFIGURATIONS]

Needs Helion with its PyTorch and Triton, and a GPU."""
import sys

import helion
import helion.language as hl
import torch


def matmul(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    rows, depth = a.size()
    depth, columns = b.size()
    out = torch.empty([rows, columns], dtype=a.dtype, device=a.device)
    for row, column in hl.tile([rows, columns]):
        total = hl.zeros([row, column], dtype=torch.float32)
        for at in hl.tile(depth):
            total = torch.addmm(total, a[row, at], b[at, column])
        out[row, column] = total
    return out


def softmax(x: torch.Tensor) -> torch.Tensor:
    rows, _columns = x.size()
    out = torch.empty_like(x)
    for row in hl.tile(rows):
        values = x[row, :]
        powers = torch.exp(values - torch.amax(values, dim=1, keepdim=True))
        out[row, :] = powers / torch.sum(powers, dim=1, keepdim=True)
    return out


def arguments(name):
    """What the kernel is tuned on."""
    torch.manual_seed(1)
    if name == "softmax":
        return (2 * torch.randn(16384, 4096, device="cuda"),)
    return tuple((2 * torch.rand(4096, 4096, device="cuda") - 1).half()
                 for _ in "ab")


def expected(name, given):
    return torch.softmax(*given, 1) if name == "softmax" else \
        torch.matmul(*given)


KERNELS = {"matmul": matmul, "softmax": softmax}


def main():
    import warpwright_helion
    name = sys.argv[1] if len(sys.argv) > 1 else "matmul"
    configs = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    kernel = helion.kernel(
        KERNELS[name], static_shapes=True,
        autotuner_fn=warpwright_helion.autotuner(configs=configs))
    given = arguments(name)
    out = kernel(*given)  # tunes, then runs
    error = (out - expected(name, given)).abs().max()
    print("largest difference to PyTorch: %.3g" % error)


if __name__ == "__main__":
    main()
