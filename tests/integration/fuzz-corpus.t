#!/bin/bash
# SPDX-License-Identifier: MIT
# Replays the corpus of the fuzz targets that have a plain main().
echo "1..2"
n=0
for target in expression task; do
	n=$((n + 1))
	if "$WW_BUILD/tests/fuzz/replay_$target" \
		"$WW_SOURCE/tests/fuzz/corpus/$target"/*; then
		echo "ok $n - $target"
	else
		echo "not ok $n - $target"
	fi
done
