#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A stand-in for a language model: reads a prompt on standard input and writes
an answer that depends on it. It knows nothing but what the prompt says: the
parameters, the rules' first line, the table of results. Standard library only.

    expert.py MODE [FILE]

MODE is one of
  good       proposes around the best rows and into untried values
  stream     the same, written a few bytes at a time
  lock       like good, but the first parameter with two values stays at its first
  worst      like good, but around the worst rows
  prose      words instead of JSON
  fence      the answer of good in a code fence between words
  empty      nothing at all
  repeat     the default configuration, again and again
  truncated  the answer of good without its second half
  huge       ten megabytes of words
  utf8       the answer of good with invalid bytes before it
  fail       exit code 3 and a message on standard error
  hang       never answers
  liar       values and names that the prompt does not offer
  prose-once, empty-once: so the first time, good afterwards; FILE remembers
FILE also counts the calls, one line each. "good", "lock" and "worst" may be
followed by a colon and a number: another model of the same kind.
"""
import json
import os
import random
import re
import sys
import time


def read_space(prompt):
    """The JSON object behind the heading PARAMETERS, and the default."""
    found = re.search(r"PARAMETERS \(the default configuration is (\{.*\})\)\n",
                      prompt)
    default = json.loads(found.group(1))
    space, _ = json.JSONDecoder().raw_decode(prompt, found.end())
    return space, default


def values_of(parameter):
    if "values" in parameter:
        return parameter["values"]
    low, high = parameter["range"]
    values = [low]
    while values[-1] < high:
        if "factor" in parameter:
            values.append(int(values[-1] * parameter["factor"]))
        else:
            values.append(values[-1] + parameter["step"])
    return values


def convert(text, values):
    for value in values:
        if text in (str(value), json.dumps(value)):
            return value
    return None


def read_rows(prompt, space):
    """Measured configurations, worst first, from the table."""
    columns = []
    for name, parameter in space.items():
        for dimension in parameter.get("dimensions", [None]):
            columns.append((name, dimension))
    head = "|".join(n if d is None else n + "." + d for n, d in columns) + "|"
    start = prompt.rfind("\n" + head)
    rows = []
    if start < 0:
        return rows
    for line in prompt[start:].split("\n")[2:]:
        cells = line.split("|")
        if len(cells) < len(columns):
            break
        config = {}
        for (name, dimension), cell in zip(columns, cells):
            parameter = space[name]
            value = convert(cell, values_of(parameter))
            if value is None:
                value = parameter["default"]
                if dimension is not None:
                    value = value[parameter["dimensions"].index(dimension)]
            if dimension is None:
                config[name] = value
            else:
                config.setdefault(name, []).append(value)
        rows.append(config)
    return rows


def change(config, space, chance, how_many):
    fresh = json.loads(json.dumps(config))
    for _ in range(how_many):
        name = chance.choice(list(space))
        value = chance.choice(values_of(space[name]))
        if "dimensions" in space[name]:
            fresh[name][chance.randrange(len(fresh[name]))] = value
        else:
            fresh[name] = value
    return fresh


def propose(prompt, mode, seed):
    space, default = read_space(prompt)
    for name, parameter in space.items():
        default.setdefault(name, parameter["default"])
    rows = read_rows(prompt, space)
    want = int(re.search(r"ropose (\d+) ", prompt).group(1))
    # The same prompt gets the same answer.
    chance = random.Random(len(rows) * 1000 + want + 1000003 * seed)
    locked = next((n for n, p in space.items() if len(values_of(p)) == 2), None)
    seen = {json.dumps(row, sort_keys=True) for row in rows + [default]}
    configs = []
    for attempt in range(want * 200):
        if len(configs) == want:
            break
        best = (rows[:3] if mode == "worst" else rows[-3:]) or [default]
        if rows and attempt % 3 != 2:
            config = change(chance.choice(best), space, chance, 1 + attempt % 2)
            family = "exploit"
        else:
            config = change(default, space, chance, 3 * len(space))
            family = "explore"
        if mode == "lock" and locked is not None:
            config[locked] = values_of(space[locked])[0]
        key = json.dumps(config, sort_keys=True)
        if key in seen:
            continue
        seen.add(key)
        configs.append({"family": family, "reasoning": "differs from row %d"
                        % len(rows), "config": config})
    return {"analysis": "%d results were shown to me." % len(rows),
            "strategy": "Vary the best and try what is new.",
            "configs": configs}


def lie(prompt):
    space, default = read_space(prompt)
    configs = []
    for i in range(10):
        config = dict(default)
        config[list(space)[0]] = 123456 + i
        config["made_up_%d" % i] = True
        configs.append({"family": "exploit", "reasoning": "trust me",
                        "config": config})
    return {"analysis": "All of these run in no time.", "strategy": "",
            "configs": configs}


def count_calls(path):
    if path is None:
        return 1
    with open(path, "a+", encoding="utf-8") as log:
        log.write("call\n")
        log.seek(0)
        return len(log.readlines())


def main():
    mode, _, seed = sys.argv[1].partition(":")
    calls = count_calls(sys.argv[2] if len(sys.argv) > 2 else None)
    prompt = sys.stdin.read()
    out = sys.stdout.buffer
    if mode.endswith("-once"):
        mode = mode[:-5] if calls == 1 else "good"
    if mode == "fail":
        sys.stderr.write("expert: I do not feel like it today\n")
        sys.exit(3)
    if mode == "hang":
        time.sleep(3600)
    if mode == "empty":
        return
    if mode == "prose":
        out.write(b"I would try larger tiles and more unrolling.\n")
        return
    if mode == "huge":
        for _ in range(10 * 16):
            out.write(b"on and on and on " * 4096)
        return
    if mode == "repeat":
        _, default = read_space(prompt)
        answer = {"analysis": "", "strategy": "", "configs": [
            {"family": "exploit", "reasoning": "it is good",
             "config": default}] * 15}
    elif mode == "liar":
        answer = lie(prompt)
    else:
        answer = propose(prompt, mode, int(seed or 0))
    text = json.dumps(answer).encode()
    if mode == "fence":
        text = b"Here you are:\n```json\n" + text + b"\n```\nGood luck!\n"
    elif mode == "truncated":
        text = text[:len(text) // 2]
    elif mode == "utf8":
        text = b"\xff\xfe \xc3( \n" + text
    if mode == "stream":
        for i in range(0, len(text), 17):
            out.write(text[i:i + 17])
            out.flush()
    else:
        out.write(text)


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
        sys.stdout.write(__doc__)
        sys.exit(2)
    try:
        main()
    except BrokenPipeError:
        os._exit(0)
