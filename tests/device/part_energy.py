# SPDX-License-Identifier: MIT
"""Part "energy" of tests/device/run: what NVML says beside a tuning for time,
and tunings of softmax for energy and for the product with time."""
import json
import os


def run(main):
    best = {}
    for objective in ("time", "energy", "edp"):
        place = os.path.join(main.PLACE, "energy-" + objective)
        main.shutil.copytree(os.path.dirname(main.task_of("softmax")), place)
        path = os.path.join(place, "task.json")
        with open(path) as file:
            text = file.read()
        with open(path, "w") as file:
            file.write(text.replace('"name": "softmax"', '"objective": "%s", '
                                    '"name": "softmax"' % objective, 1))
        session = main.Session(path, "--strategy", "pattern",
                               "--max-evaluations", "8", "--max-seconds",
                               "12", "--set", "measure.finalists=3",
                               "--set", "measure.finalist_seconds=3",
                               seconds=30)
        result = session.result.get("best") or {}
        trial = next((t for t in session.ok
                      if t["config"] == result.get("config")), {})
        facts = trial.get("facts", {})
        best[objective] = facts
        main.note("energy", "%-6s %d of %d ok, best %s %s, facts %s" % (
            objective, len(session.ok), len(session.trials),
            result.get("value", result.get("time_ms")),
            result.get("unit", "ms"), json.dumps(
                {k: facts.get(k) for k in (
                    "energy_mj", "power_w", "time_ms", "clock_mhz",
                    "memory_clock_mhz", "temperature_c", "power_capped",
                    "throttled")})), *session.failures(),
            session.errors.strip()[-200:].replace("\n", " "))
        main.check("energy: objective " + objective,
                   bool(session.ok) and (
                       objective == "time" or
                       facts.get("energy_mj", 0) > 0))
    main.check("energy: clocks are facts",
               best["time"].get("clock_mhz", 0) > 100)
    # No more than 700 W, plus a tenth: anything else is a wrong unit or sample.
    powers = [best[o].get("power_w", 0) for o in ("energy", "edp")]
    main.check("energy: power can be", all(30 < p < 770 for p in powers),
               str(powers))
