/* SPDX-License-Identifier: MIT
 *
 * The search space inside the engine: built from parameters and constraints,
 * exact, never held as a list. The public face (warpwright/space.h) is its
 * first member, so a struct ww_space can be handed to plugins.
 */
#ifndef WW_CORE_SPACE_H
#define WW_CORE_SPACE_H

#include <stdbool.h>

#include "core/base/error.h"
#include "core/base/json.h"
#include "warpwright/space.h"

/* What a task says of one parameter, beside its slots. */
struct ww_parameter {
	const char *name;
	const char *type;        /* "int", "power_of_two", "float", "bool",
	                          * "enum", "list" */
	const char *description; /* or "" */
	const char *tradeoff;    /* or "" */
	const char *condition;   /* as written, or null: always there */
	uint32_t first_slot;
	uint32_t n_slots;        /* 1, or the number of dimensions */
	const char *const *dimensions; /* names of a list's dimensions */
};

struct ww_constraint {
	const char *expression; /* as written */
	const char *reason;     /* in words, or "" */
};

struct ww_search_space {
	struct ww_space view; /* first member */
	const struct ww_parameter *parameters; /* in the task's order */
	uint32_t n_parameters;
	const struct ww_constraint *constraints;
	uint32_t n_constraints;
	double cartesian;     /* product of the slots' value counts */
	struct ww_space_impl *impl;
};

/* -- building ---------------------------------------------------------- */

struct ww_space_builder;

/* One slot's values: `values[i].string` may be null for numbers. */
struct ww_parameter_spec {
	const char *name;
	const char *type;
	const char *description;
	const char *tradeoff;
	const char *condition;
	const char *const *dimensions; /* null: scalar */
	uint32_t n_dimensions;         /* 0: scalar */
	const struct ww_value *values; /* shared by all dimensions */
	uint32_t n_values;
	const uint32_t *defaults;      /* value index of each slot */
};

struct ww_space_builder *ww_space_builder_new(void);
/* A named constant that expressions may use: a problem size. */
ww_status ww_space_builder_constant(struct ww_space_builder *builder,
                                    const char *name, double value,
                                    bool integral, struct ww_error *error);
ww_status ww_space_builder_parameter(struct ww_space_builder *builder,
                                     const struct ww_parameter_spec *spec,
                                     struct ww_error *error);
ww_status ww_space_builder_constraint(struct ww_space_builder *builder,
                                      const char *expression,
                                      const char *reason,
                                      struct ww_error *error);
/* Valid configurations given as a list (a recording) instead of constraints:
 * n rows of n_slots indices. */
ww_status ww_space_builder_rows(struct ww_space_builder *builder,
                                const uint32_t *rows, uint64_t n,
                                struct ww_error *error);
/* Ends the builder in every case. The default need not be valid here; the task
 * decides. An empty space is no error here: count() is 0. */
ww_status ww_space_build(struct ww_space_builder *builder,
                         struct ww_search_space **space,
                         struct ww_error *error);
void ww_space_builder_free(struct ww_space_builder *builder);
void ww_space_free(struct ww_search_space *space);

/* -- asking ------------------------------------------------------------- */

/* Index of the slot of this name, or UINT32_MAX. */
uint32_t ww_space_slot(const struct ww_search_space *space, const char *name);
/* Writes the default configuration, canonical. */
void ww_space_default(const struct ww_search_space *space, uint32_t *indices);
/* Whether the slot's parameter exists in this configuration. */
bool ww_space_active(const struct ww_search_space *space,
                     const uint32_t *indices, uint32_t slot);
/* False if valid. True if not; `why` (may be null) receives the first constraint
 * that is broken, with the values: "breaks a * b <= 1024 with a = 64, b = 32,
 * that is 2048 <= 1024 (reason)". */
bool ww_space_explain(const struct ww_search_space *space,
                      const uint32_t *indices, char *why, size_t size);
/* Number of configurations refused because a constraint divided by zero or
 * overflowed, as far as counting met them. */
uint64_t ww_space_faulty(const struct ww_search_space *space);
/* A valid configuration that differs from `indices` in few slots: the nearest one
 * among the first 100,000. `closest` may be `indices`. False: space is empty. */
bool ww_space_closest(const struct ww_search_space *space,
                      const uint32_t *indices, uint32_t *closest);
/* Calls `visit` for every valid configuration in the order of at() until it
 * returns false. */
void ww_space_each(const struct ww_search_space *space,
                   bool (*visit)(void *context, const uint32_t *indices),
                   void *context);

/* -- configurations as JSON ---------------------------------------------- */

/* A value, spelled as the task spells it. */
struct json_object *ww_value_json(const struct ww_value *value);
/* Canonical object (see ww_space.to_json); the caller puts it. */
struct json_object *ww_space_config(const struct ww_search_space *space,
                                    const uint32_t *indices);
/* Exact: every active parameter present, no others, every value in the space,
 * constraints obeyed. The message says what is wrong. */
ww_status ww_space_parse(const struct ww_search_space *space,
                         struct json_object *config, uint32_t *indices,
                         struct ww_error *error);

/* An expression over problem constants and parameters, for sizes and launch
 * geometry. Keeps a pointer to the space. */
struct ww_formula;
ww_status ww_formula_new(const struct ww_search_space *space,
                         const char *expression, struct ww_formula **formula,
                         struct ww_error *error);
/* `indices` may be null if the formula uses no parameter. */
ww_status ww_formula_number(const struct ww_formula *formula,
                            const uint32_t *indices, double *result,
                            struct ww_error *error);
ww_status ww_formula_integer(const struct ww_formula *formula,
                             const uint32_t *indices, int64_t *result,
                             struct ww_error *error);
/* As it is written in the task. */
const char *ww_formula_text(const struct ww_formula *formula);
bool ww_formula_uses_parameters(const struct ww_formula *formula);
void ww_formula_free(struct ww_formula *formula);

#endif
