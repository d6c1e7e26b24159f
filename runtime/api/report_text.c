// SPDX-License-Identifier: MIT
/* The report as text: a view of the JSON tree, which is all it knows. A `~` marks estimates. */
#include <inttypes.h>
#include <string.h>

#include "api/report.h"

enum { WIDTH = 110, NAMES_SHOWN = 24 };

/* -------------------------------------------------------------------------------------- heading */

static const char *or_none(const Json *r, const char *path, const char *none) {
    const char *s = json_get_string(r, path);
    return s[0] != '\0' ? s : none;
}

static void print_heading(FILE *f, const Json *r) {
    fprintf(f, "perigee: tier report of process %" PRId64 "\n", json_get_int(r, "settings.pid"));
    fprintf(f, "  versions    perigee %s, Lua %s, LLVM %s, %s\n", json_get_string(r, "versions.perigee"), json_get_string(r, "versions.lua"),
            or_none(r, "versions.llvm", "not loaded"), json_get_string(r, "versions.dispatch"));
    fprintf(f, "  processor   %s", json_get_string(r, "versions.cpu"));
    if (!json_is_null(r, "versions.llvm_cpu")) fprintf(f, " (%s)", json_get_string(r, "versions.llvm_cpu"));
    if (!json_is_null(r, "compilers.cpus")) fprintf(f, ", %.1f of them to use", json_get_real(r, "compilers.cpus"));
    fprintf(f, "\n  settings    highest tier %s, thresholds %" PRId64 " and %" PRId64 ", compiling %s, seed %s\n",
            json_get_string(r, "settings.highest_tier"), json_get_int(r, "settings.baseline_at"), json_get_int(r, "settings.optimizing_at"),
            json_get_bool(r, "settings.jit_sync") ? "in place" : "in the background", json_get_string(r, "settings.seed"));
    fprintf(f, "  compilers   %s", json_get_string(r, "compilers.state"));
    if (!json_is_null(r, "compilers.why")) fprintf(f, ": %s", json_get_string(r, "compilers.why"));
    fprintf(f, "\n");
}

/* ----------------------------------------------------------------------------------------- time */

static void print_share(FILE *f, const Json *share) {
    fprintf(f, "  %-20s %6.1f %%", json_get_string(share, "what"), json_get_real(share, "percent"));
    if (!json_is_null(share, "error"))
        fprintf(f, "  +- %4.1f", json_get_real(share, "error"));
    else
        fprintf(f, "  not known");
    fprintf(f, " %12.1f ms\n", json_get_real(share, "ms"));
}

static void print_time(FILE *f, const Json *r) {
    fprintf(f, "\nWhere the main thread's %.1f ms went (wall time; %" PRId64 " samples, %" PRId64 " %% interval)\n", json_get_real(r, "time.wall_ms"),
            json_get_int(r, "time.samples"), json_get_int(r, "time.confidence_percent"));
    if (!json_is_null(r, "time.failure")) fprintf(f, "  not sampled: %s\n", json_get_string(r, "time.failure"));
    JSON_EACH(share, json_get(r, "time.shares")) print_share(f, share);
    fprintf(f, "  besides: %s thread %.1f ms CPU compiling, %.1f ms CPU starting LLVM\n", json_get_string(r, "time.compiling.thread"),
            json_get_real(r, "time.compiling.cpu_ms"), json_get_real(r, "time.compiling.start_cpu_ms"));
    fprintf(f, "  CPU: ");
    if (!json_is_null(r, "time.cpu_ms")) fprintf(f, "main thread %.1f ms, of it ", json_get_real(r, "time.cpu_ms"));
    fprintf(f, "collector %.1f ms in %" PRId64 " steps of %.2f ms or less\n", json_get_real(r, "collector.cpu_ms"), json_get_int(r, "collector.steps"),
            json_get_real(r, "collector.longest_step_ms"));
}

/* ---------------------------------------------------------------------------------------- tiers */

static void print_reasons(FILE *f, const Json *tier, const char *key, const char *word) {
    JSON_EACH(o, json_get(tier, key))
        fprintf(f, "    %s %s for %" PRId64 " functions: %s\n", json_get_string(tier, "tier"), word, json_get_int(o, "functions"), json_get_string(o, "reason"));
}

static void print_tier(FILE *f, const Json *t) {
    fprintf(f, "  %-12s %8" PRId64 " %8" PRId64, json_get_string(t, "tier"), json_get_int(t, "entered"), json_get_int(t, "at_end"));
    if (json_get(t, "requested") != NULL) {
        fprintf(f, " %9" PRId64 " %8" PRId64 " %6" PRId64 " %7" PRId64 " %7" PRId64, json_get_int(t, "requested"), json_get_int(t, "compiled"),
                json_get_int(t, "failed"), json_get_int(t, "dropped"), json_get_int(t, "waiting"));
        fprintf(f, " %9.1f %10.1f %8.1f %8.1f", (double)json_get_int(t, "code_bytes") / 1024, json_get_real(t, "compile_ms"), json_get_real(t, "wait_ms"),
                json_get_real(t, "longest_wait_ms"));
    }
    fprintf(f, "\n");
    print_reasons(f, t, "failures", "failed");
    print_reasons(f, t, "drops", "was dropped");
}

static void print_tiers(FILE *f, const Json *r) {
    fprintf(f, "\nTiers          entered   at end requested compiled failed dropped waiting  code KiB compile ms  wait ms  longest\n");
    JSON_EACH(t, json_get(r, "tiers")) print_tier(f, t);
    fprintf(f, "  functions: %" PRId64 " known, %" PRId64 " used, %" PRId64 " warm, %" PRId64 " of them collected\n", json_get_int(r, "functions.known"),
            json_get_int(r, "functions.used"), json_get_int(r, "functions.warm"), json_get_int(r, "functions.collected"));
}

/* ------------------------------------------------------------------------------------ functions */

static void print_self(FILE *f, const Json *o) {
    if (json_is_null(o, "self_ms"))
        fprintf(f, "  %10s %6s  ", "?", "?");
    else
        fprintf(f, "  %10.1f %6.1f  ", json_get_real(o, "self_ms"), json_get_real(o, "self_percent"));
}

static void print_hot(FILE *f, const Json *o) {
    print_self(f, o);
    fprintf(f, "%c%12" PRId64 " %8" PRId64 " %6" PRId64 "  %-11s  %s\n", json_get_bool(o, "uses_estimated") ? '~' : ' ', json_get_int(o, "uses"),
            json_get_int(o, "compiles"), json_get_int(o, "deoptimisations"), json_get_string(o, "tier"), json_get_string(o, "function"));
}

static void print_hottest(FILE *f, const Json *r) {
    fprintf(f, "\nHottest functions (uses: calls and loop iterations)\n");
    fprintf(f, "  %10s %6s  %13s %8s %6s  %-11s  %s\n", "self ms", "self %", "uses", "compiles", "deopts", "tier", "function");
    JSON_EACH(o, json_get(r, "hottest")) print_hot(f, o);
    const Json *c = json_get(r, "c_functions");
    if (c != NULL && c->count > 0) fprintf(f, "  C functions\n");
    JSON_EACH(o, c) {
        print_self(f, o);
        fprintf(f, "%s\n", json_get_string(o, "function"));
    }
}

static void print_deoptimisations(FILE *f, const Json *r) {
    const Json *list = json_get(r, "deoptimisations");
    if (list == NULL || list->count == 0) return;
    fprintf(f, "\nDeoptimisations\n");
    JSON_EACH(o, list)
        fprintf(f, "  %8" PRId64 " in %" PRId64 " functions, %s: %s\n", json_get_int(o, "count"), json_get_int(o, "functions"), json_get_string(o, "reason"),
                json_get_string(o, "advice"));
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
static void print_names(FILE *f, const Json *first, int count) {
    int column = 0, shown = 0;
    for (const Json *o = first; o != NULL && shown < NAMES_SHOWN; o = o->next) {
        char text[160];
        if (!same_cause(first, o)) continue;
        int len = snprintf(text, sizeof text, "%s (%" PRId64 ")", json_get_string(o, "function"), json_get_int(o, "uses"));
        if (column > 0 && column + len + 2 > WIDTH) column = 0, fprintf(f, ",\n");
        column += fprintf(f, "%s%s", column > 0 ? ", " : "      ", text);
        shown++;
    }
    if (count > shown) fprintf(f, " and %d more, which =json lists", count - shown);
    fprintf(f, "\n");
}

static void print_low(FILE *f, const Json *r) {
    const Json *list = json_get(r, "stayed_low");
    fprintf(f, "\nFunctions below the highest tier, with their uses\n");
    if (list == NULL || list->count == 0) fprintf(f, "  none\n");
    JSON_EACH(first, list) {
        if (!is_first_of_cause(list, first)) continue;
        int count = 0;
        for (const Json *o = first; o != NULL; o = o->next) count += same_cause(first, o);
        fprintf(f, "  %d: %s\n", count, json_get_string(first, "why"));
        print_names(f, first, count);
    }
}

/* --------------------------------------------------------------------------------------- caches */

static void print_caches(FILE *f, const Json *r) {
    fprintf(f, "\nInline caches      unused  one case  a few  many   misses  hits ~\n");
    JSON_EACH(o, json_get(r, "inline_caches")) {
        fprintf(f, "  %-14s %8" PRId64 " %9" PRId64 " %6" PRId64 " %5" PRId64 " %8" PRId64, json_get_string(o, "sites"), json_get_int(o, "unused"),
                json_get_int(o, "monomorphic"), json_get_int(o, "polymorphic"), json_get_int(o, "megamorphic"), json_get_int(o, "misses"));
        if (!json_is_null(o, "hit_percent_estimated")) fprintf(f, "  %5.1f %%", json_get_real(o, "hit_percent_estimated"));
        fprintf(f, "\n");
    }
}

void report_text(FILE *f, const Json *r) {
    print_heading(f, r);
    print_time(f, r);
    print_tiers(f, r);
    print_hottest(f, r);
    print_deoptimisations(f, r);
    print_low(f, r);
    print_caches(f, r);
}
