/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "core/engine/calibration.h"
#include "tests/unit/unit.h"

/* Median and interval of the base and of another device, and what follows. */
static const struct {
	double base[3], device[3];
	double factor;
	const char *why;
} rows[] = {
	{ { 1, 0.99, 1.01 }, { 1.2, 1.19, 1.21 }, 1.2, "slower" },
	{ { 2, 1.99, 2.01 }, { 1.6, 1.59, 1.61 }, 0.8, "faster" },
	{ { 1, 0.99, 1.01 }, { 1.008, 0.998, 1.018 }, 1, "only noise" },
	{ { 1, 0.99, 1.01 }, { 1.02, 1.01, 1.03 }, 1, "touching" },
	{ { 1, 0.999, 1.001 }, { 1.008, 1.007, 1.009 }, 1.008,
	  "little, but beyond the noise" },
	{ { 1, NAN, NAN }, { 1.2, NAN, NAN }, 1.2, "no intervals" },
	{ { 1, NAN, NAN }, { 1, NAN, NAN }, 1, "no intervals, equal" },
	{ { 1, 0.9, 1.1 }, { INFINITY, INFINITY, INFINITY }, 1, "no number" },
};

START_TEST(a_factor_is_more_than_noise)
{
	struct ww_calibration base = { 0 }, device = { 0 };

	ww_calibration_take(&base, rows[_i].base[0], rows[_i].base[1],
	                    rows[_i].base[2]);
	ck_assert_double_eq(ww_calibration_factor(&device, &base), 1);
	ww_calibration_take(&device, rows[_i].device[0], rows[_i].device[1],
	                    rows[_i].device[2]);
	ck_assert_msg(fabs(ww_calibration_factor(&device, &base) -
	                   rows[_i].factor) < 1e-12,
	              "%s: %g", rows[_i].why,
	              ww_calibration_factor(&device, &base));
	ck_assert_double_eq(ww_calibration_factor(&base, &base), 1);
}
END_TEST

START_TEST(the_latest_measurement_counts)
{
	struct ww_calibration base = { 0 }, device = { 0 };

	ww_calibration_take(&base, 1, 0.99, 1.01);
	ww_calibration_take(&device, 1.2, 1.19, 1.21);
	ww_calibration_take(&device, 1.5, 1.49, 1.51);
	ck_assert_double_eq(ww_calibration_factor(&device, &base), 1.5);
	ck_assert_uint_eq(device.times, 2);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("calibration");
	TCase *tests = tcase_create("calibration");

	tcase_add_loop_test(tests, a_factor_is_more_than_noise, 0,
	                    sizeof rows / sizeof rows[0]);
	tcase_add_test(tests, the_latest_measurement_counts);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
