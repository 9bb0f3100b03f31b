#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""sdk/GUIDE.md says what is: its code is in the files it names, word for word,
and its commands are run as they stand there."""
import json
import os
import re
import shutil
import subprocess
import tempfile

BUILD = os.path.abspath(os.environ.get("WW_BUILD", "."))
SOURCE = os.path.abspath(os.environ.get("WW_SOURCE", "."))
WORK = tempfile.mkdtemp(prefix="ww-guide-")
count = 0


def check(name, condition, *details):
    global count
    count += 1
    print("%sok %d - %s" % ("" if condition else "not ", count, name))
    if not condition:
        for detail in details:
            for line in str(detail).splitlines()[-25:]:
                print("# " + line)


def read(path):
    with open(os.path.join(SOURCE, path), encoding="utf-8") as file:
        return file.read()


def environment():
    """A pkg-config file of the build tree, and its program in PATH."""
    os.mkdir(os.path.join(WORK, "bin"))
    os.symlink(os.path.join(BUILD, "warpwright"),
               os.path.join(WORK, "bin", "warpwright"))
    # An installed program finds its own plugins; this one is told where.
    os.makedirs(os.path.join(WORK, "config", "warpwright"))
    with open(os.path.join(WORK, "config", "warpwright", "config.json"),
              "w") as file:
        json.dump({"plugin": {"path": [os.path.join(BUILD, ".libs")]}}, file)
    with open(os.path.join(WORK, "warpwright-plugin.pc"), "w") as file:
        file.write("warpwright=%s/bin/warpwright\nplugindir=%s/plugins\n"
                   "Name: warpwright-plugin\nDescription: build tree\n"
                   "Version: 0\nCflags: -I%s/include\n"
                   % (WORK, WORK, SOURCE))
    result = dict(os.environ, HOME=WORK, TMPDIR=WORK,
                  XDG_DATA_HOME=WORK + "/data", PKG_CONFIG_PATH=WORK,
                  XDG_CONFIG_HOME=WORK + "/config",
                  XDG_CACHE_HOME=WORK + "/cache",
                  WARPWRIGHT_DATA=SOURCE + "/share",
                  PATH=WORK + "/bin:" + os.environ["PATH"])
    for name in ("WARPWRIGHT_PLUGIN_PATH", "MAKEFLAGS", "MAKELEVEL", "CFLAGS",
                 "MFLAGS"):
        result.pop(name, None)
    return result


def commands(text, env):
    runs = re.findall(r"^<!-- run: (\S+) -->\n```sh\n(.*?)^```", text,
                      re.S | re.M)
    check("the guide has commands", len(runs) == 3, len(runs))
    for number, (path, script) in enumerate(runs):
        folder = os.path.join(WORK, str(number))
        shutil.copytree(os.path.join(SOURCE, path), folder)
        for name in [folder] + [os.path.join(folder, name)
                                for name in os.listdir(folder)]:
            os.chmod(name, os.stat(name).st_mode | 0o200)
        done = subprocess.run(["sh", "-e", "-c", script], cwd=folder, env=env,
                              stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        check("the commands for %s work" % path,
              done.returncode == 0 and " 0 failed" in done.stdout,
              *[line for line in done.stdout.splitlines()
                if not line.startswith("ok ")])


def main():
    text = read("sdk/GUIDE.md")
    blocks = re.findall(r"^<!-- code: (\S+) -->\n```c\n(.*?)^```", text,
                        re.S | re.M)
    check("every piece of code names its file",
          len(blocks) == text.count("```c\n") and len(blocks) > 10)
    for path, code in blocks:
        first = [line for line in code.splitlines() if "(" in line or
                 "{" in line][0]
        check("%s has '%s'" % (path, first.strip()[:50]),
              code in read(path))
    hill = read("sdk/examples/strategy-hill/hill.c")
    shown = "".join(code for path, code in blocks if path.endswith("hill.c"))
    missing = [line for line in hill.splitlines()[9:]
               if line.strip() and line not in shown and
               not line.startswith("#include")]
    check("the guide shows all of the strategy", not missing, missing)
    lines = [line for line in hill.splitlines() if line.strip() and
             not line.lstrip().startswith(("/*", "* "))]
    check("the strategy has less than 100 lines of code",
          len(lines) < 100, len(lines))
    try:
        commands(text, environment())
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
    print("1..%d" % count)


if __name__ == "__main__":
    main()
