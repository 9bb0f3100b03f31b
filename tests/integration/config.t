#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Settings through the real program: layers, origins, errors, trust."""
import json
import os
import shutil
import subprocess
import tempfile

from tap import check, finish

BUILD = os.path.abspath(os.environ.get("WW_BUILD", "."))
PROGRAM = os.path.join(BUILD, "warpwright")
ZOO = os.path.join(BUILD, "tests", "zoo", ".libs")
WORK = os.path.realpath(tempfile.mkdtemp())
HOME = os.path.join(WORK, "home")
PROJECT = os.path.join(WORK, "project")
PLUGINS = os.path.join(WORK, "plugins")
USER_FILE = os.path.join(HOME, ".config", "warpwright", "config.json")
PROJECT_FILE = os.path.join(PROJECT, "warpwright.json")


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def remove(*paths):
    for path in paths:
        if os.path.exists(path):
            os.remove(path)


def run(*arguments, **variables):
    environment = {"HOME": HOME, "PATH": os.environ["PATH"],
                   "WARPWRIGHT_PLUGIN_PATH": PLUGINS}
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS",
                 "LSAN_OPTIONS"):
        if name in os.environ:
            environment[name] = os.environ[name]
    environment.update(variables)
    return subprocess.run([PROGRAM] + list(arguments), env=environment,
                          cwd=PROJECT, capture_output=True, text=True,
                          timeout=120, check=False)


def shown(*arguments, **variables):
    """{key: (value, origin)}"""
    done = run("config", "show", "--json", *arguments, **variables)
    if done.returncode != 0:
        return {"": (done.returncode, done.stderr)}
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["key"]: (line["value"], line["origin"]) for line in lines}


def fails(what, message, *arguments, code=3, **variables):
    done = run("config", "show", *arguments, **variables)
    check(done.returncode == code and
          done.stderr == "warpwright: " + message + "\n" and
          done.stdout == "", what, "expected " + message,
          "got      " + done.stderr, "exit code %d" % done.returncode)


def layers():
    got = shown()
    check(got["search.seed"] == (1, "built-in") and
          got["llm.provider"] == (["auto"], "built-in") and
          got["llm.temperature"] == (None, "built-in"), "defaults", got)
    write(USER_FILE, '{\n  // mine\n  "search": {"seed": 2, "patience": 9}\n}')
    got = shown()
    check(got["search.seed"] == (2, USER_FILE + ":3"), "the user's file", got)
    write(PROJECT_FILE, '{"search": {\n"seed": 3}}')
    got = shown()
    check(got["search.seed"] ==
          (3, PROJECT_FILE + ":2") and
          got["search.patience"] == (9, USER_FILE + ":3"), "the project's file",
          got)
    more = write(os.path.join(WORK, "more.json"), '{"search": {"seed": 4}}')
    got = shown("--config", more)
    check(got["search.seed"] == (4, more + ":1"), "--config", got)
    got = shown("--config", more, WARPWRIGHT_SEARCH_SEED="5")
    check(got["search.seed"] ==
          (5, "WARPWRIGHT_SEARCH_SEED"), "the environment", got)
    got = shown("--config", more, "--set", "search.seed=6",
                WARPWRIGHT_SEARCH_SEED="5")
    check(got["search.seed"] == (6, "--set"), "--set", got)
    got = shown(WARPWRIGHT_SEARCH_SEED="")
    check(got["search.seed"] == (3, PROJECT_FILE + ":2"),
          "an empty variable is no setting", got)
    xdg = os.path.join(WORK, "xdg")
    there = write(os.path.join(xdg, "warpwright", "config.json"),
                  '{"search": {"patience": 7}}')
    got = shown(XDG_CONFIG_HOME=xdg)
    check(got["search.patience"] == (7, there + ":1"), "XDG_CONFIG_HOME", got)
    remove(USER_FILE, PROJECT_FILE)


def display():
    done = run("config", "show", "search.seed", "--set", "search.seed=12")
    check(done.stdout == "search.seed  12  --set\n", "one key for people",
          done.stdout)
    done = run("config", "show", "search")
    lines = done.stdout.splitlines()
    starts = {line.index("built-in") for line in lines}
    check(len(lines) > 10 and len(starts) == 1 and
          all(line.startswith("search.") for line in lines),
          "a section, aligned", done.stdout)
    done = run("config", "show", "provider.exec.command")
    check(done.returncode == 3 and "not set, or no such option" in done.stderr
          and "plugin info" in done.stderr,
          "an option of a plugin is sought where it is shown", done)
    done = run("config", "show", "serch")
    floor = run("config", "show", "search.floor_margin").stdout.split()
    check(floor[1] == "0.03", "a number as it was written", floor)
    check(done.returncode == 3 and
          "serch: no such setting or section" in done.stderr, "an unknown key",
          done)
    done = run("config")
    check(done.returncode == 2 and
          "expected 'config show [KEY]'" in done.stderr, "usage", done)


def errors():
    write(PROJECT_FILE, '{\n"search": {\n"max_round": 3}}')
    fails("an unknown key in a file",
          PROJECT_FILE + ":3: search.max_round: no such setting; did you mean "
          "search.max_rounds?")
    write(PROJECT_FILE, '{"search": {"seed": "x"}}')
    fails("a wrong type in a file",
          PROJECT_FILE + ':1: search.seed: expected an integer from 0 to '
          '9007199254740992, not "x"')
    write(PROJECT_FILE, '{"search": {"seed": 3,,}}')
    done = run("config", "show")
    check(done.returncode == 3 and
          done.stderr.startswith("warpwright: " + PROJECT_FILE + ":1:23: "),
          "a syntax error says line and column", done)
    remove(PROJECT_FILE)
    fails("a file that is not there", "cannot open %s/none.json: No such file "
          "or directory" % PROJECT, "--config", "none.json")
    fails("an unknown variable",
          "environment variable WARPWRIGHT_SEARCH_SEEDS: no such setting; did "
          "you mean WARPWRIGHT_SEARCH_SEED?", WARPWRIGHT_SEARCH_SEEDS="1")
    fails("an unknown key of --set", "--set: search.sed: no such setting; did "
          "you mean search.seed?", "--set", "search.sed=1")
    done = run("config", "show", WARPWRIGHT_SOMETHING="1")
    check(done.returncode == 0 and done.stderr == "warning: settings: "
          "environment variable WARPWRIGHT_SOMETHING is no setting\n",
          "a variable of somebody else is a warning", done)


def options():
    key = "provider.good_options."
    got = shown("--set", key + "legs=8", "--set", key + "command=a,b",
                WARPWRIGHT_PROVIDER_GOOD_OPTIONS_TAME="yes")
    check(got[key + "legs"] == (8, "--set") and
          got[key + "command"] == (["a", "b"], "--set") and
          got[key + "tame"] ==
          (True, "WARPWRIGHT_PROVIDER_GOOD_OPTIONS_TAME"), "options of plugins",
          got)
    fails("out of range", "--set: %slegs: expected an integer from 0 to 1000, "
          "not 1001" % key, "--set", key + "legs=1001")
    fails("an unknown option", "--set: %sleg: provider good_options has no "
          "such option; did you mean legs?" % key, "--set", key + "leg=1")
    fails("an unknown plugin", "--set: provider.goods.legs: no provider named "
          "'goods'; did you mean 'good'?", "--set", "provider.goods.legs=1")
    fails("an unknown option in a variable",
          "environment variable WARPWRIGHT_PROVIDER_GOOD_OPTIONS_LEG: no "
          "plugin has such an option; 'warpwright plugin info NAME' lists "
          "what there is", WARPWRIGHT_PROVIDER_GOOD_OPTIONS_LEG="1")
    fails("a key instead of its name", "--set: %spassword: expected the NAME "
          "of an environment variable in capitals, or file:PATH, and never a "
          "key itself" % key, "--set", key + "password=sk-not-so-secret")
    done = run("config", "show", "provider", "--set",
               "provider.wrong_magic.legs=1")
    check(done.returncode == 0
          and done.stderr == "warning: settings: --set: "
          "provider.wrong_magic.legs is not checked: the plugin was refused\n",
          "options of a refused plugin are a warning", done)


def trust():
    advice = (": a project-local file cannot set this, because it may come "
              "from somebody else; put it into %s or give it with --config or "
              "--set" % USER_FILE)
    refused = {
        "plugin.path": '{"plugin": {"path": ["."]}}',
        "parallel.compile_launcher":
            '{"parallel": {"compile_launcher": ["touch", "owned"]}}',
        "parallel.device_launcher":
            '{"parallel": {"device_launcher": ["touch", "owned"]}}',
        "llm.api_base": '{"llm": {"api_base": "https://example.net"}}',
        "provider.good_options.command":
            '{"provider": {"good_options": {"command": ["touch", "owned"]}}}',
        "provider.good_options.password":
            '{"provider": {"good_options": {"password": "MY_KEY"}}}',
    }
    for key, text in refused.items():
        write(PROJECT_FILE, text)
        fails("a project may not set " + key,
              PROJECT_FILE + ":1: " + key + advice)
        mine = write(os.path.join(WORK, "mine.json"), text)
        remove(PROJECT_FILE)
        got = shown("--config", mine)
        check(got.get(key, (0, 0))[1] ==
              mine + ":1", "the user may set " + key, got)
    write(PROJECT_FILE, '{"provider": {"good_options": {"legs": 5}}}')
    got = shown()
    check(got["provider.good_options.legs"] == (5, PROJECT_FILE + ":1"),
          "a project may set what is harmless", got)
    remove(PROJECT_FILE)
    extra = os.path.join(WORK, "extra")
    os.mkdir(extra)
    shutil.copy(os.path.join(ZOO, "strategy-good.so"), extra)
    write(USER_FILE, json.dumps({"plugin": {"path": [extra]}}))
    done = run("plugin", "list", "--json")
    found = {line["path"]: line["origin"] for line in
             map(json.loads, done.stdout.splitlines())}
    check(found.get(extra + "/strategy-good.so") == "plugin.path",
          "plugin.path of the user is searched", found)
    os.chmod(USER_FILE, 0o666)
    fails("a user's file that others can write to",
          USER_FILE + ": mode 0666 lets others write to it; expected none of "
          "them (chmod o-w)")
    remove(USER_FILE)


def main():
    try:
        os.chmod(WORK, 0o755)
        for folder in (HOME, PROJECT, PLUGINS):
            os.mkdir(folder, 0o755)
        for name in ("provider-good_options", "provider-good",
                     "provider-wrong_magic"):
            shutil.copy(os.path.join(ZOO, name + ".so"), PLUGINS)
        layers()
        display()
        errors()
        options()
        trust()
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
    finish()


if __name__ == "__main__":
    main()
