# SPDX-License-Identifier: MIT
"""Part "features" of tests/device/run: outputs of two bytes compared on the
device, dynamic shared memory, clusters, constant symbols; each must have been
used, and one element that is off must be found."""
import os

TYPES = [("float32", 0), ("float16", 1), ("bfloat16", 2)]


def run(main):
    source = os.path.join(main.HERE, "features")
    for name, number in TYPES:
        place = os.path.join(main.PLACE, "features-" + name)
        main.shutil.copytree(source, place)
        path = os.path.join(place, "task.json")
        with open(path) as file:
            text = file.read()
        text = text.replace("-DTYPE=0", "-DTYPE=%d" % number).replace(
            '"name": "out", "type": "float32"',
            '"name": "out", "type": "%s"' % name).replace(
            '"options": ["-DSHARED', '"options": ["-DTYPE=%d", "-DSHARED'
            % number)
        with open(path, "w") as file:
            file.write(text)
        session = main.Session(
            path, "--strategy", "exhaustive", "--verbose", "--max-evaluations",
            "100", "--set", "search.patience=0", "--set",
            "measure.max_seconds=0.02", "--set", "measure.finalists=0", "--set",
            "measure.abandon_factor=0", seconds=40)
        wrong = [t for t in session.trials if t["status"] != (
            "wrong_result" if t["config"]["WRONG"] else "ok")]
        main.note("features", "%-8s %s" % (name, session.words()),
                  *["  %s: %s %s" % (t["config"], t["status"],
                                     t["text"][:140]) for t in wrong])
        main.check("features %s: %d configurations as expected" % (
            name, len(session.trials)), not wrong and
            len(session.trials) >= 34, session.words())
        main.check("features %s: compared on the device" % name,
                   "compared on the host" not in session.errors and
                   len(session.trials) > 0)
        facts = [t["facts"] for t in session.ok]
        main.check("features %s: 200 KiB of dynamic shared memory" % name,
                   any(f.get("dynamic_shared_bytes") == 204800
                       for f in facts))
        main.check("features %s: clusters of 16" % name,
                   any(t["config"]["CLUSTER"] == 16 for t in session.ok))
