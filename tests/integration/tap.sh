# SPDX-License-Identifier: MIT
# Tests in the shell: sourced, before the working directory is another one. Both
# functions are one test each; tap.py is the same for Python.
n=0
shopt -s lastpipe # the last command of a pipe counts in this shell

# report PASSED NAME OUTPUT
report() {
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		grep -v '^ok' <<<"$3" | head -n 40 | sed 's/^/# /'
	fi
}

# check NAME COMMAND...: passes if the command succeeds, else shows its output.
check() {
	local name=$1 output passed=0
	shift
	output=$("$@" 2>&1) || passed=$?
	report "$passed" "$name" "$output"
}

# none NAME: passes if standard input is empty, else shows it.
none() {
	local found
	found=$(cat)
	report "${#found}" "$1" "$found"
}
