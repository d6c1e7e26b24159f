// SPDX-License-Identifier: MIT
/* The report as text: a view of the JSON tree, which is all it knows, through templates. In a
 * template {path} stands for a member's value, {path:8} right in 8 columns, {path:-8} left, {path:8.1}
 * with one decimal; what is null or not there shows as "?". A `~` marks estimates. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "api/report.h"

enum { WIDTH = 110, NAMES_SHOWN = 24, SITES_SHOWN = 20 };

/* ------------------------------------------------------------------------------------ templates */

static void show_value(FILE *f, const Json *v, int width, int decimals) {
    switch (v != NULL ? v->kind : JSON_NULL) {
        case JSON_INT: fprintf(f, "%*" PRId64, width, v->u.integer); break;
        case JSON_REAL: fprintf(f, "%*.*f", width, decimals, v->u.real); break;
        case JSON_STRING: fprintf(f, "%*s", width, v->u.string); break;
        case JSON_BOOL: fprintf(f, "%*s", width, v->u.boolean ? "yes" : "no"); break;
        default: fprintf(f, "%*s", width, "?"); break;
    }
}

/* One place of a template, from behind its brace; returns what follows it. */
static const char *show_place(FILE *f, const Json *object, const char *at) {
    char path[64] = "";
    char *end = (char *)(uintptr_t)at;
    size_t len = strcspn(at, ":}");
    int width = 0, decimals = 1;
    memcpy(path, at, len < sizeof path ? len : sizeof path - 1);
    at += len;
    if (*at == ':') {
        width = (int)strtol(at + 1, &end, 10);
        at = end;
    }
    if (*at == '.') {
        decimals = (int)strtol(at + 1, &end, 10);
        at = end;
    }
    show_value(f, json_get(object, path), width, decimals);
    return at + 1;
}

static void show(FILE *f, const Json *object, const char *template) {
    while (*template != '\0') {
        if (*template == '{')
            template = show_place(f, object, template + 1);
        else
            fputc(*template++, f);
    }
}

/* Only if the member has a value. */
static void show_if(FILE *f, const Json *object, const char *member, const char *template) {
    if (!json_is_null(object, member)) show(f, object, template);
}

static void show_each(FILE *f, const Json *list, const char *template) { JSON_EACH(item, list) show(f, item, template); }

/* -------------------------------------------------------------------------------------- sections */

static void show_heading(FILE *f, const Json *r) {
    show(f, r, "perigee: tier report of process {settings.pid}\n"
               "  versions    perigee {versions.perigee}, Lua {versions.lua}, ");
    show(f, r, json_is_null(r, "versions.llvm") ? "LLVM not loaded" : "LLVM {versions.llvm}");
    show(f, r, ", {versions.dispatch}\n  processor   {versions.cpu}");
    show_if(f, r, "versions.llvm_cpu", " ({versions.llvm_cpu})");
    show_if(f, r, "compilers.cpus", ", {compilers.cpus} of them to use");
    show(f, r, "\n  settings    highest tier {settings.highest_tier}, thresholds {settings.baseline_at} and {settings.optimizing_at}, ");
    show(f, r, json_get_bool(r, "settings.jit_sync") ? "compiling in place" : "compiling in the background");
    show(f, r, ", seed {settings.seed}\n  compilers   {compilers.state}");
    show_if(f, r, "compilers.why", ": {compilers.why}");
    show(f, r, "\n");
}

static void show_time(FILE *f, const Json *r) {
    show(f, r, "\nWhere the main thread's {time.wall_ms:.1} ms went (wall time; {time.samples} samples, "
               "{time.confidence_percent} % interval)\n");
    show_if(f, r, "time.failure", "  not sampled: {time.failure}\n");
    show_each(f, json_get(r, "time.shares"), "  {what:-20} {percent:6.1} %  +- {error:4.1} {ms:12.1} ms\n");
    show(f, r, "  besides: {time.compiling.thread} thread {time.compiling.cpu_ms:.1} ms CPU compiling, "
               "{time.compiling.start_cpu_ms:.1} ms CPU starting LLVM\n  CPU: ");
    show_if(f, r, "time.cpu_ms", "main thread {time.cpu_ms:.1} ms, of it ");
    show(f, r, "collector {collector.cpu_ms:.1} ms in {collector.steps} steps of {collector.longest_step_ms:.2} ms or less\n");
}

static void show_reasons(FILE *f, const Json *tier) {
    show_each(f, json_get(tier, "failures"), "    failed for {functions} functions: {reason}\n");
    show_each(f, json_get(tier, "drops"), "    dropped for {functions} functions: {reason}\n");
}

static void show_tiers(FILE *f, const Json *r) {
    fprintf(f, "\nTiers          entered   at end requested compiled failed dropped waiting");
    fprintf(f, "  code bytes compile ms  wait ms  longest\n");
    JSON_EACH(tier, json_get(r, "tiers")) {
        show(f, tier, "  {tier:-12} {entered:8} {at_end:8}");
        show_if(f, tier, "requested", " {requested:9} {compiled:8} {failed:6} {dropped:7} {waiting:7}"
                                      " {code_bytes:11} {compile_ms:10.1} {wait_ms:8.1} {longest_wait_ms:8.1}");
        fputc('\n', f);
        show_reasons(f, tier);
    }
    show(f, r, "  functions: {functions.known} known, {functions.used} used, {functions.warm} warm, "
               "{functions.collected} of them collected\n");
}

static void show_hottest(FILE *f, const Json *r) {
    fprintf(f, "\nHottest functions (uses: calls and loop iterations)\n");
    fprintf(f, "     self ms self %%           uses compiles  deopts  tier         function\n");
    JSON_EACH(o, json_get(r, "hottest")) {
        show(f, o, "  {self_ms:10.1} {self_percent:6.1}  ");
        show(f, o, json_get_bool(o, "uses_estimated") ? "~" : " ");
        show(f, o, "{uses:12} {compiles:8} {deoptimisations:7}  {tier:-11}  {function}\n");
    }
    const Json *c = json_get(r, "c_functions");
    if (c != NULL && c->count > 0) fprintf(f, "  C functions\n");
    show_each(f, c, "  {self_ms:10.1} {self_percent:6.1}   {function}\n");
}

/* Instructions at which optimised code was left most. */
static void show_sites(FILE *f, const Json *r) {
    const Json *list = json_get(r, "deoptimisation_sites");
    int shown = 0;
    if (list == NULL || list->count == 0) return;
    fprintf(f, "  by line\n");
    JSON_EACH(o, list) {
        if (++shown > SITES_SHOWN) continue;
        show(f, o, json_is_null(o, "opcode") ? "  {count:8} {function}, code given up: {reason}" : "  {count:8} {function}, line {line}, {opcode}: {reason}");
        show_if(f, o, "expected", ": expected {expected}");
        show_if(f, o, "seen", ", saw {seen}");
        show(f, o, "\n             {advice}\n");
    }
    if (shown > SITES_SHOWN) fprintf(f, "  and %d more, which =json lists\n", shown - SITES_SHOWN);
    if (json_get_int(r, "deoptimisations_elsewhere") > 0) show(f, r, "  and {deoptimisations_elsewhere} deoptimisations at places that are not listed\n");
}

static void show_deoptimisations(FILE *f, const Json *r) {
    const Json *list = json_get(r, "deoptimisations");
    if (list == NULL || list->count == 0) return;
    fprintf(f, "\nDeoptimisations\n");
    show_each(f, list, "  {count:8} in {functions} functions, {reason}: {advice}\n");
    show_sites(f, r);
}

/* In the function itself, and it ran. */
static bool is_worth_telling(const Json *call) {
    return strcmp(json_get_string(call, "compiled"), json_get_string(call, "function")) == 0 && strcmp(json_get_string(call, "why"), "it never ran") != 0;
}

/* Calls that were not inlined first, as they are what one may want to change. */
static void show_inlining(FILE *f, const Json *r) {
    const Json *list = json_get(r, "inlining");
    int shown = 0;
    if (list == NULL || list->count == 0) return;
    fprintf(f, "\nCalls in optimised code\n");
    for (int inlined = 0; inlined <= 1; inlined++)
        JSON_EACH(o, list) {
            if (json_get_bool(o, "inlined") != inlined || !is_worth_telling(o) || ++shown > SITES_SHOWN) continue;
            show(f, o, "  {function}, line {line}, {callee}: ");
            show(f, o, inlined ? "inlined\n" : "not inlined, {why}\n");
        }
    if (shown > SITES_SHOWN) fprintf(f, "  and %d more, which =json lists\n", shown - SITES_SHOWN);
}

/* --- what stayed low, grouped by cause --- */

static bool same_cause(const Json *a, const Json *b) {
    return strcmp(json_get_string(a, "why"), json_get_string(b, "why")) == 0;
}

static bool is_first_of_cause(const Json *list, const Json *o) {
    JSON_EACH(before, list) {
        if (before == o) return true;
        if (same_cause(before, o)) return false;
    }
    return true;
}

/* Places with their uses, in lines of the screen's width. */
static void show_names(FILE *f, const Json *first, int count) {
    int column = 0, shown = 0;
    for (const Json *o = first; o != NULL && shown < NAMES_SHOWN; o = o->next) {
        const char *place = json_get_string(o, "function");
        if (!same_cause(first, o)) continue;
        if (column > 0 && column + (int)strlen(place) + 14 > WIDTH) column = 0, fprintf(f, ",\n");
        column += fprintf(f, "%s%s (%" PRId64 ")", column > 0 ? ", " : "      ", place, json_get_int(o, "uses"));
        shown++;
    }
    if (count > shown) fprintf(f, " and %d more, which =json lists", count - shown);
    fputc('\n', f);
}

static void show_low(FILE *f, const Json *r) {
    const Json *list = json_get(r, "stayed_low");
    fprintf(f, "\nFunctions below the highest tier, with their uses\n");
    if (list == NULL || list->count == 0) fprintf(f, "  none\n");
    JSON_EACH(first, list) {
        if (!is_first_of_cause(list, first)) continue;
        int count = 0;
        for (const Json *o = first; o != NULL; o = o->next) count += same_cause(first, o);
        fprintf(f, "  %d: %s\n", count, json_get_string(first, "why"));
        show_names(f, first, count);
    }
}

static void show_caches(FILE *f, const Json *r) {
    fprintf(f, "\nInline caches      unused  one case  a few  many   misses  hits ~\n");
    JSON_EACH(o, json_get(r, "inline_caches")) {
        show(f, o, "  {sites:-14} {unused:8} {monomorphic:9} {polymorphic:6} {megamorphic:5} {misses:8}");
        show_if(f, o, "hit_percent_estimated", "  {hit_percent_estimated:5.1} %");
        fputc('\n', f);
    }
}

void report_text(FILE *f, const Json *r) {
    show_heading(f, r);
    show_time(f, r);
    show_tiers(f, r);
    show_hottest(f, r);
    show_deoptimisations(f, r);
    show_inlining(f, r);
    show_low(f, r);
    show_caches(f, r);
}
