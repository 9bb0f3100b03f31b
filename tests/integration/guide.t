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

from tap import check, finish

BUILD = os.path.abspath(os.environ.get("WW_BUILD", "."))
SOURCE = os.path.abspath(os.environ.get("WW_SOURCE", "."))
WORK = tempfile.mkdtemp(prefix="ww-guide-")


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
    check(len(runs) == 3, "the guide has commands", len(runs))
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
        check(done.returncode == 0 and " 0 failed" in done.stdout,
              "the commands for %s work" % path,
              *[line for line in done.stdout.splitlines()
               if not line.startswith("ok ")])


def main():
    text = read("sdk/GUIDE.md")
    blocks = re.findall(r"^<!-- code: (\S+) -->\n```c\n(.*?)^```", text,
                        re.S | re.M)
    check(len(blocks) == text.count("```c\n") and len(blocks) > 10,
          "every piece of code names its file")
    for path, code in blocks:
        first = [line for line in code.splitlines() if "(" in line or
                 "{" in line][0]
        check(code in read(path), "%s has '%s'" % (path, first.strip()[:50]))
    hill = read("sdk/examples/strategy-hill/hill.c")
    shown = "".join(code for path, code in blocks if path.endswith("hill.c"))
    missing = [line for line in hill.splitlines()[9:]
               if line.strip() and line not in shown and
               not line.startswith("#include")]
    check(not missing, "the guide shows all of the strategy", missing)
    lines = [line for line in hill.splitlines() if line.strip() and
             not line.lstrip().startswith(("/*", "* "))]
    check(len(lines) < 100, "the strategy has less than 100 lines of code",
          len(lines))
    try:
        commands(text, environment())
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
    finish()


if __name__ == "__main__":
    main()
