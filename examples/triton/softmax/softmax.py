# SPDX-License-Identifier: MIT
"""Softmax over the rows of a matrix, tuned through backend `command`."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                ".."))
import triton  # noqa: E402
import triton.language as tl  # noqa: E402
import triton_side  # noqa: E402
import warpwright_backend as ww  # noqa: E402


@triton.jit
def softmax(out, x, COLUMNS: tl.constexpr, BLOCK: tl.constexpr,
            ROWS_PER_PROGRAM: tl.constexpr, STAGES: tl.constexpr):
    """Each program takes some rows. A block as long as a row keeps it in
    registers; a shorter one walks along the row twice."""
    lanes = tl.arange(0, BLOCK)
    first = tl.program_id(0).to(tl.int64) * ROWS_PER_PROGRAM
    for row in tl.range(0, ROWS_PER_PROGRAM, num_stages=STAGES):
        base = (first + row) * COLUMNS
        if BLOCK >= COLUMNS:
            kept = tl.load(x + base + lanes, mask=lanes < COLUMNS,
                           other=-float("inf"))
            kept = tl.exp(kept - tl.max(kept, axis=0))
            tl.store(out + base + lanes, kept / tl.sum(kept, axis=0),
                     mask=lanes < COLUMNS)
        else:
            # A maximum and a sum for every lane, brought together at the end.
            most = tl.full([BLOCK], -float("inf"), tl.float32)
            total = tl.zeros([BLOCK], tl.float32)
            for at in tl.range(0, COLUMNS, BLOCK, num_stages=STAGES):
                part = tl.load(x + base + at + lanes,
                               mask=at + lanes < COLUMNS,
                               other=-float("inf"))
                larger = tl.maximum(most, part)
                total = total * tl.exp(most - larger) + tl.exp(part - larger)
                most = larger
            top = tl.max(most, axis=0)
            scale = 1.0 / tl.sum(total * tl.exp(most - top), axis=0)
            for at in tl.range(0, COLUMNS, BLOCK, num_stages=STAGES):
                part = tl.load(x + base + at + lanes,
                               mask=at + lanes < COLUMNS,
                               other=-float("inf"))
                tl.store(out + base + at + lanes, tl.exp(part - top) * scale,
                         mask=at + lanes < COLUMNS)


class Softmax(triton_side.TritonKernel):
    name = "softmax"
    kernel = softmax

    def constants(self, values):
        return {"COLUMNS": values["COLUMNS"], "BLOCK": values["BLOCK"],
                "ROWS_PER_PROGRAM": values["ROWS_PER_PROGRAM"],
                "STAGES": values["num_stages"]}

    def grid(self, values):
        return (values["ROWS"] // values["ROWS_PER_PROGRAM"], 1, 1)

    def expected(self, torch, tensors, values):
        x = tensors["x"].reshape(values["ROWS"], values["COLUMNS"])
        return torch.softmax(x, dim=1)


if __name__ == "__main__":
    ww.serve(Softmax())
