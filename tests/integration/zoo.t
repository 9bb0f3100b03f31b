#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every fault that a plugin file can have is refused in exact words.

The animals of tests/zoo are copied into a private folder; faults of files are
made here. The real `warpwright plugin list` looks at all of them.
"""
import json
import os
import pwd
import shutil
import stat
import struct
import subprocess
import tempfile

BUILD = os.path.abspath(os.environ.get("WW_BUILD", "."))
ZOO = os.path.join(BUILD, "tests", "zoo", ".libs")
PROGRAM = os.path.join(BUILD, "warpwright")
ROOT = os.geteuid() == 0
WORK = tempfile.mkdtemp()

LOADED = ("loaded", "")
# ABI version of this program, as the headers say it.
SPEAKS = "this warpwright speaks 1.1"
ANIMALS = {
    "backend-good": LOADED,
    "backend-replay": LOADED,
    "provider-constructor": LOADED,
    "provider-good": LOADED,
    "provider-good_options": LOADED,
    "provider-newer_minor": LOADED,
    "strategy-good": LOADED,
    "backend-needy": LOADED,
    "provider-careless": LOADED,
    "provider-crowded": LOADED,
    "provider-forgets": LOADED,
    "provider-leaks": LOADED,
    "provider-trusting": LOADED,
    "strategy-deaf": LOADED,
    "provider-prints": LOADED,
    "provider-shouts": LOADED,
    "strategy-invents": LOADED,
    "strategy-restless": LOADED,
    "strategy-stubborn": LOADED,
    "backend-half":
        "its device table is null, expected one of at least 104 bytes",
    "backend-no_compile_slot":
        "slot 'build' of its compile table is null, expected a function or "
        "text",
    "backend-no_device_slot":
        "slot 'verify' of its device table is null, expected a function or "
        "text",
    "backend-no_replay_slot":
        "slot 'lookup' of its replay table is null, expected a function or "
        "text",
    "provider-aborts":
        "its constructors ended a trial process with signal 6, expected it "
        "to live on",
    "provider-bad_option_choices":
        "option 1: 'choice' is an enum without choices, expected a "
        "comma-separated list",
    "provider-bad_option_default":
        "option 1: 'count' has default 'many', which its type int does not "
        "accept",
    "provider-bad_option_help":
        "option 1: 'silent' has no help, expected a sentence",
    "provider-bad_option_name":
        "option 1: name is 'Upper-Case', expected [a-z][a-z0-9_]*",
    "provider-bad_option_type":
        "option 2: 'odd' has type 77, expected 1 to 9",
    "provider-dependency":
        "symbol ww_plugin_v1 comes from @/libdependency.so, "
        "expected it in this file",
    "provider-exits":
        "its constructors ended a trial process with exit code 3, expected "
        "it to live on",
    "provider-long_descriptor":
        "its descriptor says 4096 bytes and the file holds 80, expected at "
        "least 80",
    "provider-no_license": "license is missing, expected text",
    "provider-no_slot":
        "slot 'generate' of its provider table is null, expected a function "
        "or text",
    "provider-no_symbol": "exports no symbol ww_plugin_v1, expected one",
    "provider-null_ops":
        "its provider table is null, expected one of at least 48 bytes",
    "provider-null_options": "says that it has 3 options, its table is null",
    "provider-short_descriptor":
        "its descriptor says 40 bytes and the file holds 80, expected at "
        "least 80",
    "provider-short_object":
        "ww_plugin_v1 is 4 bytes long, expected at least 80",
    "provider-short_ops":
        "its provider table is 16 bytes long, expected at least 48",
    "provider-twice_option": "options 1 and 2 are both named 'same'",
    "provider-unknown_kind":
        "kind is 9, expected 1 (provider), 2 (strategy) or 3 (backend)",
    "provider-unresolved":
        "cannot be loaded: undefined symbol: zoo_function_of_nobody",
    "provider-wrong_features":
        "needs host features 0x10000000000, this warpwright has 0xf",
    "provider-wrong_kind":
        "it is a strategy, the file's name says provider",
    "provider-wrong_magic": "magic is 0x12345678, expected 0x31505757",
    "provider-wrong_major": "built for ABI 2.0, " + SPEAKS,
    "provider-wrong_minor": "needs ABI 1.9 or later, " + SPEAKS,
    "provider-wrong_name":
        "its name is 'another', the file's name says 'wrong_name'",
    "provider-wrong_threads": "threads is 7, expected 0 or 1",
    "strategy-no_slot":
        "slot 'ask' of its strategy table is null, expected a function or "
        "text",
    "strategy-wrong_mode": "mode of its strategy table is 9, expected 1 or 2",
}

count = 0


def report(result, what, note=""):
    global count
    count += 1
    print("%s %d - %s%s" % (result, count, what, note), flush=True)


def check(what, good, *details):
    report("ok" if good else "not ok", what)
    for detail in () if good else details:
        print("# " + str(detail))


def skip(what, why):
    report("ok", what, " # SKIP " + why)


def run(arguments, path, program=PROGRAM, user=None):
    environment = {"HOME": WORK, "XDG_CONFIG_HOME": WORK,
                   "PATH": os.environ["PATH"],
                   "WARPWRIGHT_PLUGIN_PATH": path}
    for name in ("LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS",
                 "TSAN_OPTIONS", "LSAN_OPTIONS"):
        if name in os.environ:
            environment[name] = os.environ[name]
    return subprocess.run([program] + arguments, env=environment, cwd=WORK,
                          user=user, capture_output=True, text=True,
                          timeout=120, check=False)


def listed(path, **how):
    """{file name: (state, reason)} of one or more folders."""
    done = run(["plugin", "list", "--json"], path, **how)
    if done.returncode != 0:
        return {"": ("exit code %d" % done.returncode, done.stderr)}
    found = {}
    for line in done.stdout.splitlines():
        entry = json.loads(line)
        if entry["path"].startswith(WORK):
            found[entry["path"][len(WORK) + 1:]] = (entry["state"],
                                                   entry["reason"])
    return found


def folder(name, mode=0o755):
    path = os.path.join(WORK, name)
    os.mkdir(path)
    os.chmod(path, mode)
    return path


def settle(path, content=None, animal="provider-good", mode=0o755):
    """Puts a good plugin, or the given bytes, at the path."""
    if content is None:
        content = good(animal)
    with open(path, "wb") as file:
        file.write(content)
    os.chmod(path, mode)
    return path


def good(animal="provider-good"):
    with open(os.path.join(ZOO, animal + ".so"), "rb") as file:
        return file.read()


def patched(offset, layout, value):
    content = bytearray(good())
    struct.pack_into(layout, content, offset, value)
    return bytes(content)


def animals():
    cage = folder("zoo")
    for name in ANIMALS:
        settle(os.path.join(cage, name + ".so"), animal=name)
    found = listed(cage)
    for name, expected in ANIMALS.items():
        if expected != LOADED:
            expected = ("refused", expected.replace("@", ZOO))
        got = found.pop("zoo/" + name + ".so", None)
        check(name, got == expected, "expected %s" % (expected,),
              "got      %s" % (got,))
    check("nothing else was seen", not found, found)
    with_sources = {name[:-2] for name in
                    os.listdir(os.path.join(os.environ.get("WW_SOURCE", "."),
                                            "tests", "zoo"))
                    if name.endswith(".c") and not name.startswith("lib")}
    with_sources.discard("provider-hangs")
    check("every animal is expected", with_sources == set(ANIMALS),
          with_sources ^ set(ANIMALS))


def hanging():
    """Apart from the others, because each look at it takes five seconds."""
    cage = folder("slow")
    settle(os.path.join(cage, "provider-hangs.so"), animal="provider-hangs")
    settle(os.path.join(cage, "provider-good.so"))
    found = listed(cage)
    check("provider-hangs", found == {
        "slow/provider-hangs.so": (
            "refused", "its constructors ran for more than 5 seconds in a "
            "trial process"),
        "slow/provider-good.so": LOADED}, found)


def file_faults():
    cage = folder("files")
    content = good()
    machine = struct.unpack_from("<H", content, 18)[0]
    other = 183 if machine != 183 else 62
    own_class = content[4]
    word = ">" if content[5] == 2 else "<"
    me = os.geteuid()
    cases = {
        "provider-empty.so": (
            b"", "empty: 0 bytes long, an ELF header has 64"),
        "provider-text.so": (
            b"#!/bin/sh\necho this is no plugin at all, just some text\n" * 3,
            "starts with bytes 23 21 2f 62, an ELF file with 7f 45 4c 46"),
        "provider-headless.so": (
            content[:20],
            "truncated: 20 bytes long, its headers speak of 64"),
        "provider-other_class.so": (
            patched(4, "B", 3 - own_class),
            "ELF class is %d, this warpwright has %d"
            % (3 - own_class, own_class)),
        "provider-other_order.so": (
            patched(5, "B", 3 - content[5]),
            "ELF byte order is %d, this warpwright has %d"
            % (3 - content[5], content[5])),
        "provider-other_machine.so": (
            patched(18, word + "H", other),
            "built for ELF machine %d, this warpwright runs on %d"
            % (other, machine)),
        "provider-program.so": (
            patched(16, word + "H", 2),
            "ELF type is 2, a shared object has 3"),
        "provider-Bad.so": (
            content, "the file's name is 'provider-Bad.so', expected "
            "KIND-NAME.so with provider, strategy or backend as KIND and "
            "a-z, 0-9, _ in NAME"),
        "wrapper-good.so": (
            content, "the file's name is 'wrapper-good.so', expected "
            "KIND-NAME.so with provider, strategy or backend as KIND and "
            "a-z, 0-9, _ in NAME"),
    }
    for name, (text, _) in cases.items():
        settle(os.path.join(cage, name), text)
    half = content[:len(content) // 3]
    settle(os.path.join(cage, "provider-truncated.so"), half)
    settle(os.path.join(cage, "provider-writable.so"), mode=0o777)
    os.mkdir(os.path.join(cage, "provider-folder.so"))
    os.mkfifo(os.path.join(cage, "provider-pipe.so"))
    os.symlink("nowhere", os.path.join(cage, "provider-dangling.so"))
    expected = {name: reason for name, (_, reason) in cases.items()}
    expected["provider-writable.so"] = (
        "mode 0777 lets others write to it; expected none of them "
        "(chmod go-w)")
    expected["provider-folder.so"] = (
        "file type is 040000, expected a regular file")
    expected["provider-pipe.so"] = (
        "file type is 010000, expected a regular file")
    expected["provider-dangling.so"] = (
        "cannot be found: No such file or directory")
    if ROOT:
        os.chown(settle(os.path.join(cage, "provider-foreign.so")), 12345, -1)
        expected["provider-foreign.so"] = (
            "owned by user 12345, expected root or user %d" % me)
    found = listed(cage)
    state, reason = found.pop("files/provider-truncated.so", ("", ""))
    check("truncated file", state == "refused" and
          reason.startswith("truncated: %d bytes long, its headers speak of "
                            % len(half)), state, reason)
    for name, reason in expected.items():
        got = found.pop("files/" + name, None)
        check(name, got == ("refused", reason), "expected %s" % reason,
              "got      %s" % (got,))
    if not ROOT:
        skip("provider-foreign.so", "only root can give a file away")
    check("no other file was seen", not found, found)


def unreadable():
    cage = folder("closed")
    settle(os.path.join(cage, "provider-closed.so"), mode=0o000)
    user = None
    program = PROGRAM
    if ROOT:
        # Root reads everything: somebody else has to look.
        user = pwd.getpwnam("nobody").pw_uid
        program = os.path.join(WORK, "warpwright")
        os.chmod(WORK, 0o755)
        if not os.path.exists(program):
            shutil.copy(PROGRAM, program)
    found = listed(cage, program=program, user=user)
    expected = {"closed/provider-closed.so":
                ("refused", "cannot be opened: Permission denied")}
    check("unreadable file", found == expected, found)


def folders():
    open_to_all = folder("open", 0o777)
    settle(os.path.join(open_to_all, "provider-good.so"))
    reason = ("folder %s has mode 0777, which lets others write to it; "
              "expected none of them (chmod go-w)" % open_to_all)
    found = listed(open_to_all)
    check("folder that others can write to",
          found == {"open/provider-good.so": ("refused", reason)}, found)
    inner = os.path.join(open_to_all, "inner")
    os.mkdir(inner, 0o755)
    settle(os.path.join(inner, "provider-good.so"))
    found = listed(inner)
    check("such a folder further up",
          found == {"open/inner/provider-good.so": ("refused", reason)},
          found)
    sticky = folder("sticky", 0o1777)
    settle(os.path.join(sticky, "provider-good.so"))
    found = listed(sticky)
    check("a sticky one with a file of our own",
          found == {"sticky/provider-good.so": LOADED}, found)
    if not ROOT:
        skip("somebody's folder", "only root can give a folder away")
        skip("somebody's folder in a sticky one",
             "only root can give a folder away")
        return
    theirs = folder("theirs")
    settle(os.path.join(theirs, "provider-good.so"))
    os.chown(theirs, 12345, -1)
    found = listed(theirs)
    check("somebody's folder", found == {"theirs/provider-good.so": (
        "refused", "folder %s is owned by user 12345, expected root or user 0"
        % theirs)}, found)
    theirs = os.path.join(sticky, "theirs")
    os.mkdir(theirs, 0o755)
    settle(os.path.join(theirs, "provider-good.so"))
    os.chown(theirs, 12345, -1)
    found = listed(theirs)
    check("somebody's folder in a sticky one",
          found == {"sticky/theirs/provider-good.so": (
              "refused", "folder %s is owned by user 12345, expected root or "
              "user 0" % theirs)}, found)


def duplicates():
    first = folder("first")
    second = folder("second")
    for place in (first, second):
        settle(os.path.join(place, "strategy-good.so"),
               animal="strategy-good")
    shadowed = ("shadowed", "version 1.0 is shadowed by version 1.0 in %s/"
                "strategy-good.so" % first)
    found = listed(first + ":" + second)
    check("the first of a name wins", found == {
        "first/strategy-good.so": LOADED,
        "second/strategy-good.so": shadowed}, found)
    found = listed(first + "::" + first + ":" + os.path.join(WORK, "none"))
    check("a folder named twice is one, a missing one is none",
          found == {"first/strategy-good.so": LOADED}, found)
    settle(os.path.join(first, "strategy-good.so"), b"")
    found = listed(first + ":" + second)
    check("a refused file shadows nothing",
          found["second/strategy-good.so"] == LOADED, found)
    link = os.path.join(WORK, "linked")
    os.symlink(second, link)
    found = listed(link)
    check("links are resolved",
          found == {"second/strategy-good.so": LOADED}, found)


def commands():
    zoo = os.path.join(WORK, "zoo")
    one = os.path.join(zoo, "provider-wrong_magic.so")
    done = run(["plugin", "list", "--plugin", one], WORK)
    check("--plugin with a faulty file is an error",
          done.returncode == 4 and done.stderr ==
          "warpwright: plugin %s: magic is 0x12345678, expected 0x31505757\n"
          % one, done)
    for name in (["wrong_magic"], ["provider-wrong_magic"],
                 ["provider", "wrong_magic"]):
        done = run(["plugin", "info"] + name, zoo)
        check("info %s says why not" % " ".join(name),
              done.returncode == 4 and done.stderr ==
              "warpwright: provider wrong_magic was refused: %s: magic is "
              "0x12345678, expected 0x31505757\n" % one, done)
    done = run(["plugin", "info", "provider", "goood"], zoo)
    check("info knows the closest name",
          done.returncode == 4 and done.stderr ==
          "warpwright: no provider named 'goood'; did you mean 'good'?\n",
          done)
    done = run(["plugin", "info", "good", "--json"], zoo)
    kinds = [json.loads(line)["kind"] for line in done.stdout.splitlines()]
    check("info shows every kind of a name",
          kinds == ["backend", "provider", "strategy"], done)
    done = run(["plugin", "info", "good_options", "--json"], zoo)
    options = {o["name"]: o for o in json.loads(done.stdout)["options"]}
    check("info shows options with type, default and range",
          options["legs"] == {
              "name": "legs", "key": "provider.good_options.legs",
              "type": "int", "default": 4, "minimum": 0.0,
              "maximum": 1000.0, "trusted_only": False,
              "help": "How many legs it has."}, options.get("legs"))
    check("info says what a project may not set",
          [name for name, o in options.items() if o["trusted_only"]] ==
          ["password", "command"], options)
    done = run(["plugin", "info", "good_options"], zoo)
    check("info for people",
          "  provider.good_options.legs  (int from 0 to 1000; default 4)\n"
          "      How many legs it has.\n" in done.stdout, done.stdout)
    done = run(["plugin", "list"], zoo)
    lines = done.stdout.splitlines()
    check("list for people",
          lines[0].split() == ["KIND", "NAME", "VERSION", "STATE", "FILE"] and
          ["provider", "good", "1.0", "loaded", zoo + "/provider-good.so"] in
          [line.split() for line in lines] and
          "          " + ANIMALS["provider-wrong_magic"] in lines, lines)


def set_user_id():
    what = "the variable is ignored in a set-user-id program"
    if not ROOT:
        skip(what, "only root can make one")
        return
    if os.statvfs(WORK).f_flag & os.ST_NOSUID:
        skip(what, "%s is mounted nosuid" % WORK)
        return
    if os.environ.get("WW_SANITIZER"):
        skip(what, "a sanitizer's runtime ends such a program")
        return
    os.chmod(WORK, 0o755)
    program = os.path.join(WORK, "other")
    shutil.copy(PROGRAM, program)
    cage = os.path.join(WORK, "second")
    before = listed(cage, program=program)
    os.chown(program, pwd.getpwnam("nobody").pw_uid, -1)
    os.chmod(program, 0o755 | stat.S_ISUID)
    after = listed(cage, program=program)
    check(what, before and after == {}, before, after)


def main():
    try:
        os.chmod(WORK, 0o755)
        animals()
        hanging()
        file_faults()
        unreadable()
        folders()
        duplicates()
        commands()
        set_user_id()
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
    print("1..%d" % count)


if __name__ == "__main__":
    main()
