#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tunes a Python function with Warpwright's strategies.

usage: PYTHONPATH=$(pkg-config --variable=pythondir warpwright-plugin) \\
           python3 tune_python.py [STRATEGY]

The function sums the rows of a matrix in pieces; how large the pieces are and
how they are gathered decides its time. Warpwright proposes, this script checks
the result and measures: nothing here is known to Warpwright but the parameters.
"""
import sys
import time

import warpwright_ask

ROWS, COLUMNS = 64, 400
MATRIX = [[(7 * i + 3 * j) % 11 for j in range(COLUMNS)] for i in range(ROWS)]
EXPECTED = [sum(row) for row in MATRIX]

TASK = {
    "name": "row-sums",
    "parameters": [
        {"name": "piece", "type": "power_of_two", "range": [1, 256],
         "default": 1, "description": "elements summed at once",
         "tradeoff": "larger pieces: fewer slices, longer ones"},
        {"name": "method", "type": "enum", "values": ["loop", "builtin"],
         "default": "loop", "description": "who adds the elements of a piece"},
        {"name": "skip", "type": "bool", "default": False,
         "description": "leave every second piece out (and be wrong)"},
    ],
    "constraints": [
        {"rule": "method == 'builtin' or piece <= 64",
         "reason": "a long loop in one piece is a plain loop"},
    ],
}


def row_sums(config):
    piece, builtin = config["piece"], config["method"] == "builtin"
    step = 2 * piece if config["skip"] else piece
    sums = []
    for row in MATRIX:
        total = 0
        for start in range(0, COLUMNS, step):
            if builtin:
                total += sum(row[start:start + piece])
            else:
                for value in row[start:start + piece]:
                    total += value
        sums.append(total)
    return sums


def samples(config, n=5):
    """Milliseconds of each of n runs."""
    times = []
    for _ in range(n):
        begin = time.perf_counter()
        row_sums(config)
        times.append(1e3 * (time.perf_counter() - begin))
    return times


def main():
    strategy = sys.argv[1] if len(sys.argv) > 1 else "auto"
    settings = {"search.max_evaluations": 25}
    with warpwright_ask.Session(TASK, strategy, settings) as session:
        for trial in session:
            if row_sums(trial.config) != EXPECTED:
                session.tell(trial, status="wrong_result",
                             text="the sums are wrong")
            else:
                session.tell(trial, samples_ms=samples(trial.config))
        best = session.best()
        print("%d trials (%s)" % (session.finish()["trials"], session.stop))
        print("best: %s, %.3f ms, %.1f times the default's speed"
              % (best.config, best.time_ms, best.speedup))


if __name__ == "__main__":
    main()
