#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""sdk/REFERENCE.md has every slot of the public headers and no other."""
import glob
import os
import re

from tap import check, finish

SOURCE = os.environ.get("WW_SOURCE", ".")


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
check(len(slots) > 50, "the headers have slots", len(slots))
check(slots <= set(names), "every slot of the headers is in the reference",
      sorted(slots - set(names)))
check(set(names) <= slots, "the reference has no other slot",
      sorted(set(names) - slots))
check(len(names) == len(set(names)), "no slot stands there twice")
check(all(len([cell for cell in text.split("|") if cell.strip()]) == 4
          for _, text in rows),
      "every slot says who, when, which thread and who owns")
finish()
