// SPDX-License-Identifier: MIT
/* The report of --tier-stats: which functions ran in which tier, how their inline caches fared,
 * what the collector did. Gathered when the state closes, from what the runtime keeps anyway: a
 * function's budget counts its calls and loop iterations down, its cells show what they learnt.
 */
#include "api/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/options.h"
#include "gc/gc.h"
#include "interp/interp.h"
#include "profile/feedback.h"
#include "sem/opcodes.h"

enum { HOTTEST = 20 };

typedef struct Function {
    const Proto *p;
    uint64_t uses; /* calls and loop iterations */
} Function;

typedef struct Report {
    lua_State *L;
    uint32_t functions, entered, warm;
    uint32_t cells[CELL_SITE + 1]; /* inline caches by what they hold */
    uint32_t megamorphic;
    Function hot[HOTTEST];
    unsigned nhot;
} Report;

/* Budgets count down: from PROTO_COLD until the function is warm, from INT32_MAX afterwards. */
static uint64_t uses_of(const Proto *p) {
    if (p->feedback == NULL) return (uint64_t)(PROTO_COLD - p->budget);
    return (uint64_t)INT32_MAX - (uint64_t)p->budget + PROTO_COLD;
}

static void note_hot(Report *r, const Proto *p, uint64_t uses) {
    unsigned at = r->nhot;
    while (at > 0 && r->hot[at - 1].uses < uses) at--;
    if (at == HOTTEST) return;
    if (r->nhot < HOTTEST) r->nhot++;
    memmove(&r->hot[at + 1], &r->hot[at], (r->nhot - 1 - at) * sizeof(Function));
    r->hot[at] = (Function){p, uses};
}

static bool is_megamorphic(unsigned op) {
    switch (op) {
        case OP_GETFIELD_ANY: case OP_GETTABUP_ANY: case OP_SELF_ANY: case OP_SETFIELD_ANY: case OP_SETFIELDK_ANY:
        case OP_SETTABUP_ANY: return true;
        default: return false;
    }
}

static void gather(Global *g, void *ud, GCObject *o) {
    Report *r = ud;
    (void)g;
    if (o->tag != TAG_PROTO) return;
    const Proto *p = (const Proto *)(const void *)o;
    uint64_t uses = uses_of(p);
    r->functions++;
    if (uses == 0) return;
    r->entered++;
    note_hot(r, p, uses);
    if (p->feedback == NULL) return;
    r->warm++;
    for (uint32_t n = 0; n < p->feedback->ncells; n++) r->cells[p->feedback->cells[n].kind]++;
    for (uint32_t n = 0; n < p->sizecode; n++) r->megamorphic += is_megamorphic(insn_op(p->feedback->quick[n]));
}

static void place_of(const Proto *p, char *out, size_t size) {
    char id[LUA_IDSIZE] = "?";
    if (p->source != NULL) chunk_id(id, str_data(p->source), str_len(p->source));
    snprintf(out, size, "%s:%d", id, p->linedefined);
}

static double seconds_since(const struct timespec *start) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

static void print_text(FILE *f, const Report *r, double wall, const GCStats *gc) {
    char place[LUA_IDSIZE + 16];
    double collector = (double)gc->nanoseconds / 1e9;
    fprintf(f, "perigee: tier report (%s, %s)\n", LUA_RELEASE, vm_technique());
    fprintf(f, "  wall time        %10.1f ms, of it collector %.1f ms CPU in %" PRIu64 " steps\n", wall * 1e3, collector * 1e3,
            gc->steps);
    fprintf(f, "  tier 0           %u functions, %u entered, %u warm (quickened)\n", r->functions, r->entered, r->warm);
    fprintf(f, "  tiers 1 and 2    not in this build: everything ran in the interpreter\n");
    fprintf(f, "  inline caches    %u own slot, %u through metatables, %u metamethod, %u adding, %u polymorphic, %u megamorphic, %u unused\n",
            r->cells[CELL_INL] + r->cells[CELL_OVF], r->cells[CELL_PROTO], r->cells[CELL_CALL], r->cells[CELL_ADD],
            r->cells[CELL_POLY], r->megamorphic, r->cells[CELL_EMPTY]);
    fprintf(f, "  hottest functions, by calls and loop iterations\n");
    for (unsigned n = 0; n < r->nhot; n++) {
        place_of(r->hot[n].p, place, sizeof place);
        fprintf(f, "    %14" PRIu64 "  %s  %s\n", r->hot[n].uses, r->hot[n].p->feedback ? "warm" : "cold", place);
    }
}

static void print_json_string(FILE *f, const char *s) {
    fputc('"', f);
    for (; *s != '\0'; s++) {
        if (*s == '"' || *s == '\\')
            fprintf(f, "\\%c", *s);
        else if ((unsigned char)*s < ' ')
            fprintf(f, "\\u%04x", (unsigned char)*s);
        else
            fputc(*s, f);
    }
    fputc('"', f);
}

static void print_json(FILE *f, const Report *r, double wall, const GCStats *gc) {
    char place[LUA_IDSIZE + 16];
    fprintf(f, "{\"lua\": \"%s\", \"dispatch\": \"%s\", \"wall_seconds\": %.6f, \"collector_seconds\": %.6f, \"collector_steps\": %" PRIu64 ",\n",
            LUA_RELEASE, vm_technique(), wall, (double)gc->nanoseconds / 1e9, gc->steps);
    fprintf(f, " \"functions\": %u, \"entered\": %u, \"warm\": %u,\n", r->functions, r->entered, r->warm);
    fprintf(f, " \"caches\": {\"own\": %u, \"proto\": %u, \"metamethod\": %u, \"add\": %u, \"polymorphic\": %u, \"megamorphic\": %u, \"unused\": %u},\n",
            r->cells[CELL_INL] + r->cells[CELL_OVF], r->cells[CELL_PROTO], r->cells[CELL_CALL], r->cells[CELL_ADD],
            r->cells[CELL_POLY], r->megamorphic, r->cells[CELL_EMPTY]);
    fprintf(f, " \"hottest\": [");
    for (unsigned n = 0; n < r->nhot; n++) {
        place_of(r->hot[n].p, place, sizeof place);
        fprintf(f, "%s\n  {\"function\": ", n > 0 ? "," : "");
        print_json_string(f, place);
        fprintf(f, ", \"uses\": %" PRIu64 ", \"tier\": 0, \"warm\": %s}", r->hot[n].uses, r->hot[n].p->feedback ? "true" : "false");
    }
    fprintf(f, "]}\n");
}

void report_write(lua_State *L, const struct timespec *start) {
    const Options *o = G(L)->options;
    if (o == NULL || o->stats == STATS_OFF) return;
    FILE *f = o->stats_file[0] != '\0' ? fopen(o->stats_file, "a") : stderr;
    if (f == NULL) {
        fprintf(stderr, "perigee: cannot open '%s' for the tier report\n", o->stats_file);
        return;
    }
    Report r = {.L = L};
    GCStats gc;
    gc_stats(L, &gc, false);
    gc_each_object(L, gather, &r);
    (o->stats == STATS_JSON ? print_json : print_text)(f, &r, seconds_since(start), &gc);
    if (f != stderr) fclose(f);
}
