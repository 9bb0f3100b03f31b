#!/bin/bash
# SPDX-License-Identifier: MIT
# The unit tests of the Python module for far sides of backend command.
exec python3 -B "${WW_SOURCE:?}/tests/tools/unittest_tap.py" \
	"$WW_SOURCE/tests/unit/check_warpwright_backend.py"
