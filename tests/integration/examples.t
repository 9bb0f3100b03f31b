#!/bin/bash
# SPDX-License-Identifier: MIT
# Every example reads, has the number of configurations that the index of the
# examples states, is in the index, and is installed with all of its files.
set -u
. "${WW_SOURCE:?}/tests/integration/tap.sh"
cd "${WW_SOURCE:?}" || exit 1
program=${WW_BUILD:?}/warpwright
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
export HOME=$place XDG_DATA_HOME=$place XDG_CONFIG_HOME=$place LC_ALL=C

find examples -name task.json | sed 's|^examples/||; s|/task.json$||' |
	sort >"$place/there"
# "NAME COUNT" for each row of the table.
sed -n 's/^| .\([a-z/-]*\). | .* \([0-9,]*\) |$/\1 \2/p' examples/README.md |
	tr -d , | sort >"$place/stated"

while read -r name; do
	count=$("$program" space "examples/$name/task.json" \
		2>"$place/error" | sed -n 's/^valid *//p')
	[ -n "$count" ] || sed "s|^|$name: |" "$place/error" >&2
	echo "$name $count"
done <"$place/there" >"$place/counted"

cut -d' ' -f1 "$place/stated" | diff "$place/there" - |
	none "the index names the examples that are there"
diff "$place/counted" "$place/stated" |
	none "each has the number of configurations that the index states"

# Drawn from the diagrams, checked against the rules one by one.
while read -r name; do
	task=examples/$name/task.json
	"$program" space "$task" --sample 3 --json |
		sed -n 's/^{"config":\(.*\)}$/\1/p' >"$place/drawn"
	[ "$(wc -l <"$place/drawn")" = 3 ] || echo "$name: no 3 drawn"
	while read -r configuration; do
		"$program" space "$task" --check "$configuration" \
			>"$place/why" 2>&1 || sed "s|^|$name: |" "$place/why"
	done <"$place/drawn"
done <"$place/there" | none "configurations drawn from each are valid"

find examples -type f ! -name '*.am' ! -name '*.pyc' | sort | while read -r file; do
	grep -qF "%D%/${file#examples/}" examples/fragment.am ||
		grep -qF "%D%/${file#examples/cuda/}" examples/cuda/fragment.am ||
		echo "$file"
done | none "every file is installed"
echo "1..$n"
