#!/bin/bash
# SPDX-License-Identifier: MIT
# Plugins that were built against the headers of ABI 1.0, as they were published,
# work with today's host. The copy in tests/abi/headers-1.0 is never edited.
set -u
. "${WW_SOURCE:?}/tests/integration/tap.sh"
source=${WW_SOURCE:?} program=${WW_BUILD:?}/warpwright
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work TMPDIR=$work WARPWRIGHT_DATA=$source/share
unset WARPWRIGHT_PLUGIN_PATH

build() {
	local kind=$1
	"${CC:-cc}" -std=c99 -fPIC -fvisibility=hidden -shared -Wall -Werror \
		-I"$source/tests/abi/headers-1.0" -Wl,-z,relro,-z,now,-z,defs \
		-o "$work/$kind-example.so" \
		"$source/sdk/templates/$kind/example.c" -lm
}

same() {
	local have
	have=$(cd "$source/tests/abi/headers-1.0" &&
		LC_ALL=C cat warpwright/*.h | cksum)
	[ "$have" = "$(cat "$source/tests/abi/headers-1.0/cksum")" ]
}

echo "1..10"
check "the frozen headers are as they were published" same
for kind in provider strategy backend; do
	check "$kind builds against 1.0" build "$kind"
	check "$kind of 1.0 passes" "$program" plugin check \
		"$work/$kind-example.so"
	WARPWRIGHT_PLUGIN_PATH=$work check "$kind of 1.0 is loaded" \
		"$program" plugin info "$kind" example
done
