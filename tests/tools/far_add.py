# SPDX-License-Identifier: MIT
"""Far side of backend `command` for the conformance checker: compiles the
kernel of sdk/tasks/c and calls it, as a third party's backend would."""
import ctypes
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../../sdk/python"))
import warpwright_backend as ww  # noqa: E402


class Add(ww.Backend):
    name = "add"
    version = "1"

    def identity(self):
        done = subprocess.run(["cc", "--version"], stdout=subprocess.PIPE,
                              text=True, check=True)
        return done.stdout.splitlines()[0]

    def targets(self):
        return ["native"]

    def devices(self):
        return [{"id": "add:0", "name": "first adder", "target": "native",
                 "facts": {"cores": 1}, "texts": {"architecture": "any"}}]

    def build(self, job):
        defines = ["-D%s=%s" % pair for pair in job.values.items()]
        subprocess.run(["cc", "-x", "c", "-O1", "-shared", "-fPIC", *defines,
                        job.kernel["source"], "-o", job.scratch + "/add.so"],
                       check=True, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE)
        return ww.Built(file="add.so", facts={"code_bytes": os.path.getsize(
            job.scratch + "/add.so")})

    def load(self, job):
        n = job["N"]
        job.arrays = [(ctypes.c_float * n)(*[v + i for i in range(n)])
                      for v in (0, 1, 2)]
        return ctypes.CDLL(job.file).add

    def verify(self, job):
        self.run(job)
        out, a, b = job.arrays
        wrong = [i for i in range(job["N"]) if out[i] != a[i] + b[i]]
        if wrong:
            i = wrong[0]
            raise ww.WrongResult(argument="out", n_wrong=len(wrong), index=i,
                                 got=out[i], want=a[i] + b[i],
                                 difference=abs(out[i] - a[i] - b[i]))

    def run(self, job):
        job.loaded(*job.arrays)


ww.serve(Add())
