# SPDX-License-Identifier: MIT
"""The scripted GPU of tests/fakes, and the task of the one kernel that it has:
out = 2 in + 1, whatever source it is given."""
import json
import os

TESTS = os.environ["WW_BUILD"] + "/tests/"
FAKE = TESTS + "fakes/.libs/libfakecuda.so"  # driver, compiler and counters
SHIM = TESTS + "shim/.libs/libhipshim.so"    # the same, as HIP's libraries
SHIM_ENVIRONMENT = {"HIP_SHIM_DRIVER": FAKE, "HIP_SHIM_NVRTC": FAKE}


def scale_task(language, source, parameter, *, n=4096, **members):
    """A task; `members` come on top of what all of them have."""
    return {
        "name": "scale",
        "kernel": {"language": language, "source": source, "entry": "scale"},
        "problem": {"N": n},
        "parameters": [parameter],
        "launch": {"grid": ["N // 256"], "block": ["256"]},
        "arguments": [
            {"name": "out", "type": "float32", "kind": "output", "size": "N"},
            {"name": "in", "type": "float32", "kind": "input", "size": "N",
             "fill": {"kind": "uniform", "low": 0, "high": 1, "seed": 1}},
            {"name": "n", "type": "int32", "kind": "scalar", "value": "N"},
        ],
        "reference": {"configuration": "default"},
        "tolerance": {"absolute": 0, "relative": 1e-6},
        **members,
    }


def write_scale(folder, task, source):
    """The task and its source; the path of the task."""
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, task["kernel"]["source"]), "w") as out:
        out.write(source)
    path = os.path.join(folder, "task.json")
    with open(path, "w") as out:
        json.dump(task, out)
    return path
