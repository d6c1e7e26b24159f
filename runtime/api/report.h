// SPDX-License-Identifier: MIT
/* The report of --tier-stats and the lines of --trace-tiers (base/options.h).
 *
 *      state is made: report_begin ---> sampler (its own thread), events of the engine
 *      lua_close, os.exit: report_write -> report_gather: one JSON tree (docs/tier-stats.md)
 *                                              +-- json_write
 *                                              +-- report_text, which reads the tree alone
 */
#ifndef PERIGEE_REPORT_H
#define PERIGEE_REPORT_H

#include <stdio.h>

#include "base/json.h"
#include "object/thread.h"

typedef struct Reporter Reporter;

/* If the state's options ask for a report or a trace: begins to observe it. After the engine is attached. Raises no
 * error: what cannot be had is said in the report. */
void report_begin(lua_State *L);
/* Writes the report if one is wanted and it was not written before; observation ends. The file is
 * appended to, so that states and child processes that share it all show. */
void report_write(lua_State *L);
/* Frees what observing needed; the state closes. */
void report_end(Global *g);

/* --- report_gather.c, report_text.c --- */
/* NULL: memory ran out. */
Json *report_gather(JsonDoc *doc, lua_State *L, const Reporter *r);
void report_sites(JsonDoc *doc, Json *report, const Global *g); /* adds members */
void report_text(FILE *f, const Json *report);

#endif
