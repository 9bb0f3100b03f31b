/* SPDX-License-Identifier: MIT */
#include "core/store/store_impl.h"

#include <string.h>

#define COLUMNS                                                              \
	"number, round, provider, model, prompt, answer, outcome, error,"    \
	" input_tokens, cached_tokens, output_tokens, reasoning_tokens,"     \
	" cost, latency_ns, attempts, found, taken, invalid, duplicate,"     \
	" exchange"

static void
bind_call(sqlite3_stmt *statement, const struct ww_model_call *call)
{
	const char *const texts[] = { call->provider, call->model,
		                      call->prompt,   call->answer,
		                      call->outcome,  call->error };
	const int64_t tokens[] = { call->input_tokens, call->cached_tokens,
		                   call->output_tokens,
		                   call->reasoning_tokens };
	const uint32_t counts[] = { call->attempts, call->found, call->taken,
		                    call->invalid, call->duplicate };
	int i;

	sqlite3_bind_int64(statement, 2, (int64_t)call->number);
	sqlite3_bind_int64(statement, 3, call->round);
	for (i = 0; i < 6; i++)
		ww_store_bind_text(statement, 4 + i, texts[i]);
	for (i = 0; i < 4; i++)
		sqlite3_bind_int64(statement, 10 + i, tokens[i]);
	ww_store_bind_number(statement, 14, call->cost);
	sqlite3_bind_int64(statement, 15, call->latency_ns);
	for (i = 0; i < 5; i++)
		sqlite3_bind_int64(statement, 16 + i, counts[i]);
	ww_store_bind_text(statement, 21, call->exchange);
}

/* A number that is taken already, by whatever went wrong, loses no call: it then
 * goes on after the last one. */
ww_status
ww_store_model_call(struct ww_store *store, const char *id,
                    const struct ww_model_call *call, struct ww_error *error)
{
	static const char what[] = "a model call cannot be written";
	sqlite3_stmt *statement;
	ww_status status = ww_store_prepare(
		store,
		"INSERT INTO calls (session, " COLUMNS ") VALUES (?1,"
		" max(?2, (SELECT coalesce(max(number), 0) + 1 FROM calls"
		" WHERE session = ?1)),"
		" ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,"
		" ?16, ?17, ?18, ?19, ?20, ?21)",
		what, &statement, error);

	if (status != WW_OK)
		return status;
	ww_store_bind_text(statement, 1, id);
	bind_call(statement, call);
	status = ww_store_step(store, statement, what, error);
	sqlite3_finalize(statement);
	return status;
}

static void
read_call(sqlite3_stmt *statement, struct ww_model_call *call)
{
	memset(call, 0, sizeof *call);
	call->number = (uint64_t)sqlite3_column_int64(statement, 0);
	call->round = (uint32_t)sqlite3_column_int64(statement, 1);
	call->provider = ww_store_text(statement, 2);
	call->model = ww_store_text(statement, 3);
	call->prompt = ww_store_text(statement, 4);
	call->answer = ww_store_text(statement, 5);
	call->outcome = ww_store_text(statement, 6);
	call->error = ww_store_text(statement, 7);
	call->input_tokens = sqlite3_column_int64(statement, 8);
	call->cached_tokens = sqlite3_column_int64(statement, 9);
	call->output_tokens = sqlite3_column_int64(statement, 10);
	call->reasoning_tokens = sqlite3_column_int64(statement, 11);
	call->cost = ww_store_number(statement, 12);
	call->latency_ns = sqlite3_column_int64(statement, 13);
	call->attempts = (uint32_t)sqlite3_column_int64(statement, 14);
	call->found = (uint32_t)sqlite3_column_int64(statement, 15);
	call->taken = (uint32_t)sqlite3_column_int64(statement, 16);
	call->invalid = (uint32_t)sqlite3_column_int64(statement, 17);
	call->duplicate = (uint32_t)sqlite3_column_int64(statement, 18);
	call->exchange = ww_store_text(statement, 19);
}

ww_status
ww_store_model_calls(struct ww_store *store, const char *id,
                     void (*visit)(void *context,
                                   const struct ww_model_call *call),
                     void *context, struct ww_error *error)
{
	static const char what[] = "model calls cannot be read";
	struct ww_model_call call;
	sqlite3_stmt *statement;
	ww_status status = ww_store_prepare(
		store,
		"SELECT " COLUMNS " FROM calls WHERE session = ?1"
		" ORDER BY number",
		what, &statement, error);
	int code;

	if (status != WW_OK)
		return status;
	ww_store_bind_text(statement, 1, id);
	while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
		read_call(statement, &call);
		visit(context, &call);
	}
	if (code != SQLITE_DONE)
		status = ww_store_fault(store, what, error);
	sqlite3_finalize(statement);
	return status;
}
