# SPDX-License-Identifier: MIT
"""What PyTorch's own kernels take, cold L2, median of 30."""
import json
import sys

TIMER = r"""
import json, torch
torch.backends.cuda.matmul.allow_tf32 = False
flush = torch.empty(256 << 20, dtype=torch.uint8, device="cuda")
def ms(call):
    for _ in range(3): call()
    times = []
    for _ in range(30):
        flush.zero_()
        a, b = torch.cuda.Event(True), torch.cuda.Event(True)
        a.record(); call(); b.record(); b.synchronize()
        times.append(a.elapsed_time(b))
    return sorted(times)[15]
"""


def measured(main, program):
    """What a program prints that times calls with ms(): {name: milliseconds}, or
    None and the reason."""
    done = main.run([sys.executable, "-c", TIMER + program], 90)
    try:
        return json.loads(done.stdout.strip().splitlines()[-1]), None
    except (ValueError, IndexError):
        return None, "no PyTorch with a GPU: " + done.stderr[-200:]
