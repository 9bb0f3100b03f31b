/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/paths.h"
#include "core/base/text.h"
#include "core/config/keys.h"
#include "core/config/settings.h"
#include "core/config/value.h"
#include "tests/unit/unit.h"

static char folder[] = "/tmp/ww-settings-XXXXXX";
static struct ww_settings *settings;
static struct ww_error error;

/* Every test starts in an empty folder that is also home. */
static void
enter(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
	setenv("HOME", folder, 1);
	setenv("XDG_CONFIG_HOME", folder, 1);
	settings = ww_settings_new();
	error.text[0] = '\0';
}

static void
leave(void)
{
	ww_settings_free(settings);
	ck_assert_int_eq(chdir("/"), 0);
	ww_path_remove(folder);
	/* mkdtemp() wants its letters back when tests share one process. */
	memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
}

static void
write_text(const char *name, const char *text, mode_t mode)
{
	FILE *file = fopen(name, "w");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
	ck_assert_int_eq(chmod(name, mode), 0);
}

static void
write_user_file(const char *text)
{
	mkdir("warpwright", 0700);
	write_text("warpwright/config.json", text, 0600);
}

/* ----------------------------------------------------------------- the table */

START_TEST(every_key_is_sane)
{
	struct ww_option option = ww_keys[_i];
	const char *dot = strchr(option.name, '.');
	size_t i;

	ck_assert_ptr_nonnull(dot);
	option.name = dot + 1;
	ck_assert_msg(ww_option_check(&option, &error) == WW_OK, "%s: %s",
	              ww_keys[_i].name, error.text);
	ck_assert_int_eq(option.help[strlen(option.help) - 1], '.');
	for (i = 0; i < (size_t)_i; i++)
		ck_assert_str_ne(ww_keys[i].name, ww_keys[_i].name);
}
END_TEST

START_TEST(reads_the_defaults)
{
	size_t n;
	const char *const *list = ww_setting_list(settings, "llm.provider", &n);

	ck_assert_uint_eq(n, 1);
	ck_assert_str_eq(list[0], "auto");
	ck_assert_ptr_null(list[1]);
	ck_assert_ptr_null(ww_setting_string(settings, "llm.model"));
	ck_assert(isnan(ww_setting_number(settings, "llm.temperature")));
	ck_assert_int_eq(ww_setting_int(settings, "search.max_rounds"), 5);
	ck_assert(ww_setting_number(settings, "search.min_improvement") == 0.01);
	ck_assert(ww_setting_bool(settings, "measure.cold"));
	ck_assert(!ww_setting_is_set(settings, "search.max_rounds"));
	ck_assert_str_eq(ww_setting_origin(settings, "search.max_rounds"),
	                 "built-in");
	ck_assert_ptr_null(ww_setting_list(settings, "plugin.path", &n));
	ck_assert_uint_eq(n, 0);
}
END_TEST

/* ------------------------------------------------------------------- layers */

START_TEST(each_layer_wins_over_the_one_before)
{
	char expected[128];

	write_user_file("{\"search\": {\n\"seed\": 10, \"max_rounds\": 10,\n"
	                "\"patience\": 10, \"strategy\": \"user\",\n"
	                "\"target\": 1.5}}");
	write_text("warpwright.json",
	           "{\n// ours\n\"search\": {\"seed\": 20, \"max_rounds\": 20,\n"
	           "\"patience\": 20}}",
	           0644);
	write_text("more.json", "{\"search\": {\"seed\": 30,\n"
	                        "\"max_rounds\": 30}}",
	           0644);
	setenv("WARPWRIGHT_SEARCH_SEED", "40", 1);
	ck_assert_msg(ww_settings_load(settings, "more.json", &error) == WW_OK,
	              "%s", error.text);
	unsetenv("WARPWRIGHT_SEARCH_SEED");
	ck_assert_int_eq(ww_setting_int(settings, "search.seed"), 40);
	ck_assert_str_eq(ww_setting_origin(settings, "search.seed"),
	                 "WARPWRIGHT_SEARCH_SEED");
	ck_assert_int_eq(ww_setting_int(settings, "search.max_rounds"), 30);
	snprintf(expected, sizeof expected, "%s/more.json:2", folder);
	ck_assert_str_eq(ww_setting_origin(settings, "search.max_rounds"),
	                 expected);
	ck_assert_int_eq(ww_setting_int(settings, "search.patience"), 20);
	snprintf(expected, sizeof expected, "%s/warpwright.json:4", folder);
	ck_assert_str_eq(ww_setting_origin(settings, "search.patience"),
	                 expected);
	ck_assert_str_eq(ww_setting_string(settings, "search.strategy"), "user");
	ck_assert(ww_setting_number(settings, "search.target") == 1.5);
	ck_assert(ww_setting_is_set(settings, "search.target"));
	ck_assert_int_eq(ww_settings_assign(settings, "search.seed=50", &error),
	                 WW_OK);
	ck_assert_int_eq(ww_setting_int(settings, "search.seed"), 50);
	ck_assert_str_eq(ww_setting_origin(settings, "search.seed"), "--set");
	ck_assert_int_eq(ww_settings_put(settings, "search.seed", "60", "--seed",
	                                 &error),
	                 WW_OK);
	ck_assert_int_eq(ww_setting_int(settings, "search.seed"), 60);
}
END_TEST

START_TEST(null_goes_back_to_the_default)
{
	write_user_file("{\"search\": {\"seed\": 10}}");
	write_text("warpwright.json", "{\"search\": {\"seed\": null}}", 0644);
	ck_assert_int_eq(ww_settings_load(settings, NULL, &error), WW_OK);
	ck_assert_int_eq(ww_setting_int(settings, "search.seed"), 1);
	ck_assert(!ww_setting_is_set(settings, "search.seed"));
}
END_TEST

START_TEST(lists_come_as_json_or_with_commas)
{
	static const char *const texts[] = {
		"llm.provider=exec, replay",
		"llm.provider=[\"exec\", \"replay\"]",
	};
	const char *const *list;
	size_t n;

	ck_assert_int_eq(ww_settings_assign(settings, texts[_i], &error), WW_OK);
	list = ww_setting_list(settings, "llm.provider", &n);
	ck_assert_uint_eq(n, 2);
	ck_assert_str_eq(list[0], "exec");
	ck_assert_str_eq(list[1], "replay");
	ck_assert_ptr_null(list[2]);
}
END_TEST

START_TEST(paths_start_at_their_file)
{
	char expected[128];

	write_user_file("{\"store\": {\"path\": \"runs.db\"},\n"
	                "\"prompt\": {\"templates\": \"~/words\"}}");
	ck_assert_int_eq(ww_settings_load(settings, NULL, &error), WW_OK);
	snprintf(expected, sizeof expected, "%s/warpwright/runs.db", folder);
	ck_assert_str_eq(ww_setting_string(settings, "store.path"), expected);
	snprintf(expected, sizeof expected, "%s/words", folder);
	ck_assert_str_eq(ww_setting_string(settings, "prompt.templates"),
	                 expected);
}
END_TEST

/* ------------------------------------------------------------------- errors */

/* "@" stands for the folder. */
static const struct {
	const char *text;
	const char *message;
} wrong_files[] = {
	{ "{\"search\": {\n\"max_round\": 3}}",
	  "@/warpwright.json:2: search.max_round: no such setting; did you mean "
	  "search.max_rounds?" },
	{ "{\"search\": {\"qqqqqqqq\": 3}}",
	  "@/warpwright.json:1: search.qqqqqqqq: no such setting; 'warpwright "
	  "config show' lists all of them" },
	{ "{\n\n\"serch\": {}}",
	  "@/warpwright.json:3: serch: no such section; did you mean search?" },
	{ "{\"search\": 3}",
	  "@/warpwright.json:1: search: expected an object of settings, not 3" },
	{ "[]", "@/warpwright.json: expected an object of settings, not []" },
	{ "{\"search\": {\"seed\": \"many\"}}",
	  "@/warpwright.json:1: search.seed: expected an integer from 0 to "
	  "9007199254740992, not \"many\"" },
	{ "{\"search\": {\"max_rounds\": 0}}",
	  "@/warpwright.json:1: search.max_rounds: expected an integer from 1 to "
	  "1000000, not 0" },
	{ "{\"search\": {\"seed\": 1.5}}",
	  "@/warpwright.json:1: search.seed: expected an integer from 0 to "
	  "9007199254740992, not 1.5" },
	{ "{\"measure\": {\"cold\": \"true\"}}",
	  "@/warpwright.json:1: measure.cold: expected true or false, not "
	  "\"true\"" },
	{ "{\"parallel\": {\"precompile_mode\": \"thread\"}}",
	  "@/warpwright.json:1: parallel.precompile_mode: expected one of "
	  "spawn,fork,none, not \"thread\"" },
	{ "{\"llm\": {\"provider\": [[]]}}",
	  "@/warpwright.json:1: llm.provider: expected a list of texts, not "
	  "[[]]" },
	{ "{\"llm\": {", "@/warpwright.json:1:10: the text ends too early" },
	{ "{\"strategy\": {\"llm\": 3}}",
	  "@/warpwright.json:1: strategy.llm: expected an object of settings, "
	  "not 3" },
};

static char *
with_folder(const char *message)
{
	return message[0] == '@' ? ww_text("%s%s", folder, message + 1)
	                         : ww_copy(message);
}

START_TEST(says_what_is_wrong_in_a_file)
{
	char *expected = with_folder(wrong_files[_i].message);

	write_text("warpwright.json", wrong_files[_i].text, 0644);
	ck_assert_int_eq(ww_settings_load(settings, NULL, &error), WW_E_CONFIG);
	ck_assert_str_eq(error.text, expected);
	free(expected);
}
END_TEST

static const struct {
	const char *text;
	const char *message;
} wrong_assignments[] = {
	{ "search.seed", "--set search.seed: expected KEY=VALUE, for example "
	                 "search.seed=7" },
	{ "search.sead=7",
	  "--set: search.sead: no such setting; did you mean search.seed?" },
	{ "search.seed=7x", "--set: search.seed: expected an integer from 0 to "
	                    "9007199254740992, not 7x" },
	{ "llm.temperature=nan",
	  "--set: llm.temperature: expected a number from 0 to 2, not nan" },
	{ "measure.cold=perhaps",
	  "--set: measure.cold: expected true or false, not perhaps" },
	{ "llm.provider=[1",
	  "--set: llm.provider: expected a list of texts, not [1" },
};

START_TEST(says_what_is_wrong_in_an_assignment)
{
	ck_assert_int_eq(ww_settings_assign(settings, wrong_assignments[_i].text,
	                                    &error),
	                 WW_E_CONFIG);
	ck_assert_str_eq(error.text, wrong_assignments[_i].message);
}
END_TEST

START_TEST(says_what_is_wrong_in_the_environment)
{
	setenv("WARPWRIGHT_SEARCH_SEET", "3", 1);
	ck_assert_int_eq(ww_settings_load(settings, NULL, &error), WW_E_CONFIG);
	ck_assert_str_eq(error.text,
	                 "environment variable WARPWRIGHT_SEARCH_SEET: no such "
	                 "setting; did you mean WARPWRIGHT_SEARCH_SEED?");
	unsetenv("WARPWRIGHT_SEARCH_SEET");
	setenv("WARPWRIGHT_SEARCH_SEED", "soon", 1);
	ck_assert_int_eq(ww_settings_load(settings, NULL, &error), WW_E_CONFIG);
	ck_assert_str_eq(error.text,
	                 "WARPWRIGHT_SEARCH_SEED: search.seed: expected an "
	                 "integer from 0 to 9007199254740992, not soon");
	unsetenv("WARPWRIGHT_SEARCH_SEED");
}
END_TEST

START_TEST(a_missing_explicit_file_is_an_error)
{
	char *expected = with_folder("@/none.json");

	ck_assert_int_eq(ww_settings_load(settings, "none.json", &error),
	                 WW_E_CONFIG);
	ck_assert_ptr_nonnull(strstr(error.text, expected));
	free(expected);
}
END_TEST

START_TEST(a_project_file_sets_no_trusted_key)
{
	static const char *const texts[] = {
		"{\"plugin\": {\"path\": [\"/tmp\"]}}",
		"{\"parallel\": {\"compile_launcher\": [\"sh\"]}}",
		"{\"parallel\": {\"device_launcher\": [\"sh\"]}}",
		"{\"parallel\": {\"cache_dir\": \"here\"}}",
		"{\"llm\": {\"api_base\": \"http://evil\"}}",
		"{\"http\": {\"proxy\": \"http://evil\"}}",
		"{\"http\": {\"ca_file\": \"evil.pem\"}}",
		"{\"http\": {\"allow_plain_http\": true}}",
	};
	char *expected = with_folder("@/warpwright.json:1: ");

	write_text("warpwright.json", texts[_i], 0644);
	ck_assert_int_eq(ww_settings_load(settings, NULL, &error), WW_E_CONFIG);
	ck_assert_int_eq(strncmp(error.text, expected, strlen(expected)), 0);
	free(expected);
	expected = with_folder("@/warpwright/config.json or give it with "
	                       "--config or --set");
	ck_assert_ptr_nonnull(strstr(error.text, expected));
	free(expected);
	/* The same text is welcome from the user. */
	ck_assert_int_eq(rename("warpwright.json", "mine.json"), 0);
	ck_assert_msg(ww_settings_load(settings, "mine.json", &error) == WW_OK,
	              "%s", error.text);
}
END_TEST

/* --------------------------------------------------------- plugins' options */

static const struct ww_option table[] = {
	{ .name = "text", .type = WW_OPTION_STRING, .default_value = "a",
	  .help = "Text." },
	{ .name = "many", .type = WW_OPTION_INT, .default_value = "3",
	  .help = "Int.", .minimum = 1, .maximum = 9 },
	{ .name = "share", .type = WW_OPTION_FLOAT, .help = "Float." },
	{ .name = "on", .type = WW_OPTION_BOOL, .default_value = "true",
	  .help = "Bool." },
	{ .name = "mode", .type = WW_OPTION_ENUM, .choices = "fast,slow",
	  .default_value = "slow", .help = "Enum." },
	{ .name = "file", .type = WW_OPTION_PATH, .help = "Path." },
	{ .name = "key", .type = WW_OPTION_SECRET,
	  .default_value = "WW_TEST_KEY", .help = "Secret." },
	{ .name = "command", .type = WW_OPTION_LIST, .help = "List.",
	  .flags = WW_OPTION_TRUSTED_ONLY },
	{ .name = "extra", .type = WW_OPTION_JSON, .help = "JSON." },
};

static const struct ww_plugin plugin = {
	.magic = WW_PLUGIN_MAGIC,
	.size = sizeof(struct ww_plugin),
	.kind = WW_KIND_PROVIDER,
	.name = "some_one",
	.options = table,
	.n_options = sizeof table / sizeof table[0],
};

static struct ww_options *
build(struct json_object *overrides)
{
	struct ww_options *options;

	ww_settings_options(settings, &plugin, overrides, &options, &error);
	return options;
}

START_TEST(options_have_their_defaults)
{
	struct ww_options *o = build(NULL);
	struct json_object *json;

	ck_assert_uint_eq(o->size, sizeof *o);
	ck_assert_str_eq(o->string(o, "text"), "a");
	ck_assert_int_eq(o->integer(o, "many"), 3);
	ck_assert_int_eq(o->has(o, "share"), 0);
	ck_assert(isnan(o->number(o, "share")));
	ck_assert_int_eq(o->boolean(o, "on"), 1);
	ck_assert_str_eq(o->string(o, "mode"), "slow");
	ck_assert_ptr_null(o->string(o, "file"));
	ck_assert_ptr_null(o->list(o, "command", NULL));
	ck_assert_ptr_null(o->string(o, "no_such_name"));
	ck_assert_int_eq(o->has(o, "text"), 1);
	ck_assert_int_eq(o->from_user(o, "text"), 0);
	json = ww_options_json(o);
	ck_assert_int_eq(json_object_object_length(json), 0);
	json_object_put(json);
	ww_options_free(o);
}
END_TEST

START_TEST(options_come_from_every_layer)
{
	struct ww_options *o;
	struct json_object *overrides, *json;
	uint32_t n;

	write_user_file("{\"provider\": {\"some_one\": {\"text\": \"user\",\n"
	                "\"many\": 4, \"command\": [\"a\", \"b\"],\n"
	                "\"extra\": {\"deep\": [1]}, \"share\": 2}}}");
	setenv("WARPWRIGHT_PROVIDER_SOME_ONE_MANY", "5", 1);
	setenv("WARPWRIGHT_PROVIDER_SOME_ONE_MODE", "fast", 1);
	setenv("WARPWRIGHT_PROVIDER_SOME_ONE_ON", "off", 1);
	ck_assert_int_eq(ww_settings_load(settings, NULL, &error), WW_OK);
	unsetenv("WARPWRIGHT_PROVIDER_SOME_ONE_MANY");
	unsetenv("WARPWRIGHT_PROVIDER_SOME_ONE_MODE");
	unsetenv("WARPWRIGHT_PROVIDER_SOME_ONE_ON");
	ck_assert_int_eq(ww_settings_assign(settings,
	                                    "provider.some_one.mode=slow",
	                                    &error),
	                 WW_OK);
	overrides = json_object_new_object();
	ww_json_put_string(overrides, "text", "mine");
	o = build(overrides);
	json_object_put(overrides);
	ck_assert_msg(o != NULL, "%s", error.text);
	ck_assert_str_eq(o->string(o, "text"), "mine");
	ck_assert_int_eq(o->integer(o, "many"), 5);
	ck_assert_int_eq(o->from_user(o, "many"), 1);
	ck_assert_int_eq(o->boolean(o, "on"), 0);
	ck_assert_str_eq(o->string(o, "mode"), "slow");
	ck_assert(o->number(o, "share") == 2.0);
	ck_assert_str_eq(o->string(o, "extra"), "{\"deep\":[1]}");
	ck_assert_str_eq(o->list(o, "command", &n)[1], "b");
	ck_assert_uint_eq(n, 2);
	ck_assert_ptr_null(o->list(o, "command", NULL)[2]);
	/* What a worker gets reads the same there. */
	json = ww_options_json(o);
	ww_options_free(o);
	ww_settings_free(settings);
	settings = ww_settings_new();
	o = build(json);
	ck_assert_int_eq(o->integer(o, "many"), 5);
	ck_assert_int_eq(o->from_user(o, "mode"), 1);
	ck_assert_int_eq(o->from_user(o, "key"), 0);
	ck_assert_str_eq(o->list(o, "command", NULL)[0], "a");
	json_object_put(json);
	ww_options_free(o);
}
END_TEST

static const struct {
	const char *assignment;
	const char *message;
} wrong_options[] = {
	{ "many=10", "--set: provider.some_one.many: expected an integer from 1 "
	             "to 9, not 10" },
	{ "mode=medium", "--set: provider.some_one.mode: expected one of "
	                 "fast,slow, not medium" },
	{ "extra={", "--set: provider.some_one.extra: expected JSON, not {" },
	{ "key=sk-abcdefgh",
	  "--set: provider.some_one.key: expected the NAME of an environment "
	  "variable in capitals, or file:PATH, and never a key itself" },
};

START_TEST(options_are_checked_and_keys_never_repeated)
{
	char *text = ww_text("provider.some_one.%s",
	                     wrong_options[_i].assignment);

	ck_assert_int_eq(ww_settings_assign(settings, text, &error), WW_OK);
	ck_assert_ptr_null(build(NULL));
	ck_assert_str_eq(error.text, wrong_options[_i].message);
	free(text);
}
END_TEST

START_TEST(overrides_are_checked)
{
	struct json_object *overrides = json_object_new_object();

	ww_json_put_int(overrides, "mani", 3);
	ck_assert_ptr_null(build(overrides));
	ck_assert_int_eq(error.status, WW_E_OPTION);
	ck_assert_str_eq(error.text, "provider some_one has no option 'mani'");
	json_object_put(overrides);
}
END_TEST

START_TEST(a_project_file_sets_no_trusted_option)
{
	static const char *const texts[] = {
		"{\"provider\": {\"some_one\": {\"command\": [\"evil\"]}}}",
		"{\"provider\": {\"some_one\": {\"key\": \"OTHER_KEY\"}}}",
	};

	write_text("warpwright.json", texts[_i], 0644);
	ck_assert_int_eq(ww_settings_load(settings, NULL, &error), WW_OK);
	ck_assert_ptr_null(build(NULL));
	ck_assert_ptr_nonnull(strstr(error.text, "a project-local file cannot "
	                                         "set this"));
}
END_TEST

/* ------------------------------------------------------------------ secrets */

START_TEST(secrets_come_from_variables)
{
	struct ww_options *o = build(NULL);
	char *secret;

	unsetenv("WW_TEST_KEY");
	ck_assert_int_eq(o->secret_present(o, "key"), 0);
	ck_assert_ptr_null(ww_options_secret(o, "key"));
	setenv("WW_TEST_KEY", "", 1);
	ck_assert_int_eq(o->secret_present(o, "key"), 0);
	setenv("WW_TEST_KEY", "hush-hush-1", 1);
	ck_assert_int_eq(o->secret_present(o, "key"), 1);
	ck_assert_str_eq(o->string(o, "key"), "WW_TEST_KEY");
	secret = ww_options_secret(o, "key");
	ck_assert_str_eq(secret, "hush-hush-1");
	ww_redact(secret);
	ck_assert_ptr_null(strstr(secret, "hush"));
	free(secret);
	unsetenv("WW_TEST_KEY");
	ww_options_free(o);
}
END_TEST

START_TEST(secrets_come_from_private_files)
{
	struct ww_options *o;
	char *secret;

	ww_log_set_level(-1);
	write_text("key.txt", "hush-hush-2\n", 0600);
	write_user_file("{\"provider\": {\"some_one\":\n"
	                "{\"key\": \"file:../key.txt\"}}}");
	ck_assert_int_eq(ww_settings_load(settings, NULL, &error), WW_OK);
	o = build(NULL);
	ck_assert_msg(o != NULL, "%s", error.text);
	ck_assert_int_eq(o->secret_present(o, "key"), 1);
	secret = ww_options_secret(o, "key");
	ck_assert_str_eq(secret, "hush-hush-2");
	free(secret);
	ck_assert_int_eq(chmod("key.txt", 0640), 0);
	ck_assert_int_eq(o->secret_present(o, "key"), 0);
	ck_assert_int_eq(chmod("key.txt", 0604), 0);
	ck_assert_ptr_null(ww_options_secret(o, "key"));
	ck_assert_int_eq(unlink("key.txt"), 0);
	ck_assert_int_eq(o->secret_present(o, "key"), 0);
	ww_options_free(o);
}
END_TEST

/* ------------------------------------------------------------------ the rest */

START_TEST(all_values_form_one_object)
{
	struct json_object *object;

	ww_settings_assign(settings, "search.seed=8", &error);
	ww_settings_assign(settings, "strategy.llm.overlap=1", &error);
	ww_settings_assign(settings, "strategy.llm.overlap=2", &error);
	object = ww_settings_json(settings);
	ck_assert_int_eq(ww_json_int(ww_json_get(object, "search"), "seed", 0),
	                 8);
	ck_assert_str_eq(ww_json_text(ww_json_get(object, "strategy")),
	                 "{\"llm\":{\"overlap\":\"2\"}}");
	json_object_put(object);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("settings");
	TCase *tests = tcase_create("settings");

	tcase_add_checked_fixture(tests, enter, leave);
	tcase_add_loop_test(tests, every_key_is_sane, 0, (int)ww_n_keys);
	tcase_add_test(tests, reads_the_defaults);
	tcase_add_test(tests, each_layer_wins_over_the_one_before);
	tcase_add_test(tests, null_goes_back_to_the_default);
	tcase_add_loop_test(tests, lists_come_as_json_or_with_commas, 0, 2);
	tcase_add_test(tests, paths_start_at_their_file);
	tcase_add_loop_test(tests, says_what_is_wrong_in_a_file, 0,
	                    sizeof wrong_files / sizeof wrong_files[0]);
	tcase_add_loop_test(tests, says_what_is_wrong_in_an_assignment, 0,
	                    sizeof wrong_assignments /
	                            sizeof wrong_assignments[0]);
	tcase_add_test(tests, says_what_is_wrong_in_the_environment);
	tcase_add_test(tests, a_missing_explicit_file_is_an_error);
	tcase_add_loop_test(tests, a_project_file_sets_no_trusted_key, 0, 8);
	tcase_add_test(tests, options_have_their_defaults);
	tcase_add_test(tests, options_come_from_every_layer);
	tcase_add_loop_test(tests, options_are_checked_and_keys_never_repeated,
	                    0, sizeof wrong_options / sizeof wrong_options[0]);
	tcase_add_test(tests, overrides_are_checked);
	tcase_add_loop_test(tests, a_project_file_sets_no_trusted_option, 0, 2);
	tcase_add_test(tests, secrets_come_from_variables);
	tcase_add_test(tests, secrets_come_from_private_files);
	tcase_add_test(tests, all_values_form_one_object);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
