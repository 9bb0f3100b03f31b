#!/bin/bash
# SPDX-License-Identifier: MIT
# Every public header compiles alone, in every language it promises.
source=${WW_SOURCE:-.}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
headers=$(cd "$source/include" && ls warpwright/*.h)
flags=(-Wall -Wextra -Wpedantic -Wshadow -Werror -fsyntax-only)
n=0

report() # RESULT NAME
{
	n=$((n + 1))
	echo "$1 $n - $2"
}

one() # COMPILER STANDARD HEADER LANGUAGE
{
	printf '#include "%s"\n' "$3" >"$work/alone.$4"
	if "$1" -std="$2" "${flags[@]}" -I"$source/include" "$work/alone.$4" \
		>"$work/log" 2>&1; then
		return 0
	fi
	echo "# $1 -std=$2 $3"
	sed 's/^/# /' "$work/log"
	return 1
}

all() # COMPILER STANDARD LANGUAGE
{
	local result=ok header
	if ! command -v "$1" >/dev/null; then
		n=$((n + 1))
		echo "ok $n - headers in $2 # SKIP there is no $1"
		return
	fi
	for header in $headers; do
		one "$1" "$2" "$header" "$3" || result='not ok'
	done
	report "$result" "every header alone with $1 -std=$2"
}

echo 1..11
for standard in c99 c11 c17; do
	all gcc $standard c
	all clang $standard c
done
for standard in c++11 c++17; do
	all g++ $standard cc
	all clang++ $standard cc
done
# A header that is wrong is found: the check is not asleep.
printf 'struct x { int a }\n' >"$work/wrong.c"
if cc -std=c99 "${flags[@]}" "$work/wrong.c" >/dev/null 2>&1; then
	report 'not ok' 'a faulty header is noticed'
else
	report ok 'a faulty header is noticed'
fi
