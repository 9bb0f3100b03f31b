#!/bin/bash
# SPDX-License-Identifier: MIT
# The documents say what the program does: commands, options and exit codes in
# the man page are those of --help and of the headers, links lead somewhere.
set -u
. "${WW_SOURCE:?}/tests/integration/tap.sh"
cd "${WW_SOURCE:?}" || exit 1
program=${WW_BUILD:?}/warpwright
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
export HOME=$place XDG_DATA_HOME=$place XDG_CONFIG_HOME=$place LC_ALL=C

if ! command -v mandoc >/dev/null; then
	echo "1..0 # SKIP mandoc is not installed"
	exit 0
fi

# "COMMAND OPTION" for every option of the help texts and of the man page.
options() { grep -oE -- '--[a-z][a-z-]*' | sort -u; }
commands=$("$program" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
"$program" --help | sed -n '/^Options of every/,/^$/p' | options \
	>"$place/global"
for command in $commands; do
	"$program" "$command" --help | options | sed "s/^/$command /"
done | sort -u >"$place/help"

# A line "@@ COMMAND" before the text of each command's section.
sed -n '/^\.Sh COMMANDS/,/^\.Sh SETTINGS/p' man/warpwright.1 |
	sed -E 's/^\.Ss ([a-z]+).*/@@ \1/; s/^\.It Fl -([a-z-]+).*/--\1/' |
	awk '/^@@/ { command = $2 } /^--/ { print command, $1 }' |
	sort -u >"$place/man"
sed -n '/^\.Ss Options of every/,/^\.Sh COMMANDS/p' man/warpwright.1 |
	sed -nE 's/^\.It Fl -([a-z-]+).*/--\1/p' | sort -u >"$place/man-global"

echo "1..11"
mandoc -T lint man/warpwright.1 | none "the man page is well written"

for command in $commands; do
	grep -qE "^\.Ss $command( |\$)" man/warpwright.1 || echo "$command"
done | none "the man page has every command"

sed -nE 's/^\.Ss ([a-z]+).*/\1/p' man/warpwright.1 | sort -u |
	grep -vxF "$commands" | none "the man page has no command too many"

comm -3 "$place/global" "$place/man-global" |
	none "the same common options in --help and in the man page"

# The help of a command may name a common option in a sentence.
sed -n 's/^/ /p' "$place/global" >"$place/common"
comm -23 "$place/help" "$place/man" | grep -vF -f "$place/common" |
	none "every option of --help is in the man page"

comm -13 "$place/help" "$place/man" |
	none "every option of the man page is in --help"

sed -nE 's/^#define WW_EXIT_[A-Z]+ ([0-9]+).*/\1/p' core/cli/cli.h | sort \
	>"$place/codes"
sed -n '/^\.Sh EXIT STATUS/,/^\.Sh EXAMPLES/p' man/warpwright.1 |
	sed -nE 's/^\.It ([0-9]+)$/\1/p' | sort | comm -3 - "$place/codes" |
	none "every exit code is in the man page"

sed -nE 's/^\| .([0-9]). .*/\1/p' README.md | sort |
	comm -3 - "$place/codes" | none "every exit code is in README.md"

# Members that the schema knows, and its lists of words; then functions.
python3 - share/schemas/task.schema.json <<'PYTHON' >"$place/words"
import json, sys
words = set()
def walk(node):
    for key, value in node.items() if isinstance(node, dict) else []:
        if key == "properties":
            words.update(value)
        if key in ("enum", "const"):
            words.update(value if isinstance(value, list) else [value])
        walk(value)
    for value in node if isinstance(node, list) else []:
        walk(value)
walk(json.load(open(sys.argv[1])))
print("\n".join(w for w in words if isinstance(w, str)))
PYTHON
sed -nE 's/^\.(Cm|Pq Cm|It Cm|Dq) //p' man/warpwright-task.5 | tr -s ' ,;.:()' '\n' \
	>"$place/said"
{
	[ -s "$place/words" ] || echo "the schema has no words"
	grep -vxF -f "$place/said" "$place/words"
} | none "every member and word of a task is in its man page"

sed -nE 's/^\t\t\{ "(\w+)", WW_OP_.*/\1/p' core/space/parser.c |
	while read -r name; do
		grep -qE "^\.Fn $name\b" man/warpwright-task.5 || echo "$name"
	done | none "every function of an expression is in it, too"

for file in *.md; do
	grep -oE '\]\([^)#]+' "$file" | sed 's/^](//' | grep -v '://' |
		while read -r target; do
			[ -e "$target" ] || echo "$file: $target"
		done
done | none "links between documents lead somewhere"
