/* SPDX-License-Identifier: MIT
 *
 * Every mandatory slot of every table is asked for. Whole files with faults are
 * in tests/zoo.
 */
#include <stdio.h>
#include <string.h>

#include "core/plugin/descriptor.h"
#include "core/plugin/registry.h"
#include "tests/unit/unit.h"
#include "warpwright/plugin.h"

static void
anything(void)
{
}

/* Tables made of functions that are never called: only whether a slot is empty
 * counts here. */
static _Alignas(struct ww_provider_ops) unsigned char provider_ops[sizeof(struct ww_provider_ops)];
static _Alignas(struct ww_strategy_ops) unsigned char strategy_ops[sizeof(struct ww_strategy_ops)];
static _Alignas(struct ww_compile_ops) unsigned char compile_ops[sizeof(struct ww_compile_ops)];
static _Alignas(struct ww_device_ops) unsigned char device_ops[sizeof(struct ww_device_ops)];
static _Alignas(struct ww_replay_ops) unsigned char replay_ops[sizeof(struct ww_replay_ops)];
static struct ww_backend_ops backend_ops;

#define AT(table, type, field) { table, #field, offsetof(struct type, field) }

static const struct {
	unsigned char *table;
	const char *name;
	size_t offset;
} slots[] = {
	AT(provider_ops, ww_provider_ops, open),
	AT(provider_ops, ww_provider_ops, close),
	AT(provider_ops, ww_provider_ops, capabilities),
	AT(provider_ops, ww_provider_ops, probe),
	AT(provider_ops, ww_provider_ops, generate),
	AT(strategy_ops, ww_strategy_ops, open),
	AT(strategy_ops, ww_strategy_ops, close),
	AT(strategy_ops, ww_strategy_ops, ask),
	AT(strategy_ops, ww_strategy_ops, tell),
	AT(compile_ops, ww_compile_ops, targets),
	AT(compile_ops, ww_compile_ops, identity),
	AT(compile_ops, ww_compile_ops, prepare),
	AT(compile_ops, ww_compile_ops, drop),
	AT(compile_ops, ww_compile_ops, build),
	AT(device_ops, ww_device_ops, list),
	AT(device_ops, ww_device_ops, attach),
	AT(device_ops, ww_device_ops, detach),
	AT(device_ops, ww_device_ops, target),
	AT(device_ops, ww_device_ops, stage),
	AT(device_ops, ww_device_ops, unstage),
	AT(device_ops, ww_device_ops, load),
	AT(device_ops, ww_device_ops, unload),
	AT(device_ops, ww_device_ops, verify),
	AT(device_ops, ww_device_ops, warm),
	AT(device_ops, ww_device_ops, time),
	AT(device_ops, ww_device_ops, health),
	AT(replay_ops, ww_replay_ops, lookup),
};

#define N_SLOTS (sizeof slots / sizeof slots[0])

static void
fill_table(unsigned char *table, size_t bytes)
{
	uint32_t size = (uint32_t)bytes;

	memset(table, 0, bytes);
	memcpy(table, &size, sizeof size);
}

static void
fill(void)
{
	void (*function)(void) = anything;
	uint32_t mode = WW_STRATEGY_ROUNDS;
	static const char languages[] = "c";
	size_t i;

	fill_table(provider_ops, sizeof provider_ops);
	fill_table(strategy_ops, sizeof strategy_ops);
	fill_table(compile_ops, sizeof compile_ops);
	fill_table(device_ops, sizeof device_ops);
	fill_table(replay_ops, sizeof replay_ops);
	memcpy(strategy_ops + offsetof(struct ww_strategy_ops, mode), &mode,
	       sizeof mode);
	for (i = 0; i < N_SLOTS; i++)
		memcpy(slots[i].table + slots[i].offset, &function,
		       sizeof function);
	memset(&backend_ops, 0, sizeof backend_ops);
	backend_ops.size = sizeof backend_ops;
	backend_ops.languages = languages;
	memcpy(&backend_ops.open, &function, sizeof function);
	memcpy(&backend_ops.close, &function, sizeof function);
	backend_ops.compile = (const void *)compile_ops;
	backend_ops.device = (const void *)device_ops;
	backend_ops.replay = (const void *)replay_ops;
}

static ww_status
check_tables(const unsigned char *table, struct ww_error *error)
{
	struct ww_plugin plugin = { .kind = WW_KIND_BACKEND,
		                    .ops = &backend_ops };

	if (table == provider_ops) {
		plugin.kind = WW_KIND_PROVIDER;
		plugin.ops = provider_ops;
	} else if (table == strategy_ops) {
		plugin.kind = WW_KIND_STRATEGY;
		plugin.ops = strategy_ops;
	}
	return ww_descriptor_check_ops(&plugin, error);
}

START_TEST(every_mandatory_slot_is_asked_for)
{
	struct ww_error error = { 0 };
	char expected[64];

	fill();
	ck_assert_msg(check_tables(slots[_i].table, &error) == WW_OK, "%s",
	              error.text);
	memset(slots[_i].table + slots[_i].offset, 0, sizeof(void (*)(void)));
	ck_assert_int_eq(check_tables(slots[_i].table, &error), WW_E_ABI);
	snprintf(expected, sizeof expected, "slot '%s' of its ",
	         slots[_i].name);
	ck_assert_msg(strncmp(error.text, expected, strlen(expected)) == 0,
	              "%s", error.text);
}
END_TEST

START_TEST(a_backend_has_languages_and_open_and_close)
{
	struct ww_error error;

	fill();
	backend_ops.languages = NULL;
	ck_assert_int_eq(check_tables(NULL, &error), WW_E_ABI);
	fill();
	backend_ops.open = NULL;
	ck_assert_int_eq(check_tables(NULL, &error), WW_E_ABI);
	fill();
	backend_ops.close = NULL;
	ck_assert_int_eq(check_tables(NULL, &error), WW_E_ABI);
}
END_TEST

START_TEST(a_backend_may_only_replay_but_not_be_half)
{
	struct ww_error error;

	fill();
	backend_ops.compile = NULL;
	ck_assert_int_eq(check_tables(NULL, &error), WW_E_ABI);
	backend_ops.device = NULL;
	ck_assert_int_eq(check_tables(NULL, &error), WW_OK);
	backend_ops.replay = NULL;
	ck_assert_int_eq(check_tables(NULL, &error), WW_E_ABI);
}
END_TEST

START_TEST(kinds_have_names)
{
	ck_assert_str_eq(ww_kind_name(WW_KIND_PROVIDER), "provider");
	ck_assert_str_eq(ww_kind_name(WW_KIND_STRATEGY), "strategy");
	ck_assert_str_eq(ww_kind_name(WW_KIND_BACKEND), "backend");
	ck_assert_ptr_null(ww_kind_name(0));
	ck_assert_ptr_null(ww_kind_name(99));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("descriptor");
	TCase *tests = tcase_create("descriptor");

	tcase_add_loop_test(tests, every_mandatory_slot_is_asked_for, 0,
	                    N_SLOTS);
	tcase_add_test(tests, a_backend_has_languages_and_open_and_close);
	tcase_add_test(tests, a_backend_may_only_replay_but_not_be_half);
	tcase_add_test(tests, kinds_have_names);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
