#!/bin/bash
# SPDX-License-Identifier: MIT
# The rules of CONTRIBUTING.md that a program can check. Each finding names
# file and line.
set -u
. "${WW_SOURCE:?}/tests/integration/tap.sh"
cd "${WW_SOURCE:?}" || exit 1
export LC_ALL=C

places=(core include plugins sdk share examples tests bench man docs scripts)
here=()
for place in "${places[@]}"; do
	[ -d "$place" ] && here+=("$place")
done
mapfile -t code < <(find "${here[@]}" -name '*.[ch]' -o -name '*.cpp' | sort)
mapfile -t headers < <(find "${here[@]}" -name '*.h' | sort)
mapfile -t scripts < <(
	for file in quickstart runtests .ci/run \
		$(find "${here[@]}" -type f ! -name '*.[ch]' | sort); do
		[ -f "$file" ] && head -c 64 "$file" | head -n 1 |
			grep -qE '^#!.*\<(ba)?sh$' && echo "$file"
	done)
mapfile -t texts < <(
	printf '%s\n' "${code[@]}" "${scripts[@]}" configure.ac Makefile.am
	find "${here[@]}" -name '*.am' -o -name '*.t' -o -name '*.py' \
		-o -name '*.md' -o -name '*.json' -o -name '*.1' | sort
	ls ./*.md NEWS 2>/dev/null)

echo "1..13"

grep -nE '[[:blank:]]+$' "${texts[@]}" | grep -v '\.md:[0-9]*:.*[^ ]  $' |
	none "no blanks at the end of a line"

# Within a body; a declaration's second line is aligned with spaces.
awk '
	FNR == 1 || /^\}/ { inside = 0 }
	inside && /^ +[^ *]/ { print FILENAME ":" FNR }
	/^\{/ { inside = 1 }
' "${code[@]}" | none "code is indented with tabs"

# A tab is eight columns; a long string or table may go a little further.
# UTF-8 continuation bytes take no column.
awk '{
	line = $0; width = 0
	gsub(/[\200-\277]/, "", line)
	for (i = 1; i <= length(line); i++)
		width += substr(line, i, 1) == "\t" ? 8 - width % 8 : 1
	if (width > 100)
		print FILENAME ":" FNR ": " width " columns"
}' "${code[@]}" | none "no line of code is longer than 100 columns"

awk '
	FNR == 1 { open = 0 }
	/^\{/ { open = FNR; name = before }
	/^\}/ { if (open && FNR - open + 1 > 60)
			print FILENAME ":" open ": " name " has " FNR - open + 1 " lines"
		open = 0 }
	{ before = $0 }
' "${code[@]}" | none "no function is longer than 60 lines"

# A list of tests is read one test at a time and may be longer.
awk 'function check() {
		if (last > (file ~ /^tests\// ? 800 : 600))
			print file ": " last " lines"
	}
	FNR == 1 { check() }
	{ file = FILENAME; last = FNR }
	END { check() }' \
	"${code[@]}" | none "no file is longer than 600 lines, a test 800"

# Written so that this line does not find itself.
grep -nwE 'T[O]DO|F[I]XME|X[X]X|H[A]CK' "${texts[@]}" |
	none "nothing is left to do in a comment"

grep -nE '(^|[^a-z])/(home|Users|work|root)/[a-z]' "${texts[@]}" |
	grep -v '^tests/integration/style.t:' |
	none "no path of a developer's machine"

find core include -name '*.[ch]' \
	-exec grep -nwiE 'cuda|hip|openai|anthropic' {} + |
	none "core and include know no vendor and no model service"

for file in "${texts[@]}"; do
	case $file in
	*.json | *.md | NEWS | ./*) continue ;;
	esac
	head -n 3 "$file" | grep -q 'SPDX-License-Identifier: MIT' ||
		echo "$file"
done | none "every source names its licence"

for file in "${headers[@]}"; do
	sed -n 3p "$file" | grep -qE '^ \* .{10}' || echo "$file"
done | none "every header says what it owns"

find "${here[@]}" -path '*plugins/*' -name '*.[ch]' -exec grep -nE '#include "core/' {} + |
	none "plugins include nothing of the engine"

find core plugins -name '*.[ch]' -exec grep -nE \
	'\<(strcpy|sprintf|vsprintf|strtok|gets|atoi|atof|system|popen|tmpnam)\(' {} + |
	none "no function that invites mistakes"

if command -v shellcheck >/dev/null; then
	shellcheck -x -f gcc "${scripts[@]}" |
		none "shellcheck has nothing to say about ${#scripts[@]} scripts"
else
	n=$((n + 1))
	echo "ok $n - shellcheck # SKIP it is not installed"
fi
