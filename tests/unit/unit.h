/* SPDX-License-Identifier: MIT
 *
 * What every unit test program shares: a main() around one Check suite that
 * prints TAP on stdout.
 */
#ifndef WW_TESTS_UNIT_H
#define WW_TESTS_UNIT_H

#include <check.h>

/* An old macro of Check that would take the place of ww_call's slot. */
#undef fail

/* Runs the suite with TAP output; returns 0 after a complete stream, because the
 * harness counts the "not ok" lines. CK_FORK=no keeps all in one process. */
int ww_unit_run(Suite *suite);

#endif
