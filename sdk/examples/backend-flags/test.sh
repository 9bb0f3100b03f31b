#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: test.sh FILE.so, as 'make check' calls it. The checker runs every test
# in a process of its own and prints TAP.
set -e
plugin=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
cd "$(dirname "$0")"
"${WARPWRIGHT:-warpwright}" plugin check "$plugin" --device --task task.json
