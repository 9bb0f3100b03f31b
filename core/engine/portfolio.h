/* SPDX-License-Identifier: MIT
 *
 * Results of one kernel from other devices, sizes and times, and the few
 * configurations among them that are worth trying first somewhere new: those
 * that together do best on every source, then those that do best on all.
 */
#ifndef WW_CORE_PORTFOLIO_H
#define WW_CORE_PORTFOLIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ww_portfolio;

/* Configurations of n_slots indices. */
struct ww_portfolio *ww_portfolio_new(uint32_t n_slots);
void ww_portfolio_free(struct ww_portfolio *portfolio);

/* What is added from now on comes from another source. */
void ww_portfolio_source(struct ww_portfolio *portfolio);
/* A result of the present source; NaN or infinity: it failed there. The last
 * one about a configuration counts. */
void ww_portfolio_add(struct ww_portfolio *portfolio, const uint32_t *indices,
                      double objective);

/* Writes at most `most` configurations, best first; returns how many. */
size_t ww_portfolio_choose(const struct ww_portfolio *portfolio, size_t most,
                           uint32_t *rows);

#endif
