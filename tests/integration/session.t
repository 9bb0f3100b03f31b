#!/bin/bash
# SPDX-License-Identifier: MIT
# What `session` shows, exports and resumes is what was measured; `bench`
# measures exactly what was named.
set -u
. "${WW_SOURCE:?}/tests/integration/tap.sh"
program=${WW_BUILD:?}/warpwright
task=${WW_SOURCE:?}/examples/matmul-cpu/task.json
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
export HOME=$place XDG_DATA_HOME=$place/data XDG_CACHE_HOME=$place/cache
export XDG_CONFIG_HOME=$place/config
cd "$place" || exit 1
fast=(--set measure.max_seconds=0.02 --set measure.max_samples=5
	--set measure.finalist_seconds=0.1)

rows() { "$program" session export last --format csv | tail -n +2 | wc -l; }

echo "1..12"
check "a first run" "$program" tune "$task" --strategy random --seed 3 \
	--max-evaluations 5 "${fast[@]}" --output "$place/best"
check "it is listed as finished" \
	bash -c "'$program' session list | grep -q finished"
check "csv has a row a trial" test "$(rows)" = 5
check "best.h compiles" cc -fsyntax-only -x c "$place/best/best.h"

more() {
	"$program" session resume last --max-evaluations 9 "${fast[@]}" || return
	[ "$(rows)" = 9 ]
}
check "resume goes on to the new limit" more

unrepeated() {
	"$program" session export last | python3 -c '
import json, sys
whole = json.load(sys.stdin)
configs = [json.dumps(t["config"], sort_keys=True) for t in whole["trials"]]
assert len(configs) == 9 and len(set(configs)) == 9, configs
assert [t["id"] for t in whole["trials"]] == list(range(1, 10))
assert all(t["samples_ms"] for t in whole["trials"] if t["status"] == "ok")
'
}
check "no trial was lost or repeated" unrepeated

named() {
	"$program" bench "$task" "$place/best/best.json" "${fast[@]}" |
		grep -q '^measuring matmul-cpu on ' || return
	"$program" bench "$task" "$place/best/best.json" --json "${fast[@]}" |
		python3 -c '
import json, sys
rows = [json.loads(line) for line in sys.stdin]
want = json.load(open(sys.argv[1]))["best"]["config"]
# Whichever is built first is measured first.
trials = [r for r in rows if r["type"] == "trial"]
got = [t["config"] for t in sorted(trials, key=lambda t: t["id"])]
default = json.loads(sys.argv[2])
assert got == ([default, want] if want != default else [default]), got
result = rows[-1]
assert result["type"] == "result" and result["default"]["time_ms"] > 0
assert len(result["finalists"]) >= 1 and result["strategy"] == "given"
' "$place/best/best.json" "$defaults"
}
defaults=$("$program" session export last | python3 -c '
import json, sys
print(json.dumps(json.load(sys.stdin)["trials"][0]["config"]))')
check "bench measures the named one and the default" named

# Resumed, it would be a search that nobody asked for.
bench_refused() {
	local before
	before=$(rows)
	"$program" session resume last "${fast[@]}" >/dev/null 2>"$place/why"
	[ $? = 3 ] && grep -q "there is no search to go on with" "$place/why" &&
		"$program" tune "$task" --resume last "${fast[@]}" \
			>/dev/null 2>"$place/why"
	[ $? = 3 ] && grep -q "warpwright bench' again" "$place/why" &&
		[ "$(rows)" = "$before" ]
}
check "a bench is not resumed as a search" bench_refused

state() {
	"$program" session list --limit 1 --json | python3 -c '
import json, sys
print(json.loads(sys.stdin.readline())["state"])'
}
failed() {
	env -u ANTHROPIC_API_KEY "$program" tune "$task" --strategy llm \
		--provider anthropic --fallback error "${fast[@]}" \
		--set search.warm_start=false >/dev/null 2>&1
	[ $? = 8 ] && [ "$(state)" = failed ]
}
check "a session that ended with an error is listed as failed" failed
resumed() {
	"$program" session resume last --set search.strategy=random \
		--max-evaluations 3 "${fast[@]}" >/dev/null &&
		[ "$(state)" = finished ] && [ "$(rows)" = 3 ]
}
check "and can be resumed" resumed

refused() {
	"$program" session show 1999 >/dev/null 2>"$place/why"
	[ $? = 3 ] && grep -q 'session list' "$place/why"
}
check "an unknown session is refused with a hint" refused

private() { [ "$(stat -c %a "$place/data/warpwright/store.db")" = 600 ]; }
check "the store is private" private
