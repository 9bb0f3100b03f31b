#!/bin/bash
# SPDX-License-Identifier: MIT
# The bundle runs from a folder that it was not built for, with an empty
# environment, its own plugins, data and libraries.
set -u
. "${WW_SOURCE:?}/tests/integration/tap.sh"
build=${WW_BUILD:?}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
unset MAKEFLAGS MAKELEVEL MFLAGS DESTDIR TESTS AM_MAKEFLAGS

bare() { env -i HOME="$place" PATH=/usr/bin:/bin "$@"; }

echo "1..7"
check "make bundle" make -C "$build" bundle
name=$(make -s -C "$build" --no-print-directory bundle-name)
check "it unpacks" tar -C "$place" -xzf "$build/$name.tar.gz"
mkdir -p "$place/else/where"
mv "$place/$name" "$place/else/where/moved"
moved=$place/else/where/moved

check "the program starts" bare "$moved/bin/warpwright" --version

# Plugins, data and libraries are those of the bundle and no others.
own_plugins() {
	bare "$moved/bin/warpwright" plugin list --json | python3 -c '
import json, sys
rows = [json.loads(line) for line in sys.stdin]
assert rows, "no plugin was seen"
for row in rows:
    assert row["path"].startswith(sys.argv[1]), row
    assert row["state"] == "loaded", row
' "$moved/"
}
check "all plugins are its own, and all load" own_plugins

own_libraries() {
	local inside outside
	inside=$(bare ldd "$moved/bin/warpwright" | grep -c "$moved/")
	outside=$(bare ldd "$moved/bin/warpwright" | grep '=> /' |
		grep -v "$moved/" |
		grep -vE 'lib(c|m|pthread|dl|rt|resolv|util|anl|mvec)\.so')
	echo "$outside"
	[ "$inside" -ge 3 ] && [ -z "$outside" ]
}
check "all libraries but libc's are its own" own_libraries

check "prompt templates are there" test -d "$moved/share/warpwright/prompts"

no_build_paths() {
	! find "$moved" -name '*.la' | grep . &&
		! LC_ALL=C readelf -d "$moved/bin/warpwright" |
		grep -E 'R(UN)?PATH' | grep -v ORIGIN
}
check "nothing points back to the build folder" no_build_paths
