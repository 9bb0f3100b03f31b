#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Turns the rows of compare and of other_tuner.py into tables."""
import json
import sys

rows = [json.loads(line) for line in open(sys.argv[1])]
cells = [r for r in rows if r["type"] == "compare"]
tasks = list(dict.fromkeys(r["task"] for r in cells))
names = list(dict.fromkeys(r["strategy"] for r in cells))
table = {(r["strategy"], r["task"]): r for r in cells}


def show(value):
    return "-" if value is None else "%.3f" % value


def mean(strategy, key):
    values = [table.get((strategy, t), {}).get(key) for t in tasks]
    return None if None in values else sum(values) / len(values)


print("\nmean of optimum / best over the recordings, each with the same weight;"
      "\nfailures and the default counted as evaluations\n")
print("| strategy | at 25 | at 85 | at 200 | worst recording at 85 |")
print("| --- | --- | --- | --- | --- |")
for name in names:
    at_85 = [table.get((name, t), {}).get("at_85") for t in tasks]
    worst = None if None in at_85 else min(at_85)
    print("| %s | %s |" % (name, " | ".join(
        [show(mean(name, k)) for k in ("at_25", "at_85", "at_200")] +
        [show(worst)])))
for key in ("at_25", "at_85", "at_200"):
    print("\n%s evaluations\n" % key[3:])
    print("| strategy | %s |" % " | ".join(tasks))
    print("| --- |" + " --- |" * len(tasks))
    for name in names:
        print("| %s | %s |" % (name, " | ".join(
            show(table.get((name, t), {}).get(key)) for t in tasks)))
overall = [r for r in rows if r["type"] == "overall"]
if overall:
    print("\nours over all recordings, with 95 % intervals over seeds\n")
    print("| strategy | at 85 | within 5 % at the end | score P |")
    print("| --- | --- | --- | --- |")
    for r in overall:
        print("| %s | %s |" % (r["strategy"], " | ".join(
            "%s [%s, %s]" % tuple(show(r[k + s]) for s in
                                  ("", "_low", "_high"))
            for k in ("at_85", "within_5_percent", "score"))))
pairs = [r for r in rows if r["type"] == "difference"]
if pairs:
    print("\npaired differences at 85, 95 % intervals over seeds\n")
    for r in pairs:
        print("%-24s %s [%s, %s]" % (
            r["strategy"] + " - " + r["minus"], show(r["at_85"]),
            show(r["at_85_low"]), show(r["at_85_high"])))
for r in cells:
    if r.get("error"):
        print("\n%s on %s failed: %s" % (r["strategy"], r["task"],
                                         r["error"]))
