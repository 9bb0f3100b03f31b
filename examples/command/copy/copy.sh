#!/bin/bash
# SPDX-License-Identifier: MIT
# Tunes the block size of dd(1): a backend as a shell script. Each request is a
# line of JSON; the few members that are needed are picked out of it.
set -u
export LC_ALL=C
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
id='"id":([0-9]+)' request='"request":"([a-z]+)"'
size='"MIB":([0-9]+)' block='"BLOCK":([0-9]+)' samples='"samples":([0-9]+)'

copy() { dd if="$folder/from" of="$folder/to" bs="$BLOCK" 2>"$folder/words"; }

while read -r line; do
	[[ $line =~ $request ]] && what=${BASH_REMATCH[1]}
	[[ $line =~ $id ]] && answer="\"id\":${BASH_REMATCH[1]}" || exit 0
	[[ $line =~ $block ]] && BLOCK=${BASH_REMATCH[1]}
	case $what in
	describe)
		[[ $line =~ $size ]] && mib=${BASH_REMATCH[1]} || mib=0
		answer+=',"protocol":1,"name":"dd","build":false' ;;
	prepare)
		dd if=/dev/urandom of="$folder/from" bs=1M count="$mib" \
			2>"$folder/words" || answer+=',"outcome":"unavailable"' ;;
	verify)
		if ! copy; then
			answer+=',"outcome":"launch_failure","text":"dd failed"'
		elif cmp -s "$folder/from" "$folder/to"; then
			answer+=',"compared":true'
		else
			answer+=',"outcome":"wrong_result","text":"it differs"'
		fi ;;
	time)
		[[ $line =~ $samples ]] && times=
		for ((i = 0; i < BASH_REMATCH[1]; i++)); do
			begun=${EPOCHREALTIME/./}
			copy
			took=$((${EPOCHREALTIME/./} - begun))
			times+=$(printf '%s%d.%03d' "${times:+,}" \
				$((took / 1000)) $((took % 1000)))
		done
		answer+=",\"samples_ms\":[$times]" ;;
	esac
	printf '{%s}\n' "$answer"
done
