# SPDX-License-Identifier: MIT
"""Runs the unittest cases of a module and prints TAP.

usage: unittest_tap.py FILE.py"""
import importlib.util
import os
import sys
import unittest


class Tap(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.n = 0

    def line(self, word, test, more="", details=""):
        self.n += 1
        name = (test.shortDescription() or str(test)).split("\n")[0]
        print("%s %d - %s%s" % (word, self.n, name, more), flush=True)
        for row in details.splitlines():
            print("# " + row)

    def addSuccess(self, test):
        self.line("ok", test)

    def addFailure(self, test, err):
        self.line("not ok", test,
                  details=self._exc_info_to_string(err, test))

    addError = addFailure

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.addFailure(subtest, err)

    def addSkip(self, test, reason):
        self.line("ok", test, " # SKIP " + reason)


path = os.path.abspath(sys.argv[1])
sys.path.insert(0, os.path.dirname(path))
spec = importlib.util.spec_from_file_location("cases", path)
cases = importlib.util.module_from_spec(spec)
spec.loader.exec_module(cases)
result = Tap()
unittest.defaultTestLoader.loadTestsFromModule(cases).run(result)
print("1..%d" % result.n)
sys.exit(0 if result.n > 0 else 1)
