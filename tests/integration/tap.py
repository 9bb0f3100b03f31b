# SPDX-License-Identifier: MIT
"""TAP on standard output, for the tests of this folder that are in Python."""
_count = 0


def _result(word, text):
    global _count
    _count += 1
    print("%s %d - %s" % (word, _count, text), flush=True)


def check(good, name, *details):
    """One result; the end of each detail is shown if it is not good."""
    _result("ok" if good else "not ok", name)
    for detail in () if good else details:
        for line in str(detail)[-4000:].splitlines():
            print("# " + line, flush=True)


def skip(name, why):
    _result("ok", "%s # SKIP %s" % (name, why))


def finish():
    """The plan: how many results there were."""
    print("1..%d" % _count, flush=True)
