# SPDX-License-Identifier: MIT
"""Part "library" of tests/device/run: the best products, transposition and
softmax found, beside what PyTorch calls: cuBLAS, a plain copy, its own softmax."""
import json

from torch_times import measured

PROGRAM = r"""
n = 4096
a = torch.rand(n, n, device="cuda"); b = torch.rand(n, n, device="cuda")
c = torch.empty(n, n, device="cuda")
x = torch.rand(8192, 8192, device="cuda"); y = torch.empty_like(x)
h = (torch.rand(n, n, device="cuda") * 2 - 1).bfloat16()
g = (torch.rand(n, n, device="cuda") * 2 - 1).bfloat16()
s = torch.rand(16384, 4096, device="cuda")
def newer(call):
    try:
        return ms(call)
    except (TypeError, RuntimeError):
        return None
print(json.dumps({"gemm": ms(lambda: torch.matmul(a, b, out=c)),
                  "bf16": ms(lambda: torch.matmul(h, g)),
                  "bf16_float32": newer(lambda: torch.mm(
                      h, g, out_dtype=torch.float32)),
                  "bf16_add": newer(lambda: torch.addmm(
                      c, h, g, out_dtype=torch.float32)),
                  "copy": ms(lambda: y.copy_(x)),
                  "softmax": ms(lambda: torch.softmax(s, 1)),
                  "transpose": ms(lambda: y.copy_(x.t()))}))
"""


def run(main):
    theirs, reason = measured(main, PROGRAM)
    if theirs is None:
        main.note("library", reason)
        return
    main.note("library", "theirs, ms: " + json.dumps(theirs))
    ours = dict(main.BEST)
    for name, strategy in (("gemm", "auto"), ("gemm-tensor-core", "auto")):
        if main.left() < 120:
            continue
        found = main.Session(
            main.task_of(name), "--strategy", strategy, "--max-seconds", "40",
            "--max-evaluations", "400", "--set", "search.patience=0",
            seconds=70)
        if found.best:
            main.note("library", name + ", 400 trials: " + found.words(),
                      "  " + json.dumps(found.result["best"]["config"]))
            ours[name] = min(found.best, ours.get(name) or found.best)
    for mine, other, words in (
            ("gemm", "gemm", "float32 product, cuBLAS without TF32"),
            ("gemm-tensor-core", "bf16", "A B rounded to bfloat16, cuBLAS"),
            ("gemm-tensor-core", "bf16_float32", "A B in float32, cuBLAS"),
            ("gemm-tensor-core", "bf16_add", "C + A B in float32, cuBLAS"),
            ("transpose", "copy", "copy of the same bytes"),
            ("softmax", "copy", "copy of the same bytes"),
            ("softmax", "softmax", "PyTorch's softmax")):
        if ours.get(mine) and theirs.get(other):
            main.note("library", "%-17s %.4f ms, %s %.4f ms: %.1f %%" % (
                mine, ours[mine], words, theirs[other],
                100 * theirs[other] / ours[mine]))
    main.check("library: compared", bool(ours.get("gemm")), "")
