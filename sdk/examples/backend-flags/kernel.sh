# SPDX-License-Identifier: MIT
# Sorts N numbers; "$@" are the flags that are tuned. FAULT is for the
# conformance checker.
if [ "$FAULT" = 2 ]; then
	exit 3
fi
seq "$N" | LC_ALL=C sort --reverse "$@" | tail -n $((3 + FAULT))
