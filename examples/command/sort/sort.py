#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tunes the options of sort(1) for one file: a backend in Python."""
import os
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../../../sdk/python"))
import warpwright_backend as ww  # noqa: E402


class Sort(ww.Backend):
    name = "sort"

    def prepare(self, order):
        """The words to sort, once, and what must come out."""
        words = random.Random(order["seed"])
        lines = ["%016x\n" % words.getrandbits(64)
                 for _ in range(int(self.lines))]
        self.folder = tempfile.TemporaryDirectory()
        self.data = os.path.join(self.folder.name, "data")
        with open(self.data, "w") as file:
            file.writelines(lines)
        self.wanted = "".join(sorted(lines)).encode()

    def start(self, role, task):
        self.lines = task["problem"]["LINES"] if task else 0

    def command(self, job):
        return ["sort", "--buffer-size=%dK" % job["BUFFER_KIB"],
                "--batch-size=%d" % job["BATCH"],
                "--parallel=%d" % job["THREADS"],
                "--temporary-directory=" + self.folder.name, self.data]

    def verify(self, job):
        done = subprocess.run(self.command(job), check=True,
                              env=dict(os.environ, LC_ALL="C"),
                              stdout=subprocess.PIPE)
        if done.stdout != self.wanted:
            raise ww.WrongResult("the output is not sorted")

    def run(self, job):
        subprocess.run(self.command(job), check=True,
                       env=dict(os.environ, LC_ALL="C"),
                       stdout=subprocess.DEVNULL)


ww.serve(Sort())
