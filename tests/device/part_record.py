# SPDX-License-Identifier: MIT
"""Part "record" of tests/device/run: small spaces of the examples, measured
whole, as recordings (Kernel Tuner caches, gzip). RECORD names some of them."""
import gzip
import json
import os
import re

# Which values stay, so that a space has a few thousand configurations.
SPACES = {
    "softmax": {},
    "reduction": {"THREADS": [128, 256, 512, 1024]},
    "transpose": {"TILE_X": [32, 64, 128], "TILE_Y": [32, 64],
                  "THREADS_X": [16, 32], "THREADS_Y": [8, 16, 32],
                  "THREADS_OUT": [16, 32], "PAD": [0, 1]},
    "stencil": {"BLOCK_T": [1, 2, 4], "THREADS_X": [32, 64],
                "THREADS_Y": [4, 8], "CELLS_X": [1, 2], "CELLS_Y": [4, 8, 16],
                "PAD": [0], "UNROLL_T": [1], "BAND": [8],
                "BLOCKS": [1056, 2112], "MIN_BLOCKS": [1, 2]},
    # Where the best ones lie, in basins that differ in several parameters.
    "gemm": {"BLOCK_M": [64, 128, 256], "BLOCK_N": [64, 128, 256],
             "BLOCK_K": [8, 16, 32], "THREAD_M": [8, 4, 16],
             "THREAD_N": [4, 8, 16], "VECTOR": [4], "PAD": [0, 4],
             "DOUBLE_BUFFER": [True], "SPLIT_K": [1], "UNROLL_K": [8, 16],
             "GROUP_M": [1, 4], "MIN_BLOCKS": [1, 2]},
}
# Smaller than the example, so that thousands of launches are soon done.
PROBLEMS = {"gemm": ('"M": 4096, "N": 4096, "K": 4096',
                     '"M": 2048, "N": 2048, "K": 2048')}


def reduced(main, name):
    """The example with these values only; also what it then counts."""
    place = os.path.join(main.PLACE, "record-" + name)
    main.shutil.copytree(os.path.dirname(main.task_of(name)), place)
    path = os.path.join(place, "task.json")
    with open(path) as file:
        text = file.read().replace(*PROBLEMS.get(name, ("", "")))
    for parameter, values in SPACES[name].items():
        head = re.search(r'\{ "name": "%s",.*?"default": [^,\s}]+' % parameter,
                         text, re.S)
        kind = re.search(r'"type": "(\w+)"', head.group(0)).group(1)
        text = text.replace(head.group(0), '{ "name": "%s", "type": "%s", '
                            '"values": %s, "default": %s' % (
                                parameter, "int" if kind == "power_of_two"
                                else kind, json.dumps(values),
                                json.dumps(values[0])))
    with open(path, "w") as file:
        file.write(text)
    done = main.run([main.PROGRAM, "space", path, "--count", "--json"])
    return path, done.stdout.strip() or done.stderr.strip()


def run(main):
    whole = 0
    for name in os.environ.get("RECORD", " ".join(SPACES)).split():
        if main.left() < 20:
            main.note("record", name + ": no time left")
            continue
        path, words = reduced(main, name)
        out = os.path.join(main.PLACE, name + ".json")
        begun = main.time.monotonic()
        done = main.run([main.PROGRAM, "record", path, "--output", out,
                         "--set", "measure.max_seconds=0.02", "--set",
                         "measure.max_samples=7"],
                        min(100, main.left() - 5))
        seconds = main.time.monotonic() - begun
        size = 0
        if os.path.exists(out):
            packed = os.path.join(main.ARGS.output, "recording-%s.json.gz"
                                  % name)
            with open(out, "rb") as file, gzip.open(packed, "wb", 9) as to:
                to.write(file.read())
            size = os.path.getsize(packed)
        whole += done.returncode == 0
        main.note("record", "%-10s %s: code %d, %.1f s, %d bytes %s" % (
            name, words, done.returncode, seconds, size,
            done.stderr.strip()[-160:].replace("\n", " ")))
    main.check("record: all spaces are whole", whole == len(SPACES),
               "%d of %d" % (whole, len(SPACES)))
