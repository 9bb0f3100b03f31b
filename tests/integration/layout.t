#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The binary layout of the public structs against the published one."""
import os
import re
import subprocess

BUILD = os.environ.get("WW_BUILD", ".")
SOURCE = os.environ.get("WW_SOURCE", ".")
HEADERS = os.path.join(SOURCE, "include", "warpwright")


def parse(text):
    """{struct: (size, [(field, offset, size)])}"""
    structs = {}
    name = None
    for line in text.splitlines():
        words = line.split()
        if line.startswith("\t"):
            structs[name][1].append((words[0], int(words[1]), int(words[2])))
        else:
            name = words[0]
            structs[name] = (int(words[1]), [])
    return structs


def in_headers():
    """{struct: [fields]} as the headers spell them."""
    structs = {}
    for header in sorted(os.listdir(HEADERS)):
        with open(os.path.join(HEADERS, header), encoding="utf-8") as file:
            text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
        for match in re.finditer(r"^struct (\w+) \{(.*?)^\};", text,
                                 re.S | re.M):
            fields = []
            for field in match.group(2).split(";"):
                field = " ".join(field.split())
                if not field:
                    continue
                slot = re.search(r"\(\*(\w+)\)", field)
                plain = re.search(r"(\w+)(\[\w+\])?$", field)
                fields.append((slot or plain).group(1))
            structs[match.group(1)] = fields
    return structs


def faults_of_growth(old, new):
    """What changed that may not: only fields at the end may be new."""
    for name, (size, fields) in old.items():
        if name not in new:
            yield "struct %s is gone" % name
            continue
        now_size, now_fields = new[name]
        if now_fields[:len(fields)] != fields:
            for was, now in zip(fields, now_fields):
                if was != now:
                    yield "struct %s: was %s, is %s" % (name, was, now)
            if len(now_fields) < len(fields):
                yield "struct %s lost fields" % name
        if now_size < size:
            yield "struct %s: was %d bytes, is %d" % (name, size, now_size)


def faults_of_version():
    """pkg-config's and CMake's files have the version of the header."""
    with open(os.path.join(SOURCE, "include", "warpwright", "abi.h"),
              encoding="utf-8") as file:
        version = re.findall(r"^#define WW_ABI_(?:MAJOR|MINOR) (\d+)$",
                             file.read(), re.M)
    for name, form in (
            ("warpwright-plugin.pc", "abi_major=%s\nabi_minor=%s\n"),
            ("WarpwrightConfigVersion.cmake", "set(PACKAGE_VERSION %s.%s)\n")):
        with open(os.path.join(BUILD, "sdk", name),
                  encoding="utf-8") as file:
            if form % tuple(version) not in file.read():
                yield "%s does not say ABI %s" % (name, ".".join(version))


def main():
    import struct
    print("1..6")
    if struct.calcsize("P") != 8:
        for i in range(1, 7):
            print("ok %d # SKIP the table is for 64-bit machines" % i)
        return
    text = subprocess.run([os.path.join(BUILD, "tests", "abi", "layout")],
                          capture_output=True, text=True, check=True).stdout
    now = parse(text)
    checks = []
    for version in ("1.0", "1.1"):
        with open(os.path.join(SOURCE, "tests", "abi",
                               "layout-%s.txt" % version),
                  encoding="utf-8") as file:
            published = parse(file.read())
        checks.append(("nothing moved since ABI " + version,
                       list(faults_of_growth(published, now))))
    spelled = in_headers()
    faults = ["struct %s is not in tests/abi/layout.c" % name
              for name in spelled if name not in now]
    faults += ["struct %s: %s in the header, %s in tests/abi/layout.c"
               % (name, fields, [f[0] for f in now[name][1]])
               for name, fields in spelled.items()
               if name in now and fields != [f[0] for f in now[name][1]]]
    checks.append(("every public field is in the table", faults))
    faults = []
    for name, (size, fields) in now.items():
        end = 0
        for field, offset, length in fields:
            if offset != end:
                faults.append("struct %s: a hole before %s" % (name, field))
            end = offset + length
        if end != size or size % 8 != 0:
            faults.append("struct %s: %d bytes of fields in %d"
                          % (name, end, size))
    checks.append(("no struct has holes, all are multiples of 8 bytes",
                   faults))
    broken = dict(now)
    size, fields = broken["ww_plugin"]
    broken["ww_plugin"] = (size, fields[1:])
    checks.append(("the comparison sees a field that is gone",
                   [] if list(faults_of_growth(published, broken))
                   else ["it did not"]))
    checks.append(("what builds are told is the headers' version",
                   list(faults_of_version())))
    for i, (what, faults) in enumerate(checks, 1):
        print("%s %d - %s" % ("not ok" if faults else "ok", i, what))
        for fault in faults:
            print("# " + fault)


if __name__ == "__main__":
    main()
