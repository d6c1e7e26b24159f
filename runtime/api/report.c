// SPDX-License-Identifier: MIT
/* See api/report.h. Observing: the beginning and the end, and what happens in between. */
#include "api/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "api/reporter.h"
#include "base/options.h"
#include "gc/gc.h"
#include "sem/opcodes.h"
#include "tiers/engine/engine.h"

/* --------------------------------------------------------------------------------------- events */

static void trace_site(const EngineSite *s) {
    fprintf(stderr, " in %s, line %" PRId32 ", %s", s->function, s->line, opcode_names[s->opcode]);
    if (s->expected[0] != '\0') fprintf(stderr, ", expected %s", s->expected);
    if (s->seen[0] != '\0') fprintf(stderr, ", saw %s", s->seen);
}

static void trace(const EngineEvent *e) {
    flockfile(stderr); /* other states trace too */
    fprintf(stderr, "perigee: %-11s %-10s ", engine_event_name(e->kind), tier_names[e->tier]);
    fprintf(stderr, "%s, %" PRIu64 " uses", e->function, e->counted);
    if (e->kind == ENGINE_INSTALLED || e->kind == ENGINE_FAILED) fprintf(stderr, ", %.2f ms", e->milliseconds);
    if (e->kind == ENGINE_INSTALLED) fprintf(stderr, ", %zu bytes", e->code_bytes);
    if (e->reason[0] != '\0') fprintf(stderr, ": %s", e->reason);
    if (e->site != NULL) trace_site(e->site);
    fputc('\n', stderr);
    funlockfile(stderr);
}

static void note_installation(Reporter *r, Global *g, const EngineEvent *e) {
    const TierEntry *entry = tier_entry_peek(g, e->proto);
    if (entry == NULL) return;
    if (r->installed[e->tier].count == r->installed[e->tier].capacity) {
        uint32_t capacity = r->installed[e->tier].capacity * 2 + 32;
        Installation *rows = realloc(r->installed[e->tier].rows, capacity * sizeof *rows);
        if (rows == NULL) return; /* the function will not show as entered */
        r->installed[e->tier].rows = rows;
        r->installed[e->tier].capacity = capacity;
    }
    uint64_t uses = entry->settled + proto_uses(e->proto);
    r->installed[e->tier].rows[r->installed[e->tier].count++] = (Installation){entry->id, uses};
}

static void on_event(void *ud, Global *g, const EngineEvent *e) {
    Reporter *r = ud;
    if (r->trace) trace(e);
    if (r->stats && e->kind == ENGINE_INSTALLED) note_installation(r, g, e);
}

/* Called amid a collection: of the function only its own fields are still there. */
static void on_death(Global *g, const Proto *p) {
    Reporter *r = state_block(g)->reporter;
    if (p->counted) return;
    uint64_t uses = proto_uses(p);
    r->collected.functions++;
    r->collected.entered += uses > 0;
    r->collected.uses += uses;
}

/* ---------------------------------------------------------------------------- beginning and end */

static uint64_t cpu_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void report_begin(lua_State *L) {
    Global *g = G(L);
    const Options *o = g->options;
    if (o == NULL || (o->stats == STATS_OFF && !o->trace_tiers)) return;
    Reporter *r = calloc(1, sizeof *r);
    if (r == NULL) return;
    state_block(g)->reporter = r;
    r->stats = o->stats != STATS_OFF;
    r->trace = o->trace_tiers;
    engine_listen(g, on_event, r);
    if (!r->stats) return;
    g->proto_died = on_death;
    clock_gettime(CLOCK_MONOTONIC, &r->start);
    r->thread = pthread_self();
    r->cpu_start_ns = cpu_now();
    gc_stats(L, NULL, true);
    r->sampler = sampler_start(g);
}

static void stop(Reporter *r) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    r->wall_ms = (double)(now.tv_sec - r->start.tv_sec) * 1e3 + (double)(now.tv_nsec - r->start.tv_nsec) / 1e6;
    r->cpu_ms = pthread_equal(r->thread, pthread_self()) ? (double)(cpu_now() - r->cpu_start_ns) / 1e6 : -1;
    if (r->sampler != NULL) r->samples = sampler_stop(r->sampler);
}

/* In one piece, so that processes that share the file do not mix. */
static void put_out(const Options *o, const char *text, size_t size) {
    FILE *f = o->stats_file[0] != '\0' ? fopen(o->stats_file, "a") : stderr;
    if (f == NULL) {
        fprintf(stderr, "perigee: cannot open '%s' for the tier report\n", o->stats_file);
        return;
    }
    fwrite(text, 1, size, f);
    if (f != stderr) fclose(f);
}

static void write_as(FILE *f, int format, const Json *report) {
    if (format == STATS_TEXT) {
        report_text(f, report);
    } else {
        json_write(f, report);
        fputc('\n', f);
    }
}

static void format_and_put_out(const Options *o, const Json *report) {
    char *text = NULL;
    size_t size = 0;
    FILE *f = report != NULL ? open_memstream(&text, &size) : NULL;
    if (f != NULL) write_as(f, o->stats, report);
    if (f == NULL || fclose(f) != 0)
        fputs("perigee: not enough memory for the tier report\n", stderr);
    else
        put_out(o, text, size);
    free(text);
}

void report_write(lua_State *L) {
    Reporter *r = state_block(G(L))->reporter;
    if (r == NULL || !r->stats || r->written) return;
    r->written = true;
    stop(r);
    JsonDoc doc = {0};
    format_and_put_out(G(L)->options, report_gather(&doc, L, r));
    json_free(&doc);
}

void report_end(Global *g) {
    Reporter *r = state_block(g)->reporter;
    if (r == NULL) return;
    g->proto_died = NULL;
    engine_listen(g, NULL, NULL);
    sampler_free(r->sampler);
    for (int t = 0; t < TIERS; t++) free(r->installed[t].rows);
    free(r);
    state_block(g)->reporter = NULL;
}
