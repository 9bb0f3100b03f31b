/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/prompt/template.h"
#include "tests/unit/unit.h"

static const char data_text[] =
	"{\"name\":\"Ada\",\"empty\":\"\",\"yes\":true,\"no\":false,"
	"\"zero\":0,\"seven\":7,\"half\":0.5,\"none\":null,"
	"\"list\":[1],\"bare\":[],\"tag\":\"{{name}}\"}";

static const struct {
	const char *source;
	const char *result; /* or null: an error */
	const char *message;
} cases[] = {
	{ "", "", NULL },
	{ "plain } { text\n", "plain } { text\n", NULL },
	{ "a {{name}} b {{ name }}", "a Ada b Ada", NULL },
	{ "{{seven}} {{half}} {{yes}} {{none}}|", "7 0.5 true |", NULL },
	{ "{{tag}}", "{{name}}", NULL }, /* values are not templates */
	{ "{{#if yes}}a{{else}}b{{/if}}", "a", NULL },
	{ "{{#if no}}a{{else}}b{{/if}}", "b", NULL },
	{ "{{#if empty}}a{{/if}}{{#if zero}}b{{/if}}{{#if none}}c{{/if}}"
	  "{{#if bare}}d{{/if}}{{#if list}}e{{/if}}{{#if seven}}f{{/if}}",
	  "ef", NULL },
	{ "1\n{{#if yes}}\n2\n{{/if}}\n3\n", "1\n2\n3\n", NULL },
	{ "1\n  {{#if no}}\n2\n  {{else}}\n4\n  {{/if}}\n3\n", "1\n4\n3\n",
	  NULL },
	{ "1 {{#if no}}\n2{{/if}} 3", "1  3", NULL },
	{ "{{#if yes}}{{#if no}}a{{else}}b{{/if}}c{{/if}}", "bc", NULL },
	{ "{{#if no}}{{#if yes}}a{{else}}b{{/if}}c{{/if}}d", "d", NULL },
	{ "{{! said\nby a person }}\nx", "x", NULL },
	{ "x{{! aside }}y", "xy", NULL },
	{ "a\nb {{nmae}}", NULL,
	  "template t, line 2: nothing is named nmae; did you mean name" },
	{ "{{#if nope}}{{/if}}", NULL,
	  "template t, line 1: nothing is named nope; did you mean none" },
	{ "{{#if no}}{{gone}}{{/if}}", NULL,
	  "template t, line 1: nothing is named gone; did you mean none" },
	{ "a {{name", NULL, "template t, line 1: a tag without }}" },
	{ "\n{{#if yes}}a", NULL,
	  "template t, line 2: {{#if}} without {{/if}}" },
	{ "{{/if}}", NULL,
	  "template t, line 1: no condition is open at {{/if}}" },
	{ "{{else}}", NULL,
	  "template t, line 1: no condition is open at {{else}}" },
	{ "{{#if yes}}a{{else}}b{{else}}c{{/if}}", NULL,
	  "template t, line 1: second {{else}}" },
	{ "{{#each list}}", NULL, "template t, line 1: unknown tag {{#each list}}" },
	{ "{{}}", NULL,
	  "template t, line 1: a tag that is empty or too long" },
};

START_TEST(renders_or_says_where_it_is_wrong)
{
	struct ww_error error = { 0 };
	struct json_object *data;
	char *text = NULL;
	ww_status status;

	ck_assert_int_eq(ww_json_parse(data_text, strlen(data_text), "data", 0,
	                               &data, &error), WW_OK);
	status = ww_template_render(cases[_i].source, "t", data, &text, &error);
	if (cases[_i].result != NULL) {
		ck_assert_msg(status == WW_OK, "%s", error.text);
		ck_assert_str_eq(text, cases[_i].result);
		free(text);
	} else {
		ck_assert_int_eq(status, WW_E_FORMAT);
		ck_assert_str_eq(error.text, cases[_i].message);
		ck_assert_ptr_null(text);
	}
	json_object_put(data);
}
END_TEST

START_TEST(nesting_has_an_end)
{
	struct json_object *data = json_object_new_object();
	struct ww_error error = { 0 };
	char source[2000] = "";
	char *text = NULL;
	int i;

	json_object_object_add(data, "yes", json_object_new_boolean(1));
	for (i = 0; i < 100; i++)
		strcat(source, "{{#if yes}}");
	ck_assert_int_eq(ww_template_render(source, "t", data, &text, &error),
	                 WW_E_FORMAT);
	ck_assert_str_eq(error.text,
	                 "template t, line 1: conditions nest too deeply");
	json_object_put(data);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("template");
	TCase *table = tcase_create("table");

	tcase_add_loop_test(table, renders_or_says_where_it_is_wrong, 0,
	                    (int)(sizeof cases / sizeof cases[0]));
	tcase_add_test(table, nesting_has_an_end);
	suite_add_tcase(suite, table);
	return ww_unit_run(suite);
}
