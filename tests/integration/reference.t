#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""sdk/REFERENCE.md has every slot of the public headers and no other."""
import glob
import os
import re

SOURCE = os.environ.get("WW_SOURCE", ".")
count = 0


def check(name, condition, *details):
    global count
    count += 1
    print("%sok %d - %s" % ("" if condition else "not ", count, name))
    if not condition:
        for detail in details:
            print("# %s" % (detail,))


def read(*path):
    with open(os.path.join(SOURCE, *path), encoding="utf-8") as file:
        return file.read()


def header_slots():
    slots = set()
    for path in glob.glob(os.path.join(SOURCE, "include/warpwright/*.h")):
        text = re.sub(r"/\*.*?\*/", "", read(os.path.relpath(path, SOURCE)),
                      flags=re.S)
        for table in re.finditer(r"^struct (ww_\w+) \{(.*?)^\};", text,
                                 re.S | re.M):
            for slot in re.findall(r"\(\*(\w+)\)\(", table.group(2)):
                slots.add("%s.%s" % (table.group(1), slot))
    return slots


slots = header_slots()
rows = re.findall(r"^\| `(\w+\.\w+)` \|(.*)\|$", read("sdk/REFERENCE.md"),
                  re.M)
names = [name for name, _ in rows]
check("the headers have slots", len(slots) > 50, len(slots))
check("every slot of the headers is in the reference",
      slots <= set(names), sorted(slots - set(names)))
check("the reference has no other slot", set(names) <= slots,
      sorted(set(names) - slots))
check("no slot stands there twice", len(names) == len(set(names)))
check("every slot says who, when, which thread and who owns",
      all(len([cell for cell in text.split("|") if cell.strip()]) == 4
          for _, text in rows))
print("1..%d" % count)
