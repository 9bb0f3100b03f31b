#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""warpwright-config(5) says of every setting what the program's table says."""
import json
import os
import re
import shutil
import subprocess
import tempfile

BUILD = os.path.abspath(os.environ.get("WW_BUILD", "."))
SOURCE = os.path.abspath(os.environ.get("WW_SOURCE", "."))
PAGE = os.path.join(SOURCE, "man", "warpwright-config.5")
WORDS = {"string": "text", "int": "integer", "float": "number",
         "bool": "true or false", "path": "path", "list": "list of texts"}


def number(value):
    whole = value == int(value) and abs(value) < 1e16
    return "%d" % value if whole else "%.15g" % value


def described(row):
    """What stands in parentheses behind the key."""
    if row["value_type"] == "enum":
        text = "one of " + ", ".join(row["choices"].split(","))
    else:
        text = WORDS[row["value_type"]]
    if "minimum" in row:
        text += " from %s to %s" % (number(row["minimum"]),
                                    number(row["maximum"]))
    value = row["default"]
    if value is None:
        return text + "; unset"
    if isinstance(value, list):
        value = ", ".join(value)
    elif isinstance(value, bool):
        value = str(value).lower()
    elif isinstance(value, (int, float)):
        value = number(value)
    return "%s; default %s" % (text, value)


def table():
    folder = tempfile.mkdtemp()
    try:
        done = subprocess.run(
            [os.path.join(BUILD, "warpwright"), "config", "show", "--json"],
            env={"HOME": folder, "PATH": os.environ["PATH"]}, cwd=folder,
            capture_output=True, text=True, check=True)
    finally:
        shutil.rmtree(folder)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return {row["key"]: (described(row),
                         row["help"] + (" Not from a project."
                                        if row["trusted_only"] else ""))
            for row in rows}


def page():
    with open(PAGE, encoding="utf-8") as file:
        text = file.read()
    found = {}
    for match in re.finditer(r'^\.TP\n\.BR (\S+\.\S+) " \((.*)\)"\n'
                             r'((?:[^.].*\n)+)', text, re.M):
        found[match.group(1)] = (match.group(2),
                                 " ".join(match.group(3).split()))
    return found


def main():
    expected = table()
    found = page()
    faults = []
    for key in sorted(set(expected) | set(found)):
        if expected.get(key) != found.get(key):
            faults.append("%s: the table says %s, the page says %s"
                          % (key, expected.get(key), found.get(key)))
    print("1..2")
    print("%s 1 - the page and the table of settings agree"
          % ("not ok" if faults or not expected else "ok"))
    for fault in faults:
        print("# " + fault)
    if shutil.which("mandoc") is None:
        print("ok 2 - the page is well formed # SKIP there is no mandoc")
        return
    lint = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", PAGE],
                          capture_output=True, text=True, check=False)
    print("%s 2 - the page is well formed"
          % ("ok" if lint.returncode == 0 else "not ok"))
    for line in lint.stdout.splitlines():
        print("# " + line)


if __name__ == "__main__":
    main()
