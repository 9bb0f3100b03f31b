/* SPDX-License-Identifier: MIT */
#include "core/engine/inbox.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/engine/config_set.h"

struct ww_inbox {
	pthread_mutex_t mutex;
	const struct ww_space *space;
	struct ww_config_set *known;
	uint64_t left;
	bool closed;
	struct ww_letter *first;
	struct ww_letter **end;
	void (*wake)(void *context);
	void *context;
};

struct ww_inbox *
ww_inbox_new(const struct ww_space *space, void (*wake)(void *context),
             void *context)
{
	struct ww_inbox *inbox = ww_alloc(sizeof *inbox);

	pthread_mutex_init(&inbox->mutex, NULL);
	inbox->space = space;
	inbox->known = ww_config_set_new(space->n_slots);
	inbox->left = UINT64_MAX;
	inbox->end = &inbox->first;
	inbox->wake = wake;
	inbox->context = context;
	return inbox;
}

void
ww_inbox_free(struct ww_inbox *inbox)
{
	struct ww_letter *letter;

	if (inbox == NULL)
		return;
	while ((letter = ww_inbox_take(inbox)) != NULL)
		ww_letter_free(letter);
	ww_config_set_free(inbox->known);
	pthread_mutex_destroy(&inbox->mutex);
	free(inbox);
}

void
ww_inbox_limit(struct ww_inbox *inbox, uint64_t left)
{
	pthread_mutex_lock(&inbox->mutex);
	inbox->left = left;
	pthread_mutex_unlock(&inbox->mutex);
}

uint64_t
ww_inbox_left(struct ww_inbox *inbox)
{
	uint64_t left;

	pthread_mutex_lock(&inbox->mutex);
	left = inbox->left;
	pthread_mutex_unlock(&inbox->mutex);
	return left;
}

bool
ww_inbox_know(struct ww_inbox *inbox, const uint32_t *indices)
{
	bool fresh;

	pthread_mutex_lock(&inbox->mutex);
	fresh = ww_config_set_add(inbox->known, indices);
	pthread_mutex_unlock(&inbox->mutex);
	return fresh;
}

void
ww_inbox_close(struct ww_inbox *inbox)
{
	pthread_mutex_lock(&inbox->mutex);
	inbox->closed = true;
	pthread_mutex_unlock(&inbox->mutex);
}

static void
stay_asleep(void *context)
{
	(void)context;
}

void
ww_inbox_abandon(struct ww_inbox *inbox)
{
	pthread_mutex_lock(&inbox->mutex);
	inbox->closed = true;
	inbox->wake = stay_asleep;
	pthread_mutex_unlock(&inbox->mutex);
}

static bool
is_closed(struct ww_inbox *inbox)
{
	bool closed;

	pthread_mutex_lock(&inbox->mutex);
	closed = inbox->closed;
	pthread_mutex_unlock(&inbox->mutex);
	return closed;
}

static struct ww_letter *
letter_new(unsigned kind, void *sender)
{
	struct ww_letter *letter = ww_alloc(sizeof *letter);

	letter->kind = kind;
	letter->sender = sender;
	return letter;
}

/* With the mutex held. */
static void
append(struct ww_inbox *inbox, struct ww_letter *letter)
{
	*inbox->end = letter;
	inbox->end = &letter->next;
}

static void
post(struct ww_inbox *inbox, struct ww_letter *letter)
{
	pthread_mutex_lock(&inbox->mutex);
	append(inbox, letter);
	inbox->wake(inbox->context);
	pthread_mutex_unlock(&inbox->mutex);
}

/* With the mutex held: whether the configuration gets in. */
static ww_status
admit(struct ww_inbox *inbox, const uint32_t *indices, bool free_of_charge)
{
	if (inbox->closed || (inbox->left == 0 && !free_of_charge))
		return WW_STOPPED;
	if (!ww_config_set_add(inbox->known, indices))
		return WW_E_DUPLICATE;
	if (inbox->left != UINT64_MAX && !free_of_charge)
		inbox->left--;
	return WW_OK;
}

ww_status
ww_inbox_push(struct ww_inbox *inbox, void *sender, const uint32_t *indices,
              const struct ww_proposal_info *info, bool free_of_charge)
{
	struct ww_letter *letter;
	ww_status status;

	if (is_closed(inbox))
		return WW_STOPPED;
	if (!inbox->space->valid(inbox->space, indices))
		return WW_E_INVALID;
	letter = letter_new(WW_LETTER_PROPOSAL, sender);
	letter->indices = ww_alloc((inbox->space->n_slots + 1) *
	                           sizeof *indices);
	memcpy(letter->indices, indices,
	       inbox->space->n_slots * sizeof *indices);
	if (WW_HAS(struct ww_proposal_info, info, family))
		letter->family = ww_copy(info->family);
	if (WW_HAS(struct ww_proposal_info, info, reason))
		letter->reason = ww_copy(info->reason);
	pthread_mutex_lock(&inbox->mutex);
	status = admit(inbox, indices, free_of_charge);
	if (status == WW_OK)
		append(inbox, letter);
	if (status == WW_OK)
		inbox->wake(inbox->context);
	pthread_mutex_unlock(&inbox->mutex);
	if (status != WW_OK)
		ww_letter_free(letter);
	return status;
}

void
ww_inbox_asked(struct ww_inbox *inbox, void *sender, ww_status status,
               const char *text)
{
	struct ww_letter *letter = letter_new(WW_LETTER_ASKED, sender);

	letter->status = status;
	letter->text = ww_copy(text);
	post(inbox, letter);
}

void
ww_inbox_call(struct ww_inbox *inbox, void *sender,
              const struct ww_model_call *call)
{
	struct ww_letter *letter = letter_new(WW_LETTER_CALL, sender);

	letter->call = *call;
	letter->call.provider = ww_copy(call->provider);
	letter->call.model = ww_copy(call->model);
	letter->call.prompt = ww_copy(call->prompt);
	letter->call.answer = ww_copy(call->answer);
	letter->call.outcome = ww_copy(call->outcome);
	letter->call.error = ww_copy(call->error);
	letter->call.exchange = ww_copy(call->exchange);
	post(inbox, letter);
}

void
ww_inbox_warning(struct ww_inbox *inbox, void *sender, const char *text)
{
	struct ww_letter *letter = letter_new(WW_LETTER_WARNING, sender);

	letter->text = ww_copy(text);
	post(inbox, letter);
}

void
ww_inbox_waiting(struct ww_inbox *inbox, void *sender, bool waiting, bool local)
{
	struct ww_letter *letter = letter_new(WW_LETTER_WAITING, sender);

	letter->waiting = waiting;
	letter->local = local;
	post(inbox, letter);
}

struct ww_letter *
ww_inbox_take(struct ww_inbox *inbox)
{
	struct ww_letter *letter;

	pthread_mutex_lock(&inbox->mutex);
	letter = inbox->first;
	if (letter != NULL) {
		inbox->first = letter->next;
		if (inbox->first == NULL)
			inbox->end = &inbox->first;
	}
	pthread_mutex_unlock(&inbox->mutex);
	return letter;
}

static void
free_const(const char *text)
{
	free((void *)(uintptr_t)text);
}

void
ww_letter_free(struct ww_letter *letter)
{
	free_const(letter->call.provider);
	free_const(letter->call.model);
	free_const(letter->call.prompt);
	free_const(letter->call.answer);
	free_const(letter->call.outcome);
	free_const(letter->call.error);
	free_const(letter->call.exchange);
	free(letter->indices);
	free(letter->family);
	free(letter->reason);
	free(letter->text);
	free(letter);
}
