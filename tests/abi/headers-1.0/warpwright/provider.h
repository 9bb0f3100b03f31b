/* SPDX-License-Identifier: MIT
 *
 * warpwright/provider.h: a provider talks to a language model. It turns one
 * request into one exchange of its service's protocol and the answer into text,
 * usage and a stop reason. It does no I/O of its own: bytes go through
 * host->http or host->process. Retries, back-off, spending limits, recording
 * and the choice of the next provider belong to the host.
 */
#ifndef WARPWRIGHT_PROVIDER_H
#define WARPWRIGHT_PROVIDER_H

#include "warpwright/host.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The prompt up to and including this message is the same in every round, so a
 * service with a prompt cache may put a breakpoint behind it. */
#define WW_MESSAGE_STABLE 1u

struct ww_message {
	const char *role; /* "system", "user" or "assistant" */
	const char *text;
	uint64_t length;  /* bytes of text */
	uint32_t flags;   /* WW_MESSAGE_… */
	uint32_t reserved;
};

struct ww_chat_request {
	uint32_t size;
	uint32_t flags; /* 0 */
	const struct ww_message *messages; /* at least one; the last is "user" */
	uint64_t n_messages;
	const char *model;       /* the user's choice, or null: own default */
	const char *schema;      /* JSON Schema of the answer as text, or null */
	const char *schema_name; /* [A-Za-z0-9_-], at most 64, or null */
	const char *effort;      /* reasoning effort as the user wrote it, or null */
	int64_t max_output_tokens; /* visible answer; the provider adds room for
	                            * hidden reasoning; 0: own default */
	double temperature;      /* NaN: not set, and then never sent */
};

/* Why the model stopped. */
#define WW_FINISH_UNKNOWN 0u
#define WW_FINISH_COMPLETE 1u
#define WW_FINISH_LENGTH 2u  /* output limit: the text may be cut */
#define WW_FINISH_REFUSAL 3u
#define WW_FINISH_FILTER 4u  /* a content filter removed the answer */
#define WW_FINISH_STOPPED 5u /* the sink had enough */

/* Filled by the provider, zeroed by the host before. -1: not known. */
struct ww_chat_reply {
	uint32_t size;
	uint32_t finish;          /* WW_FINISH_… */
	int64_t input_tokens;     /* whole prompt, cached part included */
	int64_t cached_tokens;    /* part of the prompt read from a cache */
	int64_t output_tokens;    /* reasoning included */
	int64_t reasoning_tokens;
	double cost;              /* US dollars, if the service says; NaN if not */
	char model[128];          /* the model that really answered, or "" */
	char request_id[128];     /* the service's id of the exchange, or "" */
};

/* Receives the answer as it arrives. Both may return WW_STOPPED: the provider
 * then ends the exchange and returns WW_OK with WW_FINISH_STOPPED. Text is
 * passed on in arbitrary pieces, which may split a UTF-8 sequence. */
struct ww_chat_sink {
	uint32_t size;
	uint32_t reserved;
	ww_status (*text)(struct ww_chat_sink *self, const char *bytes,
	                  uint64_t length);
	ww_status (*reasoning)(struct ww_chat_sink *self, const char *bytes,
	                       uint64_t length);
};

#define WW_PROVIDER_STREAMS (UINT64_C(1) << 0)
#define WW_PROVIDER_SCHEMA (UINT64_C(1) << 1)  /* enforces a JSON schema */
#define WW_PROVIDER_LOCAL (UINT64_C(1) << 2)   /* the model runs on this
                                                * machine and disturbs timing */
#define WW_PROVIDER_REPLAYS (UINT64_C(1) << 3) /* answers from a recording */

/* What `provider = auto` wants to know. */
struct ww_provider_probe {
	uint32_t size;
	int32_t present;     /* 1: could be used now */
	int32_t rank;        /* lower is preferred among those present;
	                      * negative: never chosen automatically */
	uint32_t reserved;
	char reason[256];    /* "OPENAI_API_KEY is set", "nothing answers on …" */
};

/* Slots are entered on a strategy's thread, never two at once for one instance
 * (unless the descriptor says WW_THREADS_FREE), and may block. */
struct ww_provider_ops {
	uint32_t size;
	uint32_t reserved;
	/* Reads options, computes what it can; no I/O. *self is opaque to the
	 * host. On failure nothing is left behind and close() is not called. */
	ww_status (*open)(struct ww_call *call, const struct ww_host *host,
	                  void **self);
	void (*close)(void *self);
	/* WW_PROVIDER_… bits of this instance. */
	uint64_t (*capabilities)(void *self);
	/* Whether it could be used now. May make one short local request (a
	 * loopback server's status page); must return within two seconds. */
	ww_status (*probe)(struct ww_call *call, void *self,
	                   struct ww_provider_probe *probe);
	/* One request, one answer. WW_OK: the protocol's end was seen (refusal,
	 * length stop and filter are WW_OK with their `finish`). A stream that
	 * ends early is WW_E_TRANSPORT; text already sent stays with the host.
	 * Other statuses: the model classes of abi.h, WW_E_CONTEXT,
	 * WW_E_CANCELLED. `reply` holds what is known on failure too. */
	ww_status (*generate)(struct ww_call *call, void *self,
	                      const struct ww_chat_request *request,
	                      struct ww_chat_sink *sink,
	                      struct ww_chat_reply *reply);
};

#ifdef __cplusplus
}
#endif
#endif
