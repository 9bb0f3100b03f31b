/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

int
ww_unit_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);

	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
