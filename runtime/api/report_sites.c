// SPDX-License-Identifier: MIT
/* The report's members about single instructions: where optimised code was left, and what became of calls. */
#include <stdlib.h>
#include <string.h>

#include "api/report.h"
#include "profile/reasons.h"
#include "sem/opcodes.h"
#include "tiers/engine/engine.h"
#include "tiers/shared/jit.h"

/* ------------------------------------------------------------------------------- deoptimisations */

static int by_count(const void *a, const void *b) {
    const EngineSite *x = *(const EngineSite *const *)a, *y = *(const EngineSite *const *)b;
    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    int order = strcmp(x->function, y->function);
    return order != 0 ? order : x->pc != y->pc ? (x->pc < y->pc ? -1 : 1) : (int)x->reason - (int)y->reason;
}

static void words_or_null(JsonDoc *doc, Json *o, const char *name, const char *words) { json_string(doc, o, name, words[0] != '\0' ? words : NULL); }

static void add_place(JsonDoc *doc, Json *o, const char *function, int32_t line, int opcode) {
    json_string(doc, o, "function", function);
    if (line > 0) json_int(doc, o, "line", line);
    else json_null(doc, o, "line");
    json_string(doc, o, "opcode", opcode != ENGINE_NO_OPCODE ? opcode_names[opcode] : NULL);
}

static void add_site(JsonDoc *doc, Json *list, const EngineSite *s) {
    Json *o = json_object(doc, list, NULL);
    add_place(doc, o, s->function, s->line, s->opcode);
    json_string(doc, o, "reason", deopt_names[s->reason]);
    words_or_null(doc, o, "expected", s->expected);
    words_or_null(doc, o, "seen", s->seen);
    json_int(doc, o, "count", s->count);
    json_string(doc, o, "advice", deopt_advice[s->reason]);
}

static void add_sites(JsonDoc *doc, Json *report, const Global *g) {
    uint32_t room, n = 0;
    uint64_t more;
    const EngineSite *rows = engine_sites(g, &room, &more);
    const EngineSite **sorted = room > 0 ? malloc(room * sizeof *sorted) : NULL;
    Json *list = json_array(doc, report, "deoptimisation_sites");
    for (uint32_t i = 0; sorted != NULL && i < room; i++)
        if (rows[i].count > 0) sorted[n++] = &rows[i];
    if (n > 0) qsort(sorted, n, sizeof *sorted, by_count);
    for (uint32_t i = 0; i < n; i++) add_site(doc, list, sorted[i]);
    free(sorted);
    json_int(doc, report, "deoptimisations_elsewhere", (int64_t)more);
}

/* -------------------------------------------------------------------------------------- inlining */

typedef struct Decisions {
    JsonDoc *doc;
    Json *list;
} Decisions;

static void add_decision(void *ud, const char *compiled, const JitDecision *d) {
    const Decisions *to = ud;
    Json *o = json_object(to->doc, to->list, NULL);
    json_string(to->doc, o, "compiled", compiled);
    add_place(to->doc, o, d->function, d->line, d->opcode);
    json_string(to->doc, o, "callee", d->callee);
    json_bool(to->doc, o, "inlined", d->inlined);
    words_or_null(to->doc, o, "why", d->why);
}

void report_sites(JsonDoc *doc, Json *report, const Global *g) {
    add_sites(doc, report, g);
    Decisions to = {doc, json_array(doc, report, "inlining")};
    engine_each_decision(g, add_decision, &to);
}
